"""Parameters: every number of a scenario, with unit, range, status and source."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from itertools import groupby

from sim.core.tables import Column
from sim.report import numbers
from sim.report.provenance import provenance
from sim.report.result import Result
from sim.report.tables import DataTable, Row, TextTable
from sim.scenario import Scenario

COLUMNS = (
    Column("path", "str", "", "configuration path of the number"),
    Column("value", "float64", "of the row", "value"),
    Column("unit", "str", "", "unit of value, low and high"),
    Column("low", "float64", "of the row", "low end of its range, NaN without one"),
    Column("high", "float64", "of the row", "high end"),
    Column("fact", "str", "", "its facts in conf/facts.csv"),
    Column("status", "str", "", "official, derived, assumed, ..."),
    Column("reason", "str", "", "why this value"),
)


def parameters(scenario: Scenario) -> Result:
    """Return every number of a scenario with its range and source."""
    rows = scenario.evidence
    counts = sorted(Counter(row.status for row in rows).items())
    verdict = f"{len(rows)} numbers: {', '.join(f'{count} {status}' for status, count in counts)}."
    return Result(
        question=f"Which numbers does {scenario.name} rest on?",
        verdicts=(verdict,),
        tables={"parameters": DataTable.of(COLUMNS, [asdict(row) for row in rows])},
        provenance=provenance(f"{len(rows)} numbers of {scenario.name}", [scenario], None),
        text=(verdict,),
    )


def parameters_page(result: Result) -> str:
    """Return the page of all parameters, a section a station, as Markdown."""
    lines = [
        "# Parameters",
        "",
        "Every number of the model with its unit, range, status and source. `sim study parameters` writes",
        "this page from the records in `conf/`; do not edit it by hand. Facts (F-n.nn) are in",
        "`conf/facts.csv`, each with its address.",
        "",
        result.verdict,
    ]
    for station, rows in groupby(result.table("parameters"), key=_station):
        cells = [_cells(row, station) for row in rows]
        lines += ["", f"## {station}", "", TextTable(_HEADS, cells, left=_TEXT).markdown()]
    return "\n".join(lines) + "\n"


_HEADS = ("parameter", "value", "range", "unit", "status", "source", "reason")
_TEXT = ("parameter", "unit", "status", "source", "reason")


def _station(row: Row) -> str:
    """Return the first two parts of a path, or the first of a short one."""
    parts = str(row["path"]).split(".")
    return ".".join(parts[:2]) if len(parts) > 2 else parts[0]


def _cells(row: Row, station: str) -> list[str]:
    name = str(row["path"]).removeprefix(f"{station}.")
    value, low, high = (float(row[end]) for end in ("value", "low", "high"))
    return [
        name,
        numbers.full(value),
        numbers.full_range(low, high),
        *(str(row[name]) for name in ("unit", "status", "fact", "reason")),
    ]
