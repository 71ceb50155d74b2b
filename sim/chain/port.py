"""Ports of entry as the chain sees them: announce a load, learn its fate at its exit.

The border runs one hour ahead of the SimPy clock: at every full hour all queues advance to the next,
with the loads that were announced for that hour riding among everyone else.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

import simpy

from sim.border.ports import LoadFate, Ports, TrackedLoad
from sim.border.screening import ScreeningSettings
from sim.chain.parts.context import StationContext
from sim.ledger.accounts import ALARMED, CLEARED, FOUND, OVERLOOKED, PASSED, SCREENED
from sim.ledger.postings import ALARM


class PortsOfEntry:
    """Couples the loads of the chain to the queues of the border."""

    def __init__(self, context: StationContext, ports: Ports, screening: ScreeningSettings) -> None:
        self._context, self._ports, self._screening = context, ports, screening
        self._announced: dict[int, list[TrackedLoad]] = {}
        self._waiting: dict[int, simpy.Event] = {}
        self._tokens = 0
        context.env.process(self._advance_hourly())

    def cross(self, load: int, office: str, mode: str) -> Generator[Any, Any, bool]:
        """Take a load through a port of entry; return whether it was found.

        The lane group and the hour follow the traffic of the route class: the draw is over the
        24 hours that begin one full hour from now.
        """
        context = self._context
        group = self._ports.draw_group(office, mode, context.draws.uniform("port.group", load))
        first = math.floor(context.env.now) + 2
        hour = first + self._ports.draw_hour(group, first, context.draws.uniform("port.hour", load))
        minute = context.draws.uniform("port.minute", load)
        arrival_h = min(hour + minute, math.nextafter(hour + 1.0, 0.0))  # rounding must not change the hour
        if hour >= context.calendar.total_hours:
            yield context.env.event()
        token = self._tokens
        self._tokens += 1
        done = self._waiting[token] = context.env.event()
        tracked = TrackedLoad(token, group, arrival_h, load, office, mode)
        self._announced.setdefault(hour, []).append(tracked)
        fate: LoadFate = yield done
        find_prob = self._screening.modes[mode].find_prob
        found = fate.referred and context.happens("port.find", load, find_prob)
        if fate.alarm:
            context.journal.load_alarmed(load, fate.alarm)
        self._note_screening(fate, found, office, mode)
        return found

    def _note_screening(self, fate: LoadFate, found: bool, office: str, mode: str) -> None:
        """Post the first alarm on a load, and what became of it, by route class alone."""
        ledger, now = self._context.ledger, self._context.env.now
        screened = ledger.account(SCREENED, office, mode)
        if not fate.alarm:
            ledger.post(now, screened, ledger.account(PASSED, office, mode), ALARM, 1)
            return
        result = FOUND if found else CLEARED if fate.referred else OVERLOOKED
        alarmed = ledger.account(ALARMED, fate.alarm, office, mode)
        ledger.post(now, screened, alarmed, ALARM, 1)
        ledger.post(now, alarmed, ledger.account(result, fate.alarm, office, mode), ALARM, 1)

    def _advance_hourly(self) -> Generator[Any, Any, None]:
        env = self._context.env
        for hour in range(self._context.calendar.total_hours):
            for fate in self._ports.advance(hour, self._announced.pop(hour, [])):
                exit_at = env.timeout(fate.exit_h - env.now, fate)
                exit_at.callbacks.append(self._waiting.pop(fate.token).trigger)
            yield env.timeout(1.0)
