"""What stands at the ports on a day: officers, scanners and bays.

``BaselinePorts`` is what they have without levers. Its ``manned`` adds what levers add and returns the
``Manning`` of a day: a value, so that whoever asks about a day changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.border.crossing import MODES, BorderTables
from sim.border.layers import Scanning, Screens
from sim.border.leniency.settings import LeniencySettings
from sim.border.officers import (
    AddedOfficers,
    Deployment,
    OfficerSettings,
    Workload,
    deploy,
    planned_hours,
    workload_of,
)
from sim.border.screening import ScreeningEffort, ScreeningSettings, either
from sim.border.traffic import DAYS_OF_WEEK, Traffic, TrafficSettings
from sim.core.calendar import DAYS_PER_YEAR, HOURS_PER_DAY
from sim.core.units import MINUTES_PER_HOUR

Floats = NDArray[np.float64]
Counts = NDArray[np.int32]
NOBODY = AddedOfficers()


class PortSettings(Protocol):
    """The settings of the border that the ports need."""

    traffic: TrafficSettings
    screening: ScreeningSettings
    officers: OfficerSettings
    leniency: LeniencySettings


@dataclass(frozen=True)
class Manning:
    """What stands at the ports on a day, and what follows for lawful travellers; G groups, S stations.

    Parameters
    ----------
    added : AddedOfficers
    effort : ScreeningEffort
        What levers do on that day.
    deployment : Deployment
        Where added officers stand.
    scanning : Scanning
    referral_prob : float64, [G]
        Chance that a lawful traveller is sent to secondary, at the share scanned in the baseline year.
    bays : int32, [3, 24, S]
        Open bays by day type and hour.
    """

    added: AddedOfficers
    effort: ScreeningEffort
    deployment: Deployment
    scanning: Scanning
    referral_prob: Floats
    bays: Counts

    def extra_lanes(self, day_type: int, hour_of_day: int) -> Floats | None:
        """Return the mean lanes that added officers open in an hour, float64 [G]; None without officers."""
        if self.added == NOBODY:
            return None
        return self.deployment.extra_lanes[:, day_type, hour_of_day]


class BaselinePorts:
    """The ports without levers, and what levers make of them.

    Parameters
    ----------
    tables : BorderTables
    settings : PortSettings
    traffic : Traffic

    Attributes
    ----------
    screens : dict of str to Screens
        Layers of screening by mode.
    secondary_h : float64, [S]
        Mean time in secondary, h.
    workload : Workload
    planned_h : float64, [uses, offices]
        Officer-hours a day.
    """

    def __init__(self, tables: BorderTables, settings: PortSettings, traffic: Traffic) -> None:
        self._tables, self._settings, self._traffic = tables, settings, traffic
        modes = settings.screening.modes
        self.screens = {mode: Screens(own, f"border.screening.modes.{mode}") for mode, own in modes.items()}
        self.secondary_h = np.array([modes[s.mode].secondary_min / MINUTES_PER_HOUR for s in tables.stations])
        self._false_referral_prob = np.array([modes[g.mode].false_referral_prob for g in tables.groups])
        self._groups_of = {
            mode: np.array([i for i, g in enumerate(tables.groups) if g.mode == mode], dtype=np.int64)
            for mode in modes
        }
        self._mode_of_station = np.array([MODES.index(station.mode) for station in tables.stations])
        self._scanning = self._scanners()
        self.workload: Workload = workload_of(
            tables,
            (traffic.entries_per_h, traffic.service_h),
            self.secondary_h,
            self._false_referral_prob,
            DAYS_OF_WEEK / DAYS_OF_WEEK.sum(),
        )
        self.planned_h = planned_hours(settings.officers, self.workload)
        self._bays_max = self._built_bays()

    def manned(self, added: AddedOfficers, effort: ScreeningEffort, before: Manning | None = None) -> Manning:
        """Return the ports with what levers add: a pure function of ``added`` and ``effort``.

        ``before`` is the manning of an earlier day; as far as it still holds it is not computed again.
        """
        if before is not None and (before.added, before.effort) == (added, effort):
            return before
        if before is not None and before.added == added:
            deployment = before.deployment
        else:
            deployment = deploy(self._settings.officers, added, self.workload)
        share = np.array(effort.share)[self._mode_of_station]
        scanning = self._scanning.times(share, effort.scans)
        exam_share = deployment.exam_share
        expected = self._mean_false_referral_prob(scanning, effort.canine)
        return Manning(
            added,
            effort,
            deployment,
            scanning,
            _with_exams(self._false_referral_prob, exam_share),
            np.minimum(self._bays_for(_with_exams(expected, exam_share)), self._bays_max),
        )

    def most_bays(self) -> Counts:
        """Return the bays of each station that are open when everybody is examined, int32 [S]."""
        everybody = np.ones(len(self._tables.groups))
        return np.asarray(np.minimum(self._bays_for(everybody), self._bays_max).max(axis=(0, 1)))

    def screened(self, manning: Manning, scanned: Floats, service_h: Floats) -> tuple[Floats, Floats]:
        """Return referral of lawful travellers and mean service (h) by group, at the shares scanned now."""
        canine = manning.effort.canine
        if canine == 1.0 and np.array_equal(scanned, self._scanning.then[self._tables.secondary_of]):
            return manning.referral_prob, service_h
        referral, service_h = manning.referral_prob.copy(), service_h.copy()
        for mode, screens in self.screens.items():
            own = self._groups_of[mode]
            by_layers = screens.false_referral_prob(scanned[own], canine)
            referral[own] = 1.0 - (1.0 - by_layers) * (1.0 - manning.deployment.exam_share[own])
            service_h[own] += screens.added_h(scanned[own], canine)
        return referral, service_h

    def _scanners(self) -> Scanning:
        modes, stations = self._settings.screening.modes, self._tables.stations
        mean_h = self._traffic.entries_per_year() / (DAYS_PER_YEAR * HOURS_PER_DAY)
        return Scanning(
            station_of=self._tables.secondary_of,
            target=np.array([modes[station.mode].scan_target_share for station in stations]),
            then=np.array([self.screens[station.mode].scanned_then for station in stations]),
            scans_per_h=np.array([modes[s.mode].scans_per_lane_h * s.lanes_max for s in stations]),
            entries_per_h=np.bincount(self._tables.secondary_of, weights=mean_h, minlength=len(stations)),
        )

    def _mean_false_referral_prob(self, scanning: Scanning, canine: float) -> Floats:
        """Return the chance that layers refer a lawful traveller in a mean hour, float64 [G]."""
        scanned, prob = scanning.in_a_mean_hour, self._false_referral_prob.copy()
        for mode, screens in self.screens.items():
            own = self._groups_of[mode]
            prob[own] = screens.false_referral_prob(scanned[own], canine)
        return prob

    def _built_bays(self) -> Counts:
        """Return the bays that each station has: so many times those of its busiest hour, int32 [S]."""
        busiest = self._bays_for(self._false_referral_prob).max(axis=(0, 1))
        limit = np.floor(self._settings.officers.bays_growth_max * busiest)
        return np.asarray(np.minimum(limit, np.iinfo(np.int32).max).astype(np.int32))

    def _bays_for(self, referral_prob: Floats) -> Counts:
        """Return bays by day type, hour and station that keep secondary at its planned utilization, int32."""
        tables = self._tables
        exam_h = referral_prob * self.secondary_h[tables.secondary_of]
        work = self._traffic.entries_per_h * exam_h[:, None, None]
        station_work = np.zeros((len(tables.stations), *work.shape[1:]))
        np.add.at(station_work, tables.secondary_of, work)
        bays = np.ceil(station_work / self._settings.screening.secondary_utilization)
        return np.ascontiguousarray(np.maximum(bays, 1).astype(np.int32).transpose(1, 2, 0))


def _with_exams(referral_prob: Floats, exam_share: Floats) -> Floats:
    """Return the chance to be sent to secondary by layers or for an added examination, float64 [G]."""
    return np.array([either(x, e) for x, e in zip(referral_prob, exam_share, strict=True)])
