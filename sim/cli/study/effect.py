"""``sim study effect SCENARIO``: what a scenario changes, against every adversary of a panel."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.cli.complaint import OneLineParser
from sim.cli.study.options import add_options, add_results, check_least
from sim.core.errors import ConfigError, unknown

if TYPE_CHECKING:
    from sim.stats.ratio import Estimate
    from sim.study.effect.folder import Findings
    from sim.study.effect.outcomes import Moved
    from sim.study.effect.pairs import Duel

_CHANGES = (
    "outcome", "baseline", "adversary", "change", "95 % interval", "verdict", "unit", "range over the panel",
)  # fmt: skip
_RATIOS = ("adversary", "USD a pure kg less delivered", "share displaced", "half-life, months")
_LEFT = ("outcome", "adversary", "verdict", "unit", "place")
_SPARE = ("range over the panel", "unit", "baseline")


def add_effect(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add the study to the parser of ``sim study``."""
    parser = parsers.add_parser(
        "effect",
        help="what scenarios change, over a panel of adversaries",
        description="Run scenarios and their baseline on the same draws against every adversary of the "
        "panel: differences with intervals, cost a kilogram, displacement, half-life, and where the flow "
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
    parser.add_argument("--out", type=Path, default=Path("results/effect"), help="folder (results/effect)")
    parser.set_defaults(work=_effect)


def _effect(given: argparse.Namespace) -> int:
    from sim.cli.screen import Screen
    from sim.run.settings import usable_cores
    from sim.study.effect.folder import Findings, write_figures, write_tables
    from sim.study.effect.outcomes import FROZEN, effects, moved, ratios
    from sim.study.effect.pairs import Plan, run_pairs

    check_least(given, "effect", replications=2, parameter_sets=0)
    scenarios = [word for word in given.words if "=" not in word]
    if not scenarios:
        raise ConfigError("study effect: name at least one scenario, such as port_staffing")
    duels = [
        duel
        for scenario in dict.fromkeys(scenarios)
        for duel in _duels(scenario, given, [word for word in given.words if "=" in word])
    ]
    plan = Plan(
        given.replications, given.parameter_sets, given.seed, given.workers or usable_cores(), given.results
    )
    with Screen("effect") as screen:
        pairs = screen.interruptible(lambda: run_pairs(duels, plan, screen.progress))
    frozen = {pair.scenario: pair for pair in pairs if pair.adversary == FROZEN}
    found = [effect for pair in pairs for effect in effects(pair)]
    kept = [ratios(pair, frozen.get(pair.scenario)) for pair in pairs]
    places = [row for pair in pairs for row in moved(pair, frozen.get(pair.scenario))]
    findings = Findings(found, kept, places)
    _show(findings)
    for path in write_tables(given.out, findings):
        print(f"wrote {path}")
    figures, missing = write_figures(given.out, findings, _source(given, duels))
    for path in figures:
        print(f"wrote {path}")
    if missing:
        print(missing)
    return 0


def _duels(scenario: str, given: argparse.Namespace, overrides: list[str]) -> list[Duel]:
    """Return a scenario and its baseline for every adversary, over the same dates."""
    from sim.adversary import POLICIES
    from sim.cli.run import scenario_of
    from sim.study.effect.outcomes import FROZEN
    from sim.study.effect.pairs import Duel

    panel = [name.strip() for name in given.adversaries.split(",") if name.strip()]
    for name in panel:
        if name not in POLICIES:
            raise unknown("policy", name, "--adversaries", POLICIES)
    for override in overrides:
        if override.startswith(("adversary=", "scenario=")):
            raise ConfigError(f"study effect: {override} is set by --adversaries and by the scenarios named")
    duels = []
    for name in dict.fromkeys([FROZEN, *panel]):
        after = scenario_of([f"scenario={scenario}", f"adversary={name}", *overrides])
        dates = after.settings.calendar
        same = [
            f"calendar.start='{dates.start}'", f"calendar.days={dates.days}",
            f"calendar.warmup_days={dates.warmup_days}",
        ]  # fmt: skip
        before = scenario_of([f"scenario={given.baseline}", f"adversary={name}", *overrides, *same])
        after.at_parameter_set(given.parameter_sets)
        duels.append(Duel(scenario, name, before, after))
    return duels


def _show(found: Findings) -> None:
    from sim.cli.screen import print_table
    from sim.measures.registry import registry
    from sim.study.effect.outcomes import spread

    known = registry()
    gone: list[str] = []
    for scenario in dict.fromkeys(effect.scenario for effect in found.effects):
        here = [
            effect
            for effect in found.effects
            if effect.scenario == scenario and effect.place == "all" and known[effect.measure].headline
        ]
        print(f"{scenario}: change against the baseline, a year")
        table = []
        for measure in dict.fromkeys(effect.measure for effect in here):
            rows = [effect for effect in here if effect.measure == measure]
            low, high = map(_signed, spread(rows))
            for i, one in enumerate(rows):
                span = f"[{_signed(one.random.low)}, {_signed(one.random.high)}]"
                first = (known[measure].label, f"{low} to {high}") if i == 0 else ("", "")
                table.append(
                    [first[0], _number(one.before), one.adversary, _signed(one.change), span, one.verdict]
                    + [known[measure].unit, first[1]]
                )
        gone += print_table(_CHANGES, table, _LEFT, _SPARE)
        ratios = [
            [ratio.adversary, *map(_estimate, (ratio.cost, ratio.displacement, ratio.half_life))]
            for ratio in found.ratios
            if ratio.scenario == scenario
        ]
        print_table(_RATIOS, ratios, _RATIOS)
        _show_places([row for row in found.places if row.scenario == scenario])
    if gone:
        print(f"no room for {', '.join(dict.fromkeys(gone))}: effects.csv has them")


def _show_places(rows: list[Moved]) -> None:
    from sim.cli.screen import print_table

    if not rows:
        return
    print("where the flow went: pure kg delivered a year, direct effect and what adaptation adds")
    table = [
        [row.adversary, row.place, _signed(row.direct_kg), _signed(row.moved_kg)]
        + [f"[{_signed(row.random.low)}, {_signed(row.random.high)}]"]
        for row in rows
    ]
    print_table(("adversary", "place", "direct", "by adapting", "95 % interval"), table, _LEFT)


def _estimate(one: Estimate) -> str:
    if not one.known:
        return one.interval.reason
    return f"{_months(one.value)} [{_months(one.interval.low)}, {_months(one.interval.high)}]"


def _months(value: float) -> str:
    return "not seen" if np.isinf(value) else _number(value)


def _number(value: float) -> str:
    from sim.plots.theme import compact

    return compact(float(value))


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{_number(value)}"


def _source(given: argparse.Namespace, duels: list[Duel]) -> str:
    from sim.store.version import release

    assumed = max(sum(row.status == "assumed" for row in duel.after.evidence) for duel in duels)
    sets = f" and {given.parameter_sets} further parameter sets" if given.parameter_sets else ""
    queues = "" if all(duel.after.settings.border.model == "queue" for duel in duels) else ", without queues"
    return (
        f"Simulated: {given.replications} pairs of runs each{sets}{queues}, against scenario "
        f"{given.baseline} over the same dates; rests on {assumed} assumed values. "
        f"Source: Chokepoint {release()}, seed {given.seed}."
    )
