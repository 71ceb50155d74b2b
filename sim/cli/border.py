"""``sim border``: a crossing that the user invents, by hour and in outcomes, or its frontier."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.cli.errors import OneLineParser

if TYPE_CHECKING:
    from sim.border.single.crossing import SingleCrossing
    from sim.border.single.summary import BorderResult
    from sim.store.columns import Table as Points

Written = tuple[list[Path], str | None]
_WIDTH = 200
_SMALL = 0.01
_LAYER_HEADS = {
    "referrals_per_day": "sent on/d",
    "lawful_referrals_per_day": "lawful/d",
    "finds_per_day": "finds/d",
    "finds_per_referral": "finds a sent one",
    "alarmed_share": "share of loads alarmed",
    "found_share": "found",
    "missed_share": "let go",
    "overlooked_share": "overlooked",
}


def command(arguments: list[str]) -> int:
    """Run ``sim border FILE.yaml [key=value ...] [--frontier] [--out FOLDER]``; return the exit code."""
    from sim.border.single.crossing import read_single_crossing

    given = _parser().parse_args(arguments)
    border = read_single_crossing(given.file, given.overrides)
    paths, missing = (_frontier if given.frontier else _result)(border, given.out)
    for path in paths:
        print(f"wrote {path}")
    if missing:
        print(missing)
    return 0


def _result(border: SingleCrossing, folder: Path | None) -> Written:
    """Show the crossing by hour and in outcomes; return what was written, and why there are no images."""
    from sim.border.single.summary import simulate_border
    from sim.study.single_crossing import write_result

    result = simulate_border(border)
    _show(result)
    return ([], None) if folder is None else write_result(result, folder)


def _frontier(border: SingleCrossing, folder: Path | None) -> Written:
    """Show what the crossing finds and how long it lets wait at all levels; return what was written."""
    from sim.border.single.frontier import border_frontier
    from sim.study.single_crossing import write_frontier

    points = border_frontier(border)
    _show_frontier(border, points)
    return ([], None) if folder is None else write_frontier(border, points, folder)


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog="sim border",
        description="Simulate one crossing that you invent: waits, queues, probability of waiting by "
        "hour, and what is found. docs/border.md lists the keys.",
    )
    parser.add_argument("file", type=Path, metavar="FILE.yaml", help="the crossing")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="changes, such as lanes=6")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write tables and pictures here")
    parser.add_argument(
        "--frontier",
        action="store_true",
        help="hold the levels of scanning and of lanes in `frontier` against each other instead",
    )
    return parser


def _show(result: BorderResult) -> None:
    """Print the table by hour, and the tables of outcomes and layers."""
    border = result.border
    console = _console(border)
    table = Table(box=None, pad_edge=False, header_style="bold")
    heads = ("hour", "lanes", "trips/h", "wait, min", "", "P(wait)", "", "queue", "", "use")
    for i, name in enumerate(heads):
        table.add_column(name, justify="left" if name == "" or i == 0 else "right", no_wrap=True)
    hours = result.hours
    for i in range(border.period):
        cells = [f"{hours['lanes'][i]:.0f}", _number(hours["trips_per_h"][i])]
        for name in ("wait_min", "delayed_share", "queue"):
            cells += [_number(hours[name][i]), _ends(hours[f"{name}_low"][i], hours[f"{name}_high"][i])]
        table.add_row(border.hour_name(i), *cells, _number(hours["utilization"][i]))
    console.print(table)
    _show_outcomes(console, result)
    _show_layers(console, result)


def _show_frontier(border: SingleCrossing, points: Points) -> None:
    """Print wait and detection at every level of scanning and staffing."""
    console = _console(border)
    table = Table(box=None, pad_edge=False, header_style="bold")
    heads = ("scanned", "reached", "lanes", "wait, min", "", "found", "", "lawful/d", "")
    for name in heads:
        table.add_column(name, justify="left" if name == "" else "right", no_wrap=True)
    for i, added in enumerate(points["staffing_added"]):
        cells = [f"{points[name][i]:.1%}" for name in ("scanned_share", "reached_share")]
        cells.append(f"{added:+d}")
        for name in ("wait_min", "detection_share", "lawful_referrals_per_day"):
            cells += [
                _number(points[name][i]),
                _ends(points[f"{name}_low"][i], points[f"{name}_high"][i]),
            ]
        table.add_row(*cells)
    console.print(table)


def _console(border: SingleCrossing) -> Console:
    """Return the terminal, with the title on it."""
    console = Console(highlight=False, width=_WIDTH)
    window = f"{border.days} days after {border.warmup_days} of warm-up, {border.replications} replications"
    title = f"{border.name}: {window}, seed {border.seed}; in brackets 95 % intervals of chance alone"
    console.print(Text(title, style="bold"), soft_wrap=True)
    return console


def _show_layers(console: Console, result: BorderResult) -> None:
    """Print what each layer did, one row a layer: first what officers see, then what the model knows."""
    rows = {row.name: row for row in result.outcomes if "." in row.name}
    names = [name.split(".") for name in rows]
    for view, words in (("observed", "what officers see of it"), ("latent", "what the model knows of it")):
        shown = [
            name
            for name in _LAYER_HEADS
            if any(rows[".".join(n)].layer == view for n in names if n[1] == name)
        ]
        if not shown:
            continue
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column(f"first alarm, {words}", no_wrap=True)
        for name in shown:
            table.add_column(_LAYER_HEADS[name], justify="right", no_wrap=True)
            table.add_column("", no_wrap=True)
        for layer in dict.fromkeys(layer for layer, _ in names):
            values = [rows[f"{layer}.{name}"].value for name in shown]
            table.add_row(layer, *(cell for x in values for cell in (_number(x.mean), _ends(x.low, x.high))))
        console.print()
        console.print(table)


def _show_outcomes(console: Console, result: BorderResult) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("outcome", "mean", "95 % interval", "unit", "layer"):
        table.add_column(name, justify="right" if name == "mean" else "left", no_wrap=True)
    for row in result.outcomes:
        if "." in row.name:
            continue
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
