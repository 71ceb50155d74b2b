"""Outcomes by day, from the first hour on: what the start of a run leaves behind.

Days are sums over the whole border and all routes; they are averaged over replications before anybody
sees them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from sim.core.calendar import Calendar
from sim.core.errors import ConfigError
from sim.core.settings import validated
from sim.measures.registry import registry
from sim.measures.replication import measure_outcome
from sim.run.plan import Replications
from sim.run.pool import OnProgress, map_jobs, silent
from sim.scenario import Scenario, ScenarioSettings
from sim.stats.warmup import Truncation, deseasonalised, mser
from sim.world import simulate

DAYS_A_WEEK, DAYS_A_YEAR = 7, 365


class Daily(Calendar):
    """A calendar whose measures are summed by day instead of by month."""

    @cached_property
    def month_names(self) -> tuple[str, ...]:
        """Days of the window, in order."""
        return tuple(day.isoformat() for day in self._dates[self.warmup_days :])

    @cached_property
    def month_of_day(self) -> np.ndarray:
        """Index into ``month_names`` a day, int32; -1 in the warm-up."""
        return np.maximum(np.arange(self.total_days) - self.warmup_days, -1).astype(np.int32)


class DailyScenario(Scenario):
    """A scenario that is measured by day."""

    @property
    def calendar(self) -> Calendar:
        """Dates of the run."""
        own = super().calendar
        return Daily(own.start, own.days, own.warmup_days)


@dataclass(frozen=True)
class Start:
    """What the start leaves behind in one outcome.

    Parameters
    ----------
    outcome : str
    mean : ndarray of float64, shape (days,)
        Mean over replications, seasons taken out.
    cut : Truncation
        Where MSER-5 sees its end, in days.
    """

    outcome: str
    mean: np.ndarray
    cut: Truncation


def from_the_start(scenario: Scenario, days: int) -> DailyScenario:
    """Return a scenario without warm-up, measured by day."""
    values = {
        **scenario.values,
        "calendar": {**scenario.values["calendar"], "days": days, "warmup_days": 0},
    }
    return DailyScenario(validated(ScenarioSettings, values, ""), values, scenario.evidence)


def by_day(scenario: DailyScenario, outcomes: Sequence[str], seed: int, replication: int) -> np.ndarray:
    """Return outcomes of one replication, float64 of shape (outcomes, days).

    Raises
    ------
    ConfigError
        The run does not report an outcome.
    """
    rows = measure_outcome(simulate(scenario, seed, replication), scenario)
    found = []
    for outcome in outcomes:
        names = registry()[outcome].of or (outcome,)
        if any((name, "all") not in rows for name in names):
            raise ConfigError(
                f"outcome {outcome}: this run does not report it (no waits without queues; against "
                "worst_case nothing but what is delivered)"
            )
        series = [rows[name, "all"] for name in names]
        if len(series) == 2:
            shape = np.zeros_like(series[0])
            series = [np.divide(series[0], series[1], out=shape, where=series[1] > 0)]
        found.append(series[0])
    return np.array(found)


def daily(
    scenario: DailyScenario,
    outcomes: Sequence[str],
    replications: Replications,
    on_progress: OnProgress = silent,
) -> np.ndarray:
    """Return outcomes by day, float64 of shape (replications, outcomes, days).

    Errors are those of ``by_day`` and of ``map_jobs``.
    """
    work = partial(by_day, scenario, tuple(outcomes), replications.seed)
    numbers, processes = replications.numbers, replications.processes
    return np.array(map_jobs(work, numbers, processes, on_progress, "study warmup: replication"))


def starts(scenario: DailyScenario, outcomes: Sequence[str], values: np.ndarray) -> list[Start]:
    """Return what the start leaves behind in each outcome.

    Weekdays are taken out as they stand in the second half. Months too when that holds two years: one year
    would pass its chances for seasons.

    Parameters
    ----------
    values : ndarray of float64, shape (replications, outcomes, days)
        Of ``daily``; days without a value (a price between two readings) take the last one.
    """
    calendar, days = scenario.calendar, values.shape[2]
    reference = np.arange(days) >= days // 2
    first = calendar.first_day.weekday()
    kinds = [(np.arange(days) + first) % DAYS_A_WEEK]
    if _seasons_known(days):
        kinds.append(calendar.calendar_month_of_day.astype(np.int64))
    found = []
    for k, outcome in enumerate(outcomes):
        mean = _filled(values[:, k].mean(axis=0))
        series = deseasonalised(mean, np.array(kinds), reference)
        found.append(Start(outcome, series, mser(series)))
    return found


def taken_out(days: int) -> str:
    """Return in words what ``starts`` takes out of so many days."""
    return "weekdays and seasons" if _seasons_known(days) else "weekdays (not seasons)"


def _seasons_known(days: int) -> bool:
    return days - days // 2 >= 2 * DAYS_A_YEAR


def _filled(series: np.ndarray) -> np.ndarray:
    """Return a series whose gaps hold the last value before them, or the first one after."""
    known = np.flatnonzero(np.isfinite(series))
    if not len(known):
        return np.zeros_like(series)
    last = np.maximum.accumulate(np.where(np.isfinite(series), np.arange(len(series)), -1))
    return np.asarray(series[np.where(last < 0, known[0], last)])
