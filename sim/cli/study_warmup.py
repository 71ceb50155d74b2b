"""``sim study warmup``: how long the start of a run is felt, and how many replications an outcome needs."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.cli.errors import OneLineParser
from sim.cli.study_options import add_options, add_results, check_least, replications_of
from sim.cli.study_output import add_out, write
from sim.cli.study_request import question_of, show
from sim.core.errors import ConfigError

if TYPE_CHECKING:
    from sim.study.responses import Question
    from sim.study.warmup import DailyScenario, Start

_WINDOWS = (7, 28, 91)
_LEAST_DAYS = 28


def add_warmup(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add the study to the parser of ``sim study``."""
    parser = parsers.add_parser(
        "warmup",
        help="days that the start of a run is felt, and replications that each outcome needs",
        description="Run from the first hour on and show daily outcomes with the cut of MSER-5; then take "
        "the run as configured as a pilot and say how many replications each outcome needs until its 95 % "
        "interval is within its margin. border.model=instant leaves the queues out.",
    )
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="changes, as in sim run")
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


def _warmup(given: argparse.Namespace) -> int:
    from sim.cli.screen import Screen
    from sim.study.warmup import daily, from_the_start, starts

    check_least(given, "warmup", replications=1, days=_LEAST_DAYS, pilot=0)
    if given.pilot == 1:
        raise ConfigError("study warmup: --pilot must be 0 or at least 2")
    question = question_of(given, given.outcomes, "warmup")
    scenario = from_the_start(question.after, given.days)
    with Screen("warmup") as bar:
        values = bar.interruptible(
            lambda: daily(scenario, question.outcomes, replications_of(given), bar.progress)
        )
    found = starts(scenario, question.outcomes, values)
    tables = {"warmup": _show_starts(found, question), "replications": _pilot(given, question)}
    write(given, tables, [_figure(given, question, scenario, found)], question.scenarios)
    return 0


def _show_starts(found: list[Start], question: Question) -> list[dict[str, Any]]:
    from sim.measures.registry import registry
    from sim.report.numbers import compact

    warmup_days = question.after.calendar.warmup_days
    rows: list[dict[str, Any]] = []
    for one in found:
        half = len(one.mean) // 2
        level = float(one.mean[half:].mean())
        early = float(one.mean[warmup_days:half].mean()) if warmup_days < half else float("nan")
        rows.append(
            {"outcome": one.outcome, "cut_days": one.cut.observations, "determined": one.cut.determined,
             "after_warmup_to_level": early / level if level else float("nan")}
        )  # fmt: skip
    show(
        f"the start, by MSER-5 on {len(found[0].mean)} days ({warmup_days} are left out)",
        (("outcome", "left"), ("felt for, days", "right"), ("mean after, of the second half", "right")),
        [
            (registry()[row["outcome"]].label, row["cut_days"] if row["determined"] else "cannot tell",
             compact(row["after_warmup_to_level"], 4))
            for row in rows
        ],
    )  # fmt: skip
    return rows


def _pilot(given: argparse.Namespace, question: Question) -> list[dict[str, Any]]:
    """Run the pilot and show how many replications each outcome needs."""
    from dataclasses import replace

    from sim.cli.screen import Screen
    from sim.report.numbers import compact
    from sim.run.ensemble import ensemble
    from sim.stats.warmup import replications_needed

    if not given.pilot:
        return []
    pilot = replace(replications_of(given), count=given.pilot)
    both = [question.after] if question.before is None else [question.after, question.before]
    with Screen("pilot") as bar:
        runs = bar.interruptible(lambda: ensemble(both, pilot, bar.progress).yearly(question.outcomes))
    values = runs[0] if question.before is None else runs[0] - runs[1]
    rows: list[dict[str, Any]] = []
    for k, outcome in enumerate(question.outcomes):
        margin = question.margin(outcome)
        if not np.isfinite(values[:, k]).all():
            raise ConfigError(f"outcome {outcome}: undefined in some runs of the pilot; take another")
        needed = replications_needed(values[:, k], margin)
        rows.append(
            {"outcome": outcome, "mean": float(values[:, k].mean()), "sd": float(values[:, k].std(ddof=1)),
             "margin": margin, "needed": needed.count, "low": needed.low, "high": needed.high}
        )  # fmt: skip
    show(
        f"replications until the 95 % interval is within the margin, from a pilot of {given.pilot}",
        (("outcome", "left"), ("mean", "right"), ("deviation", "right"), ("margin", "right"),
         ("needed", "right"), ("could be", "right")),
        [
            (question.words(row["outcome"]), *map(compact, (row["mean"], row["sd"], row["margin"])),
             f"{row['needed']:,}", f"{row['low']:,} to {row['high']:,}")
            for row in rows
        ],
    )  # fmt: skip
    worst = max(rows, key=lambda row: row["needed"])
    print(f"most: {worst['needed']:,} for {question.words(worst['outcome'])}")
    return rows


def _figure(
    given: argparse.Namespace, question: Question, scenario: DailyScenario, found: list[Start]
) -> Any:
    from sim.measures.registry import registry
    from sim.plots.warmup import Panel, warmup
    from sim.stats.warmup import moving_average
    from sim.store.version import origin
    from sim.study.warmup import taken_out

    panels = []
    for one in found:
        level = one.mean[len(one.mean) // 2 :].mean() or 1.0
        averages = {w: moving_average(one.mean / level, w // 2) for w in _WINDOWS if w < len(one.mean) // 2}
        panels.append(
            Panel(
                registry()[one.outcome].label, averages, one.cut.observations if one.cut.determined else None
            )
        )
    queues = "" if scenario.settings.border.model == "queue" else ", without queues"
    assumed = sum(row.status == "assumed" for row in scenario.evidence)
    source = (
        f"Simulated: {given.replications} runs of {given.days} days{queues}; scenario {scenario.name}, "
        f"adversary {scenario.settings.adversary.kind}; rests on {assumed} assumed values. "
        + origin(given.seed)
    )
    out = taken_out(given.days)
    return warmup(panels, question.after.calendar.warmup_days, given.replications, out, source)
