"""The table of a comparison."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from sim.stats.intervals import Interval
    from sim.study.compare.choice import Choice
    from sim.study.compare.verdict import Comparison, Difference

# Wider than any row: a line that the terminal folds is still whole, one that is cut is not.
_WIDTH = 400
_MILLION = 1e6
_SHOWN = 60
_COLUMNS: dict[str, JustifyMethod] = {
    "outcome": "left",
    "reference": "right",
    "run": "left",
    "difference": "right",
    "95 % interval": "right",
    "in percent": "right",
    "evidence range": "right",
    "verdict": "left",
    "margin": "right",
    "unit": "left",
    "pairing saves": "right",
}


def show(choice: Choice, found: Comparison) -> None:
    """Print the differences by outcome, costs, and what the reader must know."""
    console = Console(highlight=False, width=_WIDTH)
    count = len(found.differences)
    runs, pairs = len(choice.others), len(found.panel.replications)
    title = (
        f"{runs} run{'s' * (runs != 1)} against {choice.reference.label} ({choice.reference.run.path}): "
        f"{pairs} replications on the same draws, a year"
    )
    console.print(Text(title, style="bold"), soft_wrap=True)
    console.print(_table(found))
    for label, cost in zip(found.panel.labels[1:], found.costs, strict=True):
        if cost.known and count <= _SHOWN:
            span = _span(cost.interval)
            console.print(
                Text(f"{label}: {_number(cost.value)} USD for one pure kg less delivered {span}, Fieller"),
                soft_wrap=True,
            )
    for line in notes(found):
        console.print(Text(line), soft_wrap=True)


def _table(found: Comparison) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, justify in _COLUMNS.items():
        table.add_column(name, justify=justify, no_wrap=True)
    rows = [row for k in found.panel.outcomes for row in found.differences if row.outcome == k]
    last = ""
    for row in rows[:_SHOWN]:
        first = row.outcome != last
        table.add_row(*map(Text, _cells(row, first)))
        last = row.outcome
    return table


def _cells(row: Difference, first: bool) -> Sequence[str]:
    info = row.info
    return (
        info.label if first else "",
        _number(row.before) if first else "",
        row.label,
        _signed(row.change),
        _span(row.random),
        f"{row.percent.value:+.1f} %" if row.percent.known else "",
        _evidence(row),
        row.words,
        _number(info.margin),
        info.unit,
        saved_words(row.saved),
    )


def notes(found: Comparison) -> list[str]:
    """Return what the reader of the table must know."""
    count = len(found.differences)
    left = count - _SHOWN
    lines = [f"{left} more rows are in differences.csv"] if left > 0 else []
    lines.append(
        f"intervals: {found.method}, all {count} hold together with 95 %; margin: the smallest difference "
        "that matters"
    )
    if found.panel.sets.shape[1] < 2:
        lines.append("no evidence range: it needs the same run.parameter_sets=20 in both runs")
    return [*lines, *found.panel.notes]


def saved_words(saved: float) -> str:
    """Return how many times the draws in common cut the variance."""
    if math.isnan(saved):
        return ""
    return "all" if math.isinf(saved) else f"{_number(saved)} x"


def _evidence(row: Difference) -> str:
    from sim.plots.headline import WITHIN

    # Sets that differ by no more than chance leave nothing when chance is taken out.
    if row.evidence.known and row.evidence.low == row.evidence.high and row.random.low < row.random.high:
        return WITHIN
    return _span(row.evidence)


def _span(ends: Interval) -> str:
    return f"[{_signed(ends.low)}, {_signed(ends.high)}]" if ends.known else ""


def _number(value: float) -> str:
    from sim.plots.theme import compact

    return f"{compact(value / _MILLION)} M" if abs(value) >= _MILLION else compact(float(value))


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{_number(value)}"
