"""All ports of entry together, one hour at a time: traffic, officers and queues behind one narrow door.

The chain sees three verbs: draw a lane group, draw an hour, advance. A second implementation
(``instant``) gives every load the same fate without simulating queues. It also serves the warm-up but
for its last week: the chain needs months to settle, a queue days.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.border.crossing import MODES, OFFICES, BorderTables, LaneGroup
from sim.border.layers import LAYERS, RANDOM
from sim.border.manning import NOBODY, BaselinePorts, Manning, PortSettings
from sim.border.network import BorderQueue, BorderTotals, HourInput, QueueSettings, Tracked
from sim.border.officers import Deployment, added_at
from sim.border.screening import ScreeningEffort, effort_at
from sim.border.traffic import Traffic
from sim.core.calendar import HOURS_PER_DAY, HOURS_PER_WEEK, Calendar
from sim.core.dials import DialBoard
from sim.core.draws import Draws, entity_id

BorderModel = Literal["queue", "instant"]


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
    settings : PortSettings
    dials : DialBoard
    calendar : Calendar
    draws : Draws
    """

    def __init__(
        self, model: BorderModel, tables: BorderTables, settings: PortSettings, dials: DialBoard,
        calendar: Calendar, draws: Draws,
    ) -> None:  # fmt: skip
        # What never changes.
        self.tables, self.calendar = tables, calendar
        self.traffic = Traffic(tables, calendar, draws, settings.traffic)
        self._settings, self._dials, self._draws = settings, dials, draws
        self._baseline = BaselinePorts(tables, settings, self.traffic)
        self._groups_of = _groups_of_routes(tables, self.traffic)
        self._first_hour = max(0, calendar.warmup_hours - HOURS_PER_WEEK)
        # What changes: the manning from day to day, the queues and the loads in them from hour to hour.
        self._day, self._manning = -1, self._baseline.manned(NOBODY, ScreeningEffort())
        self._queue = BorderQueue(self._queue_settings(), draws) if model == "queue" else None
        self._alarms: dict[int, str] = {}
        self._informed: Callable[[float], float] = lambda time_h: 1.0

    def listen(self, informed: Callable[[float], float]) -> None:
        """Take the factor that intelligence puts on the sensitivity of targeting, by time (h)."""
        self._informed = informed

    def manning(self, hour: int) -> Manning:
        """Return what stands at the ports on the day of an hour.

        Levers act from one day to the next: what they do when a day is first asked for holds all day.
        """
        if hour // HOURS_PER_DAY != self._day:
            added, effort = added_at(self._dials, float(hour)), effort_at(self._dials, float(hour))
            self._day, self._manning = (
                hour // HOURS_PER_DAY,
                self._baseline.manned(added, effort, self._manning),
            )
        return self._manning

    def staffing(self, hour: int) -> Deployment:
        """Return where added officers stand on the day of an hour, with the hours of every use."""
        return self.manning(hour).deployment

    def planned_hours(self) -> np.ndarray:
        """Return officer-hours a day without added officers, float64[use, office]."""
        return self._baseline.planned_h

    def totals(self) -> BorderTotals | None:
        """Return what the queues counted, or None when they were not simulated."""
        return None if self._queue is None else self._queue.totals()

    def detection_now(self, office: str, mode: str, hour: int) -> float:
        """Return the true chance that a load of a route class is found, with what levers do at an hour.

        A mean over the lane groups by their yearly traffic, in a mean hour: neither queues nor
        leniency are in it.
        """
        manning = self.manning(hour)
        groups, cumulated = self._groups_of[office, mode]
        missed = 1.0 - manning.deployment.exam_share[groups]
        for alarm_prob in self._alarm_probs(manning, mode, manning.scanning.in_a_mean_hour[groups], hour):
            missed = missed * (1.0 - alarm_prob)
        referred = float(np.average(1.0 - missed, weights=np.diff(cumulated, prepend=0.0)))
        return referred * self._settings.screening.modes[mode].find_prob

    def draw_group(self, office: str, mode: str, u: float) -> int:
        """Return the lane group of a route class that a uniform draw falls on, by yearly traffic."""
        groups, cumulated = self._groups_of[office, mode]
        return int(groups[np.searchsorted(cumulated, u * cumulated[-1], side="right")])

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
        weight = self.traffic.entries_per_h[group][self.calendar.day_type_of_day[days], hours % HOURS_PER_DAY]
        cumulated = np.cumsum(weight)
        if cumulated[-1] == 0.0:
            return int(u * HOURS_PER_DAY)
        return int(np.searchsorted(cumulated, u * cumulated[-1], side="right"))

    def advance(self, hour: int, loads: Sequence[TrackedLoad]) -> list[LoadFate]:
        """Advance every queue by one hour; return the loads whose exit is now known."""
        manning, first = self.manning(hour), self._first_hour
        if self._queue is None or hour < first:
            scanned = manning.scanning.in_a_mean_hour
            return [self._instant(load, self._alarm(load, manning, scanned, hour)) for load in loads]
        day_type, hour_of_day = self.calendar.day_type_of_day[hour // HOURS_PER_DAY], hour % HOURS_PER_DAY
        rate_per_h = self.traffic.rate_per_h(hour)
        lanes = self.traffic.lanes(hour, manning.extra_lanes(day_type, hour_of_day))
        service_h = self.traffic.service_in_hour_h(hour)
        scanned = manning.scanning.share_of_groups(rate_per_h, lanes, service_h)
        referral, service_h = self._baseline.screened(manning, scanned, service_h)
        now = HourInput(
            rate_per_h=rate_per_h,
            service_h=service_h,
            lanes=lanes,
            referral_prob=referral,
            secondary_h=self._baseline.secondary_h,
            bays=manning.bays[day_type, hour_of_day],
        )
        alarms = {load.token: self._alarm(load, manning, scanned, hour) for load in loads}
        self._alarms.update(alarms)
        tracked = _tracked(loads, list(alarms.values()), first) if loads else None
        return [
            LoadFate(fate.token, fate.referred, fate.exit_h + first, self._alarms.pop(fate.token))
            for fate in self._queue.advance(hour - first, now, tracked)
        ]

    def _instant(self, load: TrackedLoad, alarm: str) -> LoadFate:
        stay = self.traffic.service_h[load.group]
        if alarm:
            stay += self._baseline.secondary_h[self.tables.groups[load.group].station]
        return LoadFate(load.token, bool(alarm), load.arrival_h + float(stay), alarm)

    def _alarm(self, load: TrackedLoad, manning: Manning, scanned: np.ndarray, hour: int) -> str:
        """Return the first layer that alarms on a load, empty if none does."""
        probs = self._alarm_probs(manning, load.mode, float(scanned[load.group]), hour)
        for layer, prob in zip(LAYERS, probs, strict=True):
            if self._draws.uniform(f"screen.{layer}", load.entity) < prob:
                return layer
        exam_share = float(manning.deployment.exam_share[load.group])
        return RANDOM if self._draws.uniform(f"screen.{RANDOM}", load.entity) < exam_share else ""

    def _alarm_probs(
        self, manning: Manning, mode: str, scanned: float | np.ndarray, hour: int
    ) -> tuple[float | np.ndarray, ...]:
        """Return the chance of an alarm on a load by each layer, with levers and intelligence of an hour."""
        targeting = manning.effort.targeting * self._informed(float(hour))
        return self._baseline.screens[mode].alarm_probs(scanned, targeting, manning.effort.canine)

    def _queue_settings(self) -> QueueSettings:
        tables, calendar, screening = self.tables, self.calendar, self._settings.screening
        places: np.ndarray | float = np.inf
        if screening.secondary_space == "limited":
            places = np.floor([screening.modes[station.mode].waiting_places for station in tables.stations])
        return QueueSettings(
            secondary_of=tables.secondary_of,
            lanes_max=tables.lanes_max,
            service_shape=self.traffic.service_shape,
            patience_h=self.traffic.patience_h,
            bays_max=self._baseline.most_bays(),
            secondary_shape=np.full(len(tables.stations), int(screening.secondary_shape), dtype=np.int32),
            hour_of_week=calendar.hour_of_week[self._first_hour :],
            month_of_hour=calendar.month_of_hour[self._first_hour :],
            n_months=len(calendar.month_names),
            entity=np.array([_identity(group) for group in tables.groups], dtype=np.uint64),
            leniency=self._settings.leniency.table(),
            waiting_room=places,
        )


def _groups_of_routes(
    tables: BorderTables, traffic: Traffic
) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]:
    """Return the lane groups of each field office and mode, and their cumulated entries a year."""
    entries = traffic.entries_per_year()
    found = {}
    for office in OFFICES:
        for mode in MODES:
            own = [i for i, g in enumerate(tables.groups) if (g.crossing.office, g.mode) == (office, mode)]
            found[office, mode] = np.array(own, dtype=np.int64), np.cumsum(entries[own])
    return found


def _identity(group: LaneGroup) -> int:
    """Return the owner of a lane group's draws: its name, so that another group shifts nobody."""
    return entity_id(0, f"group {group.crossing.crossing_id} {group.mode} {group.lane_class}", 0)


def _tracked(loads: Sequence[TrackedLoad], alarms: Sequence[str], first_hour: int) -> Tracked:
    return Tracked(
        group=np.array([load.group for load in loads], dtype=np.int32),
        arrival_h=np.array([load.arrival_h for load in loads]) - first_hour,
        key=np.array([load.entity for load in loads], dtype=np.uint64),
        # The layers have spoken; leniency alone may let an alarm pass.
        referral_prob=np.array([float(alarm != "") for alarm in alarms]),
        token=np.array([load.token for load in loads], dtype=np.int64),
    )
