"""``sim study rank SCENARIO ...``: which is best, with the probability that the choice is right."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.cli import study_words as words
from sim.cli.errors import OneLineParser, finite
from sim.cli.study_options import add_results, add_simulation, check_least
from sim.cli.study_output import add_out, write
from sim.core.errors import ConfigError

if TYPE_CHECKING:
    from sim.measures.registry import MeasureInfo
    from sim.scenario import Scenario
    from sim.study.rank import Place, Race

_ALONE = (
    "Each interval is alone with 95 %, and the leader was picked on the same draws: read how far others are "
    "behind from them, not who is best."
)


def add_rank(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add the study to the parser of ``sim study``."""
    parser = parsers.add_parser(
        "rank",
        help="which scenario is best, and how sure that is",
        description="Run scenarios side by side on the same draws and drop each as soon as it can hardly be "
        "the best, until one is left or the budget is spent (procedure KN, Kim and Nelson 2001). The choice "
        "is right with the promised probability when the best is at least a margin better than every other.",
    )
    parser.add_argument(
        "words", nargs="+", metavar="SCENARIO | key=value", help="scenarios, and changes of all"
    )
    words.add_outcome(parser)
    parser.add_argument(
        "--margin", type=finite, help="smallest difference that matters (that of conf/measures.yaml)"
    )
    parser.add_argument("--confidence", type=finite, default=0.95, help="probability of a right choice (.95)")
    parser.add_argument("--budget", type=int, default=100, help="replications of each scenario at most (100)")
    parser.add_argument("--first", type=int, default=10, help="replications before one is dropped (10)")
    parser.add_argument("--step", type=int, default=4, help="replications at a time from there on (4)")
    parser.add_argument("--replications", type=_budget_instead, help=argparse.SUPPRESS)
    add_simulation(parser)
    add_results(parser)
    add_out(parser, "rank")
    parser.set_defaults(work=_rank)


def _budget_instead(text: str) -> None:
    raise argparse.ArgumentTypeError(f"is --budget here, the most of each scenario: write --budget {text}")


def _rank(given: argparse.Namespace) -> int:
    from sim.cli.screen import Screen
    from sim.plots.ranking import race_figure
    from sim.run.plan import Replications
    from sim.study.rank import Question, race

    names, overrides = words.split(given.words)
    check_least(given, "rank", budget=2, first=2, step=1)
    info = words.measure(given.outcome)
    words.check_share(given.confidence, "--confidence", 1.0 / max(2, len(names)))
    if given.margin is not None and not given.margin > 0.0:
        raise ConfigError(f"study rank: --margin {given.margin:g} must be above zero")
    scenarios = _scenarios(names, overrides)
    margin = given.margin or words.margin_of(info, scenarios[0])
    least = words.least(given, info, "rank")
    question = Question(given.outcome, least, margin, given.confidence, given.first, given.step)
    budget = Replications(given.budget, given.seed, workers=given.workers, results=given.results)
    with Screen("rank") as screen:
        found = screen.interruptible(lambda: race(scenarios, question, budget, screen.progress))
    places = found.places()
    unit = words.unit_of(info, scenarios[0])
    zone = f"at least {words.number(margin)} {unit} better than every other"
    verdict = _verdict(found, names, info, zone)
    print(f"{info.label}, {unit}")
    _show(found, places, names)
    print(f"{verdict}.\n{_meaning(found, zone, given.budget)}\n{_ALONE}")
    rows = {
        "scenario": np.array([names[place.scenario] for place in places]),
        "behind": np.array([place.behind for place in places]),
        "low": np.array([place.interval.low for place in places]),
        "high": np.array([place.interval.high for place in places]),
        "status": np.array([_status(found, place) for place in places]),
    }
    how = f"up to {found.ranking.used} replications of each of {len(names)} scenarios on the same draws"
    line = words.source(how, scenarios, given.seed)
    print(line)
    figure = race_figure(rows, verdict[:1].upper() + verdict[1:], (info.label, unit), margin, line)
    write(given, {"rank": [_row(found, place, names) for place in places]}, [figure], scenarios)
    return 0


def _scenarios(names: list[str], overrides: list[str]) -> list[Scenario]:
    from sim.cli.run import scenario_of

    if len(names) < 2:
        raise ConfigError("study rank: name at least two scenarios, such as baseline_3y port_staffing")
    if any(override.startswith("scenario=") for override in overrides):
        raise ConfigError("study rank: scenario= is set by the scenarios named")
    scenarios: list[Scenario] = [scenario_of([f"scenario={name}", *overrides]) for name in names]
    first = scenarios[0].settings.calendar
    for name, scenario in zip(names, scenarios, strict=True):
        if scenario.settings.calendar != first:
            raise ConfigError(
                f"study rank: {name} runs {scenario.settings.calendar.days} days from "
                f"{scenario.settings.calendar.start}, {names[0]} {first.days} days from {first.start}; set "
                "calendar.days= and calendar.start= for all, or take baseline_3y for baseline"
            )
    return scenarios


def _verdict(found: Race, names: list[str], info: MeasureInfo, zone: str) -> str:
    best = "least" if found.question.least else "most"
    what = f"{best} {info.label[0].lower()}{info.label[1:]}"
    alive = [names[i] for i in found.ranking.alive]
    if found.ranking.decided:
        sure = f"with {100 * found.question.confidence:.4g} % or more if it is {zone}"
        return f"{names[found.leader]} is best ({what}), {sure}"
    if found.equal:
        return f"{', '.join(alive)} are equally good ({what}): they do not differ on any draw"
    return f"Cannot tell which is best ({what}): {len(alive)} of {len(names)} scenarios are left"


def _meaning(found: Race, zone: str, budget: int) -> str:
    """Return what the guarantee covers, and what is missing where the budget ended."""
    asked = found.question
    covers = "It holds for values that are about normal; one that is nearer may be taken for the best."
    if found.ranking.ended:
        return covers
    return (
        f"The budget of {budget} replications is spent. With {100 * asked.confidence:.4g} % or more the "
        f"best is among those left if it is {zone}; a decision may take up to {found.ranking.at_most:,} "
        f"replications, fewer with a larger --margin. {covers}"
    )


def _status(found: Race, place: Place) -> str:
    if place.dropped_after:
        return f"out after {place.dropped_after} replications"
    if found.ranking.decided:
        return f"best, after {place.replications} replications"
    return "equally good" if found.equal else f"still in after {place.replications}"


def _show(found: Race, places: list[Place], names: list[str]) -> None:
    made = words.table(
        ("", "right"), ("scenario", "left"), ("replications", "right"), ("mean", "right"),
        ("leader on the same", "right"), ("behind", "right"), ("95 % interval", "right"), ("", "left"),
    )  # fmt: skip
    for i, place in enumerate(places, start=1):
        gap = ["", "", ""]
        if i > 1:
            gap = [words.number(place.leader), words.signed(place.behind), words.span(place.interval)]
        own = (names[place.scenario], str(place.replications), words.number(place.mean))
        made.add_row(str(i), *own, *gap, _status(found, place))
    words.show(made)


def _row(found: Race, place: Place, names: list[str]) -> dict[str, Any]:
    return {
        "scenario": names[place.scenario],
        "outcome": found.question.outcome,
        "mean": place.mean,
        "leader_mean": place.leader,
        "behind": place.behind,
        "low": place.interval.low,
        "high": place.interval.high,
        "replications": place.replications,
        "dropped_after": place.dropped_after or "",
        "status": _status(found, place),
    }
