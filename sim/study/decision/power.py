"""Power: after how many months what agencies record would show that levers work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sim.core.errors import ConfigError
from sim.measures.registry import MeasureInfo
from sim.measures.replication import run_replication
from sim.run.engine import OnProgress, silent
from sim.run.tasks import Simulate
from sim.scenario import Scenario
from sim.stats.detection import change, detected, lasting, wilson
from sim.study.batch import Batch, simulated_months
from sim.study.decision.sizes import pulled, with_sizes

OBSERVED = "observed"
MONTHS_A_YEAR = 12


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
    """

    outcome: str
    before: float
    after: float
    seen: np.ndarray
    false_alarms: np.ndarray

    @property
    def power(self) -> np.ndarray:
        """Share of worlds in which the change is seen, shape (months,)."""
        return np.asarray(self.seen.mean(axis=0))

    @property
    def ends(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper ends of the 95 % interval of the power (Wilson), each of shape (months,)."""
        found = [wilson(int(hits), len(self.seen)) for hits in self.seen.sum(axis=0)]
        return np.array([one.low for one in found]), np.array([one.high for one in found])

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
        The scenario pulls no lever, one with dates or a trigger, or does not start with a month.
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
    return [f"calendar.days={(end - start).days}", *(f"levers.{name}.start='{switch}'" for name in sizes)]


def power(
    scenario: Scenario,
    outcomes: Sequence[str],
    before: int,
    batch: Batch,
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
    without, with_ = simulated_months(pair, outcomes, batch, on_progress, simulate)
    found = []
    for k, name in enumerate(outcomes):
        null, changed = change(without[:, k], before), change(with_[:, k], before)
        means = with_[:, k, :before].mean(), with_[:, k, before:].mean()
        found.append(
            Sight(name, float(means[0]), float(means[1]), detected(changed, null), detected(null, null))
        )
    return found
