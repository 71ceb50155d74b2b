"""Power: after how many months what agencies record would show that levers work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sim.core.errors import ConfigError
from sim.measures.registry import MeasureInfo
from sim.measures.replication import run_replication
from sim.run.ensemble import ensemble
from sim.run.plan import Replications, Simulate
from sim.run.pool import OnProgress, silent
from sim.scenario import MAX_DAYS, Scenario
from sim.stats.detection import change, detected, lasting, power_ends, wilson, without_spread
from sim.stats.intervals import Interval
from sim.study.sizes import pulled, with_sizes

OBSERVED = "observed"
MONTHS_A_YEAR = 12
DAYS_A_MONTH = 365.25 / MONTHS_A_YEAR
LEVEL = 0.05
"""Probability of seeing a change where there is none that the test is built for."""


@dataclass(frozen=True)
class Sight:
    """How well one outcome shows the change, after 1, 2, 3 ... months.

    Parameters
    ----------
    outcome : str
    before, after : float
        Mean of a month before the start, and of a month after it over the whole horizon, with the levers.
    seen : ndarray of bool, shape (replications, months)
        Whether a single world with the levers stands out.
    false_alarms : ndarray of bool, shape (replications, months)
        Whether a single world without them does.
    ends : tuple of ndarray of float64, each of shape (months,)
        Lower and upper ends of the 95 % interval of the power.
    flat : ndarray of bool, shape (months,)
        Whether a world is held against others that are all equal, so that anything is seen.
    """

    outcome: str
    before: float
    after: float
    seen: np.ndarray
    false_alarms: np.ndarray
    ends: tuple[np.ndarray, np.ndarray]
    flat: np.ndarray

    @property
    def power(self) -> np.ndarray:
        """Share of worlds in which the change is seen, shape (months,)."""
        return np.asarray(self.seen.mean(axis=0))

    @property
    def alarms(self) -> Interval:
        """95 % interval of the share of false alarms over all months.

        Wilson on worlds: the months of one world go together, so they count as one try.
        """
        return wilson(float(self.false_alarms.mean()) * len(self.false_alarms), len(self.false_alarms))

    @property
    def doubt(self) -> str:
        """Why the power of this record says little, in words; empty where it does say something."""
        if self.flat.any():
            last = int(np.flatnonzero(self.flat)[-1]) + 1
            return (
                f"up to month {last} worlds without the levers are equal but for one or none, so that any "
                "difference counts as seen"
            )
        if not self.alarms.low <= LEVEL <= self.alarms.high:
            side = "more" if self.alarms.low > LEVEL else "fewer"
            return (
                f"clearly {side} false alarms than the {LEVEL:.0%} that the test is built for, so that its "
                "power is not that of such a test"
            )
        return ""

    def months(self, wanted: float) -> tuple[float, float, float]:
        """Return the months after which the power stays at ``wanted``, the fewest and the most it may be.

        Infinite where it does not within the horizon.
        """
        low, high = self.ends
        horizon = self.seen.shape[1]
        found = [lasting(share, wanted) for share in (self.power, high, low)]
        needed, fewest, most = (float(i + 1) if i < horizon else np.inf for i in found)
        return needed, fewest, most


def check_outcomes(outcomes: Sequence[str], known: dict[str, MeasureInfo]) -> None:
    """Raise ``ConfigError`` for an outcome that nobody records, or that does not add up over months."""
    for name in outcomes:
        if known[name].layer != OBSERVED:
            raise ConfigError(f"--outcomes: {name} is latent, nobody records it; choose an observed one")
        if known[name].over_months != "sum":
            raise ConfigError(f"--outcomes: {name} is a {known[name].over_months}; choose a monthly sum")


def month_after(start: date, months: int) -> date:
    """Return the first day of a month so many months later."""
    year, month = divmod(start.year * MONTHS_A_YEAR + start.month - 1 + months, MONTHS_A_YEAR)
    return date(year, month + 1, 1)


def starts_later(scenario: Scenario, before: int, after: int) -> list[str]:
    """Return the overrides that start the levers of a scenario after some months, and end the run later.

    Raises
    ------
    ConfigError
        The scenario pulls no lever, one with dates or a trigger, does not start with a month, or is too long.
    """
    start = scenario.calendar.start
    sizes = pulled(scenario)
    if not sizes:
        raise ConfigError(f"study power: scenario {scenario.name} pulls no lever, so nothing starts in it")
    for name in sizes:
        lever = scenario.settings.levers[name]
        if lever.time_limited or lever.start or lever.end or lever.trigger:
            raise ConfigError(
                f"study power: levers.{name} has dates or a trigger of its own; levers that stay are started"
            )
    if start.day != 1:
        raise ConfigError(f"calendar.start: {start} is not the first of a month, which power counts in")
    switch, end = month_after(start, before), month_after(start, before + after)
    if (end - start).days > MAX_DAYS:
        raise ConfigError(
            f"study power: --before {before} and --months {after} are {(end - start).days} days together; "
            f"a run has at most {MAX_DAYS}, {int(MAX_DAYS / DAYS_A_MONTH)} months"
        )
    return [f"calendar.days={(end - start).days}", *(f"levers.{name}.start='{switch}'" for name in sizes)]


def power(
    scenario: Scenario,
    outcomes: Sequence[str],
    before: int,
    replications: Replications,
    on_progress: OnProgress = silent,
    simulate: Simulate = run_replication,
) -> list[Sight]:
    """Simulate a scenario whose levers start after ``before`` months, and the same without them.

    Raises
    ------
    ConfigError
        An outcome is not reported.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    pair = [with_sizes(scenario, {}), scenario]
    without, with_ = ensemble(pair, replications, on_progress, simulate).monthly(outcomes)
    found = []
    for k, name in enumerate(outcomes):
        null, changed = change(without[:, k], before), change(with_[:, k], before)
        means = with_[:, k, :before].mean(), with_[:, k, before:].mean()
        seen, alarms = detected(changed, null, LEVEL), detected(null, null, LEVEL)
        ends, flat = power_ends(changed, null), without_spread(null)
        found.append(Sight(name, float(means[0]), float(means[1]), seen, alarms, ends, flat))
    return found
