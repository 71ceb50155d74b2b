"""Levers on the clock: attrition, cost of heads on board, dates that contradict each other."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sim.border.crossing import OFFICES
from sim.core.calendar import HOURS_PER_YEAR
from sim.core.dials import DialBoard, Move
from sim.core.draws import Draws
from sim.core.errors import ConfigError
from sim.levers import lever_notes, moves_of, size_at
from sim.scenario import Scenario, load_scenario
from tests.fixtures.composed import composed

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
    whole = {"value": 1.0, "unit": "dial/unit", "status": "derived", "reason": "one hour"}
    one = {"laredo": {"dial": "border.officers.added.laredo", "per_unit": 1.0}}
    other = {"tucson": {"dial": "border.officers.added.tucson", "per_unit": whole}}
    loaded(
        **DATED, **{f"{SURGE}.moves": one}, **second_surge(start="2022-02-01", end="2022-05-01", moves=other)
    )


TURNS = {f"{SURGE}.size": 400.0, f"{SURGE}.rotation_days": 7, f"{SURGE}.end": "2030-01-01"}


def in_turns(seed: int = 1, **changes: Any) -> tuple[Scenario, DialBoard]:
    scenario = loaded(**TURNS, **changes)
    return scenario, scenario.board(Draws(seed, 0))


def test_in_turns_one_office_has_the_whole_surge_and_keeps_it_for_the_period() -> None:
    scenario, board = in_turns()
    first = scenario.calendar.warmup_hours
    held = []
    for day in range(7 * 52):
        there = {o: board.value(f"border.officers.added.{o}", 0.0, first + 24.0 * day) for o in OFFICES}
        assert sorted(there.values()) == [0.0, 0.0, 0.0, 400.0]
        held.append(max(there, key=lambda office: there[office]))
    periods = {int((first + 24.0 * day) // 168.0): office for day, office in enumerate(held)}
    assert held == [periods[int((first + 24.0 * day) // 168.0)] for day in range(len(held))]
    assert len(set(periods.values())) == 4


def test_turns_are_in_expectation_what_they_are_without() -> None:
    """Over many seeds each office has its even share; a draw among two of them is refused."""
    offices = len(OFFICES)

    def mean_share(office: str, seeds: int = 2000) -> float:
        scenario = loaded(**TURNS)
        hour = float(scenario.calendar.warmup_hours)
        there = [
            scenario.board(Draws(s, 0)).value(f"border.officers.added.{office}", 0.0, hour)
            for s in range(seeds)
        ]
        return sum(there) / seeds / 400.0

    error = math.sqrt((1 / offices) * (1 - 1 / offices) / 2000)
    for office in OFFICES:
        assert abs(mean_share(office) - 1 / offices) < 4 * error
        assert abs(mean_share(office) - 1 / 2) > 4 * error


def test_turns_cost_the_same_and_leave_out_moves_of_zero() -> None:
    scenario, board = in_turns(**{f"{SURGE}.moves.laredo.per_unit": 0.0})
    lever, moves = scenario.settings.levers["surge"], board.pulled["surge"]
    hour = scenario.calendar.warmup_hours + 100.0
    assert size_at(lever, moves, hour) == 400.0
    assert board.value("border.officers.added.laredo", 0.0, hour) == 0.0
    assert sum(board.value(f"border.officers.added.{o}", 0.0, hour) for o in OFFICES) == pytest.approx(300.0)


def test_adversaries_are_told_of_announced_levers_while_they_act() -> None:
    dated = {f"{SURGE}.size": 100.0, f"{SURGE}.start": "2022-01-01", f"{SURGE}.end": "2022-02-01"}
    hour = float(loaded().calendar.warmup_hours)
    for announced in (True, False):
        board = loaded(**dated, **{f"{SURGE}.announced": announced}).board()
        assert not board.announced("border.", hour)
        assert board.announced("border.", hour + 100 * 24.0) is announced
        assert not board.announced("source.", hour + 100 * 24.0)


def test_officers_on_whom_several_levers_draw_are_reported() -> None:
    def notes(size: float, **changes: Any) -> str:
        asks = {**composed()["levers"]["port_staffing"], "size": size}
        asks["moves"] = {
            "hours": {
                "dial": "border.outbound.officer_hours",
                "per_unit": {"value": 1.0, "unit": "dial/unit", "status": "derived", "reason": "one hour"},
            }
        }
        scenario = loaded(**{"levers.outbound": asks, **changes})
        settings = scenario.settings
        return "\n".join(
            lever_notes(
                settings.levers, scenario.calendar, "steady_state", settings.border.officers.duty_h_per_year
            )
        )

    brings = {f"{STAFFING}.size": 100.0}
    over = notes(1000.0, **brings)
    assert (
        "officers overdrawn: 1,000 outbound hours a day are asked for (outbound), 411 hours are brought (port"
        in over
    )
    assert "officers shared: 100 outbound hours a day" in notes(100.0, **brings)
    assert "0 hours are brought (by no lever)" in notes(100.0)
    assert "0 hours are brought (by no lever)" in notes(
        100.0, **brings, **{f"{STAFFING}.start": "2030-01-01"}
    )
    assert "overdrawn" in notes(100.0, **brings, **{f"{STAFFING}.end": "2021-10-31"})
    assert "officers" not in notes(0.0, **brings).replace("port_staffing", "").replace("100 officer", "")


def test_a_lever_that_brings_its_own_officers_is_reported_only_beside_another() -> None:
    def notes(**sizes: float) -> str:
        scenario = loaded(**{f"levers.{name}.size": size for name, size in sizes.items()})
        settings = scenario.settings
        duty_h = settings.border.officers.duty_h_per_year
        return "\n".join(lever_notes(settings.levers, scenario.calendar, "steady_state", duty_h))

    assert "officers shared" not in notes(southbound=200.0)
    assert "officers overdrawn" not in notes(southbound=200.0)
    assert "officers shared: 820 outbound hours a day are asked for (southbound)" in notes(
        southbound=200.0, port_staffing=100.0
    )


COST = "levers.own.cost_usd_per_unit_year"


def own_lever(**changes: Any) -> dict[str, Any]:
    return {"levers.own": {**composed()["levers"]["surge"], **changes}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            own_lever(cost_usd_per_unit_year=5.0),
            rf"{COST}: running cost of one unit needs a number with its evidence",
        ),
        (
            own_lever(max_size=5.0),
            r"levers\.own\.max_size: .* write \{value: .*, unit: unit, range: .*, status: assumed",
        ),
        (own_lever(cost_usd_per_unit_year=None), rf"{COST}: running cost"),
        (
            own_lever(moves={"a": {"dial": "border.officers.added", "per_unit": 1.0}}),
            r"levers\.own\.moves\.a\.per_unit: .* needs a number with its evidence",
        ),
        (
            {"levers.port_stafing": {"size": 5.0}},
            r"levers: unknown lever 'port_stafing' \(did you mean 'port_staffing'",
        ),
        (
            {"levers.own": {k: v for k, v in own_lever()["levers.own"].items() if k != "moves"}},
            r"levers\.own\.moves: a lever must move at least one dial",
        ),
        ({"levers.port_staffing.size": 6001.0}, r"size: 6001 officer is outside 0 to 6000"),
        ({f"{STAFFING}.rotation_days": 7}, r"rotation_days: only a lever with two moves or more"),
        ({f"{SURGE}.rotation_days": 0}, r"rotation_days: .*greater than or equal to 1"),
        (
            {"levers.scanning.rotation_days": 7},
            r"rotation_days: border\.scanning\.share\.passenger does not add",
        ),
    ],
)
def test_levers_without_evidence_and_turns_that_make_no_sense(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as error:
        loaded(**changes)
    assert "\n" not in str(error.value)


def test_a_lever_without_a_cost_is_refused() -> None:
    lever = own_lever()["levers.own"]
    del lever["cost_usd_per_unit_year"]
    with pytest.raises(ConfigError, match=rf"{COST}: running cost of one unit needs a number"):
        loaded(**{"levers.own": lever})
