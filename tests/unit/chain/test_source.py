"""Sources: an order is filled, refused, or finds no capacity; each try costs time, the last one the order."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from typing import Any

import pytest

from sim.adversary import ChoicePlan
from sim.chain.parts.context import StationContext
from sim.chain.source import Order, Sources, SourceSettings, dials, refusal_at
from sim.core.calendar import HOURS_PER_DAY, HOURS_PER_MONTH
from sim.core.draws import entity_id
from sim.core.units import MG_PER_KG
from sim.ledger.postings import PRECURSOR
from tests.fixtures.books import balance
from tests.fixtures.lone_station import empty_context, leads_raised

ORDERS, MASS = 3000, 25 * MG_PER_KG
SELLER: dict[str, Any] = {
    "order_share": 0.5,
    "price_usd_per_kg": 440.0,
    "fill_days": 14.0,
    "capacity_kg_per_month": 1e9,
    "refusal_prob": 0.0,
    "enrolled_share": 0.0,
    "enrolled_refusal_prob": 0.0,
    "tip_prob": 0.0,
}
RULES: dict[str, Any] = {
    "retry_days": 5.0, "tries": 3.0, "fill_cv": 0.5, "relations": 20.0, "relation_recovery_days": 30.0,
}  # fmt: skip


class Halves:
    """A buyer who asks both sellers alike, and keeps what was learnt of them."""

    def __init__(self) -> None:
        self.fates: list[tuple[int, bool]] = []

    def plan_at(self, time_h: float) -> ChoicePlan:
        return ChoicePlan([0.5, 0.5], [1.0, 1.0])

    def observe(self, alternative: int, lost: bool, time_h: float) -> None:
        self.fates.append((alternative, lost))


class Lanes:
    """One lane that takes no time and loses a share of nothing."""

    def __init__(self, arrives: bool = True) -> None:
        self.arrives = arrives

    def pick(self, source: str, entity: int) -> str:
        return "sea"

    def carry(self, lane: str, cluster: str, entity: int, mass_mg: int) -> Generator[Any, Any, int]:
        return mass_mg if self.arrives else 0
        yield


class Purse:
    """A treasury with money for so many orders."""

    def __init__(self, orders: float = math.inf) -> None:
        self.orders, self.paid_cents = orders, 0

    def can_pay(self, cluster: str, cents: int) -> bool:
        return self.orders > 0

    def pay(self, cluster: str, payee: int, cents: int) -> None:
        self.orders -= 1
        self.paid_cents += cents


class Offline:
    """No platforms."""

    def blocks_order(self, order: int, visit: int) -> bool:
        return False


class Desk:
    """Two sellers, one cluster, and the fates of its orders."""

    def __init__(
        self,
        first: dict[str, float] | None = None,
        moves: Sequence[tuple[str, float]] = (),
        purse: Purse | None = None,
        arrives: bool = True,
        both: dict[str, float] | None = None,
    ) -> None:
        sellers = {"first": SELLER | (both or {}) | (first or {}), "second": SELLER | (both or {})}
        self.settings = SourceSettings(suppliers=sellers, **RULES)  # type: ignore[arg-type]
        self.context: StationContext = empty_context(400, dials(self.settings), moves)
        self.purse, self.buyer = purse or Purse(), Halves()
        stubs: Any = (Lanes(arrives), self.purse, {"one": self.buyer}, Offline())
        self.sources = Sources(self.context, self.settings, *stubs)
        self.ends: list[tuple[int, float]] = []

    def order(self, number: int = ORDERS, mass_mg: int = MASS) -> list[tuple[int, float]]:
        """Place orders at once; return mass that arrived and time of the end (days) of each."""

        def fill(order: Order) -> Generator[Any, Any, None]:
            mass = yield from self.sources.fill(order)
            self.ends.append((mass, self.context.env.now / HOURS_PER_DAY))

        for ordinal in range(number):
            self.context.env.process(fill(Order("one", entity_id(0, "order", ordinal), mass_mg)))
        self.context.env.run(until=390 * HOURS_PER_DAY)
        self.context.ledger.check()
        return self.ends


def off_by(count: int, share: float, of: int = ORDERS) -> float:
    return abs(count / of - share) / math.sqrt(share * (1.0 - share) / of)


def test_an_order_of_a_willing_seller_takes_the_time_to_dispatch_and_its_price() -> None:
    desk = Desk()
    ends = desk.order()
    days = [day for _, day in ends]
    assert {mass for mass, _ in ends} == {MASS}
    assert sum(days) / ORDERS == pytest.approx(14.0, abs=4 * 7.0 / math.sqrt(ORDERS))
    assert desk.purse.paid_cents == ORDERS * 25 * 44_000
    assert desk.sources.cost_cents(MASS) == 25 * 44_000
    sold = [-balance(desk.context.ledger, f"origin.{name}", PRECURSOR) for name in ("first", "second")]
    assert sum(sold) == ORDERS * MASS
    assert off_by(sold[0] // MASS, 0.5) < 4.0


def test_a_buyer_must_hold_the_dearest_price() -> None:
    assert Desk(first={"price_usd_per_kg": 1000.0}).sources.cost_cents(MG_PER_KG) == 100_000


def test_a_refusal_costs_time_and_sends_the_buyer_on() -> None:
    """The first seller always refuses: one try in two fails, and three in a row give an order up."""
    desk = Desk(first={"refusal_prob": 1.0})
    ends = desk.order()
    given_up = sum(mass == 0 for mass, _ in ends)
    assert off_by(given_up, 0.5**3) < 4.0
    assert off_by(given_up, 0.5**2) > 4.0
    assert all(day == 15.0 for mass, day in ends if mass == 0)
    refused = [fate for fate in desk.buyer.fates if fate == (0, True)]
    assert len(refused) == sum(seller == 0 for seller, _ in desk.buyer.fates)
    assert balance(desk.context.ledger, "origin.first", PRECURSOR) == 0


def test_refusals_mix_those_of_enrolled_sellers_and_of_the_others() -> None:
    """A fifth is enrolled and refuses half, the others refuse a tenth: 0.18. The enrolled alone give tips."""
    both = {"refusal_prob": 0.1, "enrolled_share": 0.2, "enrolled_refusal_prob": 0.5, "tip_prob": 1.0}
    desk = Desk(both=both)
    share = refusal_at(desk.settings, desk.context.dials, "first", 0.0)
    assert share == pytest.approx(0.18)
    desk.order()
    tries = len(desk.buyer.fates)
    assert off_by(sum(lost for _, lost in desk.buyer.fates), share, tries) < 4.0
    assert off_by(leads_raised(desk.context, "outreach_tip"), 0.1, tries) < 4.0
    silent = Desk(both=both | {"tip_prob": 0.0})
    assert silent.order() == desk.ends
    assert leads_raised(silent.context, "outreach_tip") == 0


def test_outreach_enrols_part_of_those_who_are_not() -> None:
    desk = Desk(first={"enrolled_refusal_prob": 1.0}, moves=[("source.first.enrolled", 0.4)])
    assert refusal_at(desk.settings, desk.context.dials, "first", 0.0) == pytest.approx(0.4)
    assert refusal_at(desk.settings, desk.context.dials, "second", 0.0) == 0.0


def test_nobody_sells_more_than_a_month_holds() -> None:
    """Ten orders a month and seller: with three tries in ten days of one month, twenty are filled."""
    desk = Desk(both={"capacity_kg_per_month": 250.0, "fill_days": 1e-6})
    ends = desk.order(500)
    month_d = HOURS_PER_MONTH / HOURS_PER_DAY
    assert sum(mass > 0 for mass, day in ends if day < month_d) == 20
    assert -balance(desk.context.ledger, "origin.first", PRECURSOR) == 10 * MASS


def test_who_cannot_pay_waits_and_learns_nothing_of_the_seller() -> None:
    desk = Desk(purse=Purse(orders=7))
    ends = desk.order(50)
    assert sum(mass > 0 for mass, _ in ends) == 7
    assert len(desk.buyer.fates) == 7
    assert not any(lost for _, lost in desk.buyer.fates)


def test_a_buyer_learns_that_a_consignment_was_lost() -> None:
    desk = Desk(arrives=False)
    assert {mass for mass, _ in desk.order(40)} == {0}
    assert all(lost for _, lost in desk.buyer.fates)
    assert len(desk.buyer.fates) == 40


def test_a_relation_that_is_broken_refuses() -> None:
    desk = Desk()
    for entity in range(500):
        desk.sources.disrupt(entity)
    assert not desk.sources.disrupt(0)
    ends = desk.order(100)
    assert min(day for mass, day in ends if mass == 0) == 15.0
    assert sum(mass == 0 for mass, _ in ends) > 30
