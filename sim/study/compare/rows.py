"""A comparison in words: the cells of its table, and what its reader must know."""

from __future__ import annotations

import math

from sim.report.headline import WITHIN
from sim.report.numbers import number, signed, span
from sim.study.compare.verdict import Comparison, Difference

HEADS = (
    "outcome", "reference", "run", "difference", "95 % interval", "in percent", "evidence range", "verdict",
    "margin", "unit", "pairing saves",
)  # fmt: skip
SHOWN = 60


def by_outcome(found: Comparison) -> list[Difference]:
    """Return the differences by outcome, and within one in the order of the runs."""
    rank = {name: i for i, name in enumerate(found.panel.outcomes)}
    return sorted(found.differences, key=lambda row: rank[row.outcome])


def table_rows(found: Comparison) -> list[list[str]]:
    """Return the cells of the first ``SHOWN`` rows; an outcome is named once."""
    rows = by_outcome(found)[:SHOWN]
    first = [i == 0 or rows[i - 1].outcome != row.outcome for i, row in enumerate(rows)]
    return [_cells(row, new) for row, new in zip(rows, first, strict=True)]


def _cells(row: Difference, first: bool) -> list[str]:
    info, percent = row.info, row.percent
    return [
        info.label if first else "",
        number(row.before) if first else "",
        row.label,
        signed(row.change),
        span(row.random),
        f"{percent.value:+.1f} % [{percent.interval.low:+.1f}, {percent.interval.high:+.1f}]"
        if percent.known
        else "",
        _evidence(row),
        row.words,
        number(row.margin),
        info.unit,
        saved_words(row.saved),
    ]


def cost_lines(found: Comparison) -> list[str]:
    """Return what a kilogram less costs, for the runs for which that can be said."""
    known = [(a, c) for a, c in zip(found.panel.labels[1:], found.costs, strict=True) if c.known]
    return [
        f"{label}: {number(cost.value)} USD for one pure kg less delivered {span(cost.interval)} (Fieller)"
        for label, cost in known[: SHOWN // 4]
    ]


def notes(found: Comparison) -> list[str]:
    """Return what the reader of the table must know."""
    count = len(found.differences)
    lines = [f"{count - SHOWN} more rows are in differences.csv"] if count > SHOWN else []
    lines.append(
        f"intervals: {found.method}; all {count} hold together with 95 %. In percent: Fieller's interval, "
        "each alone. Margin: the smallest difference that matters"
    )
    if found.panel.sets.shape[1] < 2:
        lines.append("no evidence range: it needs run.parameter_sets=20 in both runs")
    elif found.differences[0].evidence.reason:
        lines.append(f"evidence range: {found.differences[0].evidence.reason}")
    return [*lines, *found.panel.notes]


def saved_words(saved: float) -> str:
    """Return how many times the draws in common cut the variance."""
    if math.isnan(saved):
        return ""
    return "all" if math.isinf(saved) else f"{number(saved)} x"


def _evidence(row: Difference) -> str:
    # Sets that differ by no more than chance leave nothing when chance is taken out.
    if row.evidence.known and row.evidence.low == row.evidence.high and row.random.low < row.random.high:
        return WITHIN
    return span(row.evidence)
