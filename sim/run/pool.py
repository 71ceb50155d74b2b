"""One pool of processes for all that is simulated: start, resubmit what a dead worker lost, stop cleanly.

``map_jobs`` brings the results of a function back; ``run_tasks`` leaves replications in the store. A job
depends on nothing but its input, so the engine, the number of workers and the order in which they finish
change nothing. With one worker, or one job, everything happens in this process.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.context import BaseContext
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from sim.core.errors import ChokepointError
from sim.run.plan import Simulate, Task
from sim.run.worker import Failure, simulate_and_store, start_worker

Item = TypeVar("Item")
Result = TypeVar("Result")
# How often a job whose worker died is tried alone before it counts as failed.
ATTEMPTS = 3
_DIED = f"its worker process died {ATTEMPTS} times (out of memory?)"
# One job per core: libraries that start threads of their own would only disturb each other.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


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


Settle = Callable[[Failure | None], None]
Engine = Callable[[list[Task], Simulate, Settle], None]
"""Runs tasks somewhere and settles each: with its failure, or with None when it is stored."""


def run_tasks(
    tasks: Sequence[Task],
    simulate: Simulate,
    workers: int,
    on_progress: OnProgress = silent,
    engine: Engine | None = None,
) -> list[Failure]:
    """Start or resume a run: simulate every task that the store lacks.

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
        if engine is None:
            _in_processes(
                partial(simulate_and_store, simulate), missing, workers,
                lambda _, failure: counter.add(failure),
                lambda task: counter.add(Failure(task.label, _DIED)),
            )  # fmt: skip
        elif missing:
            engine(missing, simulate, counter.add)
    except KeyboardInterrupt:
        # A worker may have stored one more than it could report.
        counter.recount(sum(task.store.has(task.key) for task in missing))
        raise
    # Whichever worker was faster: the order is that of the tasks.
    place = {task.label: number for number, task in enumerate(tasks)}
    return sorted(counter.failures, key=lambda failure: place.get(failure.label, len(place)))


def map_jobs(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    workers: int,
    on_progress: OnProgress = silent,
    label: str = "job",
) -> list[Result]:
    """Return ``[function(item) for item in items]``, computed by several processes.

    Parameters
    ----------
    function : callable
        A module's function, or a ``partial`` of one. What it raises ends all and comes through.
    items : sequence
        Input of each job; can be pickled.
    workers : int
        Processes of this machine; 1 stays in this one.
    on_progress : callable
        Called in this process at the start and after every job.
    label : str
        Name of a job in the message about one that failed; its item follows.

    Raises
    ------
    ChokepointError
        The process of a job died every time that it was tried. The other jobs have been done.
    """
    results: dict[int, Result] = {}
    counter = _Counter(Progress(0, 0, 0, len(items)), on_progress)

    def settle(number: int, result: Result) -> None:
        results[number] = result
        counter.add(None)

    _in_processes(
        function, items, workers, settle, lambda item: counter.add(Failure(f"{label} {item}", _DIED))
    )
    if counter.failures:
        more = f"; so did {len(counter.failures) - 1} more" if len(counter.failures) > 1 else ""
        raise ChokepointError(f"{counter.failures[0].label}: {counter.failures[0].reason}{more}")
    return [results[number] for number in range(len(items))]


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


def _in_processes(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    workers: int,
    settle: Callable[[int, Result], None],
    died: Callable[[Item], None],
) -> None:
    """Settle the result of every item, or tell that its worker died each time; a new pool after each death.

    A dead worker takes its pool along. Pools work in order, so the jobs that were under way are the
    first ones left; each of these is tried alone, which finds the one that kills.
    """
    if workers <= 1 or len(items) <= 1:
        for number, item in enumerate(items):
            settle(number, function(item))
        return

    def run(numbers: Sequence[int]) -> list[int]:
        return _run_in_one_pool(function, {number: items[number] for number in numbers}, workers, settle)

    left = run(range(len(items)))
    while left:
        suspects, left = left[: workers + 1], left[workers + 1 :]
        for number in suspects:
            if all(run([number]) for _ in range(ATTEMPTS)):
                died(items[number])
        left = run(left) if left else []


def _run_in_one_pool(
    function: Callable[[Item], Result],
    items: dict[int, Item],
    workers: int,
    settle: Callable[[int, Result], None],
) -> list[int]:
    """Return the numbers of the items that a broken pool left undone, in order."""
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        min(workers, len(items)), mp_context=_context(function), initializer=start_worker
    )
    lost: list[int] = []
    try:
        with _quiet_start(), _main_only_for(function):
            futures: dict[Future[Result], int] = {
                pool.submit(function, item): number for number, item in items.items()
            }
        for future in as_completed(futures):
            try:
                settle(futures[future], future.result())
            except BrokenProcessPool:
                lost.append(futures[future])
        pool.shutdown()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
            process.join()
        raise
    return sorted(lost)


def _context(function: Callable[..., Any]) -> BaseContext:
    """Return how processes are started: a server that has imported the model forks them where it can.

    Plain fork would copy locks of compiled code and database threads; spawn imports the model once
    more for every worker.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*_modules(function), "sim.run.worker", "sim.store.parquet"])
    return context


def _modules(function: Callable[..., Any]) -> list[str]:
    """Return the names of the modules that hold a function and the functions given to it."""
    parts = (function.func, *function.args) if isinstance(function, partial) else (function,)
    return [part.__module__ for part in parts if callable(part)]


@contextmanager
def _main_only_for(function: Callable[..., Any]) -> Iterator[None]:
    """Start processes that import the main module only if the function lives there.

    They would import it by default: a script without ``if __name__ == "__main__"`` would start again in each
    of them, and the command would load its tables and figures for nothing.
    """
    main = sys.modules["__main__"]
    if "__main__" not in _modules(function):
        sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _quiet_start() -> Iterator[None]:
    """Start processes that use one thread and never see Ctrl-C.

    They inherit the environment and the blocked signal; this process gets the signal afterwards.
    """
    added = [name for name in _THREADS if name not in os.environ]
    os.environ.update(dict.fromkeys(added, "1"))
    before = _block_ctrl_c()
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]
        if before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _block_ctrl_c() -> set[int] | None:
    if not hasattr(signal, "pthread_sigmask"):
        return None
    return {int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})}
