"""``sim study effect`` and ``sim study why``: what scenarios change, and which fates made the difference."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.cli.errors import OneLineParser
from sim.cli.run import scenario_of
from sim.cli.study_options import (
    add_options,
    add_results,
    check_least,
    names_of,
    refuse_levers_of_both,
    replications_of,
    split,
)
from sim.cli.study_show import add_out, answer
from sim.core.errors import ConfigError

if TYPE_CHECKING:
    from sim.scenario import Scenario


def add_effects(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add these studies to the parser of ``sim study``."""
    _add_effect(parsers)
    _add_why(parsers)


def _add_effect(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    parser = parsers.add_parser(
        "effect",
        help="what scenarios change, over a panel of adversaries",
        description="Run scenarios and their baseline with common random numbers against every adversary of "
        "the panel: differences with intervals, cost a kilogram, displacement, half-life, and where the flow "
        "went. border.model=instant leaves the queues out, for a quick look.",
    )
    parser.add_argument(
        "words", nargs="+", metavar="SCENARIO | key=value", help="scenarios, and changes of all"
    )
    parser.add_argument(
        "--adversaries",
        default="none,logit",
        help="panel, such as none,logit,bandit (none,logit); none is added",
    )
    parser.add_argument("--baseline", default="baseline", help="scenario to compare with (baseline)")
    add_options(parser, 12, "pairs of runs each")
    add_results(parser)
    parser.add_argument("--parameter-sets", type=int, default=0, help="further parameter sets (0)")
    add_out(parser, "effect")
    parser.set_defaults(work=_effect)


def _effect(given: argparse.Namespace) -> int:
    from sim.study.effect.pairs import pairings
    from sim.study.effect.result import effect

    check_least(given, "effect", replications=2, parameter_sets=0)
    scenarios, overrides = split(given.words)
    for override in overrides:
        if override.startswith(("adversary=", "scenario=")):
            raise ConfigError(f"study effect: {override} is set by --adversaries and by the scenarios named")

    if scenarios:
        refuse_levers_of_both(given, scenarios[0], overrides)

    def load(name: str, adversary: str, dates: Mapping[str, Any]) -> Scenario:
        same = [f"{path}={value!r}" for path, value in dates.items()]
        return scenario_of([f"adversary={adversary}", *overrides, *same], name, given.config_dir)

    pairs = pairings(scenarios, given.baseline, names_of(given.adversaries), load)
    replications = replications_of(given)
    return answer(given, lambda progress: effect(pairs, replications, on_progress=progress))


def _add_why(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    parser = parsers.add_parser(
        "why",
        help="loads and cases whose fate flipped between two scenarios, by mechanism",
        description="Run two scenarios with common random numbers and say which fates differ and what made "
        "the difference. Sums by route class and month only.",
    )
    parser.add_argument("first", help="scenario to compare with, such as baseline_3y")
    parser.add_argument("second", help="scenario that changes something, such as port_staffing")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="changes of both")
    add_options(parser, 10, "pairs of runs")
    add_results(parser)
    add_out(parser, "why")
    parser.set_defaults(work=_why)


def _why(given: argparse.Namespace) -> int:
    from sim.study.why import why

    check_least(given, "why", replications=1)
    refuse_levers_of_both(given, given.second, given.overrides)
    first, second = (
        scenario_of(given.overrides, name, given.config_dir) for name in (given.first, given.second)
    )
    pairs = replications_of(given)
    return answer(given, lambda progress: why(first, second, pairs, on_progress=progress))
