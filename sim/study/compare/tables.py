"""The tables of a comparison: tidy ones for programs, cells for people, and what stands below them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sim.core.tables import Column
from sim.report.headline import WITHIN
from sim.report.numbers import number, signed, span
from sim.report.tables import DataTable, TextTable, end_columns, ends, fields
from sim.report.verdicts import direction
from sim.stats.intervals import mean_interval
from sim.store.sums import read_months
from sim.study.compare.selection import RunsToCompare
from sim.study.compare.verdict import COST, DELIVERED, Comparison, Difference, named

DIFFERENCES = (
    Column("run", "str", "", "label of the run"),
    Column("outcome", "str", "", "name in conf/measures.yaml"),
    Column("layer", "str", "", "latent (nobody sees it) or observed"),
    Column("unit", "str", "", "of reference, difference, ends and margin"),
    Column("reference", "float64", "of the row", "mean of the reference"),
    Column("difference", "float64", "of the row", "mean of run less reference over pairs"),
    *end_columns("of the row", "of the 95 % interval; all of the table hold together"),
    *end_columns("of the row", "of the 95 % range over parameter sets", "parameter_"),
    Column("margin", "float64", "of the row", "smallest difference that matters over this window"),
    Column("good", "str", "", "the side that the defender wants; empty where that is not plain"),
    Column("verdict", "str", "", "what both intervals allow to be said"),
    Column("missing_replications", "float64", "1", "missing for a verdict, as the spread was seen; or NaN"),
    Column("missing_low", "float64", "1", "the same from the lower end of the spread's interval"),
    Column("missing_high", "float64", "1", "the same from the upper end"),
    Column("variance_saved", "float64", "1", "variance of an unpaired over that of the paired difference"),
    Column("percent", "float64", "% of the reference", "the difference"),
    *end_columns("% of the reference", "of Fieller's 95 % interval", "percent_"),
    Column("replications", "int64", "1", "pairs of runs"),
    Column("method", "str", "", "how the intervals are made"),
)
COSTS = (
    Column("run", "str", "", "label of the run"),
    Column("usd_per_pure_kg_less", "float64", "USD/kg", "programme cost of one pure kg less delivered"),
    *end_columns("USD/kg", "of Fieller's 95 % interval"),
    Column("note", "str", "", "why there is none"),
)
OVER_TIME = (
    Column("run", "str", "", "label of the run"),
    Column("month", "str", "", "YYYY-MM"),
    Column("mean", "float64", "kg pure", "delivered since the first month, less the reference"),
    *end_columns("kg pure", "of the 95 % interval of this month alone"),
    Column("verdict", "str", "", "whether more or less by this month, by its own interval"),
)
HEADS = (
    "outcome", "reference", "run", "difference", "Monte Carlo 95 %", "in percent", "parameters 95 %",
    "verdict", "margin", "unit", "pairing saves",
)  # fmt: skip
_LEFT = ("outcome", "run", "verdict", "unit")
# Columns that a narrow terminal may do without: never a difference, its interval or its verdict.
_SPARE = ("pairing saves", "margin", "unit", "in percent", "parameters 95 %", "reference")
SHOWN = 60
"""Rows of the table for people; the tidy one has all."""


def differences(found: Comparison) -> DataTable:
    """Return every difference, run by run."""
    return DataTable.of(
        DIFFERENCES,
        [
            {
                "run": row.label, "reference": row.before, "difference": row.change,
                **fields(row, "outcome", "margin", "verdict"), **fields(row.info, "layer", "unit"),
                **ends(row.monte_carlo), **ends(row.parameter, "parameter_"), "good": row.info.good or "",
                "missing_replications": np.trunc(row.about), "missing_low": np.trunc(row.missing.low),
                "missing_high": np.trunc(row.missing.high), "variance_saved": row.saved,
                "percent": row.percent.value, **ends(row.percent.interval, "percent_"),
                "replications": len(found.panel.replications), "method": found.method,
            }
            for row in found.differences
        ],
    )  # fmt: skip


def costs(found: Comparison) -> DataTable:
    """Return what one kilogram less costs, a row for each run."""
    return DataTable.of(
        COSTS,
        [
            {
                "run": label, "usd_per_pure_kg_less": cost.value, **ends(cost.interval),
                "note": cost.interval.reason,
            }
            for label, cost in zip(found.panel.labels[1:], found.costs, strict=True)
        ],
    )  # fmt: skip


def over_time(choice: RunsToCompare, found: Comparison, most: int) -> DataTable:
    """Return what has added up of the difference in the fentanyl delivered, by run and month.

    Only the ``most`` runs that change most by the end are read. The table is empty when the outcome is not
    compared, or for a single month.

    Raises
    ------
    StoreError
        Measures cannot be read.
    """
    moved = [
        abs(row.change) if row.monte_carlo.known else -1.0 for row in named(found.differences, DELIVERED)
    ]
    shown = sorted(np.argsort(moved, kind="stable")[::-1][:most].tolist())
    if not shown:
        return DataTable.of(OVER_TIME, [])
    runs = [choice.reference, *(choice.others[i] for i in shown)]
    months, values = read_months([one.run.path / "measures.parquet" for one in runs], DELIVERED)
    before, *after = (
        np.array([mine[int(r)] for r in found.panel.replications if int(r) in mine]) for mine in values
    )
    rows = []
    for chosen, mine in zip(runs[1:], after, strict=True):
        if len(months) > 1 and mine.size and mine.shape == before.shape:
            added = np.cumsum(mine - before, axis=1)
            for month, column in zip(months, added.T, strict=True):
                interval = mean_interval(column)
                rows.append({
                    "run": chosen.label, "month": month, "mean": float(column.mean()), **ends(interval),
                    "verdict": direction([interval]),
                })  # fmt: skip
    return DataTable.of(OVER_TIME, rows)


def by_outcome(found: Comparison) -> list[Difference]:
    """Return the differences by outcome, and within one in the order of the runs."""
    rank = {name: i for i, name in enumerate(found.panel.outcomes)}
    return sorted(found.differences, key=lambda row: rank[row.outcome])


def cells(found: Comparison, title: str) -> TextTable:
    """Return the cells of the first ``SHOWN`` rows; an outcome is named once."""
    rows = by_outcome(found)[:SHOWN]
    first = [i == 0 or rows[i - 1].outcome != row.outcome for i, row in enumerate(rows)]
    texts = [_cells(row, new) for row, new in zip(rows, first, strict=True)]
    return TextTable(HEADS, texts, _LEFT, _SPARE, title)


# The questions of a decision, in the order of the page, and the outcome that answers each.
_QUESTIONS = (
    ("Is less fentanyl delivered?", DELIVERED),
    ("What does it cost?", COST),
    ("Do people wait longer?", "wait_min"),
)


def answers(found: Comparison, most: int) -> list[tuple[str, list[str]]]:
    """Return what the comparison says of deliveries, cost and waits: one sentence a run, at most so many."""
    said = [
        (question, [_sentence(row) for row in named(found.differences, outcome)[:most]])
        for question, outcome in _QUESTIONS
    ]
    return [(question, sentences) for question, sentences in said if sentences]


def _sentence(row: Difference) -> str:
    if not math.isfinite(row.change):
        return f"{row.label}: {row.words}."
    share = f" ({row.percent.value:+.1f} %)" if row.percent.known else ""
    planned = row.monte_carlo.low == row.monte_carlo.high
    range_ = f", 95 % {span(row.monte_carlo)}" if row.monte_carlo.known and not planned else ""
    if row.outcome == COST and planned:
        return f"{row.label}: {signed(row.change)} {row.info.unit}{share}, as planned."
    return f"{row.label}: {row.words}; {signed(row.change)} {row.info.unit}{share}{range_}."


def _cells(row: Difference, first: bool) -> list[str]:
    info, percent = row.info, row.percent
    return [
        info.label if first else "",
        number(row.before) if first else "",
        row.label,
        signed(row.change),
        span(row.monte_carlo),
        f"{percent.value:+.1f} % [{percent.interval.low:+.1f}, {percent.interval.high:+.1f}]"
        if percent.known
        else "",
        _parameter(row),
        row.words,
        number(row.margin),
        info.unit,
        _saved(row.saved),
    ]


def _saved(saved: float) -> str:
    """Return how many times the draws in common cut the variance."""
    if math.isnan(saved):
        return ""
    return "all" if math.isinf(saved) else f"{number(saved)} x"


def _parameter(row: Difference) -> str:
    # Sets that differ by no more than chance leave nothing when chance is taken out.
    if (
        row.parameter.known
        and row.parameter.low == row.parameter.high
        and row.monte_carlo.low < row.monte_carlo.high
    ):
        return WITHIN
    return span(row.parameter)


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
        lines.append("no parameter-uncertainty interval: it needs run.parameter_sets=20 in both runs")
    elif found.differences[0].parameter.reason:
        lines.append(f"parameter-uncertainty interval: {found.differences[0].parameter.reason}")
    return [*lines, *found.panel.notes]


def in_margins(rows: Sequence[Difference], inputs: Sequence[str]) -> dict[str, np.ndarray]:
    """Return differences as rows of a figure, in units of what matters; ``inputs`` were chosen, not found."""
    margin = np.array([row.margin for row in rows])
    return {
        "outcome": np.array([row.info.label for row in rows]),
        "run": np.array([row.label for row in rows]),
        "change": np.array([row.change for row in rows]) / margin,
        "low": np.array([row.monte_carlo.low for row in rows]) / margin,
        "high": np.array([row.monte_carlo.high for row in rows]) / margin,
        "parameter_low": np.array([row.parameter.low for row in rows]) / margin,
        "parameter_high": np.array([row.parameter.high for row in rows]) / margin,
        "text": np.array(
            [
                signed(row.change) + ("" if row.info.unit.startswith("1 =") else f" {row.info.unit}")
                for row in rows
            ]
        ),
        "verdict": np.array([row.verdict for row in rows]),
        "input": np.array([row.outcome in inputs for row in rows]),
    }
