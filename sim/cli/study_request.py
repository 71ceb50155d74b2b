"""Options that studies of the space of ranges share, and the question that they ask."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console, JustifyMethod
from rich.table import Table

from sim.cli.study_options import add_options, add_results
from sim.cli.study_output import add_out
from sim.core.errors import ConfigError, unknown

if TYPE_CHECKING:
    from sim.study.responses import Question
    from sim.study.space import Space

_WIDTH = 200


def add_asked(parser: argparse.ArgumentParser, name: str, replications: int, effect: str | None) -> None:
    """Add options of question, space and folder; ``effect`` is the option that names a scenario."""
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="changes, as in sim run")
    if effect:
        text = "ask what this scenario changes against the baseline, instead of the level"
        parser.add_argument(effect, dest="effect", metavar="SCENARIO", help=text)
    parser.add_argument("--baseline", default="baseline", help="scenario to compare with (baseline)")
    parser.add_argument("--over", default="", metavar="PREFIX,...", help="numbers varied (all assumed ones)")
    parser.add_argument("--without", default="", metavar="PREFIX,...", help="numbers held")
    add_options(parser, replications, "years of each point")
    add_results(parser)
    add_out(parser, name)


def question_of(given: argparse.Namespace, outcomes: str, study: str) -> Question:
    """Return the question of the command line: a level, or the change that a scenario makes."""
    from sim.cli.run import scenario_of
    from sim.measures.registry import registry
    from sim.study.responses import Question

    names = tuple(dict.fromkeys(name.strip() for name in outcomes.split(",") if name.strip()))
    for name in names:
        if name not in registry():
            raise unknown("outcome", name, f"study {study}: --outcomes", registry())
    if not names:
        raise ConfigError(f"study {study}: --outcomes names no outcome")
    if not given.effect:
        return Question(scenario_of(given.overrides), None, names)
    if any(word.startswith("scenario=") for word in given.overrides):
        raise ConfigError(f"study {study}: the scenario is {given.effect}; leave scenario=... away")
    after = scenario_of([f"scenario={given.effect}", *given.overrides])
    dates = after.settings.calendar
    same = [
        f"calendar.start='{dates.start}'", f"calendar.days={dates.days}",
        f"calendar.warmup_days={dates.warmup_days}",
    ]  # fmt: skip
    before = scenario_of([f"scenario={given.baseline}", *given.overrides, *same])
    if after.canonical_json() == before.canonical_json():
        raise ConfigError(
            f"study {study}: {given.effect} and {given.baseline} are the same, so nothing changes between "
            "them; name a scenario that pulls a lever"
        )
    return Question(after, before, names)


def tell_left_out(out: dict[str, str]) -> None:
    """Print the numbers that are left out, with the reason."""
    for path, reason in out.items():
        print(f"left out: {path}: {reason.removeprefix(f'{path}: ')}")


def source_of(given: argparse.Namespace, question: Question, space: Space, points: str) -> str:
    """Return the last sentences of a figure's footer."""
    from sim.store.version import origin

    asked = question.after
    assumed = sum(row.status == "assumed" for row in asked.evidence)
    compared = "" if question.before is None else f" against {question.before.name} on the same draws"
    queues = "" if asked.settings.border.model == "queue" else ", without queues"
    years = f"{given.replications} replication{'' if given.replications == 1 else 's'} each"
    return (
        f"Simulated: {points}, {years}{queues}; scenario "
        f"{asked.name}{compared}, adversary {asked.settings.adversary.kind}, {asked.calendar.days} days; "
        f"{len(space.rows)} numbers varied, rests on {assumed} assumed values. " + origin(given.seed)
    )


def show(title: str, columns: Sequence[tuple[str, JustifyMethod]], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table under its title."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, justify in columns:
        table.add_column(name, justify=justify, no_wrap=True)
    for row in rows:
        table.add_row(*map(str, row))
    print(title)
    Console(highlight=False, width=_WIDTH).print(table)
