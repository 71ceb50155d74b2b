"""Levers on the clock: attrition, cost of heads on board, dates that contradict each other."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sim.core.calendar import HOURS_PER_YEAR
from sim.core.dials import Move
from sim.core.errors import ConfigError
from sim.levers import moves_of, size_at
from sim.scenario import Scenario, load_scenario
from tests.conf.composed import composed

INF = float("inf")
STAFFING, SURGE = "levers.port_staffing", "levers.surge"
DATED = {f"{SURGE}.size": 200.0, f"{SURGE}.start": "2022-01-01", f"{SURGE}.end": "2022-04-01"}


def loaded(**changes: Any) -> Scenario:
    return load_scenario(composed(**changes))


def second_surge(**changes: Any) -> dict[str, Any]:
    """Return the keys of a second time-limited lever, a copy of the shipped surge."""
    surge = {**composed()["levers"]["surge"], "size": 50.0, **changes}
    return {"levers.surge_b": surge}


def test_heads_on_board_follow_hiring_less_attrition() -> None:
    """Euler steps of ``n' = hire - a n`` give the same curve: a peak when hiring ends, then decay."""
    leave, ramp = 0.002, 400.0
    move = Move("x", 10.0, 50.0, ramp, INF, leave)
    step, heads = 0.01, 0.0
    for number in range(100_000):
        hired = 10.0 / ramp if number * step < ramp else 0.0
        heads += step * (hired - leave * heads)
        if number in (9_999, 39_999, 69_999):
            assert move.at(50.0 + (number + 1) * step) == pytest.approx(heads, rel=1e-4)
    assert move.at(49.0) == 0.0
    assert move.at(450.0) == pytest.approx(10.0 * -math.expm1(-0.8) / 0.8)
    assert max(move.at(t) for t in range(50, 1500, 5)) == move.at(450.0)


def test_without_a_ramp_all_are_there_and_leave() -> None:
    move = Move("x", 8.0, 0.0, 0.0, INF, 0.5)
    assert [move.at(t) for t in (0.0, 2.0)] == pytest.approx([8.0, 8.0 * math.exp(-1.0)])


def test_attrition_that_vanishes_is_the_plain_ramp() -> None:
    plain, slow = (Move("x", 6.0, 10.0, 100.0, INF, leave) for leave in (0.0, 1e-12))
    for time_h in (5.0, 10.0, 60.0, 110.0, 500.0):
        assert slow.at(time_h) == pytest.approx(plain.at(time_h), abs=1e-6)


def test_attrition_acts_in_transition_only_and_cost_follows_heads() -> None:
    scenario = loaded(**{f"{STAFFING}.size": 1000.0, "calendar.days": 1095})
    lever, calendar = scenario.settings.levers["port_staffing"], scenario.calendar
    steady = moves_of("port_staffing", lever, calendar, "steady_state")
    moving = moves_of("port_staffing", lever, calendar, "transition")
    end_h = calendar.warmup_hours + (450 + 365) * 24.0
    assert size_at(lever, steady, end_h) == 1000.0
    assert size_at(lever, moving, end_h) == pytest.approx(1000.0 * -math.expm1(-0.05) / 0.05, rel=1e-3)
    later = size_at(lever, moving, end_h + HOURS_PER_YEAR / 2)
    assert later == pytest.approx(size_at(lever, moving, end_h) * math.exp(-0.025), rel=1e-9)
    assert later == pytest.approx(moving[0].at(end_h + HOURS_PER_YEAR / 2))


def test_a_lever_is_paid_for_even_if_its_first_dial_is_left_alone() -> None:
    scenario = loaded(**DATED, **{f"{SURGE}.moves.san_diego.per_unit": 0.0})
    lever, calendar = scenario.settings.levers["surge"], scenario.calendar
    moves = moves_of("surge", lever, calendar, "steady_state")
    inside = moves[1].start_h + 1.0
    assert [size_at(lever, moves, t) for t in (moves[1].start_h - 1.0, inside)] == [0.0, 200.0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({f"{SURGE}.size": 5.0}, r"surge\.end: this lever is limited in time; give levers\.surge\.end="),
        ({f"{SURGE}.size": -5.0}, r"surge\.size: -5 officer is outside 0 to 1500"),
        (
            {f"{SURGE}.moves.laredo.per_unit": -0.5},
            r"surge\.moves\.laredo\.per_unit: -0\.5 would take officers away",
        ),
        (
            {f"{SURGE}.moves.laredo.dial": "border.officers.added.lardeo"},
            r"surge\.moves\.laredo\.dial: unknown office 'lardeo' \(did you mean 'laredo'\?\); allowed: ",
        ),
        ({f"{STAFFING}.attrition_per_year": -0.1}, r"attrition_per_year: .*greater than or equal to 0"),
        (
            {**DATED, **second_surge(start="2022-03-31", end="2022-05-01")},
            r"levers\.surge_b: border\.officers\.added\.san_diego is moved by levers\.surge "
            r"from 2022-01-01 to 2022-04-01; surges of one office may not overlap",
        ),
        (
            {**DATED, "lever_mode": "transition", f"{SURGE}.end": "2022-01-10"},
            r"surge\.end: 2022-01-10 comes before the first effect on 2022-01-15",
        ),
    ],
)
def test_mistakes(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        loaded(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        second_surge(start="2022-04-01", end="2022-05-01"),
        {**second_surge(start="2022-03-01", end="2022-05-01", size=0.0)},
        {f"{STAFFING}.size": 500.0, f"{STAFFING}.moves.officers.dial": "border.officers.added.laredo"},
    ],
)
def test_surges_in_turn_and_officers_who_stay_are_allowed(changes: dict[str, Any]) -> None:
    loaded(**DATED, **changes)


def test_surges_of_different_offices_may_overlap() -> None:
    whole = {"value": 1.0, "unit": "dial/unit", "status": "derived"}
    one = {"laredo": {"dial": "border.officers.added.laredo", "per_unit": 1.0}}
    other = {"tucson": {"dial": "border.officers.added.tucson", "per_unit": whole}}
    loaded(
        **DATED, **{f"{SURGE}.moves": one}, **second_surge(start="2022-02-01", end="2022-05-01", moves=other)
    )
