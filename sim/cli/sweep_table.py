"""What a sweep shows: one table of all points, what went wrong, and where the record is."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.cli.screen import show_failures
from sim.measures.registry import registry
from sim.report.headline import HeadlineRow
from sim.run.plan import Request
from sim.run.replicate import Finished, Report
from sim.run.sweep import write_sweep

_COLUMNS = ("delivered_pure_kg", "interdiction_share", "wait_min", "programme_cost_usd")
_WIDTH = 250
_ROWS = 40
_TOLD = 5


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
        if number < _TOLD:
            print(f"sim: {label} is left out: {reason}", file=sys.stderr)
    if len(left_out) > _TOLD:
        print(f"sim: {len(left_out)} draws are left out, see {record / 'manifest.json'}", file=sys.stderr)
    code = show_failures(report)
    print(f"sweep {record}")
    return code


def _show_points(done: Sequence[tuple[str, Finished]], advice: str) -> None:
    console = Console(highlight=False, width=_WIDTH)
    labels = [registry()[name].label for name in _COLUMNS]
    # Points may report different outcomes: without queues there are no waits.
    told = {row.label: row for _, finished in done for row in finished.rows}
    heads = [told[label] for label in labels if label in told]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("point", no_wrap=True)
    for row in heads:
        table.add_column(f"{row.label}, {row.unit}", justify="right", no_wrap=True)
    for label, finished in done[:_ROWS]:
        rows = {row.label: row for row in finished.rows}
        table.add_row(Text(label), *(_cell(rows.get(head.label)) for head in heads))
    title = done[0][1].title if len({f.title for _, f in done}) == 1 else ""
    console.print(Text(f"{title or 'sweep'}; {len(done)} points", style="bold"), soft_wrap=True)
    console.print(table)
    if len(done) > _ROWS:
        print(f"... and {len(done) - _ROWS} more points in points.csv")
    for line in _shared_lines(done, advice):
        console.print(Text(line), soft_wrap=True)


def _cell(row: HeadlineRow | None) -> str:
    """Return mean and 95 % interval from the random draws, a dash for what a point does not report."""
    if row is None:
        return "–"
    _, mean, interval, *_ = row.cells()
    return f"{mean} [{interval}]" if row.low == row.low and row.low < row.high else mean


def _shared_lines(done: Sequence[tuple[str, Finished]], advice: str) -> list[str]:
    """Return what the reader of every point must know, and the pages where there are any."""
    shared = set(done[0][1].notes).intersection(*(finished.notes for _, finished in done))
    notes = [note for note in done[0][1].notes if note in shared]
    if any(row.low == row.low for row in done[0][1].rows):
        notes.insert(0, f"[95 % interval from the random draws]{advice}")
    return notes + [f"open {finished.page}" for _, finished in done if finished.page is not None]
