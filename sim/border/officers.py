"""Added officers become lane-hours and examinations.

Rule ``proportional``: officers in primary open lanes in proportion to the work of each crossing and
hour, up to the physical maximum; officers in secondary examine travellers at random, the same share
of everyone, as many as their hours allow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.core.calendar import DAYS_PER_YEAR
from sim.core.dials import Dial
from sim.core.settings import Settings, quantity

OFFICERS_DIAL = "border.officers.added"


class OfficerSettings(Settings):
    """What one added officer brings."""

    duty_h_per_year: float = quantity(
        "h/year", "hours at a post of one officer a year, after leave and training", gt=0
    )
    primary_share: float = quantity(
        "1/1", "share of added officers who open lanes; the rest examine", ge=0, le=1
    )
    officers_per_lane: float = quantity("officer/lane", "officers who keep one lane open", gt=0)
    officers_per_exam: float = quantity("officer/exam", "officers busy with one examination", gt=0)


def dials() -> list[Dial]:
    """Return the dial that officers read."""
    return [Dial(OFFICERS_DIAL, "add", 0.0, 1e6, "officer", "officers added at Southwest ports of entry")]


@dataclass(frozen=True)
class Workload:
    """What the posts look like without added officers; arrays by day type and hour of day.

    Parameters
    ----------
    lanes : ndarray of float64, shape (groups, 3, 24)
        Mean open lanes.
    work_h : ndarray of float64, shape (groups, 3, 24)
        Lane-hours of service that arrive in an hour.
    station_of : ndarray of int32, shape (groups,)
        Crossing x mode of each group.
    station_lanes_max : ndarray of float64, shape (stations,)
        Physical maximum of lanes.
    day_weight : ndarray of float64, shape (3,)
        Share of days by day type.
    exam_h_per_day : float
        Hours of examination a day if everyone were examined.
    """

    lanes: np.ndarray
    work_h: np.ndarray
    station_of: np.ndarray
    station_lanes_max: np.ndarray
    day_weight: np.ndarray
    exam_h_per_day: float


@dataclass(frozen=True)
class Deployment:
    """Where added officers stand: extra mean lanes (groups, 3, 24) and the extra share examined."""

    extra_lanes: np.ndarray
    exam_share: float
    idle_h_per_day: float


def deploy(settings: OfficerSettings, officers: float, work: Workload) -> Deployment:
    """Return where a number of added officers stand.

    Hours that find no room in primary, because every lane is open, go to secondary.
    """
    hours_per_day = officers * settings.duty_h_per_year / DAYS_PER_YEAR
    lane_h = hours_per_day * settings.primary_share / settings.officers_per_lane
    extra = _fill_lanes(lane_h, work)
    used_h = float(np.einsum("gdh,d->", extra, work.day_weight)) * settings.officers_per_lane
    exam_officer_h = max(0.0, hours_per_day - used_h)
    share = exam_officer_h / settings.officers_per_exam / work.exam_h_per_day
    idle = max(0.0, share - 1.0) * work.exam_h_per_day * settings.officers_per_exam
    return Deployment(extra, min(1.0, share), idle)


def _fill_lanes(lane_h_per_day: float, work: Workload) -> np.ndarray:
    """Fill lanes in proportion to work, each crossing and mode up to its maximum (bisection on the level)."""
    stations = len(work.station_lanes_max)
    open_lanes = _by_station(work.lanes, work.station_of, stations)
    station_work = _by_station(work.work_h, work.station_of, stations)
    room = np.maximum(work.station_lanes_max[:, None, None] - open_lanes, 0.0) * (open_lanes > 0)
    target = min(lane_h_per_day, float(np.einsum("sdh,d->", room * (station_work > 0), work.day_weight)))
    low, high = 0.0, 1.0
    while _hours(high, room, station_work, work.day_weight) < target * (1 - 1e-9) and high < 1e9:
        high *= 2.0
    for _ in range(60):
        level = 0.5 * (low + high)
        if _hours(level, room, station_work, work.day_weight) < target:
            low = level
        else:
            high = level
    filled = np.minimum(room, high * station_work) if target > 0 else np.zeros_like(room)
    safe = np.where(station_work > 0, station_work, 1.0)
    share = work.work_h / safe[work.station_of]
    return np.asarray(share * filled[work.station_of])


def _by_station(values: np.ndarray, station_of: np.ndarray, stations: int) -> np.ndarray:
    out = np.zeros((stations, *values.shape[1:]))
    np.add.at(out, station_of, values)
    return out


def _hours(level: float, room: np.ndarray, work: np.ndarray, day_weight: np.ndarray) -> float:
    return float(np.einsum("sdh,d->", np.minimum(room, level * work), day_weight))
