"""Firearms: they go south in small lots, past the outbound teams, and shorten the recovery of labs.

A ring that is down sends nothing.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable
from typing import Any

from sim.chain.outbound import Outbound
from sim.chain.parts.context import StationContext
from sim.chain.parts.disruption import RecoverableUnits
from sim.chain.parts.hazards import Stream, start_arrivals
from sim.chain.parts.observation import FIELD_OPERATIONS
from sim.core.calendar import DAYS_PER_YEAR, HOURS_PER_WEEK
from sim.core.settings import Settings, quantity
from sim.ledger.accounts import ARMS, DEALERS, SEIZED_ARMS, SOUTHBOUND_ARMS, UNSOLD, WORN
from sim.ledger.postings import FIREARM

DAYS_PER_WEEK = 7


class FirearmSettings(Settings):
    """The southbound flow and what armament does."""

    per_year: float = quantity("firearm/year", "firearms sent to these clusters", ge=0)
    per_lot: float = quantity("firearm/lot", "firearms in one conveyance", ge=1, multiple_of=1)
    find_prob: float = quantity("1/1", "chance that a lot is found at the baseline", ge=0, le=1)
    half_life_days: float = quantity("d", "time in which half of the arms is worn, lost or seized", gt=0)
    recovery_elasticity: float = quantity(
        "1/1", "elasticity of the recovery time of a lab to armament, over the usual one", le=0
    )
    recovery_limit: float = quantity(
        "1/1", "most by which armament makes a recovery longer or shorter than usual", ge=1
    )
    rings: float = quantity("ring", "rings of buyers that serve each cluster", ge=1, multiple_of=1)
    ring_recovery_days: float = quantity("d", "mean time until a disrupted ring is replaced", gt=0)


class Firearms:
    """Sends lots, wears them out, and tells how armed a cluster is."""

    def __init__(
        self, context: StationContext, settings: FirearmSettings, outbound: Outbound, shares: dict[str, float]
    ) -> None:
        self._context, self._settings, self._outbound, self._shares = context, settings, outbound, shares
        rings: dict[Hashable, int] = {name: int(settings.rings) for name in shares}
        self._rings = RecoverableUnits(context, "arms", rings, settings.ring_recovery_days)
        weeks = settings.half_life_days / DAYS_PER_WEEK
        self._kept = 0.5 ** (1.0 / weeks)
        per_week = settings.per_year * (1.0 - settings.find_prob) * DAYS_PER_WEEK / DAYS_PER_YEAR
        self._usual = {name: per_week * share / (1.0 - self._kept) for name, share in shares.items()}
        ledger = context.ledger
        self._dealers, self._on_way = ledger.account(DEALERS), ledger.account(SOUTHBOUND_ARMS)
        self._arms = {name: ledger.account(ARMS, name) for name in shares}
        for name, count in self._usual.items():
            ledger.post(0.0, self._dealers, self._arms[name], FIREARM, round(count))
        lots = Stream("arms lot", "arms lot.gap", settings.per_year / settings.per_lot)
        start_arrivals(context, lots, self._send)
        context.env.process(self._wear_weekly())

    def disrupt(self, entity: int) -> bool:
        """Strike a ring of buyers; return False when it was down already."""
        return self._rings.disrupt(entity)

    def recovery_factor(self, cluster: str) -> float:
        """Return the recovery time of a lab over the usual one, at the armament of a cluster."""
        usual, most = self._usual[cluster], self._settings.recovery_limit
        if usual <= 0.0:
            return 1.0
        armed = self._context.ledger.balance(self._arms[cluster], FIREARM) / usual
        if armed <= 0.0:
            return most
        return float(min(max(armed**self._settings.recovery_elasticity, 1.0 / most), most))

    def _send(self, lot: int) -> None:
        context, s, ledger, now = self._context, self._settings, self._context.ledger, self._context.env.now
        cluster = list(self._shares)[context.draws.choice("arms.buyer", lot, list(self._shares.values()))]
        count = int(s.per_lot)
        if self._rings.down_for_h(cluster, lot) > 0.0:
            ledger.post(now, self._dealers, ledger.account(UNSOLD), FIREARM, count)
            return
        ledger.post(now, self._dealers, self._on_way, FIREARM, count)
        if context.happens("arms.find", lot, min(1.0, s.find_prob * self._outbound.factor())):
            ledger.post(now, self._on_way, ledger.account(SEIZED_ARMS), FIREARM, count)
            context.recorder.count(FIELD_OPERATIONS, "arms", FIREARM, count, lot)
            context.leads.raise_lead("arms_seizure", lot)
            return
        ledger.post(now, self._on_way, self._arms[cluster], FIREARM, count)

    def _wear_weekly(self) -> Generator[Any, Any, None]:
        ledger = self._context.ledger
        left = dict.fromkeys(self._shares, 0.0)
        while True:
            yield self._context.env.timeout(HOURS_PER_WEEK)
            for name, account in self._arms.items():
                exact = ledger.balance(account, FIREARM) * (1.0 - self._kept) + left[name]
                worn = int(exact)
                left[name] = exact - worn
                ledger.post(self._context.env.now, account, ledger.account(WORN, name), FIREARM, worn)
