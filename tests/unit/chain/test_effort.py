"""What levers do to screening, gateways, sources and raids, and the true chance of detection they give."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
import simpy

from sim.border.crossing import MODES, OFFICES
from sim.border.ports import TrackedLoad
from sim.border.screening import ScreeningEffort, effort_at
from sim.chain.gateway import Gateway
from sim.chain.parts.context import StationContext
from sim.chain.parts.leads import Leads
from sim.chain.producer import RAIDS_DIAL, Producer
from sim.chain.producer import dials as producer_dials
from sim.core.calendar import HOURS_PER_YEAR, Calendar
from sim.core.dials import DialBoard, Move, board_of
from sim.core.draws import Draws, entity_id
from sim.ledger.postings import Ledger
from sim.scenario import load_scenario
from sim.world import World
from tests.fixtures.composed import SHORT, composed

SCANNING, TARGETING = {"levers.scanning.size": 153.0}, {"levers.targeting.size": 200.0}
STAFFING = {"levers.port_staffing.size": 3000.0}
HOUR = 20 * 24


def world(**changes: Any) -> World:
    return World(load_scenario(composed(**SHORT, **changes)), 1, 0)


def test_without_levers_the_chance_of_detection_is_that_of_the_settings() -> None:
    made = world(**{"chain.intelligence.floor_share": 1.0})  # targeting that needs no intelligence
    screening = load_scenario(composed()).settings.border.screening
    for office in OFFICES:
        for mode in MODES:
            there = made.ports.detection_now(office, mode, HOUR)
            assert there == pytest.approx(screening.detection_prob(mode), rel=1e-12)


def misfit(made: World, mode: str, expected: float) -> float:
    """Return how far the share of loads that are found lies from a chance, in standard errors."""
    own = load_scenario(composed()).settings.border.screening.modes[mode]
    loads = []
    for token in range(20_000):
        load = entity_id(7, "load", token)
        group = made.ports.draw_group("laredo", mode, (token + 0.5) / 20_000)
        loads.append(TrackedLoad(token, group, HOUR + 0.5, load, "laredo", mode))
    found = own.find_prob * np.mean([fate.referred for fate in made.ports.advance(HOUR, loads)])
    error = own.find_prob * math.sqrt(expected / own.find_prob * (1 - expected / own.find_prob) / len(loads))
    return abs(found - expected) / error


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("changes", [SCANNING, TARGETING, STAFFING, {**SCANNING, **TARGETING, **STAFFING}])
def test_the_chance_of_detection_is_that_of_loads_in_the_border(mode: str, changes: dict[str, float]) -> None:
    made = world(**changes)
    assert misfit(made, mode, made.ports.detection_now("laredo", mode, HOUR)) < 4


@pytest.mark.parametrize(("changes", "mode"), [(SCANNING, "passenger"), (TARGETING, "commercial")])
def test_the_chance_before_the_lever_is_refused(changes: dict[str, float], mode: str) -> None:
    assert misfit(world(**changes), mode, world().ports.detection_now("laredo", mode, HOUR)) > 4


def test_scanners_scan_no_more_than_everybody_and_no_more_than_they_can() -> None:
    everybody = world(**{"levers.scanning.size": 153.0, "levers.scanning.moves.cars.per_unit": 1.0})
    scanned = everybody.ports.manning(HOUR).scanning
    assert scanned.target.max() == 1.0
    slow = world(**SCANNING, **{"levers.scanning.moves.scans.per_unit": 0.0})
    fast = world(**SCANNING)
    few, many = (made.ports.manning(HOUR).scanning for made in (slow, fast))
    assert (few.in_a_mean_hour <= many.in_a_mean_hour).all()
    assert np.allclose(many.scans_per_h, few.scans_per_h * (1 + 153 * 0.05))


def test_bays_are_planned_for_the_alarms_that_scanners_add() -> None:
    plain, scanned, aimed = (
        world(**changes).ports.manning(HOUR).bays for changes in ({}, SCANNING, TARGETING)
    )
    assert scanned.sum() > plain.sum()
    # Targeting misses less and alarms on lawful travellers as often as before.
    assert np.array_equal(aimed, plain)


def test_effort_is_one_without_levers_and_ends_with_them() -> None:
    board = load_scenario(composed(**SCANNING, **{"levers.scanning.end": "2021-12-01"})).board()
    start = load_scenario(composed()).calendar.warmup_hours
    assert effort_at(board, start - 1.0) == ScreeningEffort()
    assert effort_at(board, start + 1.0).share[MODES.index("passenger")] == pytest.approx(1 + 153 * 0.058)
    assert effort_at(board, start + 24.0 * 62) == ScreeningEffort()


def test_targeting_raises_the_odds_at_gateways() -> None:
    shares = []
    for changes in ({}, TARGETING):
        scenario = load_scenario(composed(**SHORT, **changes))
        context = bare_context(scenario.board(), 30.0)
        context.env.run(until=HOUR)
        shares.append(Gateway(context, scenario.settings.chain.gateway).exam_share("southbound"))
    assert shares[1] == pytest.approx(2 * shares[0])


def bare_context(board: DialBoard, days: float) -> StationContext:
    calendar = Calendar(date(2022, 1, 1), int(days), 0)
    env, ledger = simpy.Environment(), Ledger(calendar.month_of_hour)
    return StationContext(env, Draws(1, 0), ledger, board, calendar, Leads(env, ledger))


def test_capacity_that_is_closed_sells_nothing() -> None:
    def sold(capacity: float) -> int:
        moves = {"shut": move("source.asia_china.capacity", capacity)}
        made = world(**{"levers.source_control.size": 1.0, "levers.source_control.moves": moves})
        made.run()
        postings = made.outcome().postings
        return int(postings["amount"][postings["from_account"] == "origin.asia_china"].sum())

    assert sold(0.0) > 0
    assert sold(-1.0) == 0


def move(dial: str, per_unit: float) -> dict[str, Any]:
    record = {"value": per_unit, "unit": "dial/unit", "status": "derived", "reason": "one unit"}
    return {"dial": dial, "per_unit": record}


YEARS = 50


def raids(amount: float, start_year: int = 0) -> list[float]:
    """Return the times of raids (h) over many years, with a lever on their rate from a year on."""
    settings = load_scenario(composed()).settings.chain.producer
    board = board_of(producer_dials())
    if amount:
        board.add(Move(RAIDS_DIAL, amount, start_year * HOURS_PER_YEAR, 0.0, math.inf), "test")
    context, times = bare_context(board, 30.0), []

    class Raided(Producer):
        def __init__(self) -> None:
            self._context, self._settings, self.entity = context, settings, 5
            self._start_raids(1.0)

        def _take_out(self, entity: int) -> None:
            times.append(context.env.now)

    Raided()
    context.env.run(until=YEARS * HOURS_PER_YEAR)
    return times


@pytest.mark.parametrize("amount", [0.0, 0.5, 2.0, -0.5, -1.0])
def test_raids_come_at_the_rate_of_now(amount: float) -> None:
    planned = load_scenario(composed()).settings.chain.producer.raids_per_year
    expected = planned * YEARS * (1 + amount)
    came = len(raids(amount))
    assert abs(came - expected) <= 4 * math.sqrt(expected)
    # Twice the effect is refused.
    assert amount == 0 or abs(came - planned * YEARS * (1 + 2 * amount)) > 4 * math.sqrt(expected)


def test_raids_of_the_baseline_keep_their_times() -> None:
    plain, more, fewer, late = raids(0.0), raids(1.0), raids(-0.5), raids(1.0, YEARS + 1)
    assert late == plain
    assert set(plain) < set(more)
    assert set(fewer) < set(plain)
