"""``sim query "select ..."``: ask all results in SQL."""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path
from typing import Any

from sim.cli.errors import OneLineParser

SKIPPED = 1
_GAP = 2
# From here on six digits would lose a whole unit; larger numbers than the second have digits of no meaning.
_DIGITS, _WRITTEN_OUT = 1e5, 1e16


def command(arguments: list[str]) -> int:
    """Answer one question and return the exit code: 1 when a run had to be left out."""
    from sim.store.query import ask, find_runs

    given = _parser().parse_args(arguments)
    runs, broken, twice = find_runs(given.results)
    for reason in (*(f"left out: {reason}" for reason in broken), *twice):
        print(f"sim: {reason}", file=sys.stderr)
    names, rows = ask(runs, given.sql)
    (_csv if given.csv else _table)(names, rows)
    return SKIPPED if broken else 0


def _csv(names: list[str], rows: list[tuple[Any, ...]]) -> None:
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(names)
    out.writerows(rows)


def _table(names: list[str], rows: list[tuple[Any, ...]]) -> None:
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    cells = [[_cell(value) for value in row] for row in rows]
    wide = 0
    for i, name in enumerate(names):
        numbers = all(isinstance(row[i], int | float) for row in rows)
        table.add_column(Text(name), justify="right" if rows and numbers else "left", no_wrap=True)
        wide += _GAP + max(map(cell_len, (name, *(row[i] for row in cells))))
    for row in cells:
        table.add_row(*map(Text, row))
    # As wide as it is: a line that the terminal folds is still whole, a cell that is cut is not.
    Console(highlight=False, width=wide).print(table)


def _cell(value: Any) -> str:
    """Return a value as text; a number as people write it, with six digits, and none of a whole part lost."""
    if value is None:
        return ""
    if not isinstance(value, float) or not math.isfinite(value):
        return str(value)
    return f"{value:.0f}" if _DIGITS <= abs(value) < _WRITTEN_OUT else f"{value:.6g}"


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog="sim query",
        description="Ask all runs of a results folder in SQL. Tables: runs (one row a run), measures, "
        "border_months, border_hours, postings and evidence, each with a column run; docs/query.md lists "
        "their columns. Nothing can be written.",
    )
    parser.add_argument("sql", metavar='"select ..."', help="one statement that selects")
    parser.add_argument("--results", type=Path, default=Path("results"), help="results folder (results)")
    parser.add_argument("--csv", action="store_true", help="comma-separated values in place of a table")
    return parser
