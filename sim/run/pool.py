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
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import Connection
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
_ALONE = "one worker needs no processes: run.workers=1, --workers 1"
# The path of a socket holds about a hundred characters; its own name takes up to thirty of them.
_SOCKET_FOLDER = 70
_SHORT_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")
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
    pool, futures, heard = None, dict[Future[Result], int](), None
    try:
        with _told_in_one_line(), _quiet_start(), _main_only_for(function):
            context = _context(function)
            heard, told = context.Pipe(duplex=False)
            pool = ProcessPoolExecutor(
                min(workers, len(items)), context, start_worker, (_modules(function), told)
            )
            with suppress(BrokenProcessPool):  # a worker may die before all jobs are handed out
                for number, item in items.items():
                    futures[pool.submit(function, item)] = number
            told.close()
        lost = set(items) - set(futures.values())
        for future in as_completed(futures):
            try:
                settle(futures[future], future.result())
            except BrokenProcessPool:
                lost.add(futures[future])
        pool.shutdown()
        if lost:
            _check_that_workers_started(heard)
    except BaseException:
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
            process.join()
        raise
    finally:
        if heard is not None:
            heard.close()
    return sorted(lost)


def _check_that_workers_started(heard: Connection) -> None:
    """Raise ``ChokepointError`` if no worker came as far as taking jobs: none ever would."""
    reasons = []
    with suppress(EOFError, OSError):
        while heard.poll():
            reasons.append(heard.recv_bytes().decode())
    if "" not in reasons:
        why = reasons[0] if reasons else "they ended while Python started"
        raise ChokepointError(f"worker processes cannot start: {why}; {_ALONE}")


@contextmanager
def _told_in_one_line() -> Iterator[None]:
    """Tell why processes cannot be started (no semaphores, no memory, no processes left) in one line."""
    try:
        yield
    except (OSError, EOFError, ImportError) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise ChokepointError(f"worker processes cannot start: {str(why).lower()}; {_ALONE}") from error


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
    """Start processes that use one thread, never see Ctrl-C, and find the modules that this one finds.

    They inherit the environment and the blocked signal; this process gets the signal afterwards. Without
    ``PYTHONSAFEPATH`` they would look for every module in the working folder first.
    """
    before, blocked, path, folder = dict(os.environ), _block_ctrl_c(), sys.path[:], tempfile.tempdir
    sys.path[:] = _path_of_workers()
    os.environ.update({name: "1" for name in _THREADS if name not in before})
    os.environ.update(PYTHONSAFEPATH="1", PYTHONPATH=os.pathsep.join(filter(None, sys.path)))
    try:
        tempfile.tempdir = _folder_of_sockets()
        yield
    finally:
        sys.path[:], tempfile.tempdir = path, folder
        for name in (*_THREADS, "PYTHONSAFEPATH", "PYTHONPATH"):
            os.environ.pop(name, None)
            if name in before:
                os.environ[name] = before[name]
        if blocked is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _path_of_workers() -> list[str]:
    """Return where workers look for modules: as here, but last of all in the folder of the user.

    That is the working folder and the one of the script, unless Chokepoint itself was found there.
    """
    ours = os.path.realpath(Path(__file__).parents[2])
    script = getattr(sys.modules["__main__"], "__file__", None)
    users = {os.path.realpath(place) for place in ("", os.path.dirname(script or ""))} - {ours}
    return sorted(sys.path, key=lambda place: os.path.realpath(place) in users)


def _folder_of_sockets() -> str:
    """Return the folder of temporary files, or another one where its path is too long for a socket."""
    usual = tempfile.gettempdir()
    if sys.platform == "win32" or len(os.fsencode(usual)) <= _SOCKET_FOLDER:
        return usual
    return next((short for short in _SHORT_FOLDERS if os.access(short, os.W_OK | os.X_OK)), usual)


def _block_ctrl_c() -> set[int] | None:
    if not hasattr(signal, "pthread_sigmask"):
        return None
    return {int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})}
