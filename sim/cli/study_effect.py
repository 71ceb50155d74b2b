"""``sim study effect SCENARIO``: what a scenario changes, against every adversary of a panel."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import numpy as np

from sim.cli import study_words as words
from sim.cli.errors import OneLineParser
from sim.cli.study_options import add_options, add_results, check_least
from sim.cli.study_output import add_out, record
from sim.core.errors import ConfigError, unknown

if TYPE_CHECKING:
    from sim.stats.ratio import Estimate
    from sim.study.effect.folder import Findings
    from sim.study.effect.outcomes import Effect, Moved
    from sim.study.effect.pairs import Duel

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
    add_out(parser, "effect")
    parser.set_defaults(work=_effect)


def _effect(given: argparse.Namespace) -> int:
    from sim.cli.screen import Screen
    from sim.report.scenarios import in_order
    from sim.run.headline import lever_notes_of
    from sim.run.plan import Replications
    from sim.study.effect.folder import Findings, write_figures, write_tables
    from sim.study.effect.outcomes import FROZEN, effects, moved, ratios
    from sim.study.effect.pairs import run_pairs

    check_least(given, "effect", replications=2, parameter_sets=0)
    scenarios = [word for word in given.words if "=" not in word]
    if not scenarios:
        raise ConfigError("study effect: name at least one scenario, such as port_staffing")
    duels = [
        duel
        for scenario in in_order(scenarios)
        for duel in _duels(scenario, given, [word for word in given.words if "=" in word])
    ]
    replications = Replications(
        given.replications, given.seed, given.parameter_sets, workers=given.workers, results=given.results
    )
    with Screen("effect") as screen:
        pairs = screen.interruptible(lambda: run_pairs(duels, replications, screen.progress))
    frozen = {pair.scenario: pair for pair in pairs if pair.adversary == FROZEN}
    found = [effect for pair in pairs for effect in effects(pair)]
    kept = [ratios(pair, frozen.get(pair.scenario)) for pair in pairs]
    places = [row for pair in pairs for row in moved(pair, frozen.get(pair.scenario))]
    windows = dict.fromkeys(words.window_of(duel.after) for duel in duels)
    findings = Findings(found, kept, places, " or ".join(windows))
    for note in dict.fromkeys(note for duel in duels for note in lever_notes_of(duel.after)):
        print(note)
    _show(findings, given)
    tables = write_tables(given.out, findings)
    figures = write_figures(given.out, findings, _source(given, duels))
    record(given, tables, figures, [side for duel in duels for side in (duel.before, duel.after)])
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


def _show(found: Findings, given: argparse.Namespace) -> None:
    from sim.cli.screen import print_table
    from sim.measures.registry import registry

    known = registry()
    gone: list[str] = []
    for scenario in dict.fromkeys(effect.scenario for effect in found.effects):
        here = [
            effect
            for effect in found.effects
            if effect.scenario == scenario and effect.place == "all" and known[effect.measure].headline
        ]
        print(f"{scenario}: change against {given.baseline}, {found.window}")
        gone += _show_changes(here, found)
        print(_caveat(here, given))
        ratios = [
            [ratio.adversary, *map(_estimate, (ratio.cost, ratio.displacement, ratio.half_life))]
            for ratio in found.ratios
            if ratio.scenario == scenario
        ]
        print_table(_RATIOS, ratios, _RATIOS)
        _show_places([row for row in found.places if row.scenario == scenario], found.window)
    if gone:
        print(f"no room for {', '.join(dict.fromkeys(gone))}: effects.csv has them")


def _show_changes(here: list[Effect], found: Findings) -> list[str]:
    """Print the table of one scenario, a row an outcome and adversary; return columns without room."""
    from sim.cli.screen import print_table
    from sim.measures.registry import registry
    from sim.report.numbers import number, signed, span
    from sim.study.effect.outcomes import spread

    sets = any(one.evidence.known for one in here)
    evidence = ["evidence range"] if sets else []
    heads = ["outcome", "baseline", "adversary", "change", "95 % interval", *evidence, "verdict", "unit"]
    table = []
    for measure in dict.fromkeys(effect.measure for effect in here):
        rows = [effect for effect in here if effect.measure == measure]
        low, high = map(signed, spread(rows))
        for i, one in enumerate(rows):
            first = (registry()[measure].label, f"{low} to {high}") if i == 0 else ("", "")
            spans = [span(one.random), *([span(one.evidence)] if sets else [])]
            table.append(
                [first[0], number(one.before), one.adversary, signed(one.change), *spans, one.verdict]
                + [found.unit(measure), first[1]]
            )
    return print_table([*heads, "range over the panel"], table, _LEFT, _SPARE)


def _caveat(here: list[Effect], given: argparse.Namespace) -> str:
    """Return what the intervals and the verdicts of a table rest on."""
    outcomes, panel = ({getattr(one, name) for one in here} for name in ("measure", "adversary"))
    plural = "y" if len(panel) == 1 else "ies"
    sets = (
        f"evidence range: {given.parameter_sets} parameter sets that fit, verdicts must hold there too"
        if given.parameter_sets
        else "no evidence range: --parameter-sets 20 gives one"
    )
    return (
        f"intervals: chance over {given.replications} pairs of runs, each alone with 95 %: of "
        f"{len(outcomes)} outcomes and {len(panel)} adversar{plural} one in twenty may miss; {sets}; "
        f"{len(here)} verdicts, each on its own interval and the margin of its outcome over this window; sim "
        "compare judges by wider intervals that hold all at once"
    )


def _show_places(rows: list[Moved], window: str) -> None:
    from sim.cli.screen import print_table
    from sim.report.numbers import signed, span

    if not rows:
        return
    print(f"where the flow went: pure kg delivered {window}, direct effect and what adaptation adds")
    table = [
        [row.adversary, row.place, signed(row.direct_kg), signed(row.moved_kg), span(row.random)]
        for row in rows
    ]
    print_table(("adversary", "place", "direct", "by adapting", "95 % interval"), table, _LEFT)


def _estimate(one: Estimate) -> str:
    from sim.report.numbers import number

    if not one.known:
        return one.interval.reason
    low, high = number(one.interval.low), number(one.interval.high)
    if np.isfinite([one.value, one.interval.high]).all():
        return f"{number(one.value)} [{low}, {high}]"
    point = number(one.value) if np.isfinite(one.value) else "not in the window"
    return f"{point}, at least {low}" if np.isfinite(one.interval.low) else point


def _source(given: argparse.Namespace, duels: list[Duel]) -> str:
    from sim.store.version import origin

    assumed = max(sum(row.status == "assumed" for row in duel.after.evidence) for duel in duels)
    sets = f" and {given.parameter_sets} further parameter sets" if given.parameter_sets else ""
    queues = "" if all(duel.after.settings.border.model == "queue" for duel in duels) else ", without queues"
    kinds = list(dict.fromkeys(duel.adversary for duel in duels))
    who = f"adversar{'y' if len(kinds) == 1 else 'ies'} {', '.join(kinds)}"
    return (
        f"Simulated: {given.replications} pairs of runs each{sets}{queues}, {who}, against scenario "
        f"{given.baseline} over the same dates; rests on {assumed} assumed values. " + origin(given.seed)
    )
