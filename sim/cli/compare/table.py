"""The table of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from sim.study.compare.choice import Choice
    from sim.study.compare.verdict import Comparison

# Wider than any row: a line that the terminal folds is still whole, one that is cut is not.
_WIDTH = 400
_LEFT = ("outcome", "run", "verdict", "unit")


def show(choice: Choice, found: Comparison, said: Sequence[str]) -> None:
    """Print the differences by outcome, what a kilogram costs, and what the reader must know."""
    from sim.study.compare.pairing import period
    from sim.study.compare.rows import HEADS, cost_lines, notes, table_rows

    console = Console(highlight=False, width=_WIDTH)
    runs, pairs = len(choice.others), len(found.panel.replications)
    title = (
        f"{runs} run{'s' * (runs != 1)} against {choice.reference.label} ({choice.reference.run.path}): "
        f"{pairs} replications on the same draws, {period(choice)}"
    )
    console.print(Text(title, style="bold"), soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in HEADS:
        table.add_column(name, justify="left" if name in _LEFT else "right", no_wrap=True)
    for row in table_rows(found):
        table.add_row(*map(Text, row))
    console.print(table)
    for line in (*said, *cost_lines(found), *notes(found)):
        console.print(Text(line), soft_wrap=True)
