"""Months of records that show a change: a made-up world in which the answer is known, and dates."""

from __future__ import annotations

from datetime import date
from functools import partial

import numpy as np
import pytest

from sim.core.draws import Draws
from sim.core.errors import ConfigError
from sim.run.plan import Replications
from sim.scenario import load_scenario
from sim.stats.detection import wilson
from sim.study.power import PowerCurve, PowerQuestion, month_after, power, result_of, sights, starting_later
from tests.fixtures.composed import SHORT, composed
from tests.fixtures.made_up_world import _tables
from tests.fixtures.whole_results import check_whole

BEFORE, AFTER = 4, 6


def monthly(scenario, seed, replication, parameter_set=0):
    """Simulate seizures that double when a lever starts, and leads that no lever moves."""
    draws, months = Draws(seed, replication), BEFORE + AFTER
    noise = np.array([draws.normal("made_up", month) for month in range(months)])
    start = np.arange(months) >= BEFORE
    tables = _tables(np.zeros(2), replication, parameter_set)
    names = [f"20{21 + (9 + m) // 12}-{(9 + m) % 12 + 1:02d}" for m in range(months)]
    values = {
        "seizure_events": 100.0 + 5.0 * noise + 100.0 * start * bool(scenario.pulled),
        "leads": 50.0 + 5.0 * noise[::-1],
    }
    tables["measures"] = {
        "replication": np.full(2 * months, replication, dtype=np.int32),
        "parameter_set": np.full(2 * months, parameter_set, dtype=np.int32),
        "month": np.array(names * 2, dtype=object),
        "measure": np.repeat(np.array(list(values), dtype=object), months),
        "place": np.full(2 * months, "all", dtype=object),
        "layer": np.full(2 * months, "observed", dtype=object),
        "value": np.concatenate(list(values.values())),
    }
    return tables


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(composed(**SHORT, **{"levers.cyber.size": 6}))


def batch(folder, count) -> Replications:
    return Replications(count, workers=1, results=folder)


def test_what_doubles_is_seen_at_once_and_what_stays_is_not(scenario, tmp_path):
    outcomes = ["leads", "seizure_events"]
    leads, seizures = sights(scenario, outcomes, BEFORE, batch(tmp_path, 20), simulate=monthly)
    assert seizures.power.tolist() == [1.0] * AFTER
    assert seizures.months(0.8) == (1.0, 1.0, 1.0)
    assert seizures.before == pytest.approx(100.0, abs=2.0)
    assert seizures.after == pytest.approx(200.0, abs=2.0)
    assert leads.months(0.8) == (np.inf, np.inf, np.inf)
    # Nothing moves leads, so what is seen of them is false alarms, pair by pair.
    assert np.array_equal(leads.seen, leads.false_alarms)
    assert leads.false_alarms.mean() < 0.2


def curve(seen, false_alarms, flat=False) -> PowerCurve:
    found = [wilson(int(hits), len(seen)) for hits in seen.sum(axis=0)]
    ends = np.array([one.low for one in found]), np.array([one.high for one in found])
    return PowerCurve("leads", 1.0, 2.0, seen, false_alarms, ends, np.full(seen.shape[1], flat))


def test_months_needed_have_a_range():
    hits = np.array([2, 10, 14, 17, 20, 20])
    seen = np.arange(20)[:, None] < hits[None, :]
    found = curve(seen, np.zeros_like(seen))
    assert found.power == pytest.approx(hits / 20)
    assert found.months(0.8) == (4.0, 3.0, 5.0)
    assert curve(seen[:3], np.zeros_like(seen[:3])).months(0.8)[2] == np.inf


@pytest.mark.parametrize(
    ("alarms", "worlds", "flat", "expected"),
    [
        (2, 40, False, ""),
        (6, 40, False, "clearly more false alarms than the 5%"),
        (0, 100, False, "clearly fewer false alarms"),
        (0, 40, False, ""),
        (1, 4, False, ""),
        (2, 40, True, "up to month 6 worlds without the levers are equal"),
    ],
)
def test_a_power_that_says_little_is_told(alarms, worlds, flat, expected):
    seen = np.ones((worlds, 6), dtype=bool)
    found = curve(seen, np.repeat(np.arange(worlds)[:, None] < alarms, 6, axis=1), flat)
    assert found.doubt.startswith(expected)
    assert bool(found.doubt) == bool(expected)
    assert found.alarms.low <= alarms / worlds <= found.alarms.high


def test_an_event_that_no_other_world_has_is_not_called_power(scenario, tmp_path):
    def rare(scenario, seed, replication, parameter_set=0):
        tables = monthly(scenario, seed, replication, parameter_set)
        counts = np.arange(BEFORE + AFTER) >= BEFORE
        lucky = replication == 0 and bool(scenario.pulled)
        tables["measures"]["value"] = np.tile(counts * lucky, 2).astype(np.float64)
        return tables

    found = sights(scenario, ["leads"], BEFORE, batch(tmp_path, 4), simulate=rare)[0]
    assert found.power.tolist() == [0.25] * AFTER
    assert "any difference counts as seen" in found.doubt


def test_months_beyond_the_longest_run_are_refused_by_their_own_name(scenario):
    expected = (
        "12 months before the start and 200 after it are 6452 days together; a run has at most 3660, 120"
    )
    with pytest.raises(ConfigError, match=expected):
        starting_later(scenario, 12, 200)


@pytest.mark.parametrize(
    ("start", "months", "then"),
    [
        (date(2021, 10, 1), 0, date(2021, 10, 1)),
        (date(2021, 10, 1), 3, date(2022, 1, 1)),
        (date(2021, 10, 1), 2, date(2021, 12, 1)),
        (date(2021, 10, 1), 48, date(2025, 10, 1)),
    ],
)
def test_months_are_those_of_the_calendar(start, months, then):
    assert month_after(start, months) == then


def test_levers_start_in_the_middle_and_the_run_ends_later(scenario):
    later = starting_later(scenario, 12, 36)
    assert later.calendar.days == 1461
    assert later.settings.levers["cyber"].start == "2022-10-01"
    assert later.pulled == {"cyber": 6.0}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "pulls no lever"),
        ({"levers.surge.size": 10, "levers.surge.end": "2021-11-01"}, "levers.surge has dates or a trigger"),
        ({"levers.cyber.size": 1, "levers.cyber.start": "2021-11-01"}, "levers.cyber has dates"),
        ({"levers.cyber.size": 1, "calendar.start": "2021-10-02"}, "2021-10-02 is not the first of a month"),
    ],
)
def test_what_cannot_start_later_is_refused(changes, expected):
    with pytest.raises(ConfigError, match=expected):
        starting_later(load_scenario(composed(**SHORT, **changes)), 12, 36)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (["seizure_events", "delivered_pure_kg"], "delivered_pure_kg is latent, nobody records it"),
        (["wait_min"], "wait_min is a ratio; choose a monthly sum"),
        (["seizures"], "study power: unknown outcome 'seizures'"),
        ([], "name at least one outcome"),
    ],
)
def test_only_what_is_recorded_can_be_seen(scenario, tmp_path, outcomes, expected):
    with pytest.raises(ConfigError, match=expected):
        power(scenario, batch(tmp_path, 4), outcomes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"before": 0}, "before must be a whole number of at least 1 .got 0."),
        ({"months": 0}, "months must be a whole number of at least 1 .got 0."),
        ({"wanted": 1.0}, "power must lie between 0 and 1 .got 1.0."),
        ({"wanted": float("nan")}, "power must lie between 0 and 1 .got nan."),
    ],
)
def test_an_argument_out_of_range_is_refused(scenario, tmp_path, changes, expected):
    with pytest.raises(ConfigError, match=expected):
        power(scenario, batch(tmp_path, 4), **changes)


def test_a_result_says_how_many_months_and_when_never(scenario, tmp_path):
    six = batch(tmp_path, 6)
    found = sights(scenario, ["leads", "seizure_events"], BEFORE, six, simulate=monthly)
    result = result_of(found, scenario, PowerQuestion(BEFORE, AFTER, 0.5), six)
    check_whole(result)
    assert result.verdicts == (
        "With leads raised alone the change is not seen with 50% power within 6 months.",
        "With seizure events alone 1 month is needed to see the change with 50% power (1 to 1).",
    )
    records = result.table("records").df().set_index("measure")
    assert records.loc["seizure_events", ["months_needed", "fewest", "most"]].tolist() == [1.0, 1.0, 1.0]
    assert records.loc["leads", ["months_needed", "fewest"]].tolist() == [np.inf, np.inf]
    curve = result.table("power").df()
    assert curve[["measure", "months"]].values.tolist()[:2] == [["leads", 1], ["leads", 2]]
    assert curve["power"].between(curve["low"], curve["high"]).all()
    # The clearest record comes first in the figures.
    alt = result.plot.months_needed().layout.meta["alt"]
    assert alt.startswith("With seizure events alone 1 month is needed")
    assert "Seizure events: 1 month [1 to 1]; Leads raised: not within 6 months" in alt
    assert (
        "Power after 6 months: Seizure events 100%; Leads raised " in result.plot.power().layout.meta["alt"]
    )


def test_replications_that_cannot_prove_the_power_are_told(scenario, tmp_path):
    question = PowerQuestion(BEFORE, AFTER, 0.8)
    few = sights(scenario, ["leads"], BEFORE, batch(tmp_path, 6), simulate=monthly)
    told = "6 replications cannot prove a power of 80%: even if every world shows the change, it may be 61%"
    assert any(note.startswith(told) for note in result_of(few, scenario, question, batch(tmp_path, 6)).notes)
    enough = result_of(few, scenario, question, batch(tmp_path, 60))
    assert not any("cannot prove" in note for note in enough.notes)


def test_the_study_starts_the_levers_itself(scenario, tmp_path, monkeypatch):
    monkeypatch.setattr("sim.study.power.sights", partial(sights, simulate=monthly))
    result = power(scenario, batch(tmp_path, 6), ["seizure_events"], before=BEFORE, months=AFTER)
    check_whole(result)
    (configuration,) = result.provenance.configurations.values()
    assert configuration["days"] == (month_after(date(2021, 10, 1), BEFORE + AFTER) - date(2021, 10, 1)).days
    assert "6 worlds with the levers of baseline and as many without, 4 months before the start" in repr(
        result
    )
    assert result.table("records")["month_after"] == pytest.approx([200.0], abs=5.0)
