"""The table of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from sim.cli.screen import print_table

if TYPE_CHECKING:
    from sim.study.compare.selection import Choice
    from sim.study.compare.verdict import Comparison

_LEFT = ("outcome", "run", "verdict", "unit")
# Columns that a narrow terminal may do without: never a difference, its interval or its verdict.
_SPARE = ("pairing saves", "margin", "unit", "in percent", "evidence range", "reference")


def show(choice: Choice, found: Comparison, said: Sequence[str]) -> None:
    """Print the differences by outcome, what a kilogram costs, and what the reader must know."""
    from sim.study.compare.pairing import period
    from sim.study.compare.rows import HEADS, cost_lines, notes, table_rows

    console = Console(highlight=False)
    runs, pairs = len(choice.others), len(found.panel.replications)
    title = (
        f"{runs} run{'s' * (runs != 1)} against {choice.reference.label} ({choice.reference.run.path}): "
        f"{pairs} replications on the same draws, {period(choice)}"
    )
    console.print(Text(title, style="bold"), soft_wrap=True)
    gone = print_table(HEADS, table_rows(found), _LEFT, _SPARE)
    narrow = [f"no room for {', '.join(gone)}: the page and differences.csv have them"] if gone else []
    for line in (*narrow, *said, *cost_lines(found), *notes(found)):
        console.print(Text(line), soft_wrap=True)
