"""Tasks on the cores of one machine: start, resubmit what a dead worker lost, stop cleanly."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import BaseContext

from sim.run.plan import Simulate, Task
from sim.run.worker import Failure, simulate_and_store, start_worker

Settle = Callable[[Failure | None], None]
# How often a replication whose worker died is tried alone before it counts as failed.
ATTEMPTS = 3
# One replication a core: libraries that start threads of their own would only disturb each other.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def in_processes(tasks: list[Task], simulate: Simulate, workers: int, settle: Settle) -> None:
    """Run tasks in pools, a new one after each death of a worker, until all are settled.

    A dead worker takes its pool along. Pools work in order, so the tasks that were under way are the
    first ones left; each of these is tried alone, which finds the one that kills.
    """
    left = tasks
    while left:
        left = _run_in_one_pool(left, simulate, workers, settle)
        suspects, left = left[: workers + 1], left[workers + 1 :]
        for task in suspects:
            _run_alone(task, simulate, settle)


def _run_alone(task: Task, simulate: Simulate, settle: Settle) -> None:
    for _ in range(ATTEMPTS):
        if not _run_in_one_pool([task], simulate, 1, settle):
            return
    settle(Failure(task.label, f"its worker process died {ATTEMPTS} times (out of memory?)"))


def _run_in_one_pool(tasks: list[Task], simulate: Simulate, workers: int, settle: Settle) -> list[Task]:
    """Return the tasks that a broken pool left undone."""
    context = _context(simulate)
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(min(workers, len(tasks)), mp_context=context, initializer=start_worker)
    futures: dict[Future[Failure | None], Task] = {}
    lost: list[Task] = []
    settled: set[Future[Failure | None]] = set()
    try:
        with _quiet_start():
            futures = {pool.submit(simulate_and_store, simulate, task): task for task in tasks}
        for future in as_completed(futures):
            settled.add(future)
            try:
                settle(future.result())
            except BrokenProcessPool:
                # A worker may die after it has stored its result.
                task = futures[future]
                if task.store.has(task.key):
                    settle(None)
                else:
                    lost.append(task)
        pool.shutdown()
    except BaseException as stop:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
            process.join()
        if isinstance(stop, KeyboardInterrupt):
            # A worker may have stored a result that this process has not heard of.
            for task in (task for future, task in futures.items() if future not in settled):
                if task.store.has(task.key):
                    settle(None)
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
