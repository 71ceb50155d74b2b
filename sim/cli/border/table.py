"""What ``sim border`` prints: the crossing by hour, and its outcomes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from sim.study.own_border.summary import BorderResult

_WIDTH = 200
_SMALL = 0.01


def show(result: BorderResult) -> None:
    """Print the table by hour and the table of outcomes."""
    border = result.border
    console = Console(highlight=False, width=_WIDTH)
    window = f"{border.days} days after {border.warmup_days} of warm-up, {border.replications} replications"
    title = f"{border.name}: {window}, seed {border.seed}; in brackets 95 % intervals of chance alone"
    console.print(Text(title, style="bold"), soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    heads = ("hour", "lanes", "trips/h", "wait, min", "", "P(wait)", "", "queue", "", "use")
    for i, name in enumerate(heads):
        table.add_column(name, justify="left" if name == "" or i == 0 else "right", no_wrap=True)
    hours = result.hours
    for i in range(border.period):
        cells = [f"{hours['lanes'][i]:.0f}", _number(hours["trips_per_h"][i])]
        for name in ("wait_min", "delayed_share", "queue"):
            cells += [_number(hours[name][i]), _ends(hours[f"{name}_low"][i], hours[f"{name}_high"][i])]
        table.add_row(border.hour_name(i), *cells, _number(hours["utilisation"][i]))
    console.print(table)
    _show_outcomes(console, result)


def _show_outcomes(console: Console, result: BorderResult) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("outcome", "mean", "95 % interval", "unit", "layer"):
        table.add_column(name, justify="right" if name == "mean" else "left", no_wrap=True)
    for row in result.outcomes:
        value = row.value
        table.add_row(row.name, _number(value.mean), _ends(value.low, value.high), row.unit, row.layer)
    console.print()
    console.print(table)


def _number(value: float) -> str:
    if not math.isfinite(value):
        return ""
    if value == 0:
        return "0"
    return f"{value:.2e}" if abs(value) < _SMALL else f"{value:.3f}" if abs(value) < 1 else f"{value:,.2f}"


def _ends(low: float, high: float) -> str:
    return f"[{_number(low)}, {_number(high)}]" if math.isfinite(low) and math.isfinite(high) else ""
