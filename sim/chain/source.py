"""Sources: sellers of precursor that fill, delay or refuse an order."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

from sim.adversary import Chooser
from sim.chain.money import Treasury
from sim.chain.online import Online
from sim.chain.parts.context import StationContext
from sim.chain.parts.disruption import RecoverableUnits
from sim.chain.transit import TradeLanes
from sim.core.calendar import HOURS_PER_DAY, HOURS_PER_MONTH
from sim.core.dials import Dial, DialBoard
from sim.core.draws import entity_id
from sim.core.settings import Settings, quantity
from sim.core.units import CENTS_PER_USD, MG_PER_KG
from sim.ledger.accounts import ORIGIN, PAID_SUPPLIER, TRANSIT
from sim.ledger.postings import PRECURSOR


class SupplierSettings(Settings):
    """One source country and its sellers, taken together."""

    order_share: float = quantity("1/1", "share of orders placed here first", ge=0, le=1)
    price_usd_per_kg: float = quantity("USD2022/kg", "price paid for precursor", gt=0)
    fill_days: float = quantity("d", "mean time from payment to dispatch", gt=0)
    capacity_kg_per_month: float = quantity("kg/month", "most that is ordered in a twelfth of a year", gt=0)
    refusal_prob: float = quantity(
        "1/1", "share of orders refused by sellers outside any programme", ge=0, le=1
    )
    enrolled_share: float = quantity("1/1", "share of sellers in a know-your-customer programme", ge=0, le=1)
    enrolled_refusal_prob: float = quantity(
        "1/1", "share of diverted orders that an enrolled seller refuses", ge=0, le=1
    )
    tip_prob: float = quantity("1/1", "share of refusals by enrolled sellers that are reported", ge=0, le=1)


class SourceSettings(Settings):
    """All sources and how buyers move between them."""

    suppliers: dict[str, SupplierSettings]
    retry_days: float = quantity("d", "time to find another seller after a refusal", gt=0)
    tries: float = quantity("1/1", "sellers asked before an order is given up", ge=1, multiple_of=1)
    fill_cv: float = quantity("1/1", "coefficient of variation of the time to dispatch", gt=0)
    relations: float = quantity("relation", "sellers that one cluster deals with", ge=1, multiple_of=1)
    relation_recovery_days: float = quantity("d", "mean time until a disrupted relation is replaced", gt=0)


def dials(settings: SourceSettings) -> list[Dial]:
    """Return the dials that the sources read."""
    shares = [
        Dial(f"source.{name}.{what}", "complement", 0.0, 1.0, "1/1", meaning)
        for name in settings.suppliers
        for what, meaning in (
            ("enrolled", "share of sellers in a know-your-customer programme"),
            ("refusal", "share of orders refused outside any programme"),
        )
    ]
    return shares + [
        Dial(f"source.{name}.capacity", "multiply", 0.0, 1e9, "kg/month", "most that is ordered in a month")
        for name in settings.suppliers
    ]


def refusal_at(settings: SourceSettings, dials: DialBoard, name: str, time_h: float) -> float:
    """Return the chance that a supplier refuses an order at a time."""
    seller = settings.suppliers[name]
    enrolled = dials.value(f"source.{name}.enrolled", seller.enrolled_share, time_h)
    refusal = dials.value(f"source.{name}.refusal", seller.refusal_prob, time_h)
    return enrolled * seller.enrolled_refusal_prob + (1.0 - enrolled) * refusal


@dataclass(frozen=True)
class Order:
    """An order of precursor: who buys, how much, whose draws it owns."""

    cluster: str
    entity: int
    mass_mg: int


class Sources:
    """Fills orders; a refusal costs time, may raise a lead, and sends the buyer to another seller.

    Parameters
    ----------
    choosers : mapping of str to Chooser
        How each cluster chooses between suppliers, in the order of ``settings.suppliers``.
    """

    def __init__(
        self, context: StationContext, settings: SourceSettings, lanes: TradeLanes, treasury: Treasury,
        choosers: Mapping[str, Chooser], online: Online,
    ) -> None:  # fmt: skip
        self._online = online
        self._context = context
        self._settings = settings
        self._lanes = lanes
        self._treasury = treasury
        self._names = list(settings.suppliers)
        self._choosers = choosers
        self._sold_mg: dict[tuple[str, int], int] = {}
        relations = {
            (cluster, name): max(1, round(settings.relations * seller.order_share))
            for cluster in choosers
            for name, seller in settings.suppliers.items()
        }
        self._relations = RecoverableUnits(context, "relation", relations, settings.relation_recovery_days)

    def disrupt(self, entity: int) -> bool:
        """Break a relation of a cluster with a seller for a time; return False when it was broken already."""
        return self._relations.disrupt(entity)

    def fill(self, order: Order) -> Generator[Any, Any, int]:
        """Carry an order to the buyer's stock; return the mass that arrived, mg (0 when given up or lost)."""
        env, draws, ledger = self._context.env, self._context.draws, self._context.ledger
        chooser = self._choosers[order.cluster]
        for visit in range(int(self._settings.tries)):
            number = draws.choice("source.seller", order.entity, chooser.plan_at(env.now).shares, visit)
            name = self._names[number]
            seller = self._settings.suppliers[name]
            cost_cents = _cost_cents(seller, order.mass_mg)
            refused = self._refused(name, seller, order, visit)
            if refused or self._treasury.can_pay(order.cluster, cost_cents):
                if not refused and self._reserve(name, seller, order.mass_mg):
                    break
                chooser.observe(number, True, env.now)
            yield env.timeout(self._settings.retry_days * HOURS_PER_DAY)
        else:
            return 0
        self._treasury.pay(order.cluster, ledger.account(PAID_SUPPLIER, name), cost_cents)
        fill_days = self._context.lognormal(
            "source.fill", order.entity, seller.fill_days, self._settings.fill_cv
        )
        yield env.timeout(fill_days * HOURS_PER_DAY)
        lane = self._lanes.pick(name, order.entity)
        origin, on_way = ledger.account(ORIGIN, name), ledger.account(TRANSIT, lane)
        ledger.post(env.now, origin, on_way, PRECURSOR, order.mass_mg)
        arrived: int = yield env.process(self._lanes.carry(lane, order.cluster, order.entity, order.mass_mg))
        chooser.observe(number, arrived < order.mass_mg, env.now)
        return arrived

    def cost_cents(self, mass_mg: int) -> int:
        """Return the dearest price of an order, cents: what a buyer must hold before ordering."""
        return max(_cost_cents(seller, mass_mg) for seller in self._settings.suppliers.values())

    def _refused(self, name: str, seller: SupplierSettings, order: Order, visit: int) -> bool:
        now, dials = self._context.env.now, self._context.dials
        if self._online.blocks_order(order.entity, visit):
            return True
        if self._relations.down_for_h((order.cluster, name), order.entity, visit):
            return True
        enrolled = dials.value(f"source.{name}.enrolled", seller.enrolled_share, now)
        if self._context.happens("source.enrolled", order.entity, enrolled, visit):
            refused = self._context.happens(
                "source.refuse", order.entity, seller.enrolled_refusal_prob, visit
            )
            if refused and self._context.happens("source.tip", order.entity, seller.tip_prob, visit):
                self._context.leads.raise_lead("outreach_tip", entity_id(order.entity, "tip", visit))
            return refused
        refusal = dials.value(f"source.{name}.refusal", seller.refusal_prob, now)
        return self._context.happens("source.refuse", order.entity, refusal, visit)

    def _reserve(self, name: str, seller: SupplierSettings, mass_mg: int) -> bool:
        now = self._context.env.now
        capacity = self._context.dials.value(f"source.{name}.capacity", seller.capacity_kg_per_month, now)
        month = int(now // HOURS_PER_MONTH)
        sold = self._sold_mg.get((name, month), 0)
        if sold + mass_mg > capacity * MG_PER_KG:
            return False
        self._sold_mg[name, month] = sold + mass_mg
        return True


def _cost_cents(seller: SupplierSettings, mass_mg: int) -> int:
    """Return the price of an order at one seller, cents."""
    return mass_mg * round(seller.price_usd_per_kg * CENTS_PER_USD) // MG_PER_KG
