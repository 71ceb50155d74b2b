"""``sim study why A B``: what made the difference between two scenarios, on the same draws."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from sim.cli import study_words as words
from sim.cli.errors import OneLineParser
from sim.cli.study_options import add_options, check_least
from sim.cli.study_output import add_out, write
from sim.core.errors import ConfigError

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.stats.intervals import Interval
    from sim.study.why import Why

_WIDTH = 200
_FIRST = 3
_RECORDED = (
    "recorded are loads and cases, not orders, consignments or takedowns: the first recorded difference of a "
    "lever upstream lies downstream of its cause"
)


def add_why(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add the study to the parser of ``sim study``."""
    parser = parsers.add_parser(
        "why",
        help="loads and cases whose fate flipped between two scenarios, by mechanism",
        description="Run two scenarios on the same draws and say which fates differ and what made the "
        "difference. Sums by route class and month only.",
    )
    parser.add_argument("first", help="scenario to compare with, such as baseline_3y")
    parser.add_argument("second", help="scenario that changes something, such as port_staffing")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="changes of both")
    add_options(parser, 10, "pairs of runs")
    add_out(parser, "why")
    parser.set_defaults(work=_why)


def _why(given: argparse.Namespace) -> int:
    from sim.cli.run import scenario_of
    from sim.cli.screen import Screen
    from sim.run.plan import Replications
    from sim.study.why import explain

    check_least(given, "why", replications=1)
    pair = [scenario_of([f"scenario={name}", *given.overrides]) for name in (given.first, given.second)]
    if pair[0].calendar != pair[1].calendar:
        days = [s.calendar.days for s in pair]
        raise ConfigError(
            f"study why: {given.first} has {days[0]} days and {given.second} {days[1]}; only runs of "
            "the same window can be compared: add calendar.days=... or take baseline_3y"
        )
    total = given.replications
    with Screen("why") as screen:
        replications = Replications(total, given.seed, workers=given.workers)
        found = explain(pair[0], pair[1], replications, screen.progress)
    rows, source = _mechanisms(found), _source(given, pair)
    _show(found, rows, total, words.window_of(pair[1]))
    if found.first:
        print(source)
    _write(found, rows, (given, pair), source)
    return 0


def _source(given: argparse.Namespace, pair: list[Scenario]) -> str:
    from sim.store.version import origin

    assumed = max(sum(row.status == "assumed" for row in scenario.evidence) for scenario in pair)
    queues = "" if all(one.settings.border.model == "queue" for one in pair) else ", without queues"
    kinds = " and ".join(dict.fromkeys(one.settings.adversary.kind for one in pair))
    return (
        f"Simulated: {given.replications} pair{'s' * (given.replications > 1)} of runs{queues}, scenarios "
        f"{given.first} and {given.second}, adversary {kinds}, {pair[1].settings.calendar.days} days from "
        f"{pair[1].settings.calendar.start}; rests on {assumed} assumed values. " + origin(given.seed)
    )


def _mechanisms(found: Why) -> dict[str, np.ndarray]:
    """Return kilograms with interval and loads by mechanism, largest effect first."""
    from sim.stats.intervals import mean_interval
    from sim.study.why import LOAD, MECHANISMS

    loads = dict.fromkeys(MECHANISMS, 0.0)
    for flip in found.flips:
        loads[flip.mechanism] += flip.count * found.per_year if flip.kind == LOAD else 0.0
    names = sorted((n for n in MECHANISMS if loads[n]), key=lambda n: -abs(found.by_mechanism[n].mean()))
    ends = [mean_interval(found.by_mechanism[name]) for name in names]
    return {
        "mechanism": np.array([MECHANISMS[name] for name in names], dtype=object),
        "kg": np.array([found.by_mechanism[name].mean() for name in names]),
        "low": np.array([end.low for end in ends]),
        "high": np.array([end.high for end in ends]),
        "loads": np.array([loads[name] for name in names]),
    }


def _whole(found: Why) -> Interval:
    """Return the interval of the whole difference."""
    from sim.stats.intervals import mean_interval

    return mean_interval(found.effect_kg)


def _show(found: Why, rows: dict[str, np.ndarray], replications: int, window: str) -> None:
    from sim.study.why import CASE, MECHANISMS

    if not found.first:
        print(f"no load and no case has another fate in {replications} pairs of runs: nothing to explain")
        return
    console = Console(highlight=False, width=_WIDTH)
    print(f"{found.names[1]} less {found.names[0]}: means of {replications} pairs of runs on the same draws")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("mechanism", f"loads {window}", f"kg delivered {window}", "95 % interval"):
        table.add_column(name, justify="left" if name == "mechanism" else "right", no_wrap=True)
    ends = [*zip(rows["low"], rows["high"], strict=True), (_whole(found).low, _whole(found).high)]
    kg = [*rows["kg"], found.effect_kg.mean()]
    loads = [*rows["loads"], rows["loads"].sum()]
    for said, count, value, end in zip([*rows["mechanism"], "all"], loads, kg, ends, strict=True):
        table.add_row(said, f"{count:,.1f}", f"{value:+,.2f}", _span(*end))
    console.print(table)
    if _whole(found).low <= 0.0 <= _whole(found).high:
        print("all together: cannot tell whether more or less is delivered")
    cases = found.per_year * sum(flip.count for flip in found.flips if flip.kind == CASE)
    print(f"cases and leads with another fate: {cases:,.1f} {window}")
    for number, flip in enumerate(found.first[:_FIRST]):
        print(
            f"first recorded difference of pair {number}: {flip.month}, a {flip.kind} ({flip.place}): "
            f"{flip.before} became {flip.after} ({MECHANISMS[flip.mechanism]})"
        )
    print(_RECORDED)


def _span(low: float, high: float) -> str:
    return f"[{low:,.2f}, {high:,.2f}]" if np.isfinite(low) else "one pair only"


def _write(
    found: Why, rows: dict[str, np.ndarray], asked: tuple[argparse.Namespace, list[Scenario]], source: str
) -> None:
    from dataclasses import asdict

    from sim.plots.why import why

    given, pair = asked
    figures = []
    if len(rows["kg"]):
        end = _whole(found)
        figures = [
            why(
                rows,
                (float(found.effect_kg.mean()), end.low, end.high),
                found.names,
                source,
                words.window_of(pair[1]),
            )
        ]
    write(given, {"flips": [asdict(flip) for flip in found.flips]}, figures, pair)
    if found.first and not figures:
        print("no figure: no load has another fate in the window")
