"""What every station stands on: one clock, one ledger, one set of draws and dials."""

from __future__ import annotations

import math
from dataclasses import dataclass

import simpy

from sim.chain.parts.journal import NO_JOURNAL, Journal
from sim.chain.parts.leads import Leads
from sim.chain.parts.observation import NO_RECORDER, Recorder
from sim.core.calendar import Calendar
from sim.core.dials import DialBoard
from sim.core.draws import Draws
from sim.ledger.postings import Ledger


@dataclass(frozen=True)
class StationContext:
    """What all stations of one replication share: clock, draws, ledger, dials, leads, records."""

    env: simpy.Environment
    draws: Draws
    ledger: Ledger
    dials: DialBoard
    calendar: Calendar
    leads: Leads
    journal: Journal = NO_JOURNAL
    recorder: Recorder = NO_RECORDER

    def happens(self, decision: str, entity: int, share: float, visit: int = 0) -> bool:
        """Return whether an event of probability ``share`` happens to an entity."""
        return self.draws.uniform(decision, entity, visit) < share

    def lognormal(self, decision: str, entity: int, mean: float, cv: float, visit: int = 0) -> float:
        """Return a lognormal value with the given mean and coefficient of variation."""
        sigma2 = math.log1p(cv * cv)
        z = self.draws.normal(decision, entity, visit)
        return mean * math.exp(math.sqrt(sigma2) * z - 0.5 * sigma2)
