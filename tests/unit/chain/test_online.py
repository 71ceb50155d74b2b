"""Online: takedowns at their rate, platforms that are down for a time, orders and sales that they block."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sim.chain.online import TAKEDOWNS_DIAL, Online, OnlineSettings, dials
from sim.chain.parts.context import StationContext
from sim.core.calendar import DAYS_PER_YEAR, HOURS_PER_DAY
from sim.core.draws import entity_id
from sim.ledger.postings import LEAD
from sim.scenario import load_scenario
from tests.fixtures.books import moved
from tests.fixtures.composed import composed
from tests.fixtures.lone_station import empty_context, leads_raised

RATES: dict[str, float] = {
    "procurement_share": 1.0,
    "sales_share": 1.0,
    "takedowns_per_year": 0.0,
    "platforms": 1.0,
    "recovery_days": 1e9,
}


def platforms(context: StationContext, **rates: Any) -> Online:
    return Online(context, OnlineSettings(**(RATES | rates)))


def struck(context: StationContext, target: str) -> int:
    return moved(context.ledger, LEAD, "struck", target)[0]


def test_nothing_is_blocked_before_the_first_takedown() -> None:
    context = empty_context(30, dials())
    online = platforms(context)
    context.env.run(until=30 * HOURS_PER_DAY)
    assert not any(online.blocks_order(e, 0) or online.blocks_sale(e) for e in range(200))
    assert leads_raised(context, "takedown") == 0


def test_a_platform_that_is_down_blocks_and_cannot_be_hit_twice() -> None:
    context = empty_context(30, dials())
    online = platforms(context)
    assert [online.disrupt(e) for e in range(40)].count(True) == 2  # one platform of each kind
    assert all(online.blocks_order(e, 0) and online.blocks_sale(e) for e in range(50))


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_only_what_goes_online_is_blocked(share: float) -> None:
    """Within four standard errors; the count of all orders is refused."""
    context = empty_context(30, dials())
    online = platforms(context, procurement_share=share, sales_share=share)
    for entity in range(40):
        online.disrupt(entity)
    orders = [entity_id(0, "order", number) for number in range(3000)]
    for blocked in (
        sum(online.blocks_order(order, 0) for order in orders),
        sum(online.blocks_sale(order) for order in orders),
    ):
        assert abs(blocked - share * 3000) <= 4.0 * math.sqrt(3000 * share * (1 - share))
        assert blocked < 3000


def test_a_second_try_may_find_a_platform_that_is_up() -> None:
    context = empty_context(30, dials())
    online = platforms(context, platforms=2.0)
    hits, orders = iter(range(100)), range(1, 50)
    while not any(online.blocks_order(order, 0) for order in orders):
        online.disrupt(next(hits))  # until one of the two platforms of procurement is down
    order = next(order for order in orders if online.blocks_order(order, 0))
    tries = [online.blocks_order(order, visit) for visit in range(40)]
    assert 0 < sum(tries) < 40


@pytest.mark.parametrize(("added", "rate"), [(0.0, 12.0), (28.0, 40.0)])
def test_takedowns_come_at_the_rate_of_record_and_lever(added: float, rate: float) -> None:
    """Within four standard errors of the rate; the other case's rate is refused."""
    years = 40
    context = empty_context(round(years * DAYS_PER_YEAR), dials(), [(TAKEDOWNS_DIAL, added)])
    platforms(context, takedowns_per_year=12.0, recovery_days=30.0)
    context.env.run(until=years * DAYS_PER_YEAR * HOURS_PER_DAY)
    count = struck(context, "")
    assert abs(count - years * rate) < 4.0 * math.sqrt(years * rate)
    assert abs(count - years * (52.0 - rate)) > 4.0 * math.sqrt(years * rate)
    assert count == leads_raised(context, "takedown")
    context.ledger.check()


def test_hits_on_platforms_already_down_follow_the_loss_formula() -> None:
    """A platform is a server without queue: the share of lost hits is load / (1 + load) (Erlang)."""
    years, rate, recovery = 200, 40.0, 45.0
    context = empty_context(round(years * DAYS_PER_YEAR), dials())
    platforms(context, takedowns_per_year=rate, platforms=2.0, recovery_days=recovery)
    context.env.run(until=years * DAYS_PER_YEAR * HOURS_PER_DAY)
    load = rate / 4.0 * recovery / DAYS_PER_YEAR
    lost = struck(context, "disruptions.online.already_down") / struck(context, "")
    error = math.sqrt(0.25 / struck(context, "")) * 2.0  # hits on the same platform are correlated
    assert abs(lost - load / (1.0 + load)) < 4.0 * error
    assert abs(lost - (1.0 - math.exp(-load))) > 4.0 * error  # as if hits prolonged what is down


def test_takedowns_of_the_baseline_block_less_than_one_in_a_hundred() -> None:
    s = load_scenario(composed()).settings.chain.online
    load = s.takedowns_per_year / (2.0 * s.platforms) * s.recovery_days / DAYS_PER_YEAR
    down_share = load / (1.0 + load)
    assert down_share * s.procurement_share < 0.01
    assert down_share * s.sales_share < 0.01
