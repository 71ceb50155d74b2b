"""Tasks on the cores of one machine: start, count, resubmit what a dead worker lost, stop cleanly.

The result of a task is what it leaves in the store, so the number of workers and the order in which
they finish change nothing. With one worker, or one task, everything happens in this process.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import BaseContext

from sim.run.tasks import Simulate, Task
from sim.run.worker import Failure, simulate_and_store, start_worker

# How often a replication whose worker died is tried alone before it counts as failed.
ATTEMPTS = 3
# One replication a core: libraries that start threads of their own would only disturb each other.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True)
class Progress:
    """How far a run is: counts of replications."""

    finished: int
    reused: int
    failed: int
    total: int

    @property
    def done(self) -> int:
        """Replications that need no more work."""
        return self.finished + self.reused + self.failed


OnProgress = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Report progress to nobody."""


def run_tasks(
    tasks: Sequence[Task], simulate: Simulate, workers: int, on_progress: OnProgress = silent
) -> list[Failure]:
    """Simulate every task that the store lacks.

    Parameters
    ----------
    tasks : sequence of Task
        Replications; those already stored are not simulated again.
    simulate : callable
        ``simulate(scenario, seed, replication, parameter_set)``; must be importable by its name.
    workers : int
        Processes; 1 stays in this one.
    on_progress : callable
        Called in this process at the start and after every replication.

    Returns
    -------
    list of Failure
        Replications that failed; the others are stored.

    Raises
    ------
    StoreError
        The disk refuses.
    KeyboardInterrupt
        Ctrl-C; finished replications are stored, running ones are dropped.
    """
    missing = [task for task in tasks if not task.store.has(task.key)]
    counter = _Counter(len(tasks), len(tasks) - len(missing), on_progress)
    try:
        if workers <= 1 or len(missing) <= 1:
            for task in missing:
                counter.add(simulate_and_store(simulate, task))
        else:
            _run_in_processes(missing, simulate, min(workers, len(missing)), counter)
    except KeyboardInterrupt:
        # A worker may have stored one more than it could report.
        counter.recount(sum(task.store.has(task.key) for task in missing))
        raise
    return counter.failures


class _Counter:
    """Counts what comes back and reports it."""

    def __init__(self, total: int, reused: int, on_progress: OnProgress) -> None:
        self.failures: list[Failure] = []
        self._finished, self._reused, self._total = 0, reused, total
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
        self._on_progress(Progress(self._finished, self._reused, len(self.failures), self._total))


def _run_in_processes(tasks: list[Task], simulate: Simulate, workers: int, counter: _Counter) -> None:
    """Run tasks in pools, a new one after each death of a worker, until all are settled.

    A dead worker takes its pool along. Pools work in order, so the tasks that were under way are the
    first ones left; each of these is tried alone, which finds the one that kills.
    """
    left = tasks
    while left:
        left = _run_in_one_pool(left, simulate, workers, counter)
        suspects, left = left[: workers + 1], left[workers + 1 :]
        for task in suspects:
            _run_alone(task, simulate, counter)


def _run_alone(task: Task, simulate: Simulate, counter: _Counter) -> None:
    for _ in range(ATTEMPTS):
        if not _run_in_one_pool([task], simulate, 1, counter):
            return
    counter.add(Failure(task.label, f"its worker process died {ATTEMPTS} times (out of memory?)"))


def _run_in_one_pool(tasks: list[Task], simulate: Simulate, workers: int, counter: _Counter) -> list[Task]:
    """Return the tasks that a broken pool left undone."""
    context = _context(simulate)
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(min(workers, len(tasks)), mp_context=context, initializer=start_worker)
    futures: dict[Future[Failure | None], Task] = {}
    lost: list[Task] = []
    try:
        with _quiet_start():
            futures = {pool.submit(simulate_and_store, simulate, task): task for task in tasks}
        for future in as_completed(futures):
            try:
                counter.add(future.result())
            except BrokenProcessPool:
                # A worker may die after it has stored its result.
                task = futures[future]
                if task.store.has(task.key):
                    counter.add(None)
                else:
                    lost.append(task)
        pool.shutdown()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
            process.join()
        raise
    return lost


def _context(simulate: Simulate) -> BaseContext:
    """Return how processes are started: a server that has imported the model forks them where it can.

    Plain fork would copy locks of compiled code and database threads; spawn imports the model once
    more for every worker.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([simulate.__module__, "sim.run.worker", "sim.store.parquet"])
    return context


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
