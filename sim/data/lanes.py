"""Lanes open by hour: from reports of the wait-time feed to the mean lanes of each group.

Two sources lead to ``LaneHours``: the aggregated table (``read_lane_hours``) and archived copies of the
feed itself (``sim.data.feed``). What the feed says is cleaned by rules that a reader can check:

* an hour with fewer than ``REPORTS_MIN`` reports is unknown: a gap of up to ``GAP_HOURS`` between known
  hours is interpolated, a longer one is closed;
* an hour open in less than ``OPEN_SHARE_MIN`` of its reports is closed;
* a day type whose mean never reaches ``LANES_MIN`` is closed: nobody can plan on such a lane.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.border.crossing import CLASSES, MODES, one_of, read_table
from sim.core.calendar import DAY_TYPES, HOURS_PER_DAY
from sim.core.errors import TableError
from sim.data.official import short

REPORTS_MIN = 5
GAP_HOURS = 2
OPEN_SHARE_MIN = 0.05
LANES_MIN = 0.5
LANE_FILE_COLUMNS = (
    "port_number", "mode", "lane", "daytype", "local_hour", "n_open", "n_total", "mean_lanes_incl_closed",
)  # fmt: skip
DELAY_FILE_COLUMNS = ("port_number", "mode", "lane", "daytype", "local_hour", "n_open", "mean_delay")
SHAPE = (len(DAY_TYPES), HOURS_PER_DAY)
DAYS_OF_WEEK = np.array([[5.0], [1.0], [1.0]])

GroupKey = tuple[str, str, str]


@dataclass
class LaneHours:
    """Reports of one lane group, arrays by day type and local hour.

    Attributes
    ----------
    reports, reports_open : ndarray
        Number of reports, and of those with an open lane, float64[3, 24].
    lanes : ndarray
        Mean lanes open, closed reports counted as 0, float64[3, 24].
    """

    reports: NDArray[np.float64]
    reports_open: NDArray[np.float64]
    lanes: NDArray[np.float64]

    @classmethod
    def empty(cls) -> LaneHours:
        """Return a group without a report."""
        return cls(np.zeros(SHAPE), np.zeros(SHAPE), np.zeros(SHAPE))


def _place(row: dict[str, str], where: str) -> tuple[GroupKey, tuple[int, int]]:
    """Return group and (day type, hour) of a row of the aggregated files."""
    mode = one_of(row["mode"], MODES, where)
    lane_class = one_of(row["lane"], CLASSES[mode], where)
    day_type = DAY_TYPES.index(one_of(row["daytype"], DAY_TYPES, where))
    hour = int(one_of(row["local_hour"], [str(h) for h in range(HOURS_PER_DAY)], where))
    return (row["port_number"], mode, lane_class), (day_type, hour)


def _amount(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise TableError(f"{where}: {text!r} is not a number") from None


def read_lane_hours(path: Path) -> dict[GroupKey, LaneHours]:
    """Return the lane groups of an aggregated ``lanes_open_by_hour`` table."""
    found: dict[GroupKey, LaneHours] = {}
    for line, row in enumerate(read_table(path, LANE_FILE_COLUMNS), 2):
        where = f"{path}:{line}"
        key, at = _place(row, where)
        group = found.setdefault(key, LaneHours.empty())
        group.reports[at] = _amount(row["n_total"], where)
        group.reports_open[at] = _amount(row["n_open"], where)
        group.lanes[at] = _amount(row["mean_lanes_incl_closed"], where)
        if group.lanes[at] < 0:
            raise TableError(f"{where}: mean_lanes_incl_closed is negative")
    return found


def read_delay_hours(path: Path) -> dict[GroupKey, NDArray[np.float64]]:
    """Return mean reported delays by group in minutes, NaN where none, float64[3, 24]."""
    found: dict[GroupKey, NDArray[np.float64]] = {}
    for line, row in enumerate(read_table(path, DELAY_FILE_COLUMNS), 2):
        key, at = _place(row, f"{path}:{line}")
        delay = found.setdefault(key, np.full(SHAPE, np.nan))
        if row["mean_delay"] and _amount(row["n_open"], f"{path}:{line}") >= REPORTS_MIN:
            delay[at] = _amount(row["mean_delay"], f"{path}:{line}")
    return found


def merge(target: LaneHours, source: LaneHours) -> LaneHours:
    """Add the lanes of a duplicate place to those of the place that reported before.

    The duplicate reports only when it is open, the old place goes on reporting "closed": the sum of
    their lane reports over the reports of the old place counts every report once.
    """
    ratio = np.divide(source.reports, target.reports, out=np.zeros(SHAPE), where=target.reports > 0)
    return LaneHours(
        target.reports, target.reports_open + source.reports_open, target.lanes + source.lanes * ratio
    )


def fold(target: LaneHours, source: LaneHours) -> LaneHours:
    """Add the lanes of a class that hardly ever opens to those of the class beside it."""
    return LaneHours(
        np.maximum(target.reports, source.reports),
        np.maximum(target.reports_open, source.reports_open),
        target.lanes + source.lanes,
    )


def clean(group: LaneHours, *, on_demand: bool = False) -> NDArray[np.float64]:
    """Return mean lanes open by day type and hour after the rules of this module, float64[3, 24].

    Parameters
    ----------
    group : LaneHours
    on_demand : bool
        An hour that opens now and then has its one lane whenever someone comes.
    """
    known = group.reports >= REPORTS_MIN
    share = np.divide(group.reports_open, group.reports, out=np.zeros(SHAPE), where=known)
    lanes = np.where(known & (share >= OPEN_SHARE_MIN), group.lanes, 0.0)
    if on_demand:
        lanes = np.where(lanes > 0.0, np.maximum(lanes, 1.0), 0.0)
    for day in range(SHAPE[0]):
        lanes[day] = _bridge_gaps(lanes[day], known[day])
    return np.where(lanes.max(axis=1, keepdims=True) >= LANES_MIN, lanes, 0.0)


def _bridge_gaps(lanes: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Interpolate short unknown stretches between two known hours of one day."""
    filled, hours = lanes.copy(), np.flatnonzero(known)
    for before, after in pairwise(hours):
        if 1 < after - before <= GAP_HOURS + 1:
            inside = np.arange(before + 1, after)
            filled[inside] = np.interp(inside, [before, after], [lanes[before], lanes[after]])
    return filled


def lane_rows(lanes: dict[GroupKey, NDArray[np.float64]], order: Iterable[str]) -> list[list[str]]:
    """Return rows of values by lane group, day type and hour, crossings in the given order; NaN is empty."""
    keys = [(c, mode, cls) for c in order for mode in MODES for cls in CLASSES[mode]]
    return [
        [*key, day_type, *("" if np.isnan(value) else short(value) for value in lanes[key][day])]
        for key in keys
        if key in lanes
        for day, day_type in enumerate(DAY_TYPES)
    ]


def delay_profile(
    delays: dict[GroupKey, NDArray[np.float64]], lanes: dict[GroupKey, NDArray[np.float64]]
) -> dict[tuple[str, str], NDArray[np.float64]]:
    """Return the relative delay by (mode, class), day type and hour, pooled over crossings.

    Lane-hours weigh: the sum of lanes x delay over the sum of lanes x the crossing's own mean delay,
    so that hours in which only some crossings are open are compared with those crossings. An hour
    or a class without a report is 1.
    """
    above = {(mode, lane_class): np.zeros(SHAPE) for _, mode, lane_class in lanes}
    below = {kind: np.zeros(SHAPE) for kind in above}
    for key, delay in delays.items():
        if key not in lanes:
            continue
        weight = np.where(np.isnan(delay), 0.0, lanes[key])
        total = float((weight * DAYS_OF_WEEK).sum())
        if total == 0.0:
            continue
        delay = np.nan_to_num(delay)
        mean = float((weight * DAYS_OF_WEEK * delay).sum()) / total
        kind = (key[1], key[2])
        above[kind] += weight * delay
        below[kind] += weight * mean
    return {
        kind: np.divide(above[kind], below[kind], out=np.ones(SHAPE), where=below[kind] > 0.0)
        for kind in above
    }


def profile_rows(profile: dict[tuple[str, str], NDArray[np.float64]]) -> list[list[str]]:
    """Return the rows of ``delay_profile.csv``."""
    kinds = [(mode, cls) for mode in MODES for cls in CLASSES[mode] if (mode, cls) in profile]
    return [
        [*kind, day_type, *(short(value) for value in profile[kind][day])]
        for kind in kinds
        for day, day_type in enumerate(DAY_TYPES)
    ]
