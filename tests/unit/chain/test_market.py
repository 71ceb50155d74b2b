"""The market: price follows the cover of the stock, demand and supply follow the price."""

from __future__ import annotations

from typing import Any

import pytest

from sim.chain.market import Market, MarketSettings
from sim.chain.parts.context import StationContext
from sim.core.calendar import DAYS_PER_YEAR, HOURS_PER_WEEK
from sim.core.units import CENTS_PER_USD, MG_PER_KG
from sim.ledger.accounts import PRODUCED, WHOLESALE
from sim.ledger.postings import FENTANYL
from tests.fixtures.books import balance, moved
from tests.fixtures.lone_station import empty_context

WEEK_KG = 7.0
RULES: dict[str, Any] = {
    "demand_pure_kg_per_year": DAYS_PER_YEAR,
    "demand_elasticity": -0.5,
    "supply_elasticity": 0.8,
    "cover_weeks": 4.0,
    "price_response": 0.4,
    "price_limit": 3.0,
    "wholesale_usd_per_kg": 50_000.0,
}


def market(**rules: Any) -> tuple[Market, StationContext]:
    context = empty_context(400)
    return Market(context, MarketSettings(**(RULES | rules))), context


def stock_kg(context: StationContext) -> float:
    return balance(context.ledger, "us.wholesale", FENTANYL) / MG_PER_KG


def consumed_kg(context: StationContext) -> float:
    return moved(context.ledger, FENTANYL, "us.wholesale", "consumption")[0] / MG_PER_KG


def deliver(context: StationContext, kg: float) -> None:
    ledger = context.ledger
    source, target = ledger.account(PRODUCED, "test"), ledger.account(WHOLESALE)
    ledger.post(context.env.now, source, target, FENTANYL, round(kg * MG_PER_KG))


def test_it_opens_at_normal_cover_and_price_one() -> None:
    made, context = market()
    assert stock_kg(context) == pytest.approx(4 * WEEK_KG)
    context.env.run(until=1.0)
    assert made.price_index == 1.0
    assert consumed_kg(context) == pytest.approx(WEEK_KG)


def test_the_price_is_the_inverse_power_of_the_cover() -> None:
    """Three quarters of the cover are left in the second week, twice the cover lies there in the third."""
    made, context = market()
    context.env.run(until=2 * HOURS_PER_WEEK - 1.0)
    second = (3 / 4) ** -0.4
    assert made.price_index == pytest.approx(second)
    assert consumed_kg(context) == pytest.approx(WEEK_KG * (1.0 + second**-0.5))
    deliver(context, 8 * WEEK_KG - stock_kg(context))
    context.env.run(until=2 * HOURS_PER_WEEK + 1.0)
    assert made.price_index == pytest.approx(2.0**-0.4)


def test_a_market_that_gets_what_it_consumes_stays_at_price_one() -> None:
    made, context = market()
    for week in range(50):
        context.env.run(until=week * HOURS_PER_WEEK + 1.0)
        deliver(context, WEEK_KG)
    assert made.price_index == pytest.approx(1.0)
    assert stock_kg(context) == pytest.approx(4 * WEEK_KG)


def test_an_empty_market_sells_what_it_has_at_the_limit() -> None:
    made, context = market(demand_elasticity=0.0)
    context.env.run(until=60 * HOURS_PER_WEEK)
    assert consumed_kg(context) == pytest.approx(4 * WEEK_KG)
    assert stock_kg(context) == 0.0
    assert made.price_index == 3.0
    deliver(context, 1e6)
    context.env.run(until=61 * HOURS_PER_WEEK)
    assert made.price_index == pytest.approx(1 / 3)
    context.ledger.check()


def test_supply_and_revenue_follow_the_price() -> None:
    made, _ = market()
    made.price_index = 2.0
    assert made.supply_factor() == pytest.approx(2.0**0.8)
    assert made.revenue_cents(MG_PER_KG // 2) == 50_000 * CENTS_PER_USD
    assert market(supply_elasticity=0.0)[0].supply_factor() == 1.0
