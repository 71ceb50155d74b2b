"""The border queue in cimba (C engine, compiled processes), run by the Python that has cimba installed.

``python benchmarks/border_work/in_cimba.py DAY.npz ROUNDS HOURS...`` prints a line of JSON for each number of
hours; ``benchmarks.border`` calls it. Written for cimba 0.9.
The idiom that suits cimba: a lane is a process that takes vehicles from a store, so that no process is
made for a vehicle. Same rules as the queue; draws are cimba's own, and sums are kept by group, not by hour.
"""

from __future__ import annotations

import json
import sys
import time

import cimba as cb
import numpy as np
from cimba import random

DAY = np.load(sys.argv[1])
RATE, LANES, BAYS = DAY["rate_per_h"], DAY["lanes"], DAY["bays"]
SERVICE_H, SECONDARY_H = float(DAY["service_h"]), float(DAY["secondary_h"])
REFERRED, PATIENCE_H = float(DAY["referral_prob"]), float(DAY["patience_h"])
PRIMARY_SHAPE, SECONDARY_SHAPE = int(DAY["primary_shape"]), int(DAY["secondary_shape"])
N_HOURS = len(RATE)
FIRST = 1
"""Priority of a vehicle that a closing lane hands back: it keeps its place."""


class Station(cb.Model):  # type: ignore[misc]
    """Secondary of one crossing and mode; a vehicle is its time of arrival there."""

    number: int = 0
    line: cb.PriorityStore[float]
    active: cb.Output[int]
    waited_h: cb.Output[float]

    @cb.on_start
    def begin(self) -> None:
        """Start the sum, which would be NaN."""
        self.waited_h = 0.0


class Bay(cb.Model):  # type: ignore[misc]
    """One bay."""

    at: cb.Ref[Station]

    @cb.process
    def work(self) -> None:
        """Examine whoever is first, while the hour has this bay open."""
        on = False
        while True:
            limit = BAYS[int(cb.now() + 1e-9) % N_HOURS, self.at.number]
            if on and self.at.active > limit:
                self.at.active -= 1
                on = False
            elif not on and self.at.active < limit:
                self.at.active += 1
                on = True
            if not on:
                cb.hold(int(cb.now() + 1e-9) + 1.0 - cb.now())
                continue
            came = self.at.line.get()
            if self.at.active > BAYS[int(cb.now() + 1e-9) % N_HOURS, self.at.number]:
                self.at.line.put(came, FIRST)
                continue
            self.at.waited_h += cb.now() - came
            took = 0.0
            for _ in range(SECONDARY_SHAPE):
                took += random.exponential(SECONDARY_H / SECONDARY_SHAPE)
            cb.hold(took)


class Group(cb.Model):  # type: ignore[misc]
    """The lanes of one group share a line; a vehicle is its time of arrival."""

    number: int = 0
    then: cb.Ref[Station]
    line: cb.PriorityStore[float]
    active: cb.Output[int]
    trips: cb.Output[int]
    reneged: cb.Output[int]
    referred: cb.Output[int]
    delayed: cb.Output[int]
    waited_h: cb.Output[float]

    @cb.on_start
    def begin(self) -> None:
        """Start the sum, which would be NaN."""
        self.waited_h = 0.0

    @cb.process
    def arrivals(self) -> None:
        """Send Poisson arrivals at the rate of the hour."""
        hour = 0
        while True:
            gap = random.exponential(1.0 / RATE[hour % N_HOURS, self.number])
            if cb.now() + gap >= hour + 1.0:
                hour += 1
                cb.hold(hour - cb.now())
                continue
            cb.hold(gap)
            self.line.put(cb.now())


class Lane(cb.Model):  # type: ignore[misc]
    """One lane."""

    of: cb.Ref[Group]

    @cb.process
    def work(self) -> None:
        """Inspect whoever is first, while the hour has this lane open."""
        on = False
        while True:
            limit = LANES[int(cb.now() + 1e-9) % N_HOURS, self.of.number]
            if on and self.of.active > limit:
                self.of.active -= 1
                on = False
            elif not on and self.of.active < limit:
                self.of.active += 1
                on = True
            if not on:
                cb.hold(int(cb.now() + 1e-9) + 1.0 - cb.now())
                continue
            came = self.of.line.get()
            if self.of.active > LANES[int(cb.now() + 1e-9) % N_HOURS, self.of.number]:
                self.of.line.put(came, FIRST)
                continue
            wait_h = cb.now() - came
            if wait_h > 0.0 and wait_h > random.exponential(PATIENCE_H):
                self.of.reneged += 1
                continue
            self.of.trips += 1
            self.of.waited_h += wait_h
            self.of.delayed += int(wait_h > 0.0)
            took = 0.0
            for _ in range(PRIMARY_SHAPE):
                took += random.exponential(SERVICE_H / PRIMARY_SHAPE)
            cb.hold(took)
            if random.uniform() < REFERRED:
                self.of.referred += 1
                self.of.then.line.put(cb.now())


class Border(cb.Model):  # type: ignore[misc]
    """All groups and stations."""

    stations: list[Station]
    bays: list[Bay]
    groups: list[Group]
    lanes: list[Lane]

    def __init__(self) -> None:
        self.stations, self.bays, self.groups, self.lanes = [], [], [], []
        for number, most in enumerate(BAYS.max(axis=0)):
            station = Station()
            station.number = number
            self.stations.append(station)
            for _ in range(most):
                bay = Bay()
                bay.at = station
                self.bays.append(bay)
        for number, most in enumerate(LANES.max(axis=0)):
            group = Group()
            group.number, group.then = number, self.stations[DAY["secondary_of"][number]]
            self.groups.append(group)
            for _ in range(most):
                lane = Lane()
                lane.of = group
                self.lanes.append(lane)


def once(hours: float) -> dict[str, float]:
    """Simulate once on one thread; return the processor time and what happened."""
    border = Border()
    trial = cb.Experiment(border, replications=1, window=cb.Window(duration=hours), seed=1)
    begin = time.process_time()
    results = trial.run(workers=1, on_failure="raise")
    taken_s = time.process_time() - begin
    names = ("trips", "reneged", "referred", "delayed", "waited_h")
    return {"taken_s": taken_s} | {
        name: float(sum(np.asarray(getattr(results[group], name)).sum() for group in border.groups))
        for name in names
    }


if __name__ == "__main__":
    once(0.01)  # compile
    for length in map(float, sys.argv[3:]):
        rounds = [once(length) for _ in range(int(sys.argv[2]))]
        print(json.dumps({"hours": length, "version": cb.__version__, "rounds": rounds}), flush=True)
