"""What studies of decisions read from the command line alike, and the lines that they print alike."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console, JustifyMethod
from rich.table import Table

from sim.core.errors import ConfigError, unknown

if TYPE_CHECKING:
    from sim.measures.registry import MeasureInfo
    from sim.scenario import Scenario

_WIDTH = 200
DELIVERED = "delivered_pure_kg"


def add_outcome(parser: argparse.ArgumentParser) -> None:
    """Add ``--outcome`` and ``--best``."""
    parser.add_argument("--outcome", default=DELIVERED, help=f"measure that decides ({DELIVERED})")
    parser.add_argument(
        "--best", choices=("least", "most"), help="of it (the good side by conf/measures.yaml)"
    )


def least(given: argparse.Namespace, info: MeasureInfo, study: str) -> bool:
    """Return whether the smallest is the best; raise ``ConfigError`` where nothing says which side is."""
    if given.best is None and info.good is None:
        raise ConfigError(
            f"study {study}: conf/measures.yaml names no good side of {given.outcome}; give --best least or "
            "--best most"
        )
    return bool((given.best or info.good) in ("least", "less"))


def split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return names, each once, and overrides."""
    names = [word for word in words if "=" not in word]
    return list(dict.fromkeys(names)), [word for word in words if "=" in word]


def measure(name: str, option: str = "--outcome") -> MeasureInfo:
    """Return a declared outcome; raise ``ConfigError`` for a name that is none."""
    from sim.measures.registry import registry

    known = registry()
    if name not in known:
        raise unknown("outcome", name, option, known)
    return known[name]


def unit_of(info: MeasureInfo, scenario: Scenario) -> str:
    """Return the unit of an outcome with the time that it is counted over."""
    return f"{info.unit} {window_of(scenario)}" if info.over_months == "sum" else info.unit


def window_of(scenario: Scenario) -> str:
    """Return what outcomes that add up are counted over: a year, or the window when that is shorter."""
    from sim.report.yearly import DAYS_A_YEAR

    days = scenario.settings.calendar.days
    return "a year" if days >= DAYS_A_YEAR else f"in {days} days"


def margin_of(info: MeasureInfo, scenario: Scenario) -> float:
    """Return the declared margin of an outcome, in proportion where less than a year is counted."""
    from sim.report import yearly as outcomes

    return outcomes.margin_of(info, scenario.settings.calendar.days)


def check_share(value: float, option: str, above: float = 0.0) -> None:
    """Raise ``ConfigError`` unless a share lies between a bound and one, both left out."""
    if not above < value < 1.0:
        raise ConfigError(f"{option}: {value:g} must lie between {above:g} and 1, both left out")


def table(*columns: tuple[str, JustifyMethod]) -> Table:
    """Return an empty table of the terminal."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for name, justify in columns:
        made.add_column(name, justify=justify, no_wrap=True)
    return made


def show(made: Table) -> None:
    """Print a table whole, whatever the width of the terminal."""
    Console(highlight=False, width=_WIDTH).print(made)


def source(how: str, scenarios: Sequence[Scenario], seed: int) -> str:
    """Return the line below a figure: how it was simulated, against whom, on how many assumptions."""
    from sim.store.version import origin

    settings = scenarios[0].settings
    queues = "" if settings.border.model == "queue" else ", without queues"
    assumed = max(sum(row.status == "assumed" for row in one.evidence) for one in scenarios)
    return (
        f"Simulated: {how}{queues}, adversary {settings.adversary.kind}, "
        f"{settings.calendar.days} days from {settings.calendar.start}; rests on {assumed} assumed values. "
        + origin(seed)
    )
