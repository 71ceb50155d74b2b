"""The mechanistic model: demand with driver response and size of the place, through the exact queue.

With u = entries over what open lanes do at class rate and M the size of the place, lanes work at

    rate = m x class rate x u^s,   and demand over capacity is   K = kappa / m x u^(1 - s) x (M / M0)^beta.

A driver who would wait W joins with probability exp(-W / theta). Let r(t) be the pooled relative delay of
the training crossings, x(t) = ln K + max(ln K, 0.4) (r(t) - 1) and W(t) = theta max(x, 0). If everyone who
comes before t is served by t + W(t), then c(t + W(t)) have joined by t, where c is the cumulated capacity,
and potential arrivals are exp(x) times its increment. Where x < 0 they are exp(x) times capacity.

``weekly_queue`` lets a queue respond.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from sim.core.calendar import HOURS_PER_WEEK
from sim.core.units import MINUTES_PER_HOUR
from sim.study.border_fit.reports import WEEK_DAYS, Floats, Problem

PROFILE_MIN = 0.4
"""Least amplitude of the hour profile in the logarithm of demand."""
JOIN_MIN = 0.2
"""Least share of capacity that joins in an hour: a shrinking queue still finds newcomers."""
SIZE_0 = {"passenger": 8000.0, "commercial": 1000.0, "pedestrian": 8000.0}
SLOW_CLASSES = ("ready",)


@dataclass(frozen=True)
class Parameters:
    """Parameters of one problem.

    Attributes
    ----------
    kappa : float
        Demand over capacity at class rate, for u = 1 and size M0.
    theta_min : float
        Mean patience, min.
    pace : float
        m: rate of a busy lane over the class rate.
    spread : float
        s: exponent of u in the rate.
    size : float
        beta: exponent of the size of the place in demand.
    ready : float
        Demand over capacity in ready lanes over that in standard ones.
    """

    kappa: float
    theta_min: float
    pace: float
    spread: float
    size: float
    ready: float = 1.0

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names in order."""
        return tuple(f.name for f in fields(cls))


def size_of(problem: Problem) -> Floats:
    """Return M / M0 by group: cars within reach; of trucks, the entries of the crossing itself."""
    own = problem.station_per_day if problem.mode == "commercial" else problem.size_cars_per_day
    return own / SIZE_0[problem.mode]


@dataclass(frozen=True)
class Demand:
    """What a week asks for and what its lanes can do, by hour of week from Monday.

    Attributes
    ----------
    per_h, lanes : float64, [G, 168]
        Potential arrivals and mean lanes.
    rate_per_lane_h : float64, [G]
    theta_h : float
    """

    per_h: Floats
    lanes: Floats
    rate_per_lane_h: Floats
    theta_h: float


def demand(problem: Problem, profile: Floats, chosen: Parameters, level: Floats | float = 0.0) -> Demand:
    """Return the demand of a week.

    Parameters
    ----------
    problem : Problem
    profile : float64, [G, 3, 24]
        Relative delay by hour.
    chosen : Parameters
    level : float64, [G], optional
        Added to the logarithm of demand over capacity.
    """
    log_use = np.log(problem.use)
    rate = problem.rate_per_lane_h * chosen.pace * np.exp(chosen.spread * log_use)
    log_k = np.log(chosen.kappa / chosen.pace) + (1.0 - chosen.spread) * log_use
    log_k = log_k + chosen.size * np.log(size_of(problem)) + level
    log_k = log_k + np.isin(problem.lane_class, SLOW_CLASSES) * np.log(chosen.ready)
    relative = by_week(profile) - 1.0
    x = log_k[:, None] + np.maximum(log_k, PROFILE_MIN)[:, None] * relative
    theta_h = chosen.theta_min / MINUTES_PER_HOUR
    lanes = by_week(problem.lanes)
    capacity = lanes * rate[:, None]
    joined = joining(capacity, theta_h * np.maximum(x, 0.0))
    per_h = np.where(lanes > 0.0, np.exp(x) * np.maximum(JOIN_MIN * capacity, joined), 0.0)
    return Demand(per_h, lanes, rate, theta_h)


def by_week(values: Floats) -> Floats:
    """Return values by hour of week, float64[G, 168], of values by day type and hour."""
    return np.ascontiguousarray(values[:, WEEK_DAYS, :].reshape(len(values), HOURS_PER_WEEK))


def joining(capacity: Floats, wait_h: Floats) -> Floats:
    """Return how many join each hour so that waits follow ``wait_h``, float64[G, 168].

    Parameters
    ----------
    capacity : float64, [G, 168]
        Entries per hour; after closing the last lanes stay until the line is served.
    wait_h : float64, [G, 168]
        Wanted wait in the middle of each hour.
    """
    is_open = capacity > 0.0
    opening = is_open & ~np.roll(is_open, 1, axis=1)
    before = np.where(opening, 0.0, (wait_h + np.roll(wait_h, 1, axis=1)) / 2.0)
    able = lasting(capacity)
    after = (wait_h + np.roll(wait_h, -1, axis=1)) / 2.0
    closing = is_open & ~np.roll(is_open, -1, axis=1)
    after = np.where(closing, wait_h, after)
    hours = np.arange(HOURS_PER_WEEK)
    served = np.empty_like(capacity)
    grid = np.arange(2 * HOURS_PER_WEEK + 1)
    for g, row in enumerate(able):
        total = np.concatenate(([0.0], np.cumsum(np.tile(row, 2))))
        served[g] = np.interp(hours + 1.0 + after[g], grid, total) - np.interp(hours + before[g], grid, total)
    return served


def lasting(capacity: Floats) -> Floats:
    """Return capacity with closed hours at that of the last open hour before them."""
    hours = np.arange(capacity.shape[1])
    last = np.maximum.accumulate(np.where(capacity > 0.0, hours, -1), axis=1)
    final = last[:, -1:]
    return np.take_along_axis(capacity, np.where(last < 0, final, last), axis=1)
