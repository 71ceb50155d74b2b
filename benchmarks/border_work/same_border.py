"""One border for all tools: what comes in, and one run of ours."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.border.leniency.table import LeniencyTable
from sim.border.network import BorderQueue, HourInput, QueueSettings
from sim.border.twin import Twin
from sim.core.draws import Draws

GROUPS, STATIONS, DAY_H = 130, 45, 24
SERVICE_H, SECONDARY_H, PATIENCE_H, REFERRED = 0.02, 0.5, 0.5, 0.04
SERVICE_SHAPE, SECONDARY_SHAPE = 4, 2
LANES_IN_ALL = 400
LENIENCY = LeniencyTable(
    edges=np.array([1.0, 2.0, 4.0]),
    service_factor=np.array([1.0, 0.9, 0.8, 0.7]),
    referral_factor=np.array([1.0, 0.8, 0.6, 0.4]),
)


@dataclass(frozen=True)
class Work:
    """A border: peak arrivals by group, station by group, and how full the lanes are."""

    peak_per_h: np.ndarray
    station_of: np.ndarray
    load: float = 0.95
    all_on: bool = False

    def day(self) -> list[HourInput]:
        """Return what the hours of a day bring, from 8 in the morning on."""
        groups, stations = len(self.station_of), self.station_of.max() + 1
        hours = []
        for hour in range(DAY_H):
            clock = (hour + 8) % DAY_H
            rate = np.maximum(self.peak_per_h * (0.35 + 0.65 * np.sin(clock * np.pi / DAY_H) ** 2), 5.0)
            sent = np.bincount(self.station_of, weights=REFERRED * rate, minlength=stations)
            hours.append(
                HourInput(
                    rate_per_h=rate,
                    service_h=np.full(groups, SERVICE_H),
                    lanes=np.ceil(rate * SERVICE_H / self.load).astype(int),
                    referral_prob=np.full(groups, REFERRED),
                    secondary_h=np.full(stations, SECONDARY_H),
                    bays=np.ceil(sent * SECONDARY_H / 0.8).astype(int),
                )
            )
        return hours

    def settings(self, hours: int) -> QueueSettings:
        """Return what does not change."""
        day, groups = self.day(), len(self.station_of)
        stations = len(day[0].bays)
        settings = QueueSettings(
            secondary_of=self.station_of,
            lanes_max=np.max([now.lanes for now in day], axis=0),
            service_shape=np.full(groups, SERVICE_SHAPE),
            patience_h=np.full(groups, PATIENCE_H),
            bays_max=np.max([now.bays for now in day], axis=0),
            secondary_shape=np.full(stations, SECONDARY_SHAPE),
            hour_of_week=np.arange(hours) % 168,
            month_of_hour=np.zeros(hours, int),
            n_months=1,
        )
        if not self.all_on:
            return settings
        return replace(settings, leniency=LENIENCY, waiting_room=np.full(stations, 2.0))


def whole_border(all_on: bool = False) -> Work:
    """Return 130 groups of 1 to 34 lanes, with as many arrivals a day as the real border."""
    peak = 5.0 * 300.0 ** (np.linspace(0.0, 1.0, GROUPS) ** 1.7)
    return Work(peak, np.arange(GROUPS) % STATIONS, all_on=all_on)


def of_lanes(lanes: int, all_on: bool = False) -> Work:
    """Return groups that have so many lanes at the peak, and as many arrivals in all whatever the lanes."""
    groups = LANES_IN_ALL // lanes
    # A hundredth under the edge, so that rounding opens no lane more.
    return Work(np.full(groups, 0.99 * 0.95 * lanes / SERVICE_H), np.arange(groups), all_on=all_on)


def run_queue(work: Work, hours: int, compiled: bool = True) -> int:
    """Advance the queue; return how many vehicles had their turn."""
    queue, day = BorderQueue(work.settings(hours), Draws(1, 0), compiled=compiled), work.day()
    for hour in range(hours):
        queue.advance(hour, day[hour % DAY_H])
    sums = queue.totals().month
    return int(sums["trips"].sum() + sums["reneged"].sum())


def run_twin(work: Work, hours: int) -> int:
    """Run the twin; return how many vehicles had their turn."""
    day = work.day()
    return len(Twin(work.settings(hours), Draws(1, 0)).run([day[hour % DAY_H] for hour in range(hours)]))


def write_day(work: Work, path: str) -> None:
    """Write what a tool outside this environment needs, as npz."""
    day = work.day()
    np.savez(
        path,
        secondary_of=work.station_of,
        service_h=SERVICE_H,
        secondary_h=SECONDARY_H,
        referral_prob=REFERRED,
        patience_h=PATIENCE_H,
        primary_shape=SERVICE_SHAPE,
        secondary_shape=SECONDARY_SHAPE,
        **{name: np.array([getattr(now, name) for now in day]) for name in ("rate_per_h", "lanes", "bays")},
    )
