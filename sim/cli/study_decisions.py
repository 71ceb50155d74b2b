"""Studies that end in a decision, on the command line: ``rank``, ``synergy``, ``portfolio``, ``power``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from sim.cli.errors import OneLineParser, finite
from sim.cli.run import scenario_of
from sim.cli.study_options import add_options, add_results, add_simulation, names_of, replications_of, split
from sim.cli.study_show import add_out, answer
from sim.core.errors import ConfigError
from sim.study.arguments import DELIVERED, RECORDS


def add_decisions(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add these studies to the parser of ``sim study``."""
    _add_rank(parsers)
    _add_synergy(parsers)
    _add_portfolio(parsers)
    _add_power(parsers)


def _add_rank(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    parser = parsers.add_parser(
        "rank",
        help="which scenario is best, and how sure that is",
        description="Run scenarios side by side with common random numbers and drop each as soon as it can "
        "hardly be the best, until one is left or the budget is spent (procedure KN, Kim and Nelson 2001). "
        "The choice is right with the promised probability when the best is at least a margin better than "
        "every other.",
    )
    parser.add_argument(
        "words", nargs="+", metavar="SCENARIO | key=value", help="scenarios, and changes of all"
    )
    _add_outcome(parser)
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

    names, overrides = split(given.words)
    _refuse(overrides, "rank", "scenario", "the scenarios named")
    scenarios = [scenario_of(overrides, name, given.config_dir) for name in names]
    budget = Replications(given.budget, given.seed, workers=given.workers, results=given.results)
    return answer(
        given,
        lambda progress: rank(
            scenarios, budget, given.outcome, margin=given.margin, confidence=given.confidence,
            best=given.best, first=given.first, step=given.step, on_progress=progress,
        ),
    )  # fmt: skip


def _add_synergy(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    parser = parsers.add_parser(
        "synergy",
        help="whether levers add up, overlap or help each other",
        description="Run every combination of two to five levers with common random numbers: effects alone, "
        "on average and on top of all others, interactions of pairs, and each lever's share of the whole.",
    )
    parser.add_argument("words", nargs="+", metavar="LEVER | key=value", help="levers, and changes of all")
    parser.add_argument("--sizes", default="hsi_strategy", help="scenario that sizes are of (hsi_strategy)")
    parser.add_argument("--outcome", default=DELIVERED, help=f"measure ({DELIVERED})")
    add_options(parser, 12, "of each combination")
    add_results(parser)
    add_out(parser, "synergy")
    parser.set_defaults(work=_synergy)


def _synergy(given: argparse.Namespace) -> int:
    from sim.study.synergy import synergy

    levers, overrides = split(given.words)
    _refuse(overrides, "synergy", "scenario", "--sizes")
    scenario = scenario_of(overrides, given.sizes, given.config_dir)
    replications = replications_of(given)
    return answer(
        given,
        lambda progress: synergy(scenario, levers, replications, given.outcome, on_progress=progress),
    )


def _add_portfolio(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    parser = parsers.add_parser(
        "portfolio",
        help="lever sizes under a yearly budget, by search",
        description="Search for the lever sizes that do most under a yearly budget, try the leading ones "
        "again on fresh draws, and judge the winner on draws that chose nothing, beside equal shares and the "
        "best single lever. A heuristic: nothing says that there is no better portfolio.",
    )
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="changes, as in sim run")
    parser.add_argument("--budget", required=True, metavar="USD[,USD...]", help="dollars of 2022 a year")
    parser.add_argument("--levers", default="", help="levers to choose from, such as scanning,cyber (all)")
    _add_outcome(parser)
    parser.add_argument(
        "--trials",
        type=int,
        default=60,
        help="portfolios tried at each budget, with equal shares and each lever alone (60)",
    )
    parser.add_argument("--at-a-time", type=int, default=4, help="portfolios proposed together (4)")
    parser.add_argument("--leading", type=int, default=5, help="portfolios tried again on fresh draws (5)")
    parser.add_argument("--judged", type=int, default=24, help="fresh replications of the winner (24)")
    add_options(parser, 8, "of each portfolio in the search")
    add_results(parser)
    add_out(parser, "portfolio")
    parser.set_defaults(work=_portfolio)


def _portfolio(given: argparse.Namespace) -> int:
    from sim.study.portfolio import portfolio

    try:
        budgets = [float(part) for part in given.budget.split(",")]
    except ValueError:
        raise ConfigError(
            f"--budget {given.budget}: write dollars a year, such as 1e8 or 5e7,1e8,2e8"
        ) from None
    scenario, replications = scenario_of(given.overrides, config_dir=given.config_dir), replications_of(given)
    return answer(
        given,
        lambda progress: portfolio(
            scenario, budgets, replications, given.outcome, levers=names_of(given.levers), best=given.best,
            trials=given.trials, at_a_time=given.at_a_time, leading=given.leading, judged=given.judged,
            on_progress=progress,
        ),
    )  # fmt: skip


def _add_power(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    outcomes = ",".join(RECORDS)
    parser = parsers.add_parser(
        "power",
        help="months of records needed to see that levers work",
        description="Start the levers of a scenario after some months of one world, and ask after how many "
        "more what agencies record would show it: a test at 5 % of before against after, in a single world, "
        "against what such records vary by chance. Without queues unless border.model=queue is given.",
    )
    parser.add_argument("words", nargs="+", metavar="SCENARIO | key=value", help="scenario, and changes")
    parser.add_argument("--outcomes", default=outcomes, help=f"observed measures ({outcomes})")
    parser.add_argument("--before", type=int, default=12, help="months before the levers start (12)")
    parser.add_argument("--months", type=int, default=36, help="months after, at most (36)")
    parser.add_argument("--power", type=finite, default=0.8, help="probability of seeing the change (.8)")
    add_options(parser, 40, "worlds, with the levers and without")
    add_results(parser)
    add_out(parser, "power")
    parser.set_defaults(work=_power)


def _power(given: argparse.Namespace) -> int:
    from sim.study.power import power

    names, overrides = split(given.words)
    if len(names) != 1:
        raise ConfigError(f"study power: name one scenario, such as hsi_strategy (got {len(names)})")
    _refuse(overrides, "power", "scenario", "the scenario named")
    _refuse(overrides, "power", "calendar.days", "--before and --months")
    if not any(override.startswith("border.model=") for override in overrides):
        overrides = ["border.model=instant", *overrides]
    scenario = scenario_of(overrides, names[0], given.config_dir)
    replications = replications_of(given)
    return answer(
        given,
        lambda progress: power(
            scenario, replications, names_of(given.outcomes), before=given.before, months=given.months,
            wanted=given.power, on_progress=progress,
        ),
    )  # fmt: skip


def _add_outcome(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--outcome", default=DELIVERED, help=f"measure that decides ({DELIVERED})")
    parser.add_argument(
        "--best", choices=("least", "most"), help="of it (the good side by conf/measures.yaml)"
    )


def _refuse(overrides: Sequence[str], study: str, key: str, own: str) -> None:
    """Refuse an override of what the study sets itself."""
    if any(override.startswith(f"{key}=") for override in overrides):
        raise ConfigError(f"study {study}: {key}= is set by {own}")
