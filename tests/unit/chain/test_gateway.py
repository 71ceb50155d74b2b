"""Checkpoints of trade: the chance of an examination is a capacity over a flow, tilted towards risk."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pytest

from sim.chain.gateway import CheckpointSettings, Gateway, GatewaySettings, dials
from sim.core.draws import entity_id
from tests.fixtures.lone_station import empty_context, leads_raised

SETTINGS = GatewaySettings(
    checkpoints={
        "gateway": CheckpointSettings(
            inspectors=10.0, exams_per_inspector_day=5.0, licit_per_day=1000.0, risk_lift=4.0, find_prob=0.5
        ),
        "parcel": CheckpointSettings(
            inspectors=1.0, exams_per_inspector_day=50.0, licit_per_day=1000.0, risk_lift=1.0, find_prob=1.0
        ),
    }
)
CONSIGNMENTS = 5000
EXAMINED = 4.0 * 10.0 * 5.0 / 1000.0


def gateway(
    moves: Sequence[tuple[str, float]] = (), informed: Callable[[float], float] = lambda now: 1.0
) -> Gateway:
    return Gateway(empty_context(10, dials(SETTINGS), moves), SETTINGS, informed)


def test_the_chance_of_an_examination_is_lift_times_exams_over_flow() -> None:
    assert gateway().exam_share("gateway") == pytest.approx(EXAMINED)
    assert gateway().exam_share("parcel") == pytest.approx(0.05)
    assert gateway().stop_share("gateway") == pytest.approx(EXAMINED * 0.5)


@pytest.mark.parametrize(
    ("moves", "factor"),
    [
        ([("gateway.gateway.inspectors", 5.0)], 1.5),
        ([("gateway.gateway.inspectors", -20.0)], 0.0),
        ([("gateway.gateway.risk_lift", 1.0)], 2.0),
        ([("gateway.parcel.inspectors", 5.0)], 1.0),
    ],
)
def test_levers_move_the_checkpoint_that_they_name(moves: list[tuple[str, float]], factor: float) -> None:
    assert gateway(moves).exam_share("gateway") == pytest.approx(factor * EXAMINED)


def test_nobody_is_examined_more_than_once() -> None:
    assert gateway([("gateway.gateway.inspectors", 1e5)]).exam_share("gateway") == 1.0
    assert gateway([("gateway.gateway.inspectors", 1e5)]).stop_share("gateway") == 0.5


def test_intelligence_is_a_factor_of_the_lift() -> None:
    assert gateway(informed=lambda now: 1.5).exam_share("gateway") == pytest.approx(1.5 * EXAMINED)


def test_consignments_are_stopped_at_the_stated_rate_and_each_makes_a_lead() -> None:
    """Within four standard errors; the rate of examinations, found or not, is refused."""
    context = empty_context(10, dials(SETTINGS))
    checkpoint = Gateway(context, SETTINGS)
    stopped = sum(
        checkpoint.intercepts("gateway", entity_id(0, "consignment", number))
        for number in range(CONSIGNMENTS)
    )

    def off_by(share: float) -> float:
        return abs(stopped / CONSIGNMENTS - share) / math.sqrt(share * (1.0 - share) / CONSIGNMENTS)

    assert off_by(EXAMINED * 0.5) < 4.0
    assert off_by(EXAMINED) > 4.0
    assert leads_raised(context, "precursor_seizure") == stopped


def test_more_inspectors_stop_all_that_was_stopped_before_and_more() -> None:
    plain, more = gateway(), gateway([("gateway.gateway.inspectors", 10.0)])
    before, after = (
        {entity for entity in range(CONSIGNMENTS) if point.intercepts("gateway", entity)}
        for point in (plain, more)
    )
    assert before < after
