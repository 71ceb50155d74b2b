"""What a run or a sweep shows: a progress bar with the time left, a table at the end, the page to open.

Colours and the bar appear on a terminal only. Tables go to standard output, the bar and what goes
wrong to standard error.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Container, Mapping, Sequence
from typing import TypeVar

from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from sim.measures.registry import registry
from sim.report.headline import HeadlineRow
from sim.run.plan import Request
from sim.run.pool import OnProgress, Progress
from sim.run.progress import progress_bar
from sim.run.replicate import Finished, Report
from sim.run.sweep import write_sweep

Work = TypeVar("Work")
FAILED = 1
_WIDTH = 200
_GAP, _FOLDED = 2, 14
_SWEEP_OUTCOMES = ("delivered_pure_kg", "interdiction_share", "wait_min", "programme_cost_usd")
_SWEEP_WIDTH, _SWEEP_ROWS, _LEFT_OUT_SHOWN = 250, 40, 5
_COLUMNS: dict[str, JustifyMethod] = {
    "outcome": "left",
    "mean": "right",
    "Monte Carlo 95 %": "right",
    "parameters 95 %": "right",
    "unit": "left",
    "CBP FY2022": "right",
}


def with_progress(title: str, work: Callable[[OnProgress], Work], wanted: bool = True) -> Work:
    """Do some work with a progress bar and return what it gives; Ctrl-C says how much is finished.

    Parameters
    ----------
    title : str
        What stands before the bar.
    work : callable
        The work; it gets what to report progress to.
    wanted : bool
        Whether to show the bar.
    """
    last = Progress(0, 0, 0, 0)
    with progress_bar(title, wanted, "sim: ") as move:

        def note(now: Progress) -> None:
            nonlocal last
            last = now
            move(now)

        try:
            return work(note)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                f"stopped; {last.finished + last.reused} of {last.total} replications are finished and kept, "
                "the same command does the rest"
            ) from None


def print_table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], left: Container[str], spare: Sequence[str] = ()
) -> list[str]:
    """Print a table as wide as it is, or on a narrow terminal without its spare columns.

    Parameters
    ----------
    heads : sequence of str
        Names of the columns, no two alike.
    rows : sequence of sequence of str
        Cells.
    left : container of str
        Columns of words: set to the left, and folded where nothing is left to spare.
    spare : sequence of str
        Columns that may go, the first one first. A unit that goes moves into the label of the first column.

    Returns
    -------
    list of str
        Columns that had to go.
    """
    room = terminal_width()
    cells = [dict(zip(heads, row, strict=True)) for row in rows]
    gone: list[str] = []
    for name in spare:
        if sum(_widths(heads, cells, gone).values()) <= room:
            break
        gone.append(name)
        for row in cells:
            unit = row.pop(name)
            if name == "unit" and row[heads[0]]:
                row[heads[0]] += f", {unit}"
    widths = _widths(heads, cells, gone)
    least = sum(min(wide, _FOLDED) if name in left else wide for name, wide in widths.items())
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in widths:
        words = name in left
        table.add_column(Text(name), justify="left" if words else "right", no_wrap=not words, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row.values()))
    wide = min(sum(widths.values()), max(room, least))
    Console(highlight=False, width=wide).print(table)
    return gone


def _widths(heads: Sequence[str], cells: Sequence[Mapping[str, str]], gone: Container[str]) -> dict[str, int]:
    """Return the width of each column that is left, with the gap to the next one, characters."""
    names = [name for name in heads if name not in gone]
    return {name: _GAP + max([len(name), *(cell_len(row[name]) for row in cells)]) for name in names}


def terminal_width() -> int:
    """Return the width of the terminal, characters; without one, for a file or a pipe, there is no end."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit():
        return shutil.get_terminal_size().columns
    return sys.maxsize


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


def show_sweep(requests: Sequence[Request], report: Report, left_out: Mapping[str, str]) -> int:
    """Write the record of a sweep, print it, and return the exit code.

    Parameters
    ----------
    requests : sequence of Request
        All points, in order.
    report : Report
        What became of them.
    left_out : mapping of str to str
        Draws that were left out, by label, with the reason.
    """
    record = write_sweep(requests, report, left_out)
    pairs = zip(requests, report.folders, strict=True)
    done = [(request.label, report.finished[where]) for request, where in pairs if where in report.finished]
    if done:
        paired = len(done) > 1 and len({(one.seed, one.scenario.calendar) for one in requests}) == 1
        _show_points(done, f"; all points share their draws: sim compare {record}" if paired else "")
        most = max(request.settings.pages for request in requests)
        if len(requests) > most:
            print(f"no pages: more than {most} scenarios; run.pages={len(requests)} writes them")
    for number, (label, reason) in enumerate(left_out.items()):
        if number < _LEFT_OUT_SHOWN:
            print(f"sim: {label} is left out: {reason}", file=sys.stderr)
    if len(left_out) > _LEFT_OUT_SHOWN:
        print(f"sim: {len(left_out)} draws are left out, see {record / 'manifest.json'}", file=sys.stderr)
    code = show_failures(report)
    print(f"sweep {record}")
    return code


def _show_points(done: Sequence[tuple[str, Finished]], advice: str) -> None:
    console = Console(highlight=False, width=_SWEEP_WIDTH)
    labels = [registry()[name].label for name in _SWEEP_OUTCOMES]
    # Points may report different outcomes: without queues there are no waits.
    message = {row.label: row for _, finished in done for row in finished.rows}
    heads = [message[label] for label in labels if label in message]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("point", no_wrap=True)
    for row in heads:
        table.add_column(f"{row.label}, {row.unit}", justify="right", no_wrap=True)
    for label, finished in done[:_SWEEP_ROWS]:
        rows = {row.label: row for row in finished.rows}
        table.add_row(Text(label), *(_sweep_cell(rows.get(head.label)) for head in heads))
    title = done[0][1].title if len({f.title for _, f in done}) == 1 else ""
    console.print(Text(f"{title or 'sweep'}; {len(done)} points", style="bold"), soft_wrap=True)
    console.print(table)
    if len(done) > _SWEEP_ROWS:
        print(f"... and {len(done) - _SWEEP_ROWS} more points in points.csv")
    for line in _shared_lines(done, advice):
        console.print(Text(line), soft_wrap=True)


def _sweep_cell(row: HeadlineRow | None) -> str:
    """Return mean and 95 % Monte Carlo interval, a dash for what a point does not report."""
    if row is None:
        return "–"
    _, mean, interval, *_ = row.cells()
    return f"{mean} [{interval}]" if row.low == row.low and row.low < row.high else mean


def _shared_lines(done: Sequence[tuple[str, Finished]], advice: str) -> list[str]:
    """Return what the reader of every point must know, and the pages where there are any."""
    shared = set(done[0][1].notes).intersection(*(finished.notes for _, finished in done))
    notes = [note for note in done[0][1].notes if note in shared]
    if any(row.low == row.low for row in done[0][1].rows):
        notes.insert(0, f"[95 % Monte Carlo interval]{advice}")
    return notes + [f"open {finished.page}" for _, finished in done if finished.page is not None]


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
