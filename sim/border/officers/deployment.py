"""Where added officers stand: pools of officers, one after the other, each by the steps of a policy.

Officers of an office are placed first, in their office; those who may stand anywhere fill what is left.
Outbound hours that levers ask for are taken from all pools in proportion, before the policy sees them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.border.crossing import OFFICES
from sim.border.officers.placement import Roster, even_rise, fill_by_need, fill_by_work
from sim.border.officers.policies import POLICIES, Step, Task
from sim.border.officers.settings import Added, OfficerSettings
from sim.border.officers.workload import USES, Workload
from sim.core.calendar import DAYS_PER_YEAR


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


def deploy(settings: OfficerSettings, added: Added, work: Workload) -> Deployment:
    """Return where added officers stand: a pure function of settings, heads and workload."""
    posts = _Posts(settings, work)
    hours_of = [n * settings.duty_h_per_year / DAYS_PER_YEAR for n in (*added.by_office, added.anywhere)]
    total = sum(hours_of)
    asked = min(1.0, added.outbound_h_per_day / total) if total > 0 else 0.0
    for number, hours in enumerate(hours_of):
        if hours > 0:
            offices = np.ones(len(OFFICES), dtype=bool)
            if number < len(OFFICES):
                offices = np.arange(len(OFFICES)) == number
            posts.place(hours, asked, offices)
    unmet = max(0.0, added.outbound_h_per_day - posts.asked_served_h)
    return Deployment(posts.extra_lanes, posts.exam_share, posts.hours, unmet)


def planned_hours(settings: OfficerSettings, work: Workload) -> np.ndarray:
    """Return officer-hours a day without added officers, by ``USES`` and ``OFFICES``.

    Primary counts the open lanes of the tables, secondary the expected referrals of lawful
    travellers; outbound teams of today are not published.
    """
    lane_h = np.einsum("gdh,d->g", work.lanes, work.day_weight) * settings.officers_per_lane
    exam_h = work.entries_per_day * work.exam_h * work.referral_share * settings.officers_per_exam
    planned = np.zeros((len(USES), len(OFFICES)))
    planned[USES.index("primary")] = work.by_office(lane_h)
    planned[USES.index("secondary")] = work.by_office(exam_h)
    return planned


class _Posts:
    """The posts while they are being filled."""

    def __init__(self, settings: OfficerSettings, work: Workload) -> None:
        self._settings, self._work = settings, work
        self._roster = Roster(work.day_weight, int(settings.shift_h))
        self._station_work = work.by_station(work.work_h)
        self._station_demand = work.by_station(work.demand_h)
        self._open = work.by_station(work.lanes)
        self._opened = np.zeros_like(self._open)
        room = np.maximum(work.station_lanes_max[:, None, None] - self._open, 0.0)
        self._room = room * (self._open > 0)
        self.extra_lanes = np.zeros_like(work.lanes)
        self.exam_share = np.zeros(len(work.station_of))
        self.hours = np.zeros((len(USES), len(OFFICES)))
        self.asked_served_h = 0.0
        self._outbound_max = work.outbound_sites * settings.outbound_team * settings.outbound_h_per_day

    def place(self, hours: float, asked_share: float, offices: np.ndarray) -> None:
        """Place one pool of officer-hours a day in the chosen offices."""
        left = hours
        if asked_share > 0:
            served = self._man_outbound(min(left, asked_share * hours), offices)
            self.asked_served_h += served
            left -= served
        room = float(self._outbound_room()[offices].sum())
        for step in POLICIES[self._settings.policy](left, room, self._settings):
            left = max(0.0, left - self._take(step, left, offices))
        self.hours[USES.index("idle")] += left * self._share_of(offices)

    def _take(self, step: Step, left: float, offices: np.ndarray) -> float:
        hours = min(left, step.hours)
        if step.task is Task.EXAMINE:
            return self._examine(hours, step.upto, offices)
        if step.task is Task.OUTBOUND:
            return self._man_outbound(hours, offices)
        return self._open_lanes(hours, step, offices)

    def _open_lanes(self, hours: float, step: Step, offices: np.ndarray) -> float:
        work, weight = self._work, self._work.day_weight
        lane_h = hours / self._settings.officers_per_lane
        room = (self._room - self._opened) * offices[work.office_of][:, None, None]
        room = np.maximum(room, 0.0)
        if step.task is Task.LANES_BY_WORK:
            filled = fill_by_work(lane_h, room, self._station_work, self._roster)
        else:
            lanes = self._open + self._opened
            filled = fill_by_need(lane_h, room, self._station_demand, lanes, step.upto, self._roster)
        self._opened += filled
        share, whole = work.work_h, self._station_work
        if step.task is Task.LANES_BY_NEED:
            share, whole = work.demand_h, self._station_demand
        safe = np.where(whole > 0, whole, 1.0)
        extra = (share / safe[work.station_of]) * filled[work.station_of]
        self.extra_lanes += extra
        by_group = np.einsum("gdh,d->g", extra, weight) * self._settings.officers_per_lane
        self.hours[USES.index("primary")] += work.by_office(by_group)
        return float(np.einsum("gdh,d->", extra, weight)) * self._settings.officers_per_lane

    def _examine(self, hours: float, upto: float, offices: np.ndarray) -> float:
        """Examine an added share of everyone in the chosen offices, as far as bays have room."""
        work = self._work
        chosen = offices[work.group_office]
        weight = chosen * work.entries_per_day * work.exam_h * self._settings.officers_per_exam
        room = np.minimum(upto, work.exam_room(self._settings.bays_growth_max)) - self.exam_share
        rise = even_rise(hours, weight, np.maximum(room, 0.0))
        self.exam_share += rise
        self.hours[USES.index("secondary")] += work.by_office(rise * weight)
        return float(rise @ weight)

    def _outbound_room(self) -> np.ndarray:
        return np.maximum(self._outbound_max - self.hours[USES.index("outbound")], 0.0)

    def _man_outbound(self, hours: float, offices: np.ndarray) -> float:
        room = self._outbound_room() * offices
        whole = float(room.sum())
        if whole <= 0:
            return 0.0
        taken = min(hours, whole)
        self.hours[USES.index("outbound")] += taken * room / whole
        return taken

    def _share_of(self, offices: np.ndarray) -> np.ndarray:
        """Return each chosen office's share of the work in primary: where idle officers are counted."""
        work = self._work
        by_group = np.einsum("gdh,d->g", work.work_h, work.day_weight)
        by_office = work.by_office(by_group) * offices
        whole = by_office.sum()
        return np.asarray(by_office / whole if whole > 0 else offices / offices.sum())
