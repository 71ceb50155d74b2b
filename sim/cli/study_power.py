"""``sim study power SCENARIO``: how many months of records are needed to see that levers work."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.cli import study_words as words
from sim.cli.errors import OneLineParser, finite
from sim.cli.study_options import add_options, add_results, check_least, replications_of
from sim.cli.study_output import add_out, write
from sim.core.errors import ConfigError

if TYPE_CHECKING:
    from sim.report.standalone_page import Figure
    from sim.scenario import Scenario
    from sim.study.power import Sight

_OUTCOMES = (
    "seizure_events,seized_gross_lb,precursor_stopped_kg,cash_seized_usd,firearms_seized,leads,cases_closed"
)

_MARK = " *"
"""Stands beside a record whose power says little."""


def add_power(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add the study to the parser of ``sim study``."""
    parser = parsers.add_parser(
        "power",
        help="months of records needed to see that levers work",
        description="Start the levers of a scenario after some months of one world, and ask after how many "
        "more what agencies record would show it: a test at 5 % of before against after, in a single world, "
        "against what such records vary by chance. Without queues unless border.model=queue is given.",
    )
    parser.add_argument("words", nargs="+", metavar="SCENARIO | key=value", help="scenario, and changes")
    parser.add_argument("--outcomes", default=_OUTCOMES, help=f"observed measures ({_OUTCOMES})")
    parser.add_argument("--before", type=int, default=12, help="months before the levers start (12)")
    parser.add_argument("--months", type=int, default=36, help="months after, at most (36)")
    parser.add_argument("--power", type=finite, default=0.8, help="probability of seeing the change (.8)")
    add_options(parser, 40, "worlds, with the levers and without")
    add_results(parser)
    add_out(parser, "power")
    parser.set_defaults(work=_power)


def _power(given: argparse.Namespace) -> int:
    from sim.cli.screen import Screen
    from sim.study.power import power

    check_least(given, "power", replications=3, before=1, months=1)
    words.check_share(given.power, "--power")
    outcomes = _outcomes(given.outcomes)
    scenario = _scenario(given)
    replications = replications_of(given)
    with Screen("power") as screen:
        found = screen.interruptible(
            lambda: power(scenario, outcomes, given.before, replications, screen.progress)
        )
    _show(found, given)
    line = words.source(
        f"{given.replications} worlds with the levers of {scenario.name} and as many without, "
        f"{given.before} months before the start", [scenario], given.seed,
    )  # fmt: skip
    print(line)
    figures = _figures(found, given, line)
    rows = [row for sight in found for row in _rows(sight)]
    write(given, {"power": rows}, figures, [scenario])
    return 0


def _outcomes(text: str) -> list[str]:
    from sim.measures.registry import registry
    from sim.study.power import check_outcomes

    names = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise ConfigError("--outcomes: name at least one, such as seizure_events")
    for name in names:
        words.measure(name, "--outcomes")
    check_outcomes(names, registry())
    return names


def _scenario(given: argparse.Namespace) -> Scenario:
    from sim.cli.run import scenario_of
    from sim.study.power import starts_later

    names, overrides = words.split(given.words)
    if len(names) != 1:
        raise ConfigError(f"study power: name one scenario, such as hsi_strategy (got {len(names)})")
    for key in ("scenario", "calendar.days"):
        if any(override.startswith(f"{key}=") for override in overrides):
            own = "the scenario named" if key == "scenario" else "--before and --months"
            raise ConfigError(f"study power: {key} is set by {own}")
    composed = ["border.model=instant", *overrides, f"scenario={names[0]}"]
    if any(override.startswith("border.model=") for override in overrides):
        composed = composed[1:]
    later = starts_later(scenario_of(composed), given.before, given.months)
    made: Scenario = scenario_of([*composed, *later])
    return made


def _show(found: list[Sight], given: argparse.Namespace) -> None:
    from sim.measures.registry import registry
    from sim.report.numbers import compact

    known = registry()
    made = words.table(
        ("record", "left"), ("a month before", "right"), ("after", "right"), ("unit", "left"),
        ("months needed", "right"), ("range", "left"), (f"power after {given.months}", "right"),
        ("95 % interval", "left"), ("false alarms", "right"), ("95 % interval", "left"),
    )  # fmt: skip
    for sight in found:
        months, fewest, most = sight.months(given.power)
        low, high = sight.ends
        info = known[sight.outcome]
        made.add_row(
            f"{info.label}{_MARK * bool(sight.doubt)}", compact(sight.before), compact(sight.after),
            info.unit, _months(months, given),
            f"[{_months(fewest, given)}, {_months(most, given)}]", f"{sight.power[-1]:.0%}",
            f"[{low[-1]:.0%}, {high[-1]:.0%}]", f"{sight.false_alarms.mean():.1%}",
            f"[{sight.alarms.low:.1%}, {sight.alarms.high:.1%}]",
        )  # fmt: skip
    words.show(made)
    for sight in found:
        print(_sentence(sight, given))
    for doubt in _doubts(found):
        print(doubt)
    if few := _too_few(given):
        print(few)


def _sentence(sight: Sight, given: argparse.Namespace) -> str:
    from sim.measures.registry import registry

    label = registry()[sight.outcome].label.lower()
    months, fewest, most = sight.months(given.power)
    if not np.isfinite(months):
        text = f"With {label} alone the change is not seen with {given.power:.0%} power"
        text += f" within {given.months} months"
        return text + (f" (it may be from month {fewest:.0f} on)." if np.isfinite(fewest) else ".")
    last = f"{most:.0f}" if np.isfinite(most) else f"more than {given.months}"
    return (
        f"With {label} alone {months:.0f} month{'s are' if months > 1 else ' is'} needed to see the change "
        f"with {given.power:.0%} power ({fewest:.0f} to {last})."
    )


def _doubts(found: list[Sight]) -> list[str]:
    """Return a line for each reason why the power of some records says little."""
    from sim.measures.registry import registry

    labels: dict[str, list[str]] = {}
    for sight in found:
        if sight.doubt:
            labels.setdefault(sight.doubt, []).append(registry()[sight.outcome].label.lower())
    return [f"{_MARK.strip()} {' and '.join(names)}: {doubt}." for doubt, names in labels.items()]


def _months(value: float, given: argparse.Namespace) -> str:
    return f"{value:.0f}" if np.isfinite(value) else f"> {given.months}"


def _too_few(given: argparse.Namespace) -> str:
    """Return a line for replications of which even all together cannot prove the power, else nothing."""
    from sim.stats.detection import wilson

    least = wilson(given.replications, given.replications).low
    if least >= given.power:
        return ""
    return (
        f"{given.replications} replications cannot prove a power of {given.power:.0%}: even if every world "
        f"shows the change, it may be {least:.0%}; give more --replications."
    )


def _figures(found: list[Sight], given: argparse.Namespace, line: str) -> list[Figure]:
    from sim.measures.registry import registry
    from sim.plots.power import months_needed, power_curves

    known = registry()
    order = sorted(found, key=lambda sight: (bool(sight.doubt), sight.months(given.power)[0]))
    needed = [sight.months(given.power) for sight in order]
    labels = [f"{known[sight.outcome].label}{_MARK * bool(sight.doubt)}" for sight in order]
    rows = {
        "label": np.array(labels),
        **{name: np.array([one[i] for one in needed]) for i, name in enumerate(("months", "fewest", "most"))},
    }
    first = order[0]
    title = _sentence(first, given).rstrip(".")
    curves = {label: np.array([sight.power, *sight.ends]) for label, sight in zip(labels, order, strict=True)}
    line = " ".join([*_doubts(found), line])
    alarms = float(np.mean([sight.false_alarms.mean() for sight in found]))
    return [
        months_needed(rows, given.months, given.power, title, line),
        power_curves(curves, alarms, given.power, line),
    ]


def _rows(sight: Sight) -> list[dict[str, Any]]:
    low, high = sight.ends
    return [
        {
            "measure": sight.outcome, "months": i + 1, "power": sight.power[i], "low": low[i],
            "high": high[i], "false_alarms": sight.false_alarms[:, i].mean(), "doubt": sight.doubt,
        }
        for i in range(len(low))
    ]  # fmt: skip
