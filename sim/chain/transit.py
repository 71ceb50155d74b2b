"""Trade lanes: how precursor travels from a source to Mexico, and the checkpoint it passes."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Literal

from sim.chain.gateway import Gateway
from sim.chain.parts.context import StationContext
from sim.chain.parts.disruption import RecoverableUnits
from sim.chain.parts.observation import AGENCY_OF
from sim.core.calendar import HOURS_PER_DAY
from sim.core.settings import Settings, Share, quantities, quantity
from sim.ledger.accounts import SEIZED, STOCK_PRECURSOR, TRANSIT
from sim.ledger.postings import PRECURSOR


class LaneSettings(Settings):
    """One trade lane: a leg, then a checkpoint."""

    transit_days: float = quantity("d", "mean time from dispatch to the checkpoint", gt=0)
    transit_cv: float = quantity("1/1", "coefficient of variation of the transit time", gt=0)
    checkpoint: Literal["gateway", "parcel", "southbound"]


class TransitSettings(Settings):
    """All trade lanes and which source uses which."""

    lanes: dict[str, LaneSettings]
    use_share: dict[str, dict[str, Share]] = quantities("1/1", "share of a source's consignments by lane")
    brokers: float = quantity("broker", "brokers who clear consignments on a lane", ge=1, multiple_of=1)
    broker_recovery_days: float = quantity("d", "mean time until a disrupted broker is replaced", gt=0)


class TradeLanes:
    """Carries consignments; time is lognormal, the checkpoint decides whether it goes on.

    A consignment whose broker is down waits before the checkpoint until the broker is replaced.
    """

    def __init__(self, context: StationContext, settings: TransitSettings, gateway: Gateway) -> None:
        self._context = context
        self._settings = settings
        self._gateway = gateway
        brokers = dict.fromkeys(settings.lanes, int(settings.brokers))
        self._brokers = RecoverableUnits(context, "broker", brokers, settings.broker_recovery_days)

    def disrupt(self, entity: int) -> bool:
        """Put a broker of a lane out of action; return False when he was already."""
        return self._brokers.disrupt(entity)

    def pick(self, source: str, entity: int) -> str:
        """Return the lane that a consignment takes."""
        use = self._settings.use_share[source]
        return list(use)[self._context.draws.choice("transit.lane", entity, list(use.values()))]

    def loss_share(self, source: str) -> float:
        """Return the chance that a consignment of a source is stopped on its way, as things stand now."""
        use, lanes = self._settings.use_share[source], self._settings.lanes
        return sum(share * self._gateway.stop_share(lanes[lane].checkpoint) for lane, share in use.items())

    def carry(self, lane: str, cluster: str, entity: int, mass_mg: int) -> Generator[Any, Any, int]:
        """Carry a consignment to a cluster's stock; return the mass that arrived, mg."""
        leg = self._settings.lanes[lane]
        days = self._context.lognormal("transit.days", entity, leg.transit_days, leg.transit_cv)
        yield self._context.env.timeout(days * HOURS_PER_DAY)
        if wait_h := self._brokers.down_for_h(lane, entity):
            yield self._context.env.timeout(wait_h)
        ledger, now = self._context.ledger, self._context.env.now
        on_way, point = ledger.account(TRANSIT, lane), leg.checkpoint
        if self._gateway.intercepts(point, entity):
            ledger.post(now, on_way, ledger.account(SEIZED, point), PRECURSOR, mass_mg)
            self._context.recorder.weigh(AGENCY_OF[point], point, PRECURSOR, mass_mg, entity)
            return 0
        ledger.post(now, on_way, ledger.account(STOCK_PRECURSOR, cluster), PRECURSOR, mass_mg)
        return mass_mg
