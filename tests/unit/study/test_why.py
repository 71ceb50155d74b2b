"""Why two runs differ: each flip has one mechanism, and the flips add up to the whole difference."""

from __future__ import annotations

from copy import copy

import numpy as np
import pytest

from sim.chain.parts.journal import Journal, LoadNote
from sim.cli.main import main
from sim.measures.replication import measure_outcome
from sim.plots.why import why
from sim.run.plan import Replications
from sim.scenario import load_scenario
from sim.study.why import (
    ABSENT,
    CASE,
    LOAD,
    MECHANISMS,
    WARMUP,
    Flip,
    History,
    compare,
    explain,
    mechanism_of,
    pair,
    summed,
)
from sim.world import World, simulate
from tests.fixtures.composed import SHORT, composed
from tests.fixtures.killing_jobs import KillingScenario


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
    return hour, "load_asked", entity, LoadNote(hour, route, 10**6)


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


def test_the_study_sums_over_pairs_and_names_what_came_first():
    before, after = _scenario(), _scenario(**{"levers.port_staffing.size": 3000})
    done = []
    found = explain(before, after, Replications(2, 3, workers=1), done.append)
    assert [now.done for now in done] == [0, 1, 2]
    assert found.effect_kg.shape == (2,)
    total = np.sum([found.by_mechanism[name] for name in MECHANISMS], axis=0)
    assert np.allclose(total, found.effect_kg)
    assert sum(flip.delivered_kg for flip in found.flips) == pytest.approx(found.effect_kg.mean())
    assert len(found.first) == 2
    assert all(flip.before != flip.after or flip.mechanism == "load_size" for flip in found.flips)
    assert any(flip.before == ABSENT[LOAD] for flip in found.flips if flip.mechanism == "supply")


def test_a_worker_that_dies_costs_nothing(tmp_path):
    before, after = _scenario(), _scenario(**{"levers.port_staffing.size": 3000})
    alone = explain(before, after, Replications(2, 3, workers=1))
    deadly = KillingScenario(after.settings, after.values, after.evidence, tmp_path)
    found = explain(before, deadly, Replications(2, 3, workers=2))
    assert (tmp_path / "killed").exists()
    assert found.flips == alone.flips
    assert np.array_equal(found.effect_kg, alone.effect_kg)


BARS = {
    "mechanism": np.array([MECHANISMS["displacement"], "scanner"], dtype=object),
    "kg": np.array([-30.0, 5.0]),
    "low": np.array([-40.0, 1.0]),
    "high": np.array([-20.0, 9.0]),
    "loads": np.array([120.0, 14.0]),
}


def test_the_figure_says_its_total_and_its_bars_in_words():
    meta = why(BARS, (-25.0, -35.0, -15.0), ("baseline", "surge"), "Made up.", "a year").layout.meta
    assert meta["title"] == "Surge delivers 25.0 kg less a year than baseline: what flipped"
    assert "-25 kg [-35 to -15]" in meta["subtitle"]
    assert "loads that changed route class -30" in meta["alt"]
    assert "not the effect of moving" in meta["subtitle"]
    assert "Made up." in meta["footer"]


@pytest.mark.parametrize(
    ("total", "said"),
    [
        ((-0.0171, -0.23, 0.20), "cannot tell whether more or less is delivered than in baseline"),
        ((0.0, 0.0, 0.0), "cannot tell"),
        (
            (2.0, np.nan, np.nan),
            "2.00 kg more a year than baseline in one pair of runs, which tells no interval",
        ),
    ],
)
def test_a_title_claims_no_more_than_its_interval(total, said):
    title = why(BARS, total, ("baseline", "surge"), "Made up.", "a year").layout.meta["title"]
    assert said in title
    assert "what flipped" not in title


RUNS = ("calendar.days=28", "calendar.warmup_days=7", "border.model=instant")


def _study(folder, *words):
    return main(["study", "why", "baseline", *words, *RUNS, "--workers", "1", "--out", str(folder)])


def test_the_command_tells_intervals_assumptions_and_what_is_not_recorded(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("sim.report.standalone_page.write_images", lambda figures, folder: None)
    assert _study(tmp_path, "port_staffing", "--replications", "2") == 0
    out = capsys.readouterr().out
    total = next(line for line in out.splitlines() if line.startswith("all "))
    assert "[" in total
    assert "first recorded difference of pair 0: 2021-10" in out
    assert "not orders, consignments or takedowns" in out
    page = (tmp_path / "why.html").read_text(encoding="utf-8")
    assert "2 pairs of runs, without queues" in page
    assert "assumed values" in page


def test_two_runs_that_do_not_differ_are_one_line(tmp_path, capsys):
    assert _study(tmp_path, "baseline", "--replications", "2") == 0
    out = capsys.readouterr().out
    assert "no load and no case has another fate in 2 pairs of runs" in out
    assert len(out.splitlines()) == 2
    assert not (tmp_path / "why.html").exists()


@pytest.mark.parametrize(("days", "share"), [(61, 1.0), (366, 1.0), (1095, 1.0 / 3.0)])
def test_more_than_a_year_is_given_a_year_like_every_outcome(days: int, share: float) -> None:
    months = [f"2022-{1 + i:02d}" for i in range(3)]
    flips = [Flip(LOAD, month, "vehicle", "delivered", "seized", "timing", 1.0, -6.0) for month in months]
    found = summed(("baseline", "surge"), [flips, flips], days)
    assert found.effect_kg == pytest.approx(np.full(2, -18.0 * share))
    assert found.by_mechanism["timing"] == pytest.approx(found.effect_kg)
    # Months stay what they are: a third of a month's loads would be no load.
    assert [(flip.month, flip.count, flip.delivered_kg) for flip in found.flips] == [
        (month, 1.0, -6.0) for month in months
    ]
    assert found.per_year == pytest.approx(share)
