"""From validated scenarios to run folders: one ensemble, one pool, one folder per scenario.

The same call resumes a run or sweep that was stopped: what the store holds is not simulated again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from sim.core.errors import ConfigError
from sim.report.headline import HeadlineRow
from sim.run.ensemble import Ensemble, UnfinishedError
from sim.run.folder import collect, folder_of, write_tables
from sim.run.headline import headline_rows, notes_of, title_of
from sim.run.page import write_pictures
from sim.run.plan import Request, Simulate
from sim.run.pool import Engine, OnProgress, silent
from sim.run.worker import Failure
from sim.store.files import only_writer

# A sweep waits this long for another run that writes the same folder: it writes the same bytes.
PATIENCE_S = 600.0


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
    """Run scenarios, or resume where they were stopped: simulate what the store lacks, write the folders.

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
        workers = max(request.settings.processes for request in views.values())
        plans = [request.plan for request in views.values()]
        runs = Ensemble(plans, simulate, workers, on_progress, engine)
        report.failures = runs.finish()
        for folder, request in views.items():
            if runs.labels(request.plan) & {failure.label for failure in report.failures}:
                continue
            with nullcontext() if len(views) == 1 else only_writer(runs.store.results, folder, PATIENCE_S):
                try:
                    report.finished[folder] = _written(folder, request, len(views), runs)
                except UnfinishedError as error:
                    report.failures += error.failures
    return report


def _check_one_folder(requests: Sequence[Request]) -> None:
    folders = sorted({str(request.settings.folder) for request in requests})
    if len(folders) > 1:
        raise ConfigError(
            f"run.results: a sweep has one results folder, not {len(folders)} ({', '.join(folders)})"
        )


@contextmanager
def _claim(views: dict[Path, Request]) -> Iterator[None]:
    """Claim the folder of a single run from the start; a sweep claims each folder while it writes it.

    Two sweeps may share points, so neither may keep a folder from the other for hours.
    """
    if len(views) > 1:
        yield
        return
    for folder, request in views.items():
        request.plan.store.prepare()
        with only_writer(request.settings.folder, folder):
            yield


def _written(folder: Path, request: Request, views: int, runs: Ensemble) -> Finished:
    """Write one of several run folders from the store."""
    pictures = views <= request.settings.pages
    tables = runs.repaired(request.plan, lambda: collect(request, pictures))
    write_tables(request, tables, folder)
    rows = headline_rows(request, tables)
    page, picture_notes = write_pictures(request, tables, rows, folder) if pictures else (None, [])
    return Finished(folder, page, title_of(request), rows, [*notes_of(request, tables), *picture_notes])
