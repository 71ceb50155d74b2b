"""The border queue as one would explain it: one SimPy process a vehicle.

Slow and clear. The compiled kernel must give the same times, bit for bit, on the same draws. The rules
are those of ``network``; the inputs of an hour hold for whatever starts in it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from math import inf, nan
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from sim.border.leniency.table import NO_LENIENCY
from sim.border.network import HourInput, QueueSettings, Tracked
from sim.border.state import TRACE
from sim.core.draws import Draws, entity_id

Process = Generator[simpy.Event, Any, None]
Place = simpy.resources.resource.Request | None
BLOCK = 64
"""Draws of a stream are made so many at a time."""


@dataclass(slots=True)
class Vehicle:
    """One vehicle: whose draws are its own, what it brings, and what happened (h; nan if it did not)."""

    group: int
    entity: int
    visit: int
    work: float
    patience_h: float
    share: float | None = None
    arrival_h: float = nan
    start_h: float = nan
    end_h: float = nan
    admitted_h: float = nan
    secondary_start_h: float = nan
    exit_h: float = nan
    referred: bool = False


class Servers(simpy.Resource):
    """Lanes or bays, of which some are open; who is being served stays until the end."""

    def __init__(self, env: simpy.Environment) -> None:
        super().__init__(env)
        self.open(0)

    def open(self, number: int) -> None:
        """Change the number of open servers."""
        self._capacity = int(number)
        # One trigger admits one vehicle, however many servers have opened.
        for _ in range(self._capacity):
            self._trigger_put(None)


class Twin:
    """The whole border, from hour 0.

    Parameters
    ----------
    settings : QueueSettings
    draws : Draws
    """

    def __init__(self, settings: QueueSettings, draws: Draws) -> None:
        self.settings, self.draws = settings, draws
        self.shape, self.exam_shape = settings.service_shape.tolist(), settings.secondary_shape.tolist()
        self.scv, self.exam_scv, self.rooms = (
            np.asarray(column).tolist()
            for column in (settings.service_scv, settings.secondary_scv, settings.waiting_room)
        )
        self.patience_h, self.secondary_of = settings.patience_h.tolist(), settings.secondary_of.tolist()
        self.env = simpy.Environment()
        self.lanes = [Servers(self.env) for _ in settings.lanes_max]
        self.bays = [Servers(self.env) for _ in settings.bays_max]
        self.places = [simpy.Resource(self.env, int(room)) if 0 < room < inf else None for room in self.rooms]
        self.lined_up = [0 for _ in settings.lanes_max]
        self.lenient = _levels(settings)
        self.now: HourInput
        self.left_queue: list[Vehicle] = []

    def run(self, hours: Sequence[HourInput], tracked: Mapping[int, Tracked] | None = None) -> NDArray[Any]:
        """Simulate ``hours`` and return one ``TRACE`` row a vehicle, in the order of their turns."""
        self.env.process(self.clock(hours, tracked or {}))
        self.env.run(until=len(hours))
        rows = [tuple(getattr(vehicle, name) for name in TRACE.names or ()) for vehicle in self.left_queue]
        return np.array(rows, dtype=TRACE)

    def clock(self, hours: Sequence[HourInput], tracked: Mapping[int, Tracked]) -> Process:
        """Open lanes and bays on the hour, and let its traffic come."""
        for hour, now in enumerate(hours):
            # Plain numbers: arithmetic on single NumPy numbers would take most of the time.
            self.now = HourInput(*(np.asarray(column).tolist() for column in vars(now).values()))
            for servers, number in zip(self.lanes + self.bays, [*now.lanes, *now.bays], strict=True):
                servers.open(number)
            for group in range(len(self.lanes)):
                self.env.process(self.traffic(group, hour))
            if hour in tracked:
                for row in tracked[hour].rows():
                    self.env.process(self.conveyance(*row))
            yield self.env.timeout(1)

    def traffic(self, group: int, hour: int) -> Process:
        """Let the vehicles of one group and hour arrive, one exponential gap after another."""
        rate_per_h, patience_h = self.now.rate_per_h[group], self.patience_h[group]
        if rate_per_h == 0:
            return
        entity = entity_id(self.settings.identity(group), "hour", hour)
        gaps, patience = self.stream("arrival", entity), self.stream("patience", entity)
        works = self.stream("service", entity, self.shape[group], self.scv[group])
        for visit, gap in enumerate(gaps):
            gap_h = gap * (1 / rate_per_h)
            if self.env.now + gap_h >= hour + 1:
                return
            yield self.env.timeout(gap_h)
            self.env.process(
                self.cross(Vehicle(group, entity, visit, next(works), next(patience) * patience_h))
            )

    def conveyance(self, group: int, arrival_h: float, entity: int, share: float, token: int) -> Process:
        """Let a tracked conveyance arrive: its draws are its own, and it never reneges."""
        yield self.env.timeout(arrival_h - self.env.now)
        work = self.work("service", entity, self.shape[group], self.scv[group])
        yield from self.cross(Vehicle(group, entity, 0, work, inf, share))

    def cross(self, vehicle: Vehicle) -> Process:
        """Pass primary, and secondary if sent there."""
        env, group = self.env, vehicle.group
        vehicle.arrival_h = env.now
        self.lined_up[group] += 1
        with self.lanes[group].request() as turn:
            yield turn
            self.lined_up[group] -= 1
            self.left_queue.append(vehicle)
            if env.now - vehicle.arrival_h > vehicle.patience_h:
                return
            slower, followed = self.leniency(group)
            service_h = vehicle.work * (self.now.service_h[group] / self.shape[group]) * slower
            share = self.now.referral_prob[group] if vehicle.share is None else vehicle.share
            u = self.draws.uniform("referral", vehicle.entity, vehicle.visit)
            vehicle.referred = u < share * followed
            vehicle.start_h, vehicle.end_h = env.now, env.now + service_h
            vehicle.exit_h = nan if vehicle.referred else vehicle.end_h
            unlimited = self.rooms[self.secondary_of[group]] == inf
            vehicle.admitted_h = vehicle.end_h if vehicle.referred and unlimited else nan
            yield env.timeout(service_h)
            if not vehicle.referred:
                return
            # Until there is a place in secondary, the vehicle keeps its lane.
            place = yield from self.admit(vehicle)
        yield from self.examine(vehicle, place)

    def leniency(self, group: int) -> tuple[float, float]:
        """Return the factors of service and of referral for the number who wait now."""
        edges, service, referral = self.lenient[group]
        level = sum(self.lined_up[group] > edge * self.now.lanes[group] for edge in edges)
        return service[level], referral[level]

    def admit(self, vehicle: Vehicle) -> Generator[simpy.Event, Any, Place]:
        """Wait for a place in the waiting room, or for a bay where there is no such room."""
        station = self.secondary_of[vehicle.group]
        places, place = self.places[station], None
        if places is not None:
            place = places.request()
        elif self.rooms[station] == 0:
            place = self.bays[station].request()
        if place is not None:
            yield place
            vehicle.admitted_h = self.env.now
        return place

    def examine(self, vehicle: Vehicle, place: Place) -> Process:
        """Pass secondary."""
        station = self.secondary_of[vehicle.group]
        shape = self.exam_shape[station]
        # Without a waiting room the place is the bay.
        bay = place if place is not None and self.rooms[station] == 0 else self.bays[station].request()
        yield bay
        if place is not None and place is not bay:
            place.resource.release(place)
        work = self.work("secondary", vehicle.entity, shape, self.exam_scv[station], vehicle.visit)
        service_h = work * (self.now.secondary_h[station] / shape)
        vehicle.secondary_start_h, vehicle.exit_h = self.env.now, self.env.now + service_h
        yield self.env.timeout(service_h)
        self.bays[station].release(bay)

    def work(self, decision: str, entity: int, shape: int, scv: float, visit: int = 0) -> float:
        """Return a service in stages of unit mean: two phases where it varies more than one stage."""
        if scv > 1.0:
            return self.draws.hyperexponential(decision, entity, scv, visit)
        return self.draws.erlang(decision, entity, shape, visit)

    def stream(self, decision: str, entity: int, shape: int = 1, scv: float = 1.0) -> Iterator[float]:
        """Yield the draws of visits 0, 1, 2, ... of a decision, by the laws of ``work``."""
        for first in count(0, BLOCK):
            visits = np.arange(first, first + BLOCK)
            if scv > 1.0:
                yield from self.draws.hyperexponentials(decision, entity, scv, visits).tolist()
            else:
                yield from self.draws.erlangs(decision, entity, shape, visits).tolist()


def _levels(settings: QueueSettings) -> list[tuple[list[float], list[float], list[float]]]:
    """Return edges and factors of each group as plain numbers."""
    table, groups = settings.leniency or NO_LENIENCY, len(settings.lanes_max)
    columns = (table.edges, table.service_factor, table.referral_factor)
    rows = (np.broadcast_to(column, (groups, np.shape(column)[-1])).tolist() for column in columns)
    return list(zip(*rows, strict=True))
