"""Producers: (s, S) orders of precursor, batches that conserve mass in few labs, raids and recovery."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from itertools import pairwise
from typing import Any

import pytest

from sim.chain.parts.context import StationContext
from sim.chain.producer import RAIDS_DIAL, Producer, ProducerServices, ProducerSettings, any_lab, dials
from sim.chain.source import Order
from sim.core.calendar import DAYS_PER_YEAR, HOURS_PER_DAY
from sim.core.draws import entity_id
from sim.core.units import MG_PER_KG
from sim.ledger.accounts import STOCK_PRECURSOR, TRANSIT
from sim.ledger.postings import FENTANYL, PRECURSOR
from tests.fixtures.books import account, balance, moved
from tests.fixtures.lone_station import empty_context

DAILY_KG = 2.0
RULES: dict[str, Any] = {
    "clusters": {"one": {"share": 1.0, "labs": 8.0}},
    "precursor_kg_per_pure_kg": 1.25,
    "reorder_days": 20.0,
    "order_up_to_days": 40.0,
    "consignment_kg": 25.0,
    "product_cover_days": 10.0,
    "batch_days": 3.0,
    "batch_cv": 0.4,
    "lab_utilization": 0.5,
    "raids_per_year": 0.0,
    "recovery_days": 30.0,
}


class Supply:
    """Suppliers who deliver after a fixed time, and the orders that they got."""

    def __init__(
        self, context: StationContext, days: float = 10.0, arrives: bool = True, price_cents: int = 0
    ) -> None:
        self.context, self.days, self.arrives, self.price_cents = context, days, arrives, price_cents
        self.orders: list[tuple[float, float]] = []

    def cost_cents(self, mass_mg: int) -> int:
        return self.price_cents

    def fill(self, order: Order) -> Generator[Any, Any, int]:
        env, ledger = self.context.env, self.context.ledger
        self.orders.append((env.now / HOURS_PER_DAY, order.mass_mg / MG_PER_KG))
        yield env.timeout(self.days * HOURS_PER_DAY)
        if self.arrives:
            origin, on_way = account(ledger, "origin.test"), ledger.account(TRANSIT, "test")
            ledger.post(env.now, origin, on_way, PRECURSOR, order.mass_mg)
            ledger.post(
                env.now, on_way, ledger.account(STOCK_PRECURSOR, order.cluster), PRECURSOR, order.mass_mg
            )
        return order.mass_mg if self.arrives else 0


class Purse:
    """A treasury that holds the same amount for ever."""

    def __init__(self, cents: int = 10**12) -> None:
        self.cents = cents

    def capital(self, cluster: str) -> int:
        return self.cents


class Plant:
    """One cluster that stands alone."""

    def __init__(
        self,
        days: int = 400,
        moves: Sequence[tuple[str, float]] = (),
        factor: Callable[[str], float] = lambda cluster: 1.0,
        supply: dict[str, Any] | None = None,
        purse: Purse | None = None,
        **rules: Any,
    ) -> None:
        self.context = empty_context(days, dials(), moves)
        self.supply = Supply(self.context, **(supply or {}))
        stubs: Any = (self.supply, purse or Purse(), factor)
        settings = ProducerSettings(**(RULES | rules))
        self.cluster = Producer(
            self.context, "one", settings, ProducerServices(*stubs), DAILY_KG * DAYS_PER_YEAR
        )

    def ship(self, kg_per_day: float = DAILY_KG) -> None:
        """Take product out of the stock every noon, as far as it goes."""

        def take() -> Generator[Any, Any, None]:
            ledger, env = self.context.ledger, self.context.env
            while True:
                yield env.timeout(HOURS_PER_DAY / 2)
                out = min(round(kg_per_day * MG_PER_KG), self.cluster.product_mg())
                ledger.post(env.now, self.cluster.product, account(ledger, "load.mail"), FENTANYL, out)
                yield env.timeout(HOURS_PER_DAY / 2)

        self.context.env.process(take())

    def drain(self, left_kg: float) -> None:
        """Take precursor away until so much is left."""
        ledger, stock = self.context.ledger, self.cluster.precursor
        out = ledger.balance(stock, PRECURSOR) - round(left_kg * MG_PER_KG)
        ledger.post(self.context.env.now, stock, account(ledger, "seized.test"), PRECURSOR, out)

    def run(self, days: float) -> None:
        self.context.env.run(until=days * HOURS_PER_DAY)
        self.context.ledger.check()

    def kg(self, name: str, commodity: int = PRECURSOR) -> float:
        return balance(self.context.ledger, name, commodity) / MG_PER_KG

    def made_kg(self) -> float:
        return -self.kg("produced.one", FENTANYL)


def test_stocks_open_half_way_between_reorder_and_order_up_to() -> None:
    plant = Plant()
    assert plant.kg("stock.one.precursor") == pytest.approx(30 * DAILY_KG * 1.25)
    assert plant.kg("stock.one.product", FENTANYL) == pytest.approx(10 * DAILY_KG)


def test_an_order_restores_the_cover_once_it_fell_to_the_reorder_point() -> None:
    """(s, S) is 50 and 100 kg, in stock and on order together; a consignment holds 25 kg."""
    plant = Plant(supply={"days": 10.0})

    def reviewed(day: int, left_kg: float) -> list[tuple[float, float]]:
        """Return the orders of the review of a day that finds so much precursor in stock."""
        before = len(plant.supply.orders)
        plant.drain(left_kg)
        plant.run(day + 0.5)
        return plant.supply.orders[before:]

    plant.run(2.5)
    assert reviewed(3, 50.5) == []
    assert reviewed(4, 45.0) == [(4.0, 25.0), (4.0, 25.0), (4.0, 5.0)]
    assert reviewed(5, 30.0) == [], "85 kg are there or on their way"
    assert reviewed(6, 0.0) == [], "55 kg are on their way"
    plant.run(13.5)
    assert plant.kg("stock.one.precursor") == 0.0
    plant.run(14.5)
    assert plant.kg("stock.one.precursor") == 55.0
    assert reviewed(15, 10.0) == [(15.0, 25.0)] * 3 + [(15.0, 15.0)]


def test_what_was_lost_is_ordered_again_when_it_is_known() -> None:
    plant = Plant(supply={"arrives": False, "days": 7.0})
    plant.ship()
    plant.run(80)
    placed = sorted({day for day, _ in plant.supply.orders})
    assert len(placed) > 3
    assert all(later - earlier >= 7.0 for earlier, later in pairwise(placed))


def test_a_cluster_orders_what_it_can_pay_for() -> None:
    poor = Plant(purse=Purse(cents=250), supply={"price_cents": 100, "arrives": False, "days": 1e6})
    poor.ship()
    poor.run(60)
    by_day = [day for day, _ in poor.supply.orders]
    assert by_day.count(by_day[0]) == 2
    nothing = Plant(purse=Purse(cents=99), supply={"price_cents": 100})
    nothing.ship()
    nothing.run(60)
    assert nothing.supply.orders == []


@pytest.mark.parametrize("ratio", [1.25, 1.3333333, 1.0])
def test_a_batch_conserves_mass(ratio: float) -> None:
    """Precursor over the ratio, to the milligram over all batches: what rounding leaves is carried on."""
    plant = Plant(precursor_kg_per_pure_kg=ratio)
    plant.ship()
    plant.run(200)
    used, made = (round(x * MG_PER_KG) for x in (plant.kg("consumed.one"), plant.made_kg()))
    assert made > 100 * DAILY_KG
    assert abs(used / ratio - made) <= 1.0


def test_production_follows_what_is_shipped_and_stops_at_the_cover() -> None:
    plant = Plant()
    plant.run(30)
    assert plant.made_kg() == 0.0
    plant.ship()
    plant.run(300)
    assert plant.made_kg() == pytest.approx(270 * DAILY_KG, rel=0.05)
    assert plant.kg("stock.one.product", FENTANYL) <= 10 * DAILY_KG + 8 * 3 * DAILY_KG / 4


def test_labs_limit_what_is_made() -> None:
    """Eight labs that are in use half of the time make twice the usual at most."""
    plant = Plant(order_up_to_days=400.0, reorder_days=300.0)
    plant.ship(10 * DAILY_KG)
    in_labs = []
    for day in range(1, 201):
        plant.run(day + 0.25)
        in_labs.append(plant.kg("labs.one"))
    batch_kg = 3 * DAILY_KG / 4
    assert max(in_labs) == pytest.approx(8 * batch_kg * 1.25)
    # A lab waits for the next review before its next batch: half a day of three and a half.
    assert 1.5 * DAILY_KG < plant.made_kg() / 200 < 2.0 * DAILY_KG


def test_without_precursor_nothing_is_made() -> None:
    plant = Plant(supply={"arrives": False, "days": 1e6})
    plant.ship()
    plant.run(300)
    made = plant.made_kg()
    assert made <= 30 * DAILY_KG
    assert plant.kg("stock.one.precursor") < 3 * DAILY_KG / 4 * 1.25
    assert moved(plant.context.ledger, PRECURSOR, "stock.one.", "labs.one")[0] == pytest.approx(
        made * 1.25 * MG_PER_KG, abs=10
    )


def raids(amount: float) -> tuple[Plant, int]:
    """Return a cluster after fifty years and its raids, with a lever on their rate."""
    plant = Plant(days=50 * 366, moves=[(RAIDS_DIAL, amount)], raids_per_year=20.0, recovery_days=1.0)
    count = 0
    recover = plant.cluster._recover

    def counted(entity: int) -> Generator[Any, Any, None]:
        nonlocal count
        count += 1
        return recover(entity)

    plant.cluster._recover = counted  # type: ignore[method-assign]
    plant.run(50 * DAYS_PER_YEAR)
    return plant, count


@pytest.mark.parametrize(("amount", "per_year"), [(0.0, 20.0), (-0.75, 5.0), (0.5, 30.0)])
def test_raids_come_at_the_rate_that_levers_leave(amount: float, per_year: float) -> None:
    """A thinned Poisson stream, within four standard errors; the rate of the settings is refused."""
    came = raids(amount)[1]
    assert abs(came - 50 * per_year) < 4 * math.sqrt(50 * per_year)
    assert amount == 0.0 or abs(came - 50 * 20.0) > 4 * math.sqrt(50 * 20.0)


def test_a_lab_that_is_down_makes_nothing_until_it_is_replaced() -> None:
    plant = Plant(recovery_days=1e6)
    assert sum(plant.cluster.disrupt(entity) for entity in range(500)) == 8
    plant.ship()
    plant.run(200)
    assert plant.made_kg() == 0.0


def test_recovery_takes_longer_where_its_factor_says_so() -> None:
    """Mean time down over many labs, within four standard errors."""
    for factor in (1.0, 2.0):
        labs = {"one": {"share": 1.0, "labs": 500.0}}
        plant = Plant(days=1000, clusters=labs, factor=lambda cluster, factor=factor: factor)
        for entity in range(500):
            plant.cluster._take_out(entity)
        down = 0.0
        for day in range(1000):
            plant.run(day + 0.5)
            down += plant.cluster._labs_down
        assert down / 500 == pytest.approx(30.0 * factor, abs=4 * 30.0 * factor / math.sqrt(500) + 0.1)


def test_a_strike_hits_any_lab_of_all_clusters_alike() -> None:
    """Three labs in four stand in the large cluster, and it takes three hits in four."""
    context, hits = empty_context(10), []

    class Labs:
        def __init__(self, name: str, labs: int) -> None:
            self.name, self.labs = name, labs

        def disrupt(self, entity: int) -> bool:
            hits.append(self.name)
            return self.name == "large"

    clusters: Any = [Labs("large", 30), Labs("small", 10)]
    hit = any_lab(context, clusters)
    took_effect = sum(hit(entity_id(0, "strike", number)) for number in range(3000))
    assert took_effect == hits.count("large")
    assert took_effect / 3000 == pytest.approx(0.75, abs=4 * math.sqrt(0.75 * 0.25 / 3000))
