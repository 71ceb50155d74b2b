"""One list of tasks, on the cores of one machine or on many: skip what is stored, count, report.

The result of a task is what it leaves in the store, so the engine, the number of workers and the
order in which they finish change nothing. With one worker, or one task, everything happens in this
process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sim.run.plan import Simulate, Task
from sim.run.processes import Settle, in_processes
from sim.run.worker import Failure, simulate_and_store


@dataclass(frozen=True)
class Progress:
    """How far a run is: counts of replications, and files of stored ones that are no longer whole."""

    finished: int
    reused: int
    failed: int
    total: int
    damaged: tuple[Path, ...] = ()

    @property
    def done(self) -> int:
        """Replications that need no more work."""
        return self.finished + self.reused + self.failed


OnProgress = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Report progress to nobody."""


Engine = Callable[[list[Task], Simulate, Settle], None]
"""Runs tasks somewhere and settles each: with its failure, or with None when it is stored."""


def run_tasks(
    tasks: Sequence[Task],
    simulate: Simulate,
    workers: int,
    on_progress: OnProgress = silent,
    engine: Engine | None = None,
) -> list[Failure]:
    """Simulate every task that the store lacks.

    Parameters
    ----------
    tasks : sequence of Task
        Replications; those already stored are not simulated again.
    simulate : callable
        ``simulate(scenario, seed, replication, parameter_set)``; must be importable by its name.
    workers : int
        Processes of this machine; 1 stays in this one.
    on_progress : callable
        Called in this process at the start and after every replication.
    engine : callable, optional
        In place of processes of this machine, such as a cluster.

    Returns
    -------
    list of Failure
        Replications that failed; the others are stored.

    Raises
    ------
    StoreError
        The disk refuses, or the cluster is lost.
    KeyboardInterrupt
        Ctrl-C; finished replications are stored, running ones are dropped.
    """
    missing = [task for task in tasks if not task.store.has(task.key)]
    damaged = tuple(task.store.file(task.key) for task in missing if task.store.damaged(task.key))
    counter = _Counter(Progress(0, len(tasks) - len(missing), 0, len(tasks), damaged), on_progress)
    try:
        if engine is not None:
            if missing:
                engine(missing, simulate, counter.add)
        elif workers <= 1 or len(missing) <= 1:
            for task in missing:
                counter.add(simulate_and_store(simulate, task))
        else:
            in_processes(missing, simulate, min(workers, len(missing)), counter.add)
    except KeyboardInterrupt:
        # A worker may have stored one more than it could report.
        counter.recount(sum(task.store.has(task.key) for task in missing))
        raise
    return counter.failures


class _Counter:
    """Counts what comes back and reports it."""

    def __init__(self, start: Progress, on_progress: OnProgress) -> None:
        self.failures: list[Failure] = []
        self._start, self._finished = start, 0
        self._on_progress = on_progress
        self._report()

    def add(self, failure: Failure | None) -> None:
        if failure is None:
            self._finished += 1
        else:
            self.failures.append(failure)
        self._report()

    def recount(self, finished: int) -> None:
        self._finished = finished
        self._report()

    def _report(self) -> None:
        self._on_progress(replace(self._start, finished=self._finished, failed=len(self.failures)))
