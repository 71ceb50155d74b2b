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

from sim.border.crossing import CLASSES, MODES
from sim.core.calendar import DAY_TYPES, HOURS_PER_DAY
from sim.data.official import OfficialFile, Row, Tell, short, untold

REPORTS_MIN = 5
GAP_HOURS = 2
OPEN_SHARE_MIN = 0.05
LANES_MIN = 0.5
LANES_MAX = 100
"""More lanes than any crossing has booths."""
DELAY_MAX_MIN = 24 * 60
KEY = "place, lane, kind of day and hour"
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


@dataclass
class DelayHours:
    """Reports with an open lane and their mean delay (min, NaN where none), each float64[3, 24]."""

    reports: NDArray[np.float64]
    delay_min: NDArray[np.float64]


def _place(row: Row) -> tuple[GroupKey, tuple[int, int]]:
    """Return group and (day type, hour) of a row of the aggregated files."""
    mode = row.label("mode", MODES)
    lane_class = row.label("lane", CLASSES[mode])
    day_type = DAY_TYPES.index(row.label("daytype", DAY_TYPES))
    hour = row.count("local_hour", high=HOURS_PER_DAY - 1)
    return (row.text("port_number").lower(), mode, lane_class), (day_type, hour)


def read_lane_hours(path: Path, tell: Tell = untold) -> dict[GroupKey, LaneHours]:
    """Return the lane groups of an aggregated ``lanes_open_by_hour`` table.

    Parameters
    ----------
    path : Path
    tell : callable
        Gets one line: rows read, rows left aside and why.
    """
    found: dict[GroupKey, LaneHours] = {}
    file = OfficialFile(path, LANE_FILE_COLUMNS, KEY)
    for row in file:
        key, at = _place(row)
        reports = row.count("n_total")
        opened = row.count("n_open", high=reports)
        lanes = row.number("mean_lanes_incl_closed", LANES_MAX)
        if row.first((key, at), {"n_total": reports, "n_open": opened, "mean_lanes_incl_closed": lanes}):
            group = found.setdefault(key, LaneHours.empty())
            group.reports[at], group.reports_open[at], group.lanes[at] = reports, opened, lanes
    tell(file.note())
    return found


def read_delays(path: Path, tell: Tell = untold) -> dict[GroupKey, DelayHours]:
    """Return reports and mean reported delay of each group of a ``delay_by_hour`` table.

    Parameters
    ----------
    path : Path
    tell : callable
        Gets one line: rows read, rows left aside and why.
    """
    found: dict[GroupKey, DelayHours] = {}
    file = OfficialFile(path, DELAY_FILE_COLUMNS, KEY)
    for row in file:
        key, at = _place(row)
        reports = row.count("n_open")
        delay = row.number("mean_delay", DELAY_MAX_MIN) if row.text("mean_delay") else None
        if row.first((key, at), {"n_open": reports, "mean_delay": delay}) and delay is not None:
            group = found.setdefault(key, DelayHours(np.zeros(SHAPE), np.full(SHAPE, np.nan)))
            group.reports[at], group.delay_min[at] = reports, delay
    tell(file.note())
    return found


def known_delays(hours: dict[GroupKey, DelayHours]) -> dict[GroupKey, NDArray[np.float64]]:
    """Return mean reported delays by group in minutes, NaN with too few reports, float64[3, 24]."""
    return {key: np.where(own.reports >= REPORTS_MIN, own.delay_min, np.nan) for key, own in hours.items()}


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
