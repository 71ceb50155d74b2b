"""How far hours go in one use: lanes by work, lanes by need, the same share of everyone.

Each function fills up to a level that is found by bisection (or in closed form) and never beyond the
room that it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.core.calendar import HOURS_PER_DAY

BISECTIONS = 60
CLOSE = 1e-9
HIGHEST_LEVEL = 1e9


@dataclass(frozen=True)
class Roster:
    """How many hours lanes take.

    Parameters
    ----------
    day_weight : ndarray of float64, shape (3,)
        Share of days by day type.
    shift_h : int
        Hours for which officers stay at a crossing and mode, in blocks from midnight on; 1 lets them
        come and go by the hour.
    """

    day_weight: np.ndarray
    shift_h: int

    def hours(self, lanes: np.ndarray) -> float:
        """Return hours a day of those who open lanes, float64[station, day type, hour]: whole shifts."""
        if self.shift_h == 1:
            return float(np.einsum("sdh,d->", lanes, self.day_weight))
        blocks = lanes.reshape(*lanes.shape[:2], HOURS_PER_DAY // self.shift_h, self.shift_h)
        return self.shift_h * float(np.einsum("sdb,d->", blocks.max(axis=3), self.day_weight))


def fill_by_work(lane_h: float, room: np.ndarray, work: np.ndarray, roster: Roster) -> np.ndarray:
    """Return lanes in proportion to work, each station and hour up to its room.

    Parameters
    ----------
    lane_h : float
        Hours a day to place, in lanes as the roster counts them.
    room, work : ndarray of float64, shape (stations, 3, 24)
        Lanes that can still be opened, and lane-hours of service that arrive in the hour.
    roster : Roster
        What a lane costs in hours.

    Returns
    -------
    ndarray of float64, shape (stations, 3, 24)
        Mean lanes that are opened.
    """
    target = min(lane_h, roster.hours(room * (work > 0)))
    if target <= 0:
        return np.zeros_like(room)

    def filled(level: float) -> np.ndarray:
        return np.minimum(room, level * work)

    low, high = 0.0, 1.0
    while roster.hours(filled(high)) < target * (1 - CLOSE) and high < HIGHEST_LEVEL:
        high *= 2.0
    return filled(_bisect(filled, target, (low, high), roster))


def fill_by_need(
    lane_h: float,
    room: np.ndarray,
    demand: np.ndarray,
    lanes: np.ndarray,
    upto: float,
    roster: Roster,
) -> np.ndarray:
    """Return lanes that raise the smallest reserves first, until all hours have the same or ``upto``.

    The reserve of a station and hour is ``(lanes - demand) / sqrt(demand)``: with equal reserves the
    chance to wait is about equal (square-root staffing; Halfin and Whitt 1981, Operations Research 29).

    Parameters
    ----------
    lane_h : float
        Hours a day to place, in lanes as the roster counts them.
    room, demand, lanes : ndarray of float64, shape (stations, 3, 24)
        Lanes that can still be opened, lane-hours of service asked for, lanes that are open.
    upto : float
        Reserve that is enough.
    roster : Roster
        What a lane costs in hours.

    Returns
    -------
    ndarray of float64, shape (stations, 3, 24)
        Mean lanes that are opened.
    """
    busy = (demand > 0) & (room > 0)
    if not busy.any() or lane_h <= 0:
        return np.zeros_like(room)
    root = np.sqrt(demand)
    limit = np.where(busy, room, 0.0)

    def filled(reserve: float) -> np.ndarray:
        return np.clip(np.where(busy, demand + reserve * root - lanes, 0.0), 0.0, limit)

    if roster.hours(filled(upto)) <= lane_h:
        return filled(upto)
    smallest = float(((lanes - demand)[busy] / root[busy]).min())
    return filled(_bisect(filled, lane_h, (min(smallest, upto), upto), roster))


def _bisect(
    filled: Callable[[float], np.ndarray], target: float, span: tuple[float, float], roster: Roster
) -> float:
    """Return the level at which the filled lane-hours reach a target."""
    low, high = span
    for _ in range(BISECTIONS):
        level = 0.5 * (low + high)
        if roster.hours(filled(level)) < target:
            low = level
        else:
            high = level
    return high


def even_rise(amount: float, weight: np.ndarray, room: np.ndarray) -> np.ndarray:
    """Return the equal rise of several levels that uses up an amount, each level up to its room.

    Parameters
    ----------
    amount : float
        What is to be used: sum of weight x rise.
    weight : ndarray of float64, shape (levels,)
        What one unit of rise costs.
    room : ndarray of float64, shape (levels,)
        Most that each level can rise.

    Returns
    -------
    ndarray of float64, shape (levels,)
        Rise of each level.
    """
    rise = np.zeros_like(room)
    open_ = (weight > 0) & (room > 0)
    left = amount
    while left > 0 and open_.any():
        level = left / weight[open_].sum()
        full = open_ & (room <= level)
        if not full.any():
            rise[open_] = level
            break
        rise[full] = room[full]
        left -= float(weight[full] @ room[full])
        open_ &= ~full
    return rise
