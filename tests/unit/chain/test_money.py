"""Money: where a week's proceeds go, by which channel, and what flags, freezes and disruptions do."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.chain.money import ENROLLED_DIAL, MoneySettings, Treasury, dials
from sim.chain.parts.context import StationContext
from sim.core.calendar import HOURS_PER_DAY, HOURS_PER_WEEK
from sim.ledger.postings import CASH
from tests.fixtures.books import balance, moved
from tests.fixtures.lone_station import empty_context, leads_raised

WEEK = float(HOURS_PER_WEEK)
EARNED = 1_000_000
CHANNEL: dict[str, Any] = {
    "use_share": 0.5, "fee_share": 0.1, "delay_days": 1.0, "seizure_prob": 0.0, "flag_prob": 0.0,
}  # fmt: skip
RULES: dict[str, Any] = {
    "enrolled_share": 1.0,
    "freeze_prob": 1.0,
    "freeze_days": 30.0,
    "forfeit_prob": 1.0,
    "accounts": 1.0,
    "recovery_days": 1e6,
    "working_capital_musd": 1.0,
}


def treasury(
    context: StationContext,
    cash: dict[str, float] | None = None,
    network: dict[str, float] | None = None,
    outbound: Callable[[], float] = lambda: 1.0,
    **rules: float,
) -> Treasury:
    """Return the money of one cluster with two channels, half each."""
    channels: Any = {"bulk_cash": CHANNEL | (cash or {}), "network": CHANNEL | (network or {})}
    return Treasury(context, MoneySettings(channels=channels, **(RULES | rules)), {"one": 1.0}, outbound)


def amount(context: StationContext, source: str, target: str) -> int:
    return moved(context.ledger, CASH, source, target)[0]


def held(context: StationContext, name: str) -> int:
    return balance(context.ledger, name, CASH)


def after_weeks(weeks: int, context: StationContext, money: Treasury) -> StationContext:
    """Earn the same every week and run until all of it has arrived somewhere."""
    for _ in range(weeks):
        money.earn("one", EARNED)
        context.env.run(until=context.env.now + WEEK)
    context.env.run(until=context.env.now + WEEK)
    context.ledger.check()
    return context


def test_what_comes_home_is_what_was_sent_less_the_fee() -> None:
    context = empty_context(30)
    after_weeks(1, context, treasury(context))
    assert amount(context, "proceeds.one", "channel.bulk_cash") == EARNED // 2
    assert amount(context, "channel.", "fee.") == EARNED // 10
    assert held(context, "profit.one") == EARNED - EARNED // 10
    assert leads_raised(context, "financial_flag") == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**9), st.floats(0, 1))
def test_shares_are_exact_while_no_network_is_down(cents: int, share: float) -> None:
    context = empty_context(21)
    money = treasury(context, cash={"use_share": share}, network={"use_share": 1.0 - share})
    money.earn("one", cents)
    context.env.run(until=WEEK + 1.0)
    assert amount(context, "proceeds.one", "channel.bulk_cash") == int(cents * share)
    assert amount(context, "proceeds.one", "channel.network") == cents - int(cents * share)


def test_a_frozen_transfer_is_held_and_then_forfeited() -> None:
    context = empty_context(90)
    treasury(context, network={"flag_prob": 1.0}).earn("one", EARNED)
    context.env.run(until=WEEK + 2 * HOURS_PER_DAY)
    assert held(context, "frozen.network") == EARNED // 2
    assert leads_raised(context, "financial_flag") == 1
    context.env.run(until=WEEK + 30.9 * HOURS_PER_DAY)
    assert held(context, "forfeited.network") == 0
    context.env.run(until=WEEK + 31.1 * HOURS_PER_DAY)
    assert (held(context, "frozen.network"), held(context, "forfeited.network")) == (0, EARNED // 2)
    context.ledger.check()


def test_a_frozen_transfer_that_is_not_forfeited_comes_home() -> None:
    context = empty_context(90)
    treasury(context, network={"flag_prob": 1.0}, forfeit_prob=0.0).earn("one", EARNED)
    context.env.run(until=WEEK + 32 * HOURS_PER_DAY)
    assert held(context, "profit.one") == EARNED - EARNED // 10
    assert held(context, "frozen.network") == held(context, "forfeited.network") == 0


def test_a_seized_transfer_makes_a_lead_and_is_not_flagged() -> None:
    context = empty_context(30)
    after_weeks(1, context, treasury(context, network={"seizure_prob": 1.0, "flag_prob": 1.0}))
    assert held(context, "seized.network") == EARNED // 2
    assert (leads_raised(context, "cash_seizure"), leads_raised(context, "financial_flag")) == (1, 0)


def flags(moves: Sequence[tuple[str, float]], enrolled: float, weeks: int = 1500) -> int:
    context = empty_context(7 * (weeks + 2), dials(), moves)
    money = treasury(context, network={"flag_prob": 0.4}, enrolled_share=enrolled, freeze_prob=0.0)
    after_weeks(weeks, context, money)
    return leads_raised(context, "financial_flag")


def off_by(count: int, share: float, weeks: int = 1500) -> float:
    """Return the distance of a count from its mean, in standard errors."""
    return abs(count - weeks * share) / math.sqrt(weeks * share * (1.0 - share))


def test_flags_rise_with_the_share_of_institutions_that_the_center_wins() -> None:
    """Half of those not enrolled join: 0.3 becomes 0.65. The count without the Center is refused."""
    assert off_by(flags([], 0.3), 0.4 * 0.3) < 4.0
    won = flags([(ENROLLED_DIAL, 0.5)], 0.3)
    assert off_by(won, 0.4 * 0.65) < 4.0
    assert off_by(won, 0.4 * 0.3) > 4.0
    assert flags([], 0.0, weeks=50) == 0


@pytest.mark.parametrize(("name", "found"), [("bulk_cash", True), ("network", False)])
def test_outbound_effort_acts_on_bulk_cash_alone(name: str, found: bool) -> None:
    context = empty_context(30)
    low = {"seizure_prob": 1e-6}
    after_weeks(1, context, treasury(context, cash=low, network=low, outbound=lambda: 1e6))
    assert (held(context, f"seized.{name}") > 0) is found


def test_a_network_that_is_down_sends_its_share_by_another_channel_and_cannot_be_hit_twice() -> None:
    context = empty_context(30)
    money = treasury(context)
    assert money.disrupt(1)
    assert not money.disrupt(2)
    after_weeks(1, context, money)
    assert amount(context, "proceeds.one", "channel.bulk_cash") == EARNED
    assert amount(context, "proceeds.one", "channel.network") == 0


def test_a_network_recovers() -> None:
    context = empty_context(30)
    money = treasury(context, recovery_days=1e-6)
    assert money.disrupt(1)
    after_weeks(1, context, money)
    assert amount(context, "proceeds.one", "channel.network") == EARNED // 2
    assert money.disrupt(2)


def three(context: StationContext) -> Treasury:
    """Return a treasury with two networks and no use of cash, so that a share goes to the other network."""
    both = {name: CHANNEL | {"use_share": share} for name, share in (("network", 0.6), ("trade", 0.4))}
    channels: Any = {"bulk_cash": CHANNEL | {"use_share": 0.0}} | both
    return Treasury(context, MoneySettings(channels=channels, **RULES), {"one": 1.0})


def test_a_share_goes_to_the_network_that_is_open() -> None:
    context = empty_context(30)
    money = three(context)
    assert money.disrupt(1)
    after_weeks(1, context, money)
    by_name = [amount(context, "proceeds.one", f"channel.{name}") for name in ("network", "trade")]
    assert sorted(by_name) == [0, EARNED]


def test_a_share_keeps_its_channel_when_nothing_else_is_open() -> None:
    context = empty_context(30)
    money = three(context)
    assert sum(money.disrupt(entity) for entity in range(40)) == 2
    after_weeks(1, context, money)
    assert amount(context, "proceeds.one", "channel.network") == int(0.6 * EARNED)
    assert amount(context, "proceeds.one", "channel.trade") == EARNED - int(0.6 * EARNED)
