"""Studies of what nobody measured: which numbers matter, and how long a run must be."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.errors import OneLineParser, finite
from sim.cli.run import scenario_of
from sim.cli.screen import with_progress
from sim.cli.study_options import (
    add_config_dir,
    add_options,
    add_page,
    add_results,
    check_least,
    refuse_levers_of_both,
    replications_of,
)
from sim.cli.study_show import add_out, answer, show
from sim.core.errors import ConfigError

if TYPE_CHECKING:
    from sim.report.result import Result
    from sim.scenario import Scenario


def add_sensitivity(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add the studies to the parser of ``sim study``."""
    _add_parameters(parsers)
    _add_influence(parsers)
    _add_screen(parsers)
    _add_discover(parsers)
    _add_sobol(parsers)
    _add_warmup(parsers)


def _add_parameters(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    parser = parsers.add_parser(
        "parameters",
        help="page of every number with its range and source",
        description="Write the page of parameters from the records of a configuration.",
    )
    _add_overrides(parser)
    add_config_dir(parser)
    add_results(parser)
    add_page(parser, "parameters/parameters.md")
    parser.set_defaults(work=_parameters)


def _add_influence(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    parser = parsers.add_parser(
        "influence",
        help="assumptions in the order of their influence, one at a time",
        description="Set each assumed number to both ends of its range, one at a time, without queues.",
    )
    _add_overrides(parser)
    add_options(parser, 4, "years of each variant")
    add_results(parser)
    add_page(parser, "influence/assumptions.md")
    parser.set_defaults(work=_influence)


def _add_screen(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    parser = parsers.add_parser(
        "screen",
        help="assumptions that an outcome, or the effect of a scenario, leans on (Morris)",
        description="Move each assumed number across its range from many places of the space of ranges, "
        "with common random numbers. One trajectory costs one run more than there are numbers, twice that "
        "with --effect; border.model=instant leaves the queues out.",
    )
    parser.add_argument("--trajectories", type=int, default=10, help="walks through the space (10)")
    parser.add_argument(
        "--outcomes", default="delivered_pure_kg,seized_pure_kg", help="names of conf/measures.yaml"
    )
    _add_space(parser, "screen", 2, "--effect")
    parser.set_defaults(work=_screen)


def _add_discover(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    parser = parsers.add_parser(
        "discover",
        help="assumptions under which a strategy fails (PRIM)",
        description="Draw assumptions from their ranges, run the strategy and the baseline with common "
        "random numbers, and look for a box of assumptions in which the strategy fails: the outcome does not "
        "fall by the margin. border.model=instant leaves the queues out.",
    )
    parser.add_argument("--draws", type=int, default=200, help="points of the Latin hypercube (200)")
    parser.add_argument("--outcome", default="delivered_pure_kg", help="what should fall (delivered_pure_kg)")
    parser.add_argument("--margin", type=finite, help="by how much (the margin of the outcome)")
    parser.add_argument("--density", type=finite, default=0.7, help="least share of failures in a box (0.7)")
    _add_space(parser, "discover", 2, "--scenario")
    parser.set_defaults(work=_discover)


def _add_sobol(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    parser = parsers.add_parser(
        "sobol",
        help="shares of the variance that assumptions cause, split from chance",
        description="First and total order indices of a few numbers, chance split off by replications. Costs "
        "rows times (numbers + 2) points, twice that with --effect; name few numbers with --over, or take "
        "the top of a screen. border.model=instant leaves the queues out.",
    )
    parser.add_argument("--rows", type=int, default=64, help="rows of the design, a power of two (64)")
    parser.add_argument("--outcome", default="delivered_pure_kg", help="a name of conf/measures.yaml")
    parser.add_argument("--screen", type=Path, metavar="CSV", help="table of sim study screen")
    parser.add_argument("--top", type=int, default=6, help="numbers taken from the screen (6)")
    text = "the top of the screen as one group against all its other numbers: two groups that add up to one"
    parser.add_argument("--grouped", action="store_true", help=text)
    _add_space(parser, "sobol", 4, "--effect")
    parser.set_defaults(work=_sobol)


def _add_warmup(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    parser = parsers.add_parser(
        "warmup",
        help="days that the start of a run is felt, and replications that each outcome needs",
        description="Run from the first hour on and show daily outcomes with the cut of MSER-5; then take "
        "the run as configured as a pilot and say how many replications each outcome needs until its 95 % "
        "interval is within its margin. border.model=instant leaves the queues out.",
    )
    _add_overrides(parser)
    parser.add_argument("--days", type=int, default=730, help="simulated from the start (730)")
    parser.add_argument("--pilot", type=int, default=12, help="replications of the pilot; 0: none (12)")
    parser.add_argument("--effect", metavar="SCENARIO", help="pilot of what this scenario changes")
    parser.add_argument("--baseline", default="baseline", help="scenario to compare with (baseline)")
    parser.add_argument(
        "--outcomes", default="delivered_pure_kg,seized_pure_kg,precursor_bought_kg,price_index",
        help="names of conf/measures.yaml",
    )  # fmt: skip
    add_options(parser, 6, "runs from the start")
    add_results(parser)
    add_out(parser, "warmup")
    parser.set_defaults(work=_warmup)


def _add_overrides(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="changes, as in sim run")


def _add_space(parser: argparse.ArgumentParser, study: str, replications: int, effect: str) -> None:
    """Add options of question, space and folder; ``effect`` is the option that names a scenario."""
    _add_overrides(parser)
    text = "ask what this scenario changes against the baseline, instead of the level"
    parser.add_argument(effect, dest="effect", metavar="SCENARIO", help=text)
    parser.add_argument("--baseline", default="baseline", help="scenario to compare with (baseline)")
    parser.add_argument("--over", default="", metavar="PREFIX,...", help="numbers varied (all assumed ones)")
    parser.add_argument("--without", default="", metavar="PREFIX,...", help="numbers held")
    add_options(parser, replications, "years of each point")
    add_results(parser)
    add_out(parser, study)


def _parameters(given: argparse.Namespace) -> int:
    from sim.study.parameters import parameters, parameters_page

    result = parameters(scenario_of(given.overrides, config_dir=given.config_dir))
    return _show_page(given.out, result, parameters_page(result))


def _influence(given: argparse.Namespace) -> int:
    from sim.study.influence import influence, influence_page

    check_least(given, "influence", replications=2)
    scenario, replications = scenario_of(given.overrides, config_dir=given.config_dir), replications_of(given)
    result = with_progress(
        "influence",
        lambda progress: influence(scenario, replications, on_progress=progress),
        given.progress,
    )
    return _show_page(given.out, result, influence_page(result))


def _screen(given: argparse.Namespace) -> int:
    from sim.study.screen import screen

    check_least(given, "screen", replications=1)
    scenario, baseline = _scenarios(given)
    return answer(
        given,
        lambda progress: screen(
            scenario, replications_of(given), given.outcomes, baseline=baseline, over=given.over,
            without=given.without, trajectories=given.trajectories, on_progress=progress,
        ),
    )  # fmt: skip


def _discover(given: argparse.Namespace) -> int:
    from sim.study.discover import discover

    check_least(given, "discover", replications=1)
    scenario, baseline = _scenarios(given)
    if baseline is None:
        raise ConfigError("study discover: name the strategy, such as --scenario hsi_strategy")
    return answer(
        given,
        lambda progress: discover(
            scenario, baseline, replications_of(given), given.outcome, margin=given.margin,
            density=given.density, draws=given.draws, over=given.over, without=given.without,
            on_progress=progress,
        ),
    )  # fmt: skip


def _sobol(given: argparse.Namespace) -> int:
    from sim.study.sobol import sobol

    check_least(given, "sobol", replications=1)
    scenario, baseline = _scenarios(given)
    return answer(
        given,
        lambda progress: sobol(
            scenario, replications_of(given), given.outcome, baseline=baseline, over=given.over,
            without=given.without, screen=given.screen, top=given.top, grouped=given.grouped,
            rows=given.rows, on_progress=progress,
        ),
    )  # fmt: skip


def _warmup(given: argparse.Namespace) -> int:
    from sim.study.warmup import warmup

    check_least(given, "warmup", replications=1)
    scenario, baseline = _scenarios(given)
    return answer(
        given,
        lambda progress: warmup(
            scenario, replications_of(given), given.outcomes, baseline=baseline, days=given.days,
            pilot=given.pilot, on_progress=progress,
        ),
    )  # fmt: skip


def _scenarios(given: argparse.Namespace) -> tuple[Scenario, Scenario | None]:
    """Return the scenario of the command line, and its baseline over the same dates if an effect is asked."""
    if not given.effect:
        return scenario_of(given.overrides, config_dir=given.config_dir), None
    if any(word.startswith("scenario=") for word in given.overrides):
        raise ConfigError(f"study {given.study}: the scenario is {given.effect}; leave scenario=... away")
    refuse_levers_of_both(given, given.effect, given.overrides)
    scenario = scenario_of(given.overrides, given.effect, given.config_dir)
    dates = scenario.settings.calendar
    same = [
        f"calendar.start='{dates.start}'", f"calendar.days={dates.days}",
        f"calendar.warmup_days={dates.warmup_days}",
    ]  # fmt: skip
    return scenario, scenario_of([*given.overrides, *same], given.baseline, given.config_dir)


def _show_page(path: Path, result: Result, page: str) -> int:
    from sim.store.files import named_folder, write_text

    show(result)
    with named_folder(path.parent):
        write_text(path, page)
    print(f"wrote {path}")
    return 0
