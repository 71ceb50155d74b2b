"""``sim study why A B``: what made the difference between two scenarios, on the same draws."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from sim.cli.complaint import OneLineParser
from sim.cli.study.options import add_options, check_least
from sim.cli.study.written import write
from sim.core.errors import ConfigError

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.study.why import Why

_WIDTH = 200
_SHOWN = 20


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
    parser.add_argument("--out", type=Path, default=Path("results/why"), help="folder (results/why)")
    parser.set_defaults(work=_why)


def _why(given: argparse.Namespace) -> int:
    from sim.cli.run import scenario_of
    from sim.cli.screen import Screen
    from sim.run.engine import Progress
    from sim.run.settings import usable_cores
    from sim.study.why import Pairs, explain

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
        found = explain(
            pair[0], pair[1], Pairs(given.seed, total, given.workers or usable_cores()),
            lambda done: screen.progress(Progress(done, 0, 0, total)),
        )  # fmt: skip
    rows = _mechanisms(found)
    _show(found, rows, total)
    source = (
        f"Simulated: {total} pairs of runs, adversary {pair[0].settings.adversary.kind} and "
        f"{pair[1].settings.adversary.kind}, seed {given.seed}."
    )
    _write(found, rows, (given, pair), source)
    return 0


def _mechanisms(found: Why) -> dict[str, np.ndarray]:
    """Return kilograms with interval and loads by mechanism, largest effect first."""
    from sim.stats.intervals import mean_interval
    from sim.study.why import LOAD, MECHANISMS

    loads = dict.fromkeys(MECHANISMS, 0.0)
    for flip in found.flips:
        loads[flip.mechanism] += flip.count if flip.kind == LOAD else 0.0
    names = sorted((n for n in MECHANISMS if loads[n]), key=lambda n: -abs(found.by_mechanism[n].mean()))
    ends = [mean_interval(found.by_mechanism[name]) for name in names]
    return {
        "mechanism": np.array([MECHANISMS[name] for name in names], dtype=object),
        "kg": np.array([found.by_mechanism[name].mean() for name in names]),
        "low": np.array([end.low for end in ends]),
        "high": np.array([end.high for end in ends]),
        "loads": np.array([loads[name] for name in names]),
    }


def _show(found: Why, rows: dict[str, np.ndarray], replications: int) -> None:
    from sim.study.why import CASE

    console = Console(highlight=False, width=_WIDTH)
    print(f"{found.names[1]} less {found.names[0]}: means of {replications} pairs of runs on the same draws")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("mechanism", "loads", "kg delivered", "95 % interval"):
        table.add_column(name, justify="left" if name == "mechanism" else "right", no_wrap=True)
    for i, words in enumerate(rows["mechanism"]):
        span = (
            f"[{rows['low'][i]:,.2f}, {rows['high'][i]:,.2f}]"
            if np.isfinite(rows["low"][i])
            else "one pair only"
        )
        table.add_row(words, f"{rows['loads'][i]:,.1f}", f"{rows['kg'][i]:+,.2f}", span)
    table.add_row("all", f"{rows['loads'].sum():,.1f}", f"{found.effect_kg.mean():+,.2f}", "")
    console.print(table)
    cases = sum(flip.count for flip in found.flips if flip.kind == CASE)
    print(f"cases and leads with another fate: {cases:,.1f}")
    for number, flip in enumerate(found.first[:3]):
        print(
            f"first difference of pair {number}: in {flip.month}, a {flip.kind} ({flip.place}): "
            f"{flip.before} became {flip.after} ({flip.mechanism})"
        )


def _write(
    found: Why, rows: dict[str, np.ndarray], asked: tuple[argparse.Namespace, list[Scenario]], source: str
) -> None:
    from dataclasses import asdict

    from sim.plots.why import why

    figures = [why(rows, found.names, source)] if len(rows["kg"]) else []
    given, pair = asked
    write(given, {"flips": [asdict(flip) for flip in found.flips]}, figures, pair)
