"""What a run shows: a progress bar with the time left, a table at the end, the page to open.

Colours and the bar appear on a terminal only. Tables go to standard output, the bar and what goes
wrong to standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

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

if TYPE_CHECKING:
    from sim.run.replicate import Finished, Report

Work = TypeVar("Work")
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

    def __init__(self, title: str, wanted: bool = True) -> None:
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("replications,"),
            TimeElapsedColumn(),
            TextColumn("elapsed,"),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            console=console,
            transient=True,
            disable=not (wanted and console.is_terminal),
        )
        self._last = engine.Progress(0, 0, 0, 0)
        self._title = title
        self._task = self._bar.add_task(title, total=None)

    def __enter__(self) -> Screen:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def progress(self, now: engine.Progress) -> None:
        """Take note of how far the run is."""
        self._last = now
        words = f"{self._title}: writing" if now.done == now.total else self._title
        self._bar.update(self._task, total=now.total, completed=now.done, description=words)

    def interruptible(self, work: Callable[[], Work]) -> Work:
        """Do some work; Ctrl-C says how much is finished."""
        try:
            return work()
        except KeyboardInterrupt:
            last = self._last
            raise KeyboardInterrupt(
                f"stopped; {last.finished + last.reused} of {last.total} replications are finished and kept, "
                "the same command does the rest"
            ) from None


def show(report: Report) -> int:
    """Print tables, failures and paths; return the exit code."""
    for finished in report.finished.values():
        _show_run(finished)
    return show_failures(report)


def show_failures(report: Report) -> int:
    """Print a line for every replication that failed; return the exit code."""
    for failure in report.failures:
        print(f"sim: {failure.label}: {failure.reason}", file=sys.stderr)
        if failure.details:
            print(failure.details, file=sys.stderr)
    if report.failures:
        count = len(report.failures)
        print(f"sim: {count} replication{'s' * (count > 1)} failed; the others are kept", file=sys.stderr)
        return FAILED
    return 0


def _show_run(finished: Finished) -> None:
    # Wider than any row: a line that the terminal folds is still whole, one that is cut is not.
    console = Console(highlight=False, width=_WIDTH)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, justify in _COLUMNS.items():
        table.add_column(name, justify=justify, no_wrap=True)
    for row in finished.rows:
        table.add_row(*(Text(cell) for cell in row.cells()))
    console.print(Text(finished.title, style="bold"), soft_wrap=True)
    console.print(table)
    for line in [*finished.notes, f"open {finished.page or finished.folder}"]:
        console.print(Text(line), soft_wrap=True)
