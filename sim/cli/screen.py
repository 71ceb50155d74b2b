"""What a run shows: a progress bar with the time left, a table at the end, the page to open.

Colours and the bar appear on a terminal only. Tables go to standard output, the bar and what goes
wrong to standard error.
"""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console, JustifyMethod
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from sim.run import engine
from sim.run.tasks import Request
from sim.run.worker import Failure

if TYPE_CHECKING:
    from sim.run.replicate import Finished, Report

FAILED = 1
_WIDTH = 200
_COLUMNS: dict[str, JustifyMethod] = {
    "outcome": "left",
    "mean": "right",
    "95 % interval (random)": "right",
    "95 % range (evidence)": "right",
    "unit": "left",
    "CBP FY2022": "right",
}


class Screen:
    """The face of one run or sweep; use as a context manager around the work."""

    def __init__(self, requests: list[Request]) -> None:
        # Wider than any row: a line that the terminal folds is still whole, one that is cut is not.
        self._out = Console(highlight=False, width=_WIDTH)
        self._err = Console(stderr=True, highlight=False, soft_wrap=True)
        shown = self._err.is_terminal and all(request.settings.progress for request in requests)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("replications,"),
            TimeElapsedColumn(),
            TextColumn("elapsed,"),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            console=self._err,
            transient=True,
            disable=not shown,
        )
        names = sorted({request.scenario.name for request in requests})
        self._what = names[0] if len(names) == 1 else f"{len(requests)} scenarios"
        self._last = engine.Progress(0, 0, 0, 0)
        self._task = self._bar.add_task(self._what, total=None)

    def __enter__(self) -> Screen:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def stopped(self) -> str:
        """Return what to tell a user who pressed Ctrl-C."""
        last = self._last
        return (
            f"stopped; {last.finished + last.reused} of {last.total} replications are finished and kept, "
            "the same command does the rest"
        )

    def progress(self, now: engine.Progress) -> None:
        """Take note of how far the run is."""
        self._last = now
        self._bar.update(self._task, total=now.total, completed=now.done)

    def show(self, report: Report) -> int:
        """Print tables, failures and paths; return the exit code."""
        for finished in report.finished:
            self._show_run(finished)
        for failure in report.failures:
            self._show_failure(failure)
        if report.failures:
            count = len(report.failures)
            self._err.print(
                f"sim: {count} replication{'s' * (count > 1)} failed; the others are kept", markup=False
            )
            return FAILED
        return 0

    def _show_run(self, finished: Finished) -> None:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name, justify in _COLUMNS.items():
            table.add_column(name, justify=justify, no_wrap=True)
        for row in finished.rows:
            table.add_row(*(Text(cell) for cell in row.cells()))
        self._out.print(Text(finished.title, style="bold"), soft_wrap=True)
        self._out.print(table)
        for line in [*finished.notes, f"open {finished.page}"]:
            self._out.print(Text(line), soft_wrap=True)

    def _show_failure(self, failure: Failure) -> None:
        self._err.print(f"sim: {failure.label}: {failure.reason}", markup=False)
        if failure.details:
            print(failure.details, file=sys.stderr)
