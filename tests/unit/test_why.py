"""Why two runs differ: each flip has one mechanism, and the flips add up to the whole difference."""

from __future__ import annotations

import numpy as np
import pytest

from sim.chain.journal import Journal, LoadNote
from sim.core.units import MG_PER_KG
from sim.plots.why import why
from sim.scenario import load_scenario
from sim.study.why import ABSENT, MECHANISMS, Pairs, compare, explain, mechanism_of, pair
from sim.world import World
from tests.conf.composed import SHORT, composed


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


def _scenario(**changes):
    return load_scenario(composed(**SHORT, **changes))


def _delivered_kg(scenario, journal):
    calendar = scenario.calendar
    return (
        sum(
            note.pure_mg
            for note in journal.loads.values()
            if note.fate == "delivered" and calendar.month_index(np.array([note.time_h]))[0] >= 0
        )
        / MG_PER_KG
    )


def test_flips_add_up_to_the_difference_in_delivery():
    before, after = _scenario(), _scenario(**{"levers.port_staffing.size": 3000})
    journals = []
    for scenario in (before, after):
        journals.append(Journal())
        World(scenario, 3, 0, journals[-1]).run()
    flips = compare(*journals, after.calendar)
    gained = _delivered_kg(after, journals[1]) - _delivered_kg(before, journals[0])
    assert gained != 0.0
    assert sum(flip.delivered_kg for flip in flips) == pytest.approx(gained, abs=1e-9)
    assert {flip.mechanism for flip in flips} >= {"staffing"}


def test_a_journal_changes_nothing_and_the_same_run_has_no_flips():
    one = _scenario()
    assert pair(one, one, 3, 0) == []
    silent, told = World(one, 3, 0), World(one, 3, 0, Journal())
    silent.run()
    told.run()
    assert silent.ledger.posted == told.ledger.posted
    quiet, loud = (world.ledger.table(one.calendar.month_names) for world in (silent, told))
    assert all(np.array_equal(quiet[name], loud[name]) for name in quiet)


def test_the_study_sums_over_pairs_and_names_what_came_first():
    before, after = _scenario(), _scenario(**{"levers.port_staffing.size": 3000})
    done = []
    found = explain(before, after, Pairs(3, 2, 1), done.append)
    assert done == [1, 2]
    assert found.effect_kg.shape == (2,)
    total = np.sum([found.by_mechanism[name] for name in MECHANISMS], axis=0)
    assert np.allclose(total, found.effect_kg)
    assert sum(flip.delivered_kg for flip in found.flips) == pytest.approx(found.effect_kg.mean())
    assert len(found.first) == 2
    assert all(flip.before != flip.after or flip.mechanism == "load_size" for flip in found.flips)
    assert any(flip.before == ABSENT for flip in found.flips if flip.mechanism == "supply")


def test_the_figure_says_its_total_and_its_bars_in_words():
    rows = {
        "mechanism": np.array(["another route class", "scanner"], dtype=object),
        "kg": np.array([-30.0, 5.0]),
        "low": np.array([-40.0, 1.0]),
        "high": np.array([-20.0, 9.0]),
        "loads": np.array([120.0, 14.0]),
    }
    figure = why(rows, ("baseline", "surge"), "Made up.")
    meta = figure.layout.meta
    assert "25.0 kg less" in meta["title"]
    assert "another route class -30" in meta["alt"]
    assert "Made up." in meta["footer"]
