"""Intelligence: it decays, it adds up, it saturates, and at the reference level it changes no bit."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
import simpy

from sim.chain.gateway import Gateway
from sim.chain.intelligence import HALF_LIFE_DIAL, Intelligence, IntelligenceSettings, dials
from sim.chain.parts.context import StationContext
from sim.chain.parts.leads import Leads
from sim.core.calendar import HOURS_PER_DAY, Calendar
from sim.core.dials import Move, board_of
from sim.core.draws import Draws
from sim.ledger.postings import Ledger
from sim.scenario import load_scenario
from sim.world import World, simulate
from tests.fixtures.composed import SHORT, composed

DAY = float(HOURS_PER_DAY)
STOCK: dict[str, Any] = {
    "half_life_days": 50.0,
    "reference_level": 200.0,
    "half_saturation": 1.0,
    "floor_share": 0.4,
    "reports_per_lead": {"load_seizure": 1.0, "precursor_seizure": 3.0},
    "reports_per_case": 5.0,
}


def stock(amount: float | None = None, **changes: Any) -> tuple[Intelligence, StationContext]:
    board = board_of(dials())
    if amount is not None:
        board.add(Move(HALF_LIFE_DIAL, amount, 0.0, 0.0, 1e9), "test")
    env, ledger = simpy.Environment(), Ledger(np.zeros(10, dtype=np.int32))
    context = StationContext(
        env, Draws(1, 0), ledger, board, Calendar(date(2022, 1, 1), 10), Leads(env, ledger)
    )
    return Intelligence(context, IntelligenceSettings(**(STOCK | changes))), context


def test_it_halves_in_a_half_life_and_adds_up() -> None:
    made, context = stock()
    assert made.level(0.0) == 200.0
    assert made.level(50 * DAY) == 100.0
    context.env.run(until=50 * DAY)
    made.add(60.0)
    assert made.level(50 * DAY) == 160.0
    assert made.level(150 * DAY) == 40.0
    made.lead("load_seizure", 1)
    made.lead("precursor_seizure", 1)
    made.lead("financial_flag", 1)
    made.close_case()
    assert made.level(50 * DAY) == 169.0


def test_asking_changes_nothing() -> None:
    asked, silent = stock()[0], stock()[0]
    for day in range(99):
        asked.factor(day * DAY)
    assert asked.level(100 * DAY) == silent.level(100 * DAY)


def test_a_steady_inflow_settles_at_rate_times_mean_life() -> None:
    made, context = stock(reference_level=1.0)
    for day in range(2000):
        context.env.run(until=day * DAY + 1.0)
        made.add(2.0)
    mean = np.mean([made.level((2000 + share) * DAY) for share in (0.042,)])
    life_days = 50.0 / np.log(2.0)
    assert mean == pytest.approx(2.0 * life_days, rel=0.01)


def test_the_dial_lengthens_the_half_life() -> None:
    made, _ = stock(amount=1.0)
    assert made.level(100 * DAY) == 100.0
    assert stock(amount=0.0)[0].level(100 * DAY) == 50.0


def test_the_factor_is_one_at_the_reference_saturates_and_keeps_the_floor() -> None:
    for floor in (0.0, 0.1, 0.4, 0.7, 1.0):
        for half in (0.3, 1.0, 3.7):
            assert stock(floor_share=floor, half_saturation=half)[0].factor(0.0) == 1.0
    made, context = stock()
    levels = [200.0]
    for _ in range(40):
        made.add(200.0)
        levels.append(made.factor(0.0))
    steps = np.diff(levels[1:])
    assert (steps > 0).all()
    assert (np.diff(steps) < 0).all()
    assert levels[-1] < 0.4 + 0.6 * 2
    assert made.factor(1e7 * DAY) == pytest.approx(0.4)
    assert context.env.now == 0.0


def test_without_a_part_that_needs_it_intelligence_changes_no_bit() -> None:
    """At a factor of exactly 1 the world is that of targeting without intelligence."""
    flat = {**SHORT, "chain.intelligence.floor_share": 1.0}
    plain = simulate(load_scenario(composed(**flat)), 1, 0).postings
    richer = simulate(
        load_scenario(composed(**flat, **{"chain.intelligence.half_life_days": 900.0})), 1, 0
    ).postings
    assert all(np.array_equal(plain[name], richer[name]) for name in plain)
    other = simulate(load_scenario(composed(**SHORT)), 1, 0).postings
    assert [len(column) for column in other.values()] != [0] * len(other)
    assert any(not np.array_equal(plain[name], other[name]) for name in plain)


@pytest.mark.parametrize("reports", [0.0, 1e9])
def test_more_intelligence_finds_more_at_ports_and_gateways(reports: float) -> None:
    world = World(load_scenario(composed(**SHORT)), 1, 0)
    made = world.intelligence
    before = world.ports.detection_now("laredo", "commercial", 0)
    gateway = Gateway(made._context, load_scenario(composed()).settings.chain.gateway, made.factor)
    exams = gateway.exam_share("parcel")
    made.add(reports)
    after = world.ports.detection_now("laredo", "commercial", 0)
    if reports == 0.0:
        assert (after, gateway.exam_share("parcel")) == (before, exams)
    else:
        assert after > before
        assert gateway.exam_share("parcel") == pytest.approx(1.5 * exams, rel=1e-5)


def test_intelligence_sends_no_lawful_traveller_more_to_secondary() -> None:
    calendar = {"calendar.days": 3, "calendar.warmup_days": 7}
    referred = []
    for half_life in (1.0, 900.0):
        change = {"chain.intelligence.half_life_days": half_life, "chain.route.loads_per_year.laredo": 0.0}
        world = World(load_scenario(composed(**calendar, **change)), 1, 0)
        world.run()
        referred.append(world.ports.manning(world.calendar.total_hours - 1).referral_prob)
    assert np.array_equal(*referred)
