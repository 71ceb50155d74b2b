"""``sim study rank SCENARIO ...``: which is best, with the probability that the choice is right."""

from __future__ import annotations

import argparse

from sim.cli import study_words as words
from sim.cli.errors import OneLineParser, finite
from sim.cli.run import scenario_of
from sim.cli.study_options import add_results, add_simulation, check_least
from sim.cli.study_show import add_out, answer
from sim.core.errors import ConfigError


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
    from sim.run.plan import Replications
    from sim.study.rank import rank

    names, overrides = words.split(given.words)
    check_least(given, "rank", budget=2, first=2, step=1)
    if any(override.startswith("scenario=") for override in overrides):
        raise ConfigError("study rank: scenario= is set by the scenarios named")
    scenarios = [scenario_of([f"scenario={name}", *overrides]) for name in names]
    budget = Replications(given.budget, given.seed, workers=given.workers, results=given.results)
    return answer(
        given,
        "rank",
        lambda progress: rank(
            scenarios,
            budget,
            given.outcome,
            margin=given.margin,
            confidence=given.confidence,
            best=given.best,
            first=given.first,
            step=given.step,
            on_progress=progress,
        ),
    )
