"""All ports of entry together, one hour at a time: traffic, officers and queues behind one narrow door.

The chain sees three verbs: draw a lane group, draw an hour, advance. A second implementation
(``instant``) gives every load the same fate without simulating queues. It also serves the warm-up but
for its last week: the chain needs months to settle, a queue days.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from sim.border.crossing import MODES, BorderTables, LaneGroup
from sim.border.layers import LAYERS, RANDOM, Scanning, Screens
from sim.border.leniency import LeniencySettings
from sim.border.network import BorderQueue, BorderTotals, HourInput, QueueSettings, Tracked
from sim.border.officers import (
    Added,
    Deployment,
    OfficerSettings,
    Workload,
    added_at,
    deploy,
    planned_hours,
    workload_of,
)
from sim.border.screening import Effort, ScreeningSettings, effort_at, either
from sim.border.traffic import DAYS_OF_WEEK, Traffic, TrafficSettings
from sim.core.calendar import DAYS_PER_YEAR, HOURS_PER_DAY, HOURS_PER_WEEK, Calendar
from sim.core.dials import DialBoard
from sim.core.draws import Draws, entity_id
from sim.core.units import MINUTES_PER_HOUR

BorderModel = Literal["queue", "instant"]


class BorderParts(Protocol):
    """The settings of the border that this room needs."""

    traffic: TrafficSettings
    screening: ScreeningSettings
    officers: OfficerSettings
    leniency: LeniencySettings


@dataclass(frozen=True)
class TrackedLoad:
    """A load announced for an hour: lane group, arrival (h), owner of its draws in the queue."""

    token: int
    group: int
    arrival_h: float
    entity: int
    office: str
    mode: str


@dataclass(frozen=True)
class LoadFate:
    """When a load leaves the port (h), whether it went through secondary, and the layer that alarmed.

    An alarm without referral was overlooked: leniency.
    """

    token: int
    referred: bool
    exit_h: float
    alarm: str = ""


class Ports:
    """The 45 land crossings on the clock of one replication.

    Parameters
    ----------
    model : {"queue", "instant"}
    tables : BorderTables
    settings : BorderParts
    dials : DialBoard
    calendar : Calendar
    draws : Draws
    """

    def __init__(
        self, model: BorderModel, tables: BorderTables, settings: BorderParts, dials: DialBoard,
        calendar: Calendar, draws: Draws,
    ) -> None:  # fmt: skip
        self.tables, self.calendar = tables, calendar
        self._settings, self._dials, self._draws = settings, dials, draws
        self._traffic = Traffic(tables, calendar, draws, settings.traffic)
        screening = settings.screening.modes
        self._innocent = np.array([screening[g.mode].innocent_referral_share for g in tables.groups])
        self._secondary_h = np.array(
            [screening[s.mode].secondary_min / MINUTES_PER_HOUR for s in tables.stations]
        )
        self._screens = {
            mode: Screens(own, f"border.screening.modes.{mode}") for mode, own in screening.items()
        }
        self._planned_scanning = self._scanning = self._scanners()
        self._mode_of_station = np.array([MODES.index(station.mode) for station in tables.stations])
        self._work = self._workload()
        self._of_mode = {
            mode: np.array([i for i, g in enumerate(tables.groups) if g.mode == mode], dtype=np.int64)
            for mode in screening
        }
        self._alarms: dict[int, str] = {}
        self._cumulated: dict[tuple[str, str], tuple[np.ndarray, np.ndarray]] = {}
        self._added, self._effort = Added(), Effort()
        self._deployment = deploy(settings.officers, self._added, self._work)
        self._referral = self._planned_innocent = self._innocent
        self._extra_lanes: np.ndarray | None = None
        self._bays_max = self._built_bays()
        self._planned_innocent = self._innocent_now()
        self._bays = self._man_secondary(self._deployment.exam_share)
        self._first_hour = max(0, calendar.warmup_hours - HOURS_PER_WEEK)
        self._queue = self._build_queue(draws) if model == "queue" else None
        self._day = -1
        self._informed: Callable[[float], float] = lambda time_h: 1.0

    def listen(self, informed: Callable[[float], float]) -> None:
        """Take the factor that intelligence puts on the sensitivity of targeting, by time (h)."""
        self._informed = informed

    def _targeting(self, hour: int) -> float:
        """Return the factor of the sensitivity of targeting in an hour: levers times intelligence."""
        return self._effort.targeting * self._informed(float(hour))

    def _build_queue(self, draws: Draws) -> BorderQueue:
        screening = self._settings.screening
        return BorderQueue(
            QueueSettings(
                secondary_of=self.tables.secondary_of,
                lanes_max=self.tables.lanes_max,
                service_shape=self._traffic.service_shape,
                patience_h=self._traffic.patience_h,
                bays_max=self._man_secondary(np.ones(len(self.tables.groups))).max(axis=(0, 1)),
                secondary_shape=np.full(
                    len(self.tables.stations), int(screening.secondary_shape), dtype=np.int32
                ),
                hour_of_week=self.calendar.hour_of_week[self._first_hour :],
                month_of_hour=self.calendar.month_of_hour[self._first_hour :],
                n_months=len(self.calendar.month_names),
                entity=np.array([_identity(group) for group in self.tables.groups], dtype=np.uint64),
                leniency=self._settings.leniency.table(),
                waiting_room=self._waiting_rooms(),
            ),
            draws,
        )

    def _waiting_rooms(self) -> np.ndarray | float:
        """Return the places of each station; infinity where space is not limited."""
        screening = self._settings.screening
        if screening.secondary_space == "unlimited":
            return np.inf
        return np.floor([screening.modes[station.mode].waiting_places for station in self.tables.stations])

    def _scanners(self) -> Scanning:
        modes = self._settings.screening.modes
        mean_h = self._traffic.entries_per_year() / (DAYS_PER_YEAR * HOURS_PER_DAY)
        stations = self.tables.stations
        per_h = np.bincount(self.tables.secondary_of, weights=mean_h, minlength=len(stations))
        return Scanning(
            station_of=self.tables.secondary_of,
            target=np.array([modes[station.mode].scan_target_share for station in stations]),
            then=np.array([self._screens[station.mode].scanned_then for station in stations]),
            scans_per_h=np.array([modes[s.mode].scans_per_lane_h * s.lanes_max for s in stations]),
            entries_per_h=per_h,
        )

    def _workload(self) -> Workload:
        return workload_of(
            self.tables,
            (self._traffic.entries_per_h, self._traffic.service_h),
            self._secondary_h,
            self._innocent,
            DAYS_OF_WEEK / DAYS_OF_WEEK.sum(),
        )

    def _man_secondary(self, exam_share: np.ndarray) -> np.ndarray:
        """Return bays by day type, hour and station that are open, int32: never more than there are."""
        return np.minimum(self._bays_for(exam_share), self._bays_max)

    def _built_bays(self) -> np.ndarray:
        """Return the bays that each station has: so many times those of its busiest hour, int32."""
        busiest = self._bays_for(np.zeros(len(self.tables.groups))).max(axis=(0, 1))
        limit = np.floor(self._settings.officers.bays_growth_max * busiest)
        return np.asarray(np.minimum(limit, np.iinfo(np.int32).max).astype(np.int32))

    def _bays_for(self, exam_share: np.ndarray) -> np.ndarray:
        """Return bays by day type, hour and station that keep secondary at its planned load, int32."""
        share = np.array([either(x, e) for x, e in zip(self._planned_innocent, exam_share, strict=True)])
        work = (
            self._traffic.entries_per_h * (share * self._secondary_h[self.tables.secondary_of])[:, None, None]
        )
        station_work = np.zeros((len(self.tables.stations), *work.shape[1:]))
        np.add.at(station_work, self.tables.secondary_of, work)
        bays = np.ceil(station_work / self._settings.screening.secondary_load)
        return np.ascontiguousarray(np.maximum(bays, 1).astype(np.int32).transpose(1, 2, 0))

    def draw_group(self, office: str, mode: str, u: float) -> int:
        """Return the lane group of a route class that a uniform draw falls on, by yearly traffic."""
        groups, cumulated = self._groups_of(office, mode)
        return int(groups[np.searchsorted(cumulated, u * cumulated[-1], side="right")])

    def _groups_of(self, office: str, mode: str) -> tuple[np.ndarray, np.ndarray]:
        key = (office, mode)
        if key not in self._cumulated:
            groups = [
                i for i, g in enumerate(self.tables.groups) if g.crossing.office == office and g.mode == mode
            ]
            self._cumulated[key] = (np.array(groups), np.cumsum(self._traffic.entries_per_year()[groups]))
        return self._cumulated[key]

    def draw_hour(self, group: int, first_hour: int, u: float) -> int:
        """Return how many hours after the first one a conveyance arrives (0..23).

        Parameters
        ----------
        group : int
        first_hour : int
            Hour of the run at which the 24 hours begin.
        u : float
            Uniform draw; the hour follows the group's traffic in these hours.
        """
        hours = first_hour + np.arange(HOURS_PER_DAY)
        days = np.minimum(hours // HOURS_PER_DAY, self.calendar.total_days - 1)
        weight = self._traffic.entries_per_h[group][
            self.calendar.day_type_of_day[days], hours % HOURS_PER_DAY
        ]
        cumulated = np.cumsum(weight)
        if cumulated[-1] == 0.0:
            return int(u * HOURS_PER_DAY)
        return int(np.searchsorted(cumulated, u * cumulated[-1], side="right"))

    def advance(self, hour: int, loads: Sequence[TrackedLoad]) -> list[LoadFate]:
        """Advance every queue by one hour; return the loads whose exit is now known."""
        self._deploy(hour)
        if self._queue is None or hour < self._first_hour:
            scanned = self._scanning.in_a_mean_hour
            return [self._instant(load, self._alarm(load, scanned, hour)) for load in loads]
        day_type, hour_of_day = self.calendar.day_type_of_day[hour // HOURS_PER_DAY], hour % HOURS_PER_DAY
        added = None if self._extra_lanes is None else self._extra_lanes[:, day_type, hour_of_day]
        rate_per_h, lanes = self._traffic.rate_per_h(hour), self._traffic.lanes(hour, added)
        service_h = self._traffic.service_in_hour_h(hour)
        scanned = self._scanning.share_of_groups(rate_per_h, lanes, service_h)
        referral, service_h = self._screened(scanned, service_h)
        now = HourInput(
            rate_per_h=rate_per_h,
            service_h=service_h,
            lanes=lanes,
            referral_share=referral,
            secondary_h=self._secondary_h,
            bays=self._bays[day_type, hour_of_day],
        )
        first = self._first_hour
        alarms = {load.token: self._alarm(load, scanned, hour) for load in loads}
        self._alarms.update(alarms)
        tracked = _tracked(loads, list(alarms.values()), first) if loads else None
        fates = self._queue.advance(hour - first, now, tracked)
        return [
            LoadFate(fate.token, fate.referred, fate.exit_h + first, self._alarms.pop(fate.token))
            for fate in fates
        ]

    def _screened(self, scanned: np.ndarray, service_h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return referral of others and mean service (h) by group, at the shares scanned now."""
        dogs = self._effort.canine
        if dogs == 1.0 and np.array_equal(scanned, self._scanning.then[self.tables.secondary_of]):
            return self._referral, service_h
        referral, service_h = self._referral.copy(), service_h.copy()
        for mode, screens in self._screens.items():
            own = self._of_mode[mode]
            innocent = screens.innocent_share(scanned[own], dogs)
            referral[own] = 1.0 - (1.0 - innocent) * (1.0 - self._deployment.exam_share[own])
            service_h[own] += screens.added_h(scanned[own], dogs)
        return referral, service_h

    def _alarm(self, load: TrackedLoad, scanned: np.ndarray, hour: int) -> str:
        """Return the first layer that alarms on a load, empty if none does."""
        share, screens = float(scanned[load.group]), self._screens[load.mode]
        shares = screens.load_shares(share, self._targeting(hour), self._effort.canine)
        for layer, share in zip(LAYERS, shares, strict=True):
            if self._draws.uniform(f"screen.{layer}", load.entity) < share:
                return layer
        exam_share = float(self._deployment.exam_share[load.group])
        return RANDOM if self._draws.uniform(f"screen.{RANDOM}", load.entity) < exam_share else ""

    def _deploy(self, hour: int) -> None:
        """Place the officers and scanners of the day, when levers have changed them."""
        if hour // HOURS_PER_DAY == self._day:
            return
        self._day = hour // HOURS_PER_DAY
        added, effort = added_at(self._dials, float(hour)), effort_at(self._dials, float(hour))
        if (added, effort) == (self._added, self._effort):
            return
        if effort != self._effort:
            self._effort = effort
            share = np.array(effort.share)[self._mode_of_station]
            self._scanning = self._planned_scanning.times(share, effort.scans)
            self._planned_innocent = self._innocent_now()
        if added != self._added:
            self._added = added
            self._deployment = deploy(self._settings.officers, added, self._work)
            self._extra_lanes = self._deployment.extra_lanes
        exam_share = self._deployment.exam_share
        self._referral = np.array([either(x, e) for x, e in zip(self._innocent, exam_share, strict=True)])
        self._bays = self._man_secondary(exam_share)

    def _innocent_now(self) -> np.ndarray:
        """Return the share of others whom the layers refer in a mean hour, by group: what bays are for."""
        scanned, innocent = self._scanning.in_a_mean_hour, self._innocent.copy()
        for mode, screens in self._screens.items():
            own = self._of_mode[mode]
            innocent[own] = screens.innocent_share(scanned[own], self._effort.canine)
        return innocent

    def detection_now(self, office: str, mode: str, hour: int) -> float:
        """Return the true chance that a load of a route class is found, with what levers do at an hour.

        A mean over the lane groups by their yearly traffic, in a mean hour: neither queues nor
        leniency are in it.
        """
        self._deploy(hour)
        groups, cumulated = self._groups_of(office, mode)
        scanned = self._scanning.in_a_mean_hour[groups]
        passed = 1.0 - self._deployment.exam_share[groups]
        targeting, dogs = self._targeting(hour), self._effort.canine
        for share in self._screens[mode].load_shares(scanned, targeting, dogs):
            passed = passed * (1.0 - share)
        referred = float(np.average(1.0 - passed, weights=np.diff(cumulated, prepend=0.0)))
        return referred * self._settings.screening.modes[mode].find_share

    def staffing(self, hour: int) -> Deployment:
        """Return where added officers stand on the day of an hour, with the hours of every use."""
        self._deploy(hour)
        return self._deployment

    def planned_hours(self) -> np.ndarray:
        """Return officer-hours a day without added officers, float64[use, office]."""
        return planned_hours(self._settings.officers, self._work)

    def totals(self) -> BorderTotals | None:
        """Return what the queues counted, or None when they were not simulated."""
        return None if self._queue is None else self._queue.totals()

    def _instant(self, load: TrackedLoad, alarm: str) -> LoadFate:
        stay = self._traffic.service_h[load.group]
        if alarm:
            stay += self._secondary_h[self.tables.groups[load.group].station]
        return LoadFate(load.token, bool(alarm), load.arrival_h + float(stay), alarm)


def _identity(group: LaneGroup) -> int:
    """Return the owner of a lane group's draws: its name, so that another group shifts nobody."""
    return entity_id(0, f"group {group.crossing.crossing_id} {group.mode} {group.lane_class}", 0)


def _tracked(loads: Sequence[TrackedLoad], alarms: Sequence[str], first_hour: int) -> Tracked:
    return Tracked(
        group=np.array([load.group for load in loads], dtype=np.int32),
        arrival_h=np.array([load.arrival_h for load in loads]) - first_hour,
        key=np.array([load.entity for load in loads], dtype=np.uint64),
        # The layers have spoken; leniency alone may let an alarm pass.
        referral_share=np.array([float(alarm != "") for alarm in alarms]),
        token=np.array([load.token for load in loads], dtype=np.int64),
    )
