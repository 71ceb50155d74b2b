"""Where added officers stand, and what they do there: lanes, examinations, outbound teams.

The way from an officer to a lane, top to bottom of this file:

1. ``deploy`` turns heads into hours on duty a day, one pool for each field office and one for anywhere.
   Officers of an office are placed first, in their office; those who may stand anywhere fill what is left.
2. ``_Posts.place`` sends outbound the share of a pool that levers ask for, and uses the rest in the steps
   of the policy (``policies``).
3. ``_Posts._open_lanes`` turns hours into mean open lanes by day type and hour: in proportion to work
   (``fill_by_work``), or where the reserve is smallest (``fill_by_need``), never beyond the booths.
4. ``Traffic.lanes`` adds these means to the lanes of the tables and rounds them to open lanes by a draw.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.border.crossing import OFFICES
from sim.border.officers.policies import POLICIES, OfficerTask, Step
from sim.border.officers.settings import AddedOfficers, OfficerSettings
from sim.border.officers.workload import USES, Workload
from sim.core.calendar import DAYS_PER_YEAR, HOURS_PER_DAY

BISECTIONS = 60
CLOSE = 1e-9
HIGHEST_LEVEL = 1e9


@dataclass(frozen=True)
class Deployment:
    """Where added officers stand.

    Parameters
    ----------
    extra_lanes : ndarray of float64, shape (groups, 3, 24)
        Mean lanes opened beyond those of the tables.
    exam_share : ndarray of float64, shape (groups,)
        Added share of everyone who is examined.
    hours : ndarray of float64, shape (uses, offices)
        Officer-hours a day by ``USES`` and ``OFFICES``; they add up to the hours on duty.
    outbound_unmet_h : float
        Outbound hours a day that were asked for and not found.
    """

    extra_lanes: np.ndarray
    exam_share: np.ndarray
    hours: np.ndarray
    outbound_unmet_h: float


def deploy(settings: OfficerSettings, added: AddedOfficers, work: Workload) -> Deployment:
    """Return where added officers stand: a pure function of settings, heads and workload."""
    posts = _Posts(settings, work)
    pools = [n * settings.duty_h_per_year / DAYS_PER_YEAR for n in (*added.by_office, added.anywhere)]
    total = sum(pools)
    outbound_share = min(1.0, added.outbound_h_per_day / total) if total > 0 else 0.0
    for number, hours in enumerate(pools):
        if hours > 0:
            anywhere = number == len(OFFICES)
            offices = np.full(len(OFFICES), True) if anywhere else np.arange(len(OFFICES)) == number
            posts.place(hours, outbound_share, offices)
    unmet = max(0.0, added.outbound_h_per_day - posts.outbound_met_h)
    return Deployment(posts.extra_lanes, posts.exam_share, posts.hours, unmet)


def planned_hours(settings: OfficerSettings, work: Workload) -> np.ndarray:
    """Return officer-hours a day without added officers, by ``USES`` and ``OFFICES``.

    Primary counts the open lanes of the tables, secondary the expected referrals of lawful
    travellers; outbound teams of today are not published.
    """
    lane_h = np.einsum("gdh,d->g", work.lanes, work.day_weight) * settings.officers_per_lane
    exam_h = work.entries_per_day * work.exam_h * work.referral_prob * settings.officers_per_exam
    planned = np.zeros((len(USES), len(OFFICES)))
    planned[USES.index("primary")] = work.by_office(lane_h)
    planned[USES.index("secondary")] = work.by_office(exam_h)
    return planned


class _Posts:
    """The posts while they are being filled; hours are those of a day.

    What is filled so far: ``extra_lanes`` of groups, ``exam_share`` of groups, ``hours`` by use and office.
    """

    def __init__(self, settings: OfficerSettings, work: Workload) -> None:
        self._settings, self._work = settings, work
        self._roster = Roster(work.day_weight, int(settings.shift_h))
        self._station_work, self._station_demand = (
            work.by_station(work.work_h),
            work.by_station(work.demand_h),
        )
        self._lanes = work.by_station(work.lanes)
        booths = np.maximum(work.station_lanes_max[:, None, None] - self._lanes, 0.0)
        # A closed hour stays closed: officers open lanes beside open ones only.
        self._spare_booths = booths * (self._lanes > 0)
        self._outbound_max = work.outbound_sites * settings.outbound_team * settings.outbound_h_per_day
        self._opened = np.zeros_like(self._lanes)
        self.extra_lanes = np.zeros_like(work.lanes)
        self.exam_share = np.zeros(len(work.station_of))
        self.hours = np.zeros((len(USES), len(OFFICES)))
        self.outbound_met_h = 0.0

    def place(self, hours: float, outbound_share: float, offices: np.ndarray) -> None:
        """Place one pool of officer-hours in the chosen offices."""
        left = hours
        if outbound_share > 0:
            met = self._man_outbound(min(left, outbound_share * hours), offices)
            self.outbound_met_h += met
            left -= met
        spare = float(self._outbound_spare()[offices].sum())
        for step in POLICIES[self._settings.policy](left, spare, self._settings):
            left = max(0.0, left - self._take(step, left, offices))
        self.hours[USES.index("idle")] += left * self._share_of(offices)

    def _take(self, step: Step, left: float, offices: np.ndarray) -> float:
        """Use hours for one step of a policy; return how many it took."""
        hours = min(left, step.hours)
        if step.task is OfficerTask.EXAMINE:
            return self._examine(hours, step.upto, offices)
        if step.task is OfficerTask.OUTBOUND:
            return self._man_outbound(hours, offices)
        return self._open_lanes(hours, step, offices)

    def _open_lanes(self, hours: float, step: Step, offices: np.ndarray) -> float:
        """Open lanes in the chosen offices, as far as they have booths; return the hours that it takes."""
        work, weight, per_lane = self._work, self._work.day_weight, self._settings.officers_per_lane
        lane_h = hours / per_lane
        spare = (self._spare_booths - self._opened) * offices[work.office_of][:, None, None]
        spare = np.maximum(spare, 0.0)
        if step.task is OfficerTask.LANES_BY_WORK:
            part, whole = work.work_h, self._station_work
            filled = fill_by_work(lane_h, spare, whole, self._roster)
        else:
            part, whole = work.demand_h, self._station_demand
            filled = fill_by_need(lane_h, spare, whole, self._lanes + self._opened, step.upto, self._roster)
        self._opened += filled
        # The lanes of a station go to its groups by their part of the work.
        extra = (part / np.where(whole > 0, whole, 1.0)[work.station_of]) * filled[work.station_of]
        self.extra_lanes += extra
        self.hours[USES.index("primary")] += work.by_office(np.einsum("gdh,d->g", extra, weight) * per_lane)
        return float(np.einsum("gdh,d->", extra, weight)) * per_lane

    def _examine(self, hours: float, upto: float, offices: np.ndarray) -> float:
        """Examine an added share of everyone in the chosen offices, as far as there are bays."""
        work = self._work
        chosen = offices[work.group_office]
        weight = chosen * work.entries_per_day * work.exam_h * self._settings.officers_per_exam
        spare = np.minimum(upto, work.exam_share_max(self._settings.bays_growth_max)) - self.exam_share
        rise = even_rise(hours, weight, np.maximum(spare, 0.0))
        self.exam_share += rise
        self.hours[USES.index("secondary")] += work.by_office(rise * weight)
        return float(rise @ weight)

    def _man_outbound(self, hours: float, offices: np.ndarray) -> float:
        """Man outbound teams in the chosen offices, as far as there are sites; return the hours used."""
        spare = self._outbound_spare() * offices
        whole = float(spare.sum())
        if whole <= 0:
            return 0.0
        taken = min(hours, whole)
        self.hours[USES.index("outbound")] += taken * spare / whole
        return taken

    def _outbound_spare(self) -> np.ndarray:
        return np.maximum(self._outbound_max - self.hours[USES.index("outbound")], 0.0)

    def _share_of(self, offices: np.ndarray) -> np.ndarray:
        """Return each chosen office's share of the work in primary: where idle officers are counted."""
        work = self._work
        by_group = np.einsum("gdh,d->g", work.work_h, work.day_weight)
        by_office = work.by_office(by_group) * offices
        whole = by_office.sum()
        return np.asarray(by_office / whole if whole > 0 else offices / offices.sum())


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


def fill_by_work(lane_h: float, spare: np.ndarray, work: np.ndarray, roster: Roster) -> np.ndarray:
    """Return lanes in proportion to work, each station and hour up to its spare booths.

    Parameters
    ----------
    lane_h : float
        Hours a day to place, in lanes as the roster counts them.
    spare, work : ndarray of float64, shape (stations, 3, 24)
        Lanes that can still be opened, and lane-hours of service that arrive in the hour.
    roster : Roster
        What a lane costs in hours.

    Returns
    -------
    ndarray of float64, shape (stations, 3, 24)
        Mean lanes that are opened.
    """
    target = min(lane_h, roster.hours(spare * (work > 0)))
    if target <= 0:
        return np.zeros_like(spare)

    def filled(level: float) -> np.ndarray:
        return np.minimum(spare, level * work)

    low, high = 0.0, 1.0
    while roster.hours(filled(high)) < target * (1 - CLOSE) and high < HIGHEST_LEVEL:
        high *= 2.0
    return filled(_bisect(filled, target, (low, high), roster))


def fill_by_need(
    lane_h: float,
    spare: np.ndarray,
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
    spare, demand, lanes : ndarray of float64, shape (stations, 3, 24)
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
    busy = (demand > 0) & (spare > 0)
    if not busy.any() or lane_h <= 0:
        return np.zeros_like(spare)
    root = np.sqrt(demand)
    limit = np.where(busy, spare, 0.0)

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


def even_rise(amount: float, weight: np.ndarray, spare: np.ndarray) -> np.ndarray:
    """Return the equal rise of several levels that uses up an amount, each level up to its limit.

    Parameters
    ----------
    amount : float
        What is to be used: sum of weight x rise.
    weight : ndarray of float64, shape (levels,)
        What one unit of rise costs.
    spare : ndarray of float64, shape (levels,)
        Most that each level can rise.

    Returns
    -------
    ndarray of float64, shape (levels,)
        Rise of each level.
    """
    rise = np.zeros_like(spare)
    open_ = (weight > 0) & (spare > 0)
    left = amount
    while left > 0 and open_.any():
        level = left / weight[open_].sum()
        full = open_ & (spare <= level)
        if not full.any():
            rise[open_] = level
            break
        rise[full] = spare[full]
        left -= float(weight[full] @ spare[full])
        open_ &= ~full
    return rise
