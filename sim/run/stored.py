"""Replications that a study needs: simulated where the store lacks them, and again where one went bad."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim.core.errors import StoreError
from sim.core.tables import Table
from sim.run.plan import Simulate, Task
from sim.run.pool import OnProgress, run_tasks
from sim.store.replications import Key


class Stored:
    """Tasks of one store, all of them finished.

    Parameters
    ----------
    tasks : iterable of Task
        At least one.
    simulate : callable
        The model, importable by its name.
    workers : int
        Processes.
    on_progress : callable
        Called in this process at the start and after every replication.

    Raises
    ------
    StoreError
        A replication failed, or the results folder cannot be written. What is finished is stored.
    """

    def __init__(
        self, tasks: Iterable[Task], simulate: Simulate, workers: int, on_progress: OnProgress
    ) -> None:
        self._tasks = {task.key: task for task in tasks}
        self._how = simulate, workers, on_progress
        self._run(self._tasks)

    def read(self, keys: Sequence[Key], name: str = "measures") -> Table:
        """Return one table of several replications, one after the other.

        Raises
        ------
        StoreError
            A file differs from what was stored, and could not be made again.
        """
        store = self._tasks[keys[0]].store
        try:
            return store.read(keys, name)
        except StoreError:
            wrong = store.distrust(keys)
            if not wrong:
                raise
            self._run(wrong)
            return store.read(keys, name)

    def _run(self, keys: Iterable[Key]) -> None:
        failures = run_tasks([self._tasks[key] for key in keys], *self._how)
        if failures:
            raise StoreError(f"{failures[0].label}: {failures[0].reason}")
