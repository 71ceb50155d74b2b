"""Trade lanes: a consignment takes its time, waits for a broker who is down, is stopped or arrives whole."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

import pytest

from sim.chain.gateway import CheckpointSettings, Gateway, GatewaySettings
from sim.chain.parts.context import StationContext
from sim.chain.transit import TradeLanes, TransitSettings
from sim.core.calendar import HOURS_PER_DAY
from sim.core.draws import entity_id
from sim.ledger.accounts import ORIGIN, TRANSIT
from sim.ledger.postings import PRECURSOR
from tests.fixtures.books import balance
from tests.fixtures.lone_station import empty_context, leads_raised

CONSIGNMENTS, MASS = 3000, 25_000_000
LANES: dict[str, Any] = {
    "sea": {"transit_days": 22.0, "transit_cv": 0.25, "checkpoint": "gateway"},
    "air": {"transit_days": 8.0, "transit_cv": 0.25, "checkpoint": "parcel"},
}
USE = {"asia": {"sea": 0.7, "air": 0.3}}


def checkpoint(exam_share: float) -> CheckpointSettings:
    """Return a checkpoint that finds what it examines."""
    return CheckpointSettings(
        inspectors=1.0, exams_per_inspector_day=1.0, licit_per_day=1.0, risk_lift=exam_share, find_prob=1.0
    )


def lanes(
    context: StationContext, gateway: float = 0.0, parcel: float = 0.0, recovery_days: float = 1e6
) -> TradeLanes:
    points = GatewaySettings(checkpoints={"gateway": checkpoint(gateway), "parcel": checkpoint(parcel)})
    settings = TransitSettings(lanes=LANES, use_share=USE, brokers=1.0, broker_recovery_days=recovery_days)
    return TradeLanes(context, settings, Gateway(context, points))


def carried(
    context: StationContext, way: TradeLanes, lane: str = "sea", number: int = CONSIGNMENTS
) -> list[tuple[int, float]]:
    """Dispatch consignments at the start; return mass and time of arrival (days) of each."""
    arrived: list[tuple[int, float]] = []

    def carry(entity: int) -> Generator[Any, Any, None]:
        mass = yield from way.carry(lane, "one", entity, MASS)
        arrived.append((mass, context.env.now / HOURS_PER_DAY))

    origin, on_way = context.ledger.account(ORIGIN, "asia"), context.ledger.account(TRANSIT, lane)
    for ordinal in range(number):
        context.ledger.post(0.0, origin, on_way, PRECURSOR, MASS)
        context.env.process(carry(entity_id(0, "consignment", ordinal)))
    context.env.run(until=1000 * HOURS_PER_DAY)
    context.ledger.check()
    return arrived


def test_transit_time_has_the_mean_and_spread_of_its_lane() -> None:
    """Lognormal, within four standard errors; the mean of the other lane is refused."""
    context = empty_context(1000)
    days = [day for _, day in carried(context, lanes(context))]
    mean = sum(days) / len(days)
    sd = math.sqrt(sum((day - mean) ** 2 for day in days) / len(days))
    assert mean == pytest.approx(22.0, abs=4 * 5.5 / math.sqrt(CONSIGNMENTS))
    assert sd == pytest.approx(5.5, rel=0.1)
    logs = sorted(math.log(day) for day in days)
    assert logs[CONSIGNMENTS // 2] == pytest.approx(math.log(22.0) - 0.5 * math.log1p(0.25**2), abs=0.02)


def test_a_consignment_arrives_whole_or_is_seized_whole() -> None:
    context = empty_context(1000)
    arrived = carried(context, lanes(context, gateway=0.3))
    seized = sum(mass == 0 for mass, _ in arrived)
    assert {mass for mass, _ in arrived} == {0, MASS}
    assert balance(context.ledger, "seized.gateway", PRECURSOR) == seized * MASS
    assert balance(context.ledger, "stock.one.precursor", PRECURSOR) == (CONSIGNMENTS - seized) * MASS
    assert balance(context.ledger, "transit.sea", PRECURSOR) == 0
    assert seized / CONSIGNMENTS == pytest.approx(0.3, abs=4 * math.sqrt(0.21 / CONSIGNMENTS))
    assert leads_raised(context, "precursor_seizure") == seized


def test_a_lane_passes_its_own_checkpoint() -> None:
    context = empty_context(1000)
    way = lanes(context, gateway=1.0, parcel=0.0)
    assert {mass for mass, _ in carried(context, way, "sea", 50)} == {0}
    context = empty_context(1000)
    assert {mass for mass, _ in carried(context, lanes(context, gateway=1.0, parcel=0.0), "air", 50)} == {
        MASS
    }


def test_lanes_are_taken_in_their_shares_and_a_loss_is_their_mean() -> None:
    way = lanes(empty_context(10), gateway=0.2, parcel=0.5)
    picked = [way.pick("asia", entity_id(0, "consignment", number)) for number in range(CONSIGNMENTS)]
    share = picked.count("sea") / CONSIGNMENTS
    assert share == pytest.approx(0.7, abs=4 * math.sqrt(0.21 / CONSIGNMENTS))
    assert way.loss_share("asia") == pytest.approx(0.7 * 0.2 + 0.3 * 0.5)


def test_who_waits_for_a_broker_arrives_when_the_broker_is_replaced() -> None:
    """Each lane has one broker here: what would have come before the replacement comes with it."""
    context = empty_context(1000)
    way = lanes(context, recovery_days=100.0)
    assert way.disrupt(1)
    down = [name for name in LANES if way._brokers.down_for_h(name, 0)]
    assert len(down) == 1
    replaced = way._brokers.down_for_h(down[0], 0) / HOURS_PER_DAY
    plain_site = empty_context(1000)
    plain = sorted(day for _, day in carried(plain_site, lanes(plain_site), down[0], 200))
    delayed = sorted(day for _, day in carried(context, way, down[0], 200))
    assert plain[0] < replaced
    assert delayed == pytest.approx([max(day, replaced) for day in plain])


def test_a_broker_cannot_be_struck_twice_while_down() -> None:
    way = lanes(empty_context(10))
    assert [way.disrupt(entity) for entity in range(50)].count(True) == len(LANES)
