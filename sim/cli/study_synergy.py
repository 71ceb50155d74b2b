"""``sim study synergy LEVER ...``: whether levers add up, and what each contributes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.cli import study_words as words
from sim.cli.errors import OneLineParser
from sim.cli.study_options import add_options, add_results, check_least, replications_of
from sim.cli.study_output import add_out, write
from sim.core.errors import ConfigError
from sim.report import numbers

if TYPE_CHECKING:
    from sim.study.synergy import Quantity, Synergy

_KINDS = ("alone", "on average", "on top of all others", "share (Shapley)")
_UNSURE = (
    "; whether that is more or less of an effect cannot be told, because the interval of the sum holds zero"
)
_SAID = {
    "overlap": "They overlap: together they do less than the sum of each alone",
    "synergy": "They help each other: together they do more than the sum of each alone",
    "add up": "They add up: what they do together differs from the sum of each alone by less than the margin",
    "interaction above zero": f"They do not add up: the whole lies above the sum of each alone{_UNSURE}",
    "interaction below zero": f"They do not add up: the whole lies below the sum of each alone{_UNSURE}",
    "cannot tell": "Cannot tell whether they add up: the interval is too wide",
}


def add_synergy(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add the study to the parser of ``sim study``."""
    parser = parsers.add_parser(
        "synergy",
        help="whether levers add up, overlap or help each other",
        description="Run every combination of two to five levers on the same draws: effects alone, on "
        "average and on top of all others, interactions of pairs, and each lever's share of the whole.",
    )
    parser.add_argument("words", nargs="+", metavar="LEVER | key=value", help="levers, and changes of all")
    parser.add_argument("--sizes", default="hsi_strategy", help="scenario that sizes are of (hsi_strategy)")
    parser.add_argument("--outcome", default=words.DELIVERED, help=f"measure ({words.DELIVERED})")
    add_options(parser, 12, "of each combination")
    add_results(parser)
    add_out(parser, "synergy")
    parser.set_defaults(work=_synergy)


def _synergy(given: argparse.Namespace) -> int:
    from sim.cli.run import scenario_of
    from sim.cli.screen import Screen
    from sim.plots.synergy import synergy_figure
    from sim.study.synergy import factorial

    levers, overrides = words.split(given.words)
    check_least(given, "synergy", replications=2)
    info = words.measure(given.outcome)
    if any(override.startswith("scenario=") for override in overrides):
        raise ConfigError("study synergy: scenario= is set by --sizes")
    scenario = scenario_of([f"scenario={given.sizes}", *overrides])
    replications = replications_of(given)
    with Screen("synergy") as screen:
        found = screen.interruptible(
            lambda: factorial(scenario, levers, given.outcome, replications, screen.progress)
        )
    unit, margin = words.unit_of(info, scenario), words.margin_of(info, scenario)
    print(f"{info.label}: change, {unit}, with 95 % intervals")
    _show(found, margin)
    said = _SAID[found.verdict(margin)]
    overlap = f"{numbers.signed(found.overlap.value)} {numbers.span_or_reason(found.overlap.interval)} {unit}"
    print(f"{said} ({overlap}; margin {numbers.number(margin)}).")
    how = f"{given.replications} replications of all {len(found.values)} combinations of {len(levers)} levers"
    line = words.source(f"{how}, sizes of scenario {given.sizes}", [scenario], given.seed)
    title = said.partition(":")[0].replace("They", "The levers").replace("whether they", "whether levers")
    ends = [numbers.signed(quantity.value) for quantity in (found.total, found.sum_alone)]
    title += f": {info.label.lower()} {ends[0]} together, {ends[1]} as a sum"
    figure = synergy_figure(_bars(found), title, (info.label, unit), line)
    tables = {"levers": _lever_rows(found), "pairs": _pair_rows(found, margin)}
    print(line)
    write(given, tables, [figure], [scenario])
    return 0


def _show(found: Synergy, margin: float) -> None:
    made = words.table(("lever", "left"), *((kind, "right") for kind in _KINDS))
    for name, quantities in found.of_levers().items():
        made.add_row(name, *map(_cell, quantities))
    made.add_row("sum of each alone", _cell(found.sum_alone))
    made.add_row("all together", "", "", "", _cell(found.total))
    words.show(made)
    print("pairs: what two do beyond the sum of both; intervals hold for all pairs at once")
    made = words.table(("lever", "left"), ("lever", "left"), ("interaction", "right"), ("", "left"))
    verdicts = found.pair_verdicts(margin)
    for (one, other), quantity in found.pairs().items():
        made.add_row(one, other, _cell(quantity), verdicts[one, other])
    words.show(made)


def _cell(quantity: Quantity) -> str:
    return f"{numbers.signed(quantity.value)} {numbers.span_or_reason(quantity.interval)}"


def _bars(found: Synergy) -> dict[str, np.ndarray]:
    of_levers = found.of_levers()
    columns: dict[str, np.ndarray] = {"name": np.array([*of_levers, "all"])}
    for part, kind, whole in (("alone", 0, found.sum_alone), ("share", 3, found.total)):
        quantities = [*(quantities[kind] for quantities in of_levers.values()), whole]
        columns[part] = np.array([quantity.value for quantity in quantities])
        columns[f"{part}_low"] = np.array([quantity.interval.low for quantity in quantities])
        columns[f"{part}_high"] = np.array([quantity.interval.high for quantity in quantities])
    return columns


def _lever_rows(found: Synergy) -> list[dict[str, Any]]:
    rows = [
        (name, kind, quantity)
        for name, quantities in found.of_levers().items()
        for kind, quantity in zip(_KINDS, quantities, strict=True)
    ]
    rows += [
        ("all", "sum of each alone", found.sum_alone),
        ("all", "together", found.total),
        ("all", "together less the sum", found.overlap),
    ]
    return [{"lever": name, "quantity": kind, **_ends(quantity)} for name, kind, quantity in rows]


def _pair_rows(found: Synergy, margin: float) -> list[dict[str, Any]]:
    verdicts = found.pair_verdicts(margin)
    return [
        {"lever": one, "other": other, **_ends(quantity), "verdict": verdicts[one, other]}
        for (one, other), quantity in found.pairs().items()
    ]


def _ends(quantity: Quantity) -> dict[str, float]:
    return {"value": quantity.value, "low": quantity.interval.low, "high": quantity.interval.high}
