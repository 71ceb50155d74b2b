"""Queues that answer a week of demand: the exact one, and a fluid one for comparison.

Lanes are whole numbers that differ by day, demand varies by day, service is Erlang. Those in line at
closing are served by the lanes that were open last. What the general lanes of a crossing are asked for goes
to those that are open, so that a ready lane that is shut on some nights keeps nobody waiting for morning.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.border.network import BorderQueue, HourInput, QueueSettings
from sim.core.calendar import HOURS_PER_DAY, HOURS_PER_WEEK
from sim.core.draws import Draws, entity_id
from sim.core.units import MINUTES_PER_HOUR
from sim.study.border_fit.reports import DAYS, WEEK_DAYS, Floats, Problem
from sim.study.border_fit.response import Demand, by_week, lasting

DEMAND_SD = 0.1
"""Day-to-day standard deviation of the logarithm of demand."""
SHAPE = 4
"""Erlang shape of the service."""
BUSY = 1e-9
FIGURES = 9
"""Decimals kept in sums of lanes: more are rounding noise."""
WARM_DAYS = 1
DAYS_A_WEEK = 7


@dataclass(frozen=True)
class QueueResponse:
    """How a queue responds to a week of demand.

    Attributes
    ----------
    wait_min : float64, [G, 3, 24]
    entries_per_day : float64, [G]
        Those who joined.
    """

    wait_min: Floats
    entries_per_day: Floats


@dataclass
class WeeklyQueue:
    """Draws of some simulated weeks of a problem: lanes by day, demand by day; made once, used often.

    Parameters
    ----------
    problem : Problem
    draws : Draws
    weeks : int
        Counted weeks, after one day to fill the lines.
    """

    problem: Problem
    draws: Draws
    weeks: int
    _whole: NDArray[np.int32] = field(init=False)
    _factor: Floats = field(init=False)
    _same: Floats = field(init=False)
    _own: NDArray[np.uint64] = field(init=False)

    def __post_init__(self) -> None:
        from scipy.special import ndtri

        own = [entity_id(0, f"fit {self.problem.mode} {c}", 0) for c in self.problem.crossing.tolist()]
        classes = self.problem.lane_class.tolist()
        self._own = np.array([entity_id(c, k, 0) for c, k in zip(own, classes, strict=True)], dtype=np.uint64)
        days = np.arange(WARM_DAYS + DAYS_A_WEEK * self.weeks, dtype=np.uint64)
        entity = np.array(own, dtype=np.uint64)[:, None]
        normal = ndtri(self.draws.uniforms("fit_demand", entity, days[None, :]))
        self._factor = np.exp(DEMAND_SD * normal - DEMAND_SD**2 / 2.0)
        self._factor /= self._factor[:, WARM_DAYS:].mean(axis=1, keepdims=True)
        u = np.repeat(self.draws.uniforms("fit_lanes", entity, days[None, :]), HOURS_PER_DAY, axis=1)
        self._same = (self.problem.crossing[:, None] == self.problem.crossing[None, :]).astype(float)
        mean = self._hours(by_week(self.problem.lanes))
        before = np.tril(self._same, -1)
        lower = before @ mean
        self._whole = (
            np.floor(np.round(lower + mean, FIGURES) + u) - np.floor(np.round(lower, FIGURES) + u)
        ).astype(np.int32)

    def _hours(self, week: Floats) -> Floats:
        """Return values by simulated hour; the day before the first Monday is a Sunday."""
        return np.concatenate((week[:, -WARM_DAYS * HOURS_PER_DAY :], np.tile(week, self.weeks)), axis=1)

    def respond(self, wanted: Demand, compiled: bool | None = None) -> QueueResponse:
        """Return the waits of the exact queue."""
        whole, groups = self._whole, len(self.problem.crossing)
        ability = whole * wanted.rate_per_lane_h[:, None]
        total = self._same @ (self._hours(wanted.per_h) * np.repeat(self._factor, HOURS_PER_DAY, axis=1))
        # One lane that opens on some days finds the demand of all of them.
        mean = self._same @ self._hours(wanted.lanes)
        total = total / np.where(mean > 0.0, np.minimum(mean, 1.0), 1.0)
        pull = ability * np.exp(self._relative(wanted))
        shared = self._same @ pull
        rate = np.divide(total * pull, shared, out=np.zeros_like(total), where=shared > 0.0)
        queue = BorderQueue(self._settings(wanted, whole), self.draws, compiled)
        service_h, nobody, one = 1.0 / wanted.rate_per_lane_h, np.zeros(groups), np.ones(groups)
        bays, last = np.ones(groups, dtype=np.int32), np.zeros(groups, dtype=np.int32)
        columns, lanes = np.ascontiguousarray(rate.T), np.ascontiguousarray(whole.T)
        for hour in range(whole.shape[1]):
            now = lanes[hour]
            # Those in line at closing are served by the lanes that were open last.
            now = np.where((now == 0) & (queue.queue > 0), last, now).astype(np.int32)
            queue.advance(hour, HourInput(columns[hour], service_h, now, nobody, one, bays))
            last = now
        week = queue.totals().week
        trips, wait_h = self._types(week["trips"].astype(float)), self._types(week["wait_h"])
        wait = np.divide(wait_h, trips, out=np.zeros_like(wait_h), where=trips > 0.0) * MINUTES_PER_HOUR
        return QueueResponse(wait, trips.sum(axis=(1, 2)) / (DAYS_A_WEEK * self.weeks))

    @staticmethod
    def _relative(wanted: Demand) -> Floats:
        """Return the logarithm of wanted demand over capacity in the mean week, [G, 1]."""
        above = wanted.per_h.sum(axis=1)
        below = (wanted.lanes * wanted.rate_per_lane_h[:, None]).sum(axis=1)
        return np.log(np.maximum(above, BUSY) / below)[:, None]

    @staticmethod
    def _types(week: Floats) -> Floats:
        """Add up values by hour of week over the days of each type, float64[G, 3, 24]."""
        days = week.reshape(len(week), DAYS_A_WEEK, HOURS_PER_DAY)
        return np.stack([days[:, day == WEEK_DAYS].sum(axis=1) for day in range(len(DAYS))], axis=1)

    def _settings(self, wanted: Demand, whole: NDArray[np.int32]) -> QueueSettings:
        groups, hours = whole.shape
        counted = np.arange(hours) >= WARM_DAYS * HOURS_PER_DAY
        one = np.ones(groups, dtype=np.int32)
        return QueueSettings(
            secondary_of=np.arange(groups, dtype=np.int32),
            lanes_max=whole.max(axis=1, initial=1).astype(np.int32),
            service_shape=one * SHAPE,
            patience_h=np.full(groups, wanted.theta_h),
            bays_max=one,
            secondary_shape=one,
            hour_of_week=(np.arange(hours) - WARM_DAYS * HOURS_PER_DAY) % HOURS_PER_WEEK,
            month_of_hour=np.where(counted, 0, -1),
            n_months=1,
            entity=self._own,
        )


def fluid(wanted: Demand, steps: int = 4) -> QueueResponse:
    """Return the waits of a fluid queue on the same demand and mean lanes.

    Parameters
    ----------
    wanted : Demand
        An infinite ``theta_h`` means that nobody reneges.
    steps : int
        Steps an hour.
    """
    capacity = wanted.lanes * wanted.rate_per_lane_h[:, None]
    able = lasting(capacity)
    line = np.zeros(len(capacity))
    wait, joined = np.zeros_like(capacity), np.zeros_like(capacity)
    for _lap in range(2):
        for hour in range(HOURS_PER_WEEK):
            wait[:, hour], joined[:, hour] = 0.0, 0.0
            for _ in range(steps):
                now = line / able[:, hour]
                come = wanted.per_h[:, hour] * np.exp(-now / wanted.theta_h) / steps
                line = np.maximum(0.0, line + come - able[:, hour] / steps)
                wait[:, hour] += now / steps
                joined[:, hour] += come
    return QueueResponse(WeeklyQueue._types(wait) / DAYS * MINUTES_PER_HOUR, joined.sum(axis=1) / DAYS_A_WEEK)
