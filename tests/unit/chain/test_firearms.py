"""Firearms: every one is sold, found, held or worn; armament shortens recovery, and is 1 at the usual."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim.chain.firearms import Firearms, FirearmSettings
from sim.chain.parts.context import StationContext
from sim.core.calendar import HOURS_PER_DAY
from sim.ledger.postings import FIREARM
from tests.fixtures.books import balance, moved
from tests.fixtures.lone_station import FixedOutbound, empty_context, leads_raised

RATES: dict[str, float] = {
    "per_year": 5000.0,
    "per_lot": 5.0,
    "find_prob": 0.1,
    "half_life_days": 364.0,
    "recovery_elasticity": -0.5,
    "recovery_limit": 2.0,
    "rings": 1.0,
    "ring_recovery_days": 1e9,
}
SHARES = {"one": 0.75, "two": 0.25}


def station(
    context: StationContext, outbound: float = 1.0, shares: dict[str, float] = SHARES, **rates: Any
) -> Firearms:
    return Firearms(context, FirearmSettings(**(RATES | rates)), FixedOutbound(outbound), shares)


def sent(context: StationContext, source: str, target: str) -> int:
    return moved(context.ledger, FIREARM, source, target)[0]


def ran(days: int, context: StationContext) -> StationContext:
    context.env.run(until=days * HOURS_PER_DAY)
    context.ledger.check()
    return context


def test_every_firearm_that_goes_south_is_seized_or_arrives() -> None:
    context = empty_context(1000)
    station(context)
    ran(1000, context)
    south = sent(context, "dealers", "southbound.arms")
    assert south == sent(context, "southbound.", "seized.arms") + sent(context, "southbound.", "arms.") > 0
    assert sent(context, "southbound.", "seized.arms") == 5 * leads_raised(context, "arms_seizure") > 0
    for name in SHARES:
        arrived = sent(context, "southbound.", f"arms.{name}") + sent(context, "dealers", f"arms.{name}")
        left = balance(context.ledger, f"arms.{name}", FIREARM)
        assert left == arrived - sent(context, f"arms.{name}", "worn.")


def test_teams_that_look_twice_as_hard_find_twice_as_much() -> None:
    """Within four standard errors of the difference; the count at the baseline is refused."""

    def lots(outbound: float) -> tuple[int, int]:
        context = empty_context(2000)
        station(context, outbound)
        ran(2000, context)
        return leads_raised(context, "arms_seizure"), sent(context, "dealers", "southbound.") // 5

    found, all_lots = lots(2.0)
    error = math.sqrt(all_lots * 0.2 * 0.8)
    assert abs(found - 0.2 * all_lots) < 4.0 * error
    assert abs(lots(1.0)[0] - 0.2 * all_lots) > 4.0 * error
    assert lots(1e9)[0] == all_lots


def test_armament_halves_in_a_half_life_when_nothing_arrives() -> None:
    context = empty_context(400)
    arms = station(context, shares={"one": 1.0}, find_prob=0.0)
    assert arms.disrupt(1)
    before = balance(context.ledger, "arms.one", FIREARM)
    ran(365, context)
    after = balance(context.ledger, "arms.one", FIREARM)
    assert after == pytest.approx(before / 2, abs=52)  # one firearm a week is lost in rounding at most
    assert arms.recovery_factor("one") == pytest.approx(0.5**-0.5, rel=0.01)
    assert sent(context, "dealers", "southbound.") == 0
    assert sent(context, "dealers", "unsold") > 0


def test_a_ring_that_is_down_cannot_be_hit_twice_and_recovers() -> None:
    context = empty_context(400)
    arms = station(context, shares={"one": 1.0}, ring_recovery_days=1.0)
    assert arms.disrupt(1)
    assert not arms.disrupt(2)
    ran(400, context)
    assert arms.disrupt(3)
    assert sent(context, "dealers", "southbound.") > sent(context, "dealers", "unsold")


def test_recovery_is_as_usual_at_usual_armament() -> None:
    """Mean over replications within four standard errors of 1; arms of half the flow are refused."""
    mean, error = _factors(per_year=5000.0)
    assert abs(mean - 1.0) < 4.0 * error + 0.005  # stock is read after the week's wear: half a week of it
    half, error = _factors(per_year=5000.0, outbound=5.5)  # finds 0.55 of what is sent: half of 0.9 arrives
    assert abs(half - 1.0) > 4.0 * error + 0.005


def _factors(**rates: Any) -> tuple[float, float]:
    values = []
    for replication in range(12):
        context = empty_context(1460, replication=replication)
        arms = station(context, shares={"one": 1.0}, **rates)
        ran(1460, context)
        values.append(arms.recovery_factor("one"))
    return float(np.mean(values)), float(np.std(values, ddof=1) / math.sqrt(len(values)))


def test_no_elasticity_or_no_flow_leaves_recovery_alone() -> None:
    context = empty_context(400)
    arms = station(context, shares={"one": 1.0}, recovery_elasticity=0.0)
    arms.disrupt(1)
    ran(400, context)
    assert arms.recovery_factor("one") == 1.0
    assert station(empty_context(10), per_year=0.0).recovery_factor("one") == 1.0


@pytest.mark.parametrize("days", [120, 4000])
def test_recovery_is_bounded_when_arms_are_few_or_gone(days: int) -> None:
    context = empty_context(4000)
    arms = station(context, shares={"one": 1.0}, half_life_days=30.0, recovery_elasticity=-1.0)
    arms.disrupt(1)
    ran(days, context)
    assert (balance(context.ledger, "arms.one", FIREARM) > 0) is (days == 120)
    assert arms.recovery_factor("one") == 2.0
