"""Triggers: what they may read, when they start and end a lever, and what they refuse."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from typing import Any

import pytest
import simpy

from sim.chain.parts.context import StationContext
from sim.chain.parts.leads import Leads
from sim.chain.parts.observation import MAIL_INSPECTION as MAIL
from sim.chain.parts.triggers import READABLE, Triggers, TriggerSettings
from sim.core.calendar import HOURS_PER_DAY, Calendar
from sim.core.dials import Dial, Move, board_of
from sim.core.draws import Draws
from sim.core.errors import ConfigError
from sim.ledger.accounts import RECORDED, SEEN
from sim.ledger.postings import COMMODITIES, GROSS, Ledger
from sim.levers import lever_notes
from sim.measures.flows import RULES
from sim.measures.registry import registry
from sim.scenario import load_scenario
from sim.world import simulate
from tests.fixtures.composed import SHORT, composed

INF = float("inf")
DAYS, WARMUP = 60, 5
SURGE, STAFFING = "levers.surge", "levers.port_staffing"
EVENTS = {"measure": "seizure_events", "above": 3.0, "window_days": 2}


def site_with(moves: dict[str, Move]) -> StationContext:
    """Return a context whose board knows one dial and one move a lever."""
    env, calendar = simpy.Environment(), Calendar(date(2022, 1, 1), DAYS, WARMUP)
    ledger = Ledger(calendar.month_of_hour)
    board = board_of([Dial("x", "add", 0.0, 10.0, "1/1", "a test")])
    for name, move in moves.items():
        board.add(move, name)
        board.pulled[name] = [move]
    return StationContext(env, Draws(1, 0), ledger, board, calendar, Leads(env, ledger))


def seize(context: StationContext, days: range, a_day: int) -> Generator[Any, Any, None]:
    ledger = context.ledger
    for day in days:
        yield context.env.timeout(day * HOURS_PER_DAY + 1.0 - context.env.now)
        for _ in range(a_day):
            seen, recorded = ledger.account(SEEN, MAIL), ledger.account(RECORDED, MAIL, "mail")
            ledger.post(context.env.now, seen, recorded, GROSS, 1000)


def days_on(trigger: dict[str, Any], seized: range, move: Move | None = None) -> list[int]:
    """Return the days on which a lever acts that watches two seizures a day on some days."""
    moves = {"watching": move or Move("x", 1.0, INF, 0.0, INF)}
    context = site_with(moves)
    context.env.process(seize(context, seized, 2))
    found = []
    Triggers(context, {"watching": TriggerSettings(**trigger)})
    for day in range(DAYS + WARMUP):
        context.env.run(until=day * HOURS_PER_DAY + 0.5)
        if context.dials.value("x", 0.0, context.env.now) > 0:
            found.append(day)
    return found


def test_what_can_be_read_is_what_the_measures_call_observed() -> None:
    rules = {rule.measure: rule for rule in RULES}
    for name, reading in READABLE.items():
        rule = rules[name]
        assert registry()[name].layer == "observed"
        assert (rule.source, rule.target) == (SEEN, RECORDED)
        assert (rule.commodity, rule.scale) == (COMMODITIES[reading.commodity], reading.scale)


def test_a_lever_acts_while_the_last_days_lie_above() -> None:
    """Two seizures a day on days 20 to 29: four in two days are known from the midnight of day 22 on."""
    assert days_on(EVENTS, range(20, 30)) == list(range(22, 31))


def test_hold_and_release_delay_start_and_end() -> None:
    patient = {**EVENTS, "hold_days": 3, "release_days": 4}
    assert days_on(patient, range(20, 30)) == list(range(25, 35))
    # A peak that is shorter than the hold starts nothing, a gap shorter than the release ends nothing.
    assert days_on(patient, range(20, 23)) == []


def test_below_counts_only_with_a_full_record_and_never_in_the_warm_up() -> None:
    few = {"measure": "seizure_events", "below": 1.0, "window_days": 10}
    assert days_on(few, range(20, 30)) == [*range(10, 21), *range(40, DAYS + WARMUP)]
    assert days_on({**few, "window_days": 2}, range(0))[0] == WARMUP


def test_lead_time_and_ramp_count_from_the_trigger() -> None:
    move = Move("x", 1.0, INF, 48.0, INF, lead_h=72.0)
    context = site_with({"watching": move})
    context.env.process(seize(context, range(20, 30), 2))
    Triggers(context, {"watching": TriggerSettings(**EVENTS)})
    context.env.run(until=29 * HOURS_PER_DAY)
    begin = (22 + 3) * HOURS_PER_DAY
    assert move.start_h == begin
    assert [move.at(begin + h) for h in (-1.0, 0.0, 24.0, 48.0)] == [0.0, 0.0, 0.5, 1.0]
    context.env.run(until=40 * HOURS_PER_DAY)
    assert move.end_h == 31 * HOURS_PER_DAY
    assert move.at(31 * HOURS_PER_DAY) == 0.0


def test_a_lever_may_start_again() -> None:
    move = Move("x", 1.0, INF, 0.0, INF)
    context = site_with({"watching": move})
    for days in (range(20, 25), range(40, 45)):
        context.env.process(seize(context, days, 2))
    Triggers(context, {"watching": TriggerSettings(**EVENTS)})
    context.env.run(until=HOURS_PER_DAY * (DAYS + WARMUP))
    assert (move.start_h, move.end_h) == (42 * HOURS_PER_DAY, 46 * HOURS_PER_DAY)


def test_a_lever_may_wait_for_another_that_waits_itself() -> None:
    moves = {name: Move("x", 1.0, INF, 0.0, INF) for name in ("first", "second", "third")}
    moves["third"].amount = 0.0
    context = site_with(moves)
    context.env.process(seize(context, range(20, 30), 2))
    waits = TriggerSettings(lever="first")
    Triggers(context, {"first": TriggerSettings(**EVENTS), "second": waits})
    context.env.run(until=35 * HOURS_PER_DAY)
    assert moves["second"].start_h == moves["first"].start_h == 22 * HOURS_PER_DAY
    assert moves["second"].end_h == moves["first"].end_h == 31 * HOURS_PER_DAY


def test_a_trigger_that_never_fires_changes_no_bit_and_one_that_fires_costs_while_it_acts() -> None:
    def postings(limit: float | None) -> list[tuple[Any, ...]]:
        trigger = {"measure": "seizure_events", "above": limit, "window_days": 14}
        changes = {} if limit is None else {f"{STAFFING}.size": 3000.0, f"{STAFFING}.trigger": trigger}
        outcome = simulate(load_scenario(composed(**SHORT, **changes)), 1, 0)
        return list(zip(*outcome.postings.values(), strict=True))

    plain, never, soon = postings(None), postings(1e6), postings(0.0)
    assert plain == never
    paid = sum(row[4] for row in soon if row[2] == "programme.port_staffing")
    assert paid == pytest.approx(100 * 3000 * 239_000 * 61 / 365.25, rel=1e-6)


@pytest.mark.parametrize(
    ("trigger", "message"),
    [
        (
            {**EVENTS, "measure": "delivered_pure_kg"},
            r"measure: delivered_pure_kg is latent, agencies cannot see it; allowed: seizure_events",
        ),
        ({**EVENTS, "measure": "price_index"}, r"measure: price_index is latent"),
        ({**EVENTS, "measure": "wait_min"}, r"wait_min is no record by the day"),
        (
            {**EVENTS, "measure": "seizure_evnts"},
            r"trigger\.measure: unknown measure 'seizure_evnts' \(did you mean 'seizure_events'\?\)",
        ),
        ({**EVENTS, "below": 1.0}, r"trigger: give either above or below"),
        ({"measure": "leads", "above": 1.0}, r"trigger\.window_days: say over how many days leads"),
        ({**EVENTS, "window_days": 0}, r"trigger\.window_days: .*greater than or equal to 1"),
        ({**EVENTS, "hold_days": -1}, r"trigger\.hold_days: .*greater than or equal to 0"),
        ({"above": 3.0}, r"trigger: give either measure \(with above or below\) or lever"),
        ({**EVENTS, "lever": "surge"}, r"trigger: give either measure"),
        ({"lever": "scaning"}, r"trigger\.lever: unknown lever 'scaning' \(did you mean 'scanning'\?\)"),
        ({"lever": "port_staffing"}, r"trigger: port_staffing -> port_staffing is a circle"),
        ({**EVENTS, "windw_days": 3}, r"unknown key 'windw_days' \(did you mean 'window_days'"),
    ],
)  # fmt: skip
def test_mistakes(trigger: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as error:
        load_scenario(composed(**{f"{STAFFING}.trigger": trigger}))
    assert "\n" not in str(error.value)


def test_triggers_in_a_circle_are_refused() -> None:
    circle = {f"{STAFFING}.trigger": {"lever": "surge"}, f"{SURGE}.trigger": {"lever": "port_staffing"}}
    with pytest.raises(ConfigError, match="port_staffing -> surge -> port_staffing is a circle"):
        load_scenario(composed(**circle))
    longer = {**circle, "levers.scanning.trigger": {"lever": "port_staffing"}}
    with pytest.raises(ConfigError, match="is a circle"):
        load_scenario(composed(**longer))


def test_dates_and_a_trigger_exclude_each_other() -> None:
    both = {f"{STAFFING}.trigger": EVENTS, f"{STAFFING}.start": "2022-01-01"}
    with pytest.raises(ConfigError, match=r"levers\.port_staffing\.trigger: a lever has dates or a trigger"):
        load_scenario(composed(**both))


def test_a_surge_with_a_trigger_needs_no_end_but_may_not_meet_another_surge() -> None:
    waits = {f"{SURGE}.size": 100.0, f"{SURGE}.trigger": EVENTS}
    load_scenario(composed(**waits))
    other = {**composed()["levers"]["surge"], "size": 5.0, "start": "2022-02-01", "end": "2022-03-01"}
    with pytest.raises(ConfigError, match=r"surges of one office\s+may not overlap"):
        load_scenario(composed(**waits, **{"levers.surge_b": other}))


def test_the_reader_is_told_what_a_lever_waits_for() -> None:
    scenario = load_scenario(
        composed(**{f"{STAFFING}.size": 5.0, f"{STAFFING}.trigger": {"lever": "scanning"},
                    f"{SURGE}.size": 5.0, f"{SURGE}.trigger": EVENTS, f"{SURGE}.rotation_days": 7})
    )  # fmt: skip
    settings = scenario.settings
    notes = "\n".join(lever_notes(settings.levers, scenario.calendar, "transition", 1500.0))
    assert "it acts while lever scanning acts, whose size is 0: it changes nothing" in notes
    assert "in turns of 7 days; it acts while seizure_events of 2 days is above 3" in notes
