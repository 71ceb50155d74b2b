"""Fates that differ between two runs: each has one mechanism, and they add up to the whole difference."""

from __future__ import annotations

from copy import copy

import numpy as np
import pytest

from sim.chain.parts.journal import Journal, LoadNote
from sim.measures.replication import measure_outcome
from sim.scenario import load_scenario
from sim.study.fates import CASE, LOAD, MECHANISMS, WARMUP, History, compare, mechanism_of, pair
from sim.world import World, simulate
from tests.fixtures.composed import SHORT, composed


def _scenario(**changes):
    return load_scenario(composed(**SHORT, **changes))


def _note(fate="delivered", route="tucson.passenger", alarm="", pure_mg=10):
    return LoadNote(0.0, route, pure_mg, fate, alarm)


@pytest.mark.parametrize(
    ("before", "after", "mechanism"),
    [
        (_note(), _note(), None),
        (None, _note(), "supply"),
        (_note(), _note(pure_mg=20), "load_size"),
        (_note("seized"), _note("seized", pure_mg=20), None),
        (_note(), _note("unmet.product"), "stock_out"),
        (_note("unmet.capital"), _note(), "capital"),
        (_note(), _note("unmet.cell"), "disruption"),
        (_note(), _note(route="mail"), "displacement"),
        (_note("seized"), _note(route="mail"), "displacement"),
        (_note(), _note("seized", alarm="random"), "staffing"),
        (_note(), _note("seized", alarm="scanner"), "scanning"),
        (_note("seized", alarm="targeting"), _note(), "targeting"),
        (_note("seized", alarm="canine"), _note(), "screening"),
        (_note("delivered", alarm="officer"), _note("seized", alarm="officer"), "leniency"),
        (_note(route="mail"), _note("seized", route="mail"), "detection"),
        (_note("on_way"), _note(), "timing"),
    ],
)
def test_each_flip_has_one_mechanism(before, after, mechanism):
    assert mechanism_of(before, after) == mechanism
    assert mechanism is None or mechanism in MECHANISMS


def test_flips_add_up_to_the_difference_that_the_runs_report():
    before, after = _scenario(), _scenario(**{"levers.port_staffing.size": 3000})
    flips = pair(before, after, 3, 0)
    kg = [
        measure_outcome(simulate(scenario, 3, 0), scenario)["delivered_pure_kg", "all"].sum()
        for scenario in (before, after)
    ]
    assert kg[0] != kg[1]
    assert sum(flip.delivered_kg for flip in flips) == pytest.approx(kg[1] - kg[0], abs=1e-9)
    assert {flip.mechanism for flip in flips} >= {"staffing"}


def _history(*told):
    """Return a journal of (hour, method, arguments)."""
    journal, now = History(), [0.0]
    journal.clock = lambda: now[0]
    for hour, method, *arguments in told:
        now[0] = hour
        getattr(journal, method)(*map(copy, arguments))
    return journal


def _sent(entity, hour, route="mail"):
    return hour, "load_requested", entity, LoadNote(hour, route, 10**6)


def test_first_is_where_the_records_part_not_what_was_asked_for_first():
    calendar = _scenario().calendar
    day = calendar.warmup_days * 24.0
    both = [_sent(1, day - 90), _sent(2, day + 1)]
    early = _history(*both, (day + 5, "load_ended", 2, "delivered"), (day + 9, "load_ended", 1, "delivered"))
    late = _history(
        *both, (day + 7, "load_ended", 1, "seized"), (day + 7, "lead_raised", 1, "load_seizure", day + 7),
        (day + 8, "load_ended", 2, "seized"),
    )  # fmt: skip
    flips = compare(early, late, calendar)
    told = [(flip.kind, flip.before, flip.after, flip.delivered_kg) for flip in flips]
    # Load 2 parts at hour 5, when the first run delivers it; load 1, of the warm-up, at hour 7 with its lead.
    assert told == [
        (LOAD, "delivered", "seized", -1.0),
        (LOAD, "delivered", "seized", -1.0),
        (CASE, "not raised", "open", 0.0),
    ]
    assert [flip.month for flip in flips] == [calendar.month_names[0]] * 3


def test_what_differs_in_the_warmup_alone_is_told_first_and_is_in_no_sum():
    calendar = _scenario().calendar
    early = _history(_sent(1, 10.0), (20.0, "load_ended", 1, "delivered"))
    late = _history(_sent(1, 10.0), (20.0, "load_ended", 1, "seized"))
    (flip,) = compare(early, late, calendar)
    assert (flip.month, flip.delivered_kg) == (WARMUP, 0.0)
    moved = _history(_sent(1, 10.0), (calendar.warmup_days * 24.0 + 2, "load_ended", 1, "delivered"))
    (flip,) = compare(early, moved, calendar)
    assert (flip.mechanism, flip.month, flip.delivered_kg) == ("timing", calendar.month_names[0], 1.0)


def test_a_lead_is_never_told_before_the_seizure_that_raised_it():
    before, after = _scenario(), _scenario(**{"levers.port_staffing.size": 3000})
    first = pair(before, after, 3, 0)[0]
    assert first.kind == LOAD
    assert "not sent" not in {flip.before for flip in pair(before, after, 3, 0) if flip.kind == CASE}


def test_a_journal_changes_nothing_and_the_same_run_has_no_flips():
    one = _scenario()
    assert pair(one, one, 3, 0) == []
    silent, told = World(one, 3, 0), World(one, 3, 0, Journal())
    silent.run()
    told.run()
    assert silent.ledger.posted == told.ledger.posted
    quiet, loud = (world.ledger.table(one.calendar.month_names) for world in (silent, told))
    assert all(np.array_equal(quiet[name], loud[name]) for name in quiet)
