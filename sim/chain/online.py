"""Online: platforms through which part of the procurement and of the direct mail sales goes.

A takedown puts a platform out of action for weeks and makes a lead. An order that meets a platform that is
down fails like one that is refused, and the buyer tries again elsewhere; a parcel is not sold.
"""

from __future__ import annotations

from sim.chain.parts.context import StationContext
from sim.chain.parts.disruption import RecoverableUnits, strike
from sim.chain.parts.hazards import Stream, start_arrivals
from sim.core.dials import Dial
from sim.core.settings import Settings, quantity
from sim.ledger.accounts import STRUCK

TAKEDOWNS_DIAL = "online.takedowns_per_year"
PROCUREMENT, SALES = "procurement", "sales"


class OnlineSettings(Settings):
    """How much goes online, and how often platforms are taken down."""

    procurement_share: float = quantity("1/1", "share of precursor orders placed online", ge=0, le=1)
    sales_share: float = quantity("1/1", "share of mail loads sold online", ge=0, le=1)
    takedowns_per_year: float = quantity("takedown/year", "platforms taken down at the baseline", ge=0)
    platforms: float = quantity("platform", "platforms of each kind", ge=1, multiple_of=1)
    recovery_days: float = quantity("d", "mean time until users of a platform have moved", gt=0)


def dials() -> list[Dial]:
    """Return the dials that platforms read."""
    return [Dial(TAKEDOWNS_DIAL, "add", 0.0, 1e4, "takedown/year", "platforms taken down")]


class Online:
    """Platforms by what they sell, and their takedowns.

    Parameters
    ----------
    context : StationContext
    settings : OnlineSettings
    """

    def __init__(self, context: StationContext, settings: OnlineSettings) -> None:
        self._context, self._settings = context, settings
        count = int(settings.platforms)
        self._platforms = RecoverableUnits(
            context, "platform", {PROCUREMENT: count, SALES: count}, settings.recovery_days
        )
        takedowns = Stream("takedown", "takedown.gap", settings.takedowns_per_year, TAKEDOWNS_DIAL)
        start_arrivals(context, takedowns, self._take_down)

    def disrupt(self, entity: int) -> bool:
        """Strike a platform; return False when it was down already."""
        return self._platforms.disrupt(entity)

    def blocks_order(self, order: int, visit: int) -> bool:
        """Return whether an order is placed online and meets a platform that is down."""
        if self._platforms.down_for_h(PROCUREMENT, order, visit) == 0.0:
            return False
        return self._context.happens("online.order", order, self._settings.procurement_share, visit)

    def blocks_sale(self, load: int) -> bool:
        """Return whether a mail load is sold online and meets a platform that is down."""
        if self._platforms.down_for_h(SALES, load) == 0.0:
            return False
        return self._context.happens("online.sale", load, self._settings.sales_share)

    def _take_down(self, entity: int) -> None:
        ledger = self._context.ledger
        strike(ledger, self._context.env.now, ledger.account(STRUCK), "online", self.disrupt(entity))
        self._context.leads.raise_lead("takedown", entity)
