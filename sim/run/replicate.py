"""From validated scenarios to run folders: one list of tasks, one pool, one view a scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from sim.core.errors import ConfigError, StoreError
from sim.report.headline import HeadlineRow
from sim.run.folder import collect, folder_of, write_tables
from sim.run.headline import headline_rows, notes_of, title_of
from sim.run.page import write_pictures
from sim.run.plan import Request, Simulate, Task, tasks_of
from sim.run.pool import Engine, OnProgress, run_tasks, silent
from sim.run.worker import Failure
from sim.store.lock import only_writer
from sim.store.replications import Key, Store
from sim.store.version import model_version

# A sweep waits this long for another run that writes the same folder: it writes the same bytes.
PATIENCE_S = 600.0
Again = Callable[[Sequence[Task]], list[Failure]]
"""Simulates tasks and returns those that failed."""


@dataclass(frozen=True)
class Finished:
    """One run folder, written; ``page`` is None where a sweep is too large for figures."""

    folder: Path
    page: Path | None
    title: str
    rows: list[HeadlineRow]
    notes: list[str]


@dataclass
class Report:
    """What became of all scenarios.

    ``folders`` has the run folder of every request, written or not; requests may share one.
    """

    folders: list[Path] = field(default_factory=list)
    finished: dict[Path, Finished] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)


def replicate(
    requests: Sequence[Request],
    simulate: Simulate,
    on_progress: OnProgress = silent,
    engine: Engine | None = None,
) -> Report:
    """Run scenarios: simulate what the store lacks, then write a folder for each.

    Parameters
    ----------
    requests : sequence of Request
        Validated scenarios; all are known to be right before the first one starts.
    simulate : callable
        ``simulate(scenario, seed, replication, parameter_set)``, importable by its name.
    on_progress : callable
        Called in this process at the start and after every replication.
    engine : callable, optional
        In place of processes of this machine.

    Returns
    -------
    Report
        Runs that are finished, by folder, and replications that failed; a failure costs only its scenario.

    Raises
    ------
    ConfigError
        Scenarios of one sweep name different results folders.
    StoreError
        The results folder cannot be written, is full, or another run writes the same folder.
    KeyboardInterrupt
        Ctrl-C; finished replications are kept.
    """
    _check_one_folder(requests)
    # Once: the name of a folder has a date, and a long sweep sees several.
    report = Report([folder_of(request) for request in requests])
    views = dict(zip(report.folders, requests, strict=True))
    with _claim(views):
        Store(requests[0].settings.folder).prepare()
        tasks = {task.key: task for request in views.values() for task in _described(request)}
        workers = max(request.settings.processes for request in views.values())

        def run(which: Sequence[Task]) -> list[Failure]:
            return run_tasks(which, simulate, workers, on_progress, engine)

        report.failures = run(list(tasks.values()))
        for folder, request in views.items():
            report.failures += _fetched_back(request, tasks, report.failures, run)
            if all(task.store.has(task.key) for task in tasks_of(request, model_version())):
                with nullcontext() if len(views) == 1 else _writer(folder, request, PATIENCE_S):
                    found, failures = _written(folder, request, len(views) <= request.settings.pages, run)
                report.failures += failures
                if found is not None:
                    report.finished[folder] = found
    return report


def _check_one_folder(requests: Sequence[Request]) -> None:
    folders = sorted({str(request.settings.folder) for request in requests})
    if len(folders) > 1:
        raise ConfigError(
            f"run.results: a sweep has one results folder, not {len(folders)} ({', '.join(folders)})"
        )


def _fetched_back(
    request: Request,
    tasks: Mapping[Key, Task],
    failures: Sequence[Failure],
    run: Again,
) -> list[Failure]:
    """Simulate again what was stored and is gone, for others use the store too; return what failed."""
    failed = {failure.label for failure in failures}

    def gone() -> list[Task]:
        mine = (tasks[task.key] for task in tasks_of(request, model_version()))
        return [task for task in mine if not task.store.has(task.key) and task.label not in failed]

    lost = gone()
    again = run(lost) if lost else []
    failed.update(failure.label for failure in again)
    return [*again, *(Failure(task.label, "it was stored and is gone; run again") for task in gone())]


def _written(
    folder: Path, request: Request, pictures: bool, run: Again
) -> tuple[Finished | None, list[Failure]]:
    """Write one run folder; what went bad in the store is simulated again first."""
    try:
        return _view(folder, request, pictures), []
    except StoreError:
        wrong = _distrusted(request)
        if not wrong:
            raise
        failures = run(wrong)
        return (None if failures else _view(folder, request, pictures)), failures


def _distrusted(request: Request) -> list[Task]:
    """Return the replications of a scenario that are not as they were stored, to be simulated again."""
    tasks = tasks_of(request, model_version())
    wrong = Store(request.settings.folder).distrust([task.key for task in tasks])
    return [task for task in tasks if task.key in wrong]


@contextmanager
def _claim(views: dict[Path, Request]) -> Iterator[None]:
    """Claim the folder of a single run from the start; a sweep claims each folder while it writes it.

    Two sweeps may share points, so neither may keep a folder from the other for hours.
    """
    if len(views) > 1:
        yield
        return
    for folder, request in views.items():
        Store(request.settings.folder).prepare()
        with _writer(folder, request, 0.0):
            yield


def _writer(folder: Path, request: Request, patience_s: float) -> AbstractContextManager[None]:
    return only_writer(request.settings.folder, folder, patience_s)


def _described(request: Request) -> list[Task]:
    store = Store(request.settings.folder)
    store.describe(model_version(), request.scenario.canonical_json())
    return tasks_of(request, model_version())


def _view(folder: Path, request: Request, pictures: bool) -> Finished:
    """Write one run folder from the store."""
    tables = collect(request, pictures)
    write_tables(request, tables, folder)
    rows = headline_rows(request, tables)
    page, picture_notes = write_pictures(request, tables, rows, folder) if pictures else (None, [])
    return Finished(folder, page, title_of(request), rows, [*notes_of(request, tables), *picture_notes])
