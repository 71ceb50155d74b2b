"""``sim study portfolio --budget USD``: lever sizes that a search finds best under a yearly budget."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.cli import study_words as words
from sim.cli.errors import OneLineParser
from sim.cli.study_options import add_options, add_results, check_least, replications_of
from sim.cli.study_output import add_out, write
from sim.core.errors import ConfigError
from sim.report import numbers
from sim.stats.intervals import Interval

if TYPE_CHECKING:
    from sim.report.standalone_page import Figure
    from sim.scenario import Scenario
    from sim.study.portfolio import Budget, Judged

_PARTS = ("found", "equal", "single")
_SMALLER = ", and the best of the smaller budget"


@dataclass(frozen=True)
class Rule:
    """By what a portfolio is called better than another: outcome, margin, side, level of one interval."""

    outcome: str
    margin: float
    least: bool
    level: float


def add_portfolio(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add the study to the parser of ``sim study``."""
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
    words.add_outcome(parser)
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
    from sim.cli.run import scenario_of
    from sim.cli.screen import Screen
    from sim.study.portfolio import Plan, level_of_gains, levers_for, portfolios, starts_of
    from sim.study.search import Effort

    check_least(given, "portfolio", replications=2, trials=1, at_a_time=1, leading=1, judged=2)
    budgets = _budgets(given.budget)
    info = words.measure(given.outcome)
    scenario = scenario_of(given.overrides)
    levers = levers_for(scenario, [name.strip() for name in given.levers.split(",") if name.strip()])
    if given.trials < (starts := starts_of(levers, len(budgets))):
        raise ConfigError(
            f"study portfolio: --trials {given.trials}; {starts} portfolios are tried before the search "
            f"proposes any: equal shares, each of {len(levers)} levers alone{_SMALLER * (len(budgets) > 1)}"
        )
    effort = Effort(given.trials, given.at_a_time, given.seed)
    plan = Plan(
        given.outcome,
        words.least(given, info, "portfolio"),
        effort,
        given.leading,
        given.judged,
        replications_of(given),
    )
    with Screen("portfolio") as screen:
        found = screen.interruptible(lambda: portfolios(scenario, levers, budgets, plan, screen.progress))
    unit, margin = words.unit_of(info, scenario), words.margin_of(info, scenario)
    rule = Rule(given.outcome, margin, plan.least, level_of_gains(len(found)))
    print(f"{info.label}: change against no lever, {unit}, on draws that chose nothing")
    _show(found, scenario, rule)
    heuristic = (
        f"The search is a heuristic ({max(one.trials for one in found)} trials of {len(levers)} levers at "
        "each budget): a better portfolio may exist."
    )
    print(f"{heuristic}\n{_at_once(rule, len(found), unit)}")
    line = words.source(
        f"{given.judged} replications of each portfolio, chosen on {2 * given.replications} others",
        [scenario], given.seed,
    )  # fmt: skip
    print(line)
    said = (_title(found, rule), heuristic, f"{_at_once(rule, len(found), unit)} {line}")
    figures = _figures(found, scenario, (info.label, unit), said)
    write(given, {"frontier": _rows(found, rule), "sizes": _size_rows(found, scenario)}, figures, [scenario])
    return 0


def _budgets(text: str) -> list[float]:
    try:
        budgets = [float(part) for part in text.split(",")]
    except ValueError:
        budgets = []
    if not budgets or not all(0.0 < budget < float("inf") for budget in budgets):
        raise ConfigError(f"--budget {text}: write dollars a year above zero, such as 1e8 or 5e7,1e8,2e8")
    return sorted(set(budgets))


def _at_once(rule: Rule, budgets: int, unit: str) -> str:
    """Return what better and worse rest on."""
    return (
        f"Better and worse: by intervals that hold for both comparisons{_of_all(budgets)} at once with 95 % "
        f"(Bonferroni), against a margin of {numbers.number(rule.margin)} {unit}."
    )


def _of_all(budgets: int) -> str:
    return f" of all {budgets} budgets" if budgets > 1 else ""


def _show(found: list[Budget], scenario: Scenario, rule: Rule) -> None:
    better = "-" if rule.least else "+"
    made = words.table(
        ("budget, USD", "right"), ("portfolio", "left"), ("cost, USD", "right"), ("change", "right"),
        ("95 % interval", "right"), (f"found less this one ({better} is better)", "right"),
        ("95 %, all at once", "right"),
    )  # fmt: skip
    for one in found:
        for i, judged in enumerate((one.found, one.equal, one.single)):
            gain = one.gain(judged, rule.level)
            cells = (numbers.signed(gain[0]), numbers.span_or_reason(gain[1])) if i else ("", "")
            made.add_row(
                "" if i else f"{one.budget_usd:,.0f}", _name(judged), f"{judged.cost_usd:,.0f}",
                numbers.signed(judged.change), numbers.span_or_reason(judged.interval()), *cells,
            )  # fmt: skip
    words.show(made)
    for one in found:
        parts = [
            f"{name} {size:,g} {scenario.settings.levers[name].unit}"
            for name, size in one.found.sizes.items()
        ]
        print(f"{one.budget_usd:,.0f} USD a year: {_sentence(one, rule)}")
        print(f"  the split found: {'; '.join(parts) or 'nothing is worth its cost'}")
        if small := _less_than_one(one, scenario):
            print(f"  less than one whole {' and '.join(small)}: the model takes any fraction of one")
        print(
            f"  on the draws that chose it {numbers.signed(one.found.believed)}, on fresh ones "
            f"{numbers.signed(one.found.change)}"
        )


def _less_than_one(one: Budget, scenario: Scenario) -> list[str]:
    """Return units of which the split found has only a fraction, but for levers that are a share."""
    levers = scenario.settings.levers
    return [levers[name].unit for name, size in one.found.sizes.items() if size < 1.0 < levers[name].max_size]


def _name(judged: Judged) -> str:
    return f"one lever: {next(iter(judged.sizes))}" if judged.kind == "one lever" else judged.kind


def _figures(
    found: list[Budget], scenario: Scenario, outcome: tuple[str, str], said: tuple[str, str, str]
) -> list[Figure]:
    from sim.plots.portfolio import budget_frontier, budget_split

    title, heuristic, line = said
    columns: dict[str, np.ndarray] = {"budget_usd": np.array([one.budget_usd for one in found])}
    for part in _PARTS:
        level = 1.0 - 0.05 / len(found) if part == "found" else 0.95
        judged = [getattr(one, part) for one in found]
        ends = [each.interval(level) for each in judged]
        columns[part] = np.array([each.change for each in judged])
        columns[f"{part}_low"] = np.array([end.low for end in ends])
        columns[f"{part}_high"] = np.array([end.high for end in ends])
    levers = scenario.settings.levers
    spent = {
        name: np.array([one.found.sizes.get(name, 0.0) * lever.cost_usd_per_unit_year for one in found])
        for name, lever in levers.items()
    }
    budgets = [one.budget_usd for one in found]
    return [
        budget_frontier(columns, title, outcome, heuristic, line),
        budget_split(budgets, spent, heuristic, line),
    ]


def standing(one: Budget, rule: Rule) -> str:
    """Return how the split that was found stands to equal shares and to the best single lever, in words."""
    rivals: dict[str, list[str]] = {}
    alone = f"{next(iter(one.single.sizes))} alone" if one.single.sizes else "no lever"
    for rival, name in ((one.equal, "equal shares"), (one.single, alone)):
        same = rival.sizes == one.found.sizes
        word = "the same as" if same else _word(one.gain(rival, rule.level)[1], rule)
        rivals.setdefault(word, []).append(name)
    return ", ".join(f"{word} {' and '.join(names)}" for word, names in rivals.items())


def _word(gap: Interval, rule: Rule) -> str:
    """Return the verdict of ``sim compare`` on a gap, for the side of the outcome that was asked for."""
    from sim.report.verdicts import NOT_YET, SAME, UNDEFINED, judged

    word = judged(rule.outcome, gap, Interval(math.nan, math.nan, "no parameter sets"), rule.margin)
    if word == SAME:
        return "by less than the margin apart from"
    if word in (NOT_YET, UNDEFINED):
        return "not told apart from"
    return "better than" if (gap.high < 0.0) == rule.least else "worse than"


def _sentence(one: Budget, rule: Rule) -> str:
    """Return whether anything speaks for the split that was found."""
    told = standing(one, rule)
    beyond = told.startswith("better than") and "," not in told
    return f"the split found is {told}" + ("" if beyond else "; so it is no advice over these")


def _title(found: list[Budget], rule: Rule) -> str:
    return (
        f"{found[-1].budget_usd / 1e6:,g} million USD a year: the split found is {standing(found[-1], rule)}"
    )


def _rows(found: list[Budget], rule: Rule) -> list[dict[str, Any]]:
    rows = []
    for one in found:
        for judged in (one.found, one.equal, one.single):
            interval, gain = judged.interval(), one.gain(judged, rule.level)
            rows.append({
                "budget_usd": one.budget_usd, "portfolio": judged.kind, "cost_usd": judged.cost_usd,
                "change": judged.change, "low": interval.low, "high": interval.high,
                "on_draws_of_search": judged.believed, "found_less_this": gain[0],
                "found_less_this_low": gain[1].low, "found_less_this_high": gain[1].high,
            })  # fmt: skip
    return rows


def _size_rows(found: list[Budget], scenario: Scenario) -> list[dict[str, Any]]:
    levers = scenario.settings.levers
    return [
        {
            "budget_usd": one.budget_usd, "portfolio": judged.kind, "lever": name, "size": size,
            "unit": levers[name].unit, "cost_usd": size * levers[name].cost_usd_per_unit_year,
        }
        for one in found
        for judged in (one.found, one.equal, one.single)
        for name, size in judged.sizes.items()
    ]  # fmt: skip
