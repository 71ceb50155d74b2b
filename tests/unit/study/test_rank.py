"""The race of scenarios: a made-up world with a known best, and replications that are not wasted."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from sim.core.draws import Draws
from sim.core.errors import ConfigError
from sim.run.plan import Replications
from sim.scenario import load_scenario
from sim.stats.ranking import Ranking
from sim.study.rank import RankingQuestion, Selection, rank, result_of, select
from tests.fixtures.composed import SHORT, composed
from tests.fixtures.made_up_world import MadeUpScenario, _tables, simulate
from tests.fixtures.whole_results import check_whole

ASKED = RankingQuestion("delivered_pure_kg", least=True, margin=0.2, confidence=0.95, first=5, step=3)
CLEAR = RankingQuestion("delivered_pure_kg", least=True, margin=1.0, confidence=0.95, first=8, step=3)


def world(*sizes: float) -> list[MadeUpScenario]:
    return [MadeUpScenario(name=f"size_{size:g}", size=size) for size in sizes]


def run(sizes: tuple[float, ...], folder: Path, asked: RankingQuestion = ASKED, budget: int = 60):
    return select(world(*sizes), asked, Replications(budget, workers=1, results=folder), simulate=simulate)


def test_the_smallest_is_found_and_the_others_are_dropped_early(tmp_path):
    found = run((2.0, 1.0, 4.0), tmp_path, CLEAR)
    assert found.ranking.decided
    assert found.leader == 1
    places = found.places()
    assert [place.scenario for place in places] == [1, 0, 2]
    assert places[0].behind == 0.0
    assert places[2].dropped_after <= places[1].dropped_after < 60
    assert all(place.interval.low > 0.0 for place in places[1:])
    # What is out is not simulated any more: beyond the step in which it was dropped there is nothing.
    assert np.isnan(found.values[2, places[2].dropped_after + ASKED.step :]).all()


def test_a_gap_is_the_difference_of_two_means_over_the_same_replications():
    values = np.array([[300.0, 310.0, 380.0, 390.0], [340.0, 350.0, np.nan, np.nan]])
    ranking = Ranking((0,), np.array([0, 2]), 4, 4)
    first, second = Selection(ASKED, values, ranking).places()
    assert (first.mean, first.replications) == (345.0, 4)
    # The leader has run on: its mean over all its runs equals that of the one that is out.
    assert (second.mean, second.leader, second.behind, second.replications) == (345.0, 305.0, 40.0, 2)


def test_most_turns_the_order_round(tmp_path):
    asked = RankingQuestion("delivered_pure_kg", False, 0.2, 0.95, 5, 3)
    assert run((2.0, 1.0, 9.0), tmp_path, asked).leader == 2


def test_the_decision_does_not_depend_on_how_many_are_simulated_at_a_time(tmp_path):
    answers = set()
    for step in (1, 3, 20):
        asked = RankingQuestion("delivered_pure_kg", True, 0.2, 0.95, 5, step)
        found = run((1.3, 1.0, 1.6), tmp_path, asked)
        answers.add((found.leader, found.ranking.used, tuple(found.ranking.dropped_after)))
    assert len(answers) == 1


def test_a_spent_budget_leaves_the_question_open(tmp_path):
    found = run(
        (1.0, 1.02), tmp_path, RankingQuestion("delivered_pure_kg", True, 0.001, 0.95, 5, 3), budget=8
    )
    assert not found.ranking.ended
    assert found.ranking.at_most > 8
    assert found.values.shape == (2, 8)


def test_scenarios_that_are_the_same_are_called_equal(tmp_path):
    found = run((1.0, 1.0), tmp_path)
    assert found.equal
    assert not found.ranking.decided


def test_a_budget_below_the_first_stage_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="less than the 5 of the first stage"):
        run((1.0, 2.0), tmp_path, budget=4)


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(composed(**SHORT))


def named(scenario, *names: str):
    return [scenario.changed({"name": name}) for name in names]


def result(found: Selection, scenario, folder: Path):
    names = [f"size_{i}" for i in range(len(found.values))]
    return result_of(
        found, named(scenario, *names), Replications(found.values.shape[1], workers=1, results=folder)
    )


def test_a_result_says_who_is_best_and_when_others_were_dropped(scenario, tmp_path):
    values = np.array([[300.0, 310.0, 380.0, 390.0], [340.0, 350.0, np.nan, np.nan]])
    told = result(Selection(CLEAR, values, Ranking((0,), np.array([0, 2]), 4, 4)), scenario, tmp_path)
    check_whole(told)
    sure = "with 95 % or more if it is at least 1.00 kg pure in 61 days better than every other"
    assert told.verdict == f"size_0 is best (least fentanyl delivered), {sure}."
    table = told.table("rank")
    assert table["scenario"].tolist() == ["size_0", "size_1"]
    assert table["mean"] - table["leader_mean"] == pytest.approx(table["behind"])
    assert table["status"].tolist() == ["best, after 4 replications", "out after 2 replications"]
    figure = told.plot.rank()
    assert "Size 1 +40 [40 to 40] kg pure in 61 days, out after 2 replications" in figure.layout.meta["alt"]
    # A long title is folded, and makes room for itself.
    title = figure.layout.title.text.split("</b>")[0].split("<br>")
    assert len(title) == 2
    assert all(len(line) < 110 for line in title)


def test_an_undecided_race_says_what_is_missing(scenario, tmp_path):
    found = run(
        (1.0, 1.02), tmp_path, RankingQuestion("delivered_pure_kg", True, 0.001, 0.95, 5, 3), budget=8
    )
    told = result(found, scenario, tmp_path)
    check_whole(told)
    assert told.verdict == "Cannot tell which is best (least fentanyl delivered): 2 of 2 scenarios are left."
    assert told.notes[0].startswith(
        "The budget of 8 replications is spent. With 95 % or more the best is among"
    )
    equal = result(run((1.0, 1.0), tmp_path), scenario, tmp_path)
    assert equal.verdict.startswith("size_0, size_1 are equally good")


def scans(scenario, seed: int, replication: int, parameter_set: int = 0):
    """Simulate scanners that stop a kilogram a month each, on draws in common."""
    value = (
        500.0 + 20.0 * Draws(seed, replication).normal("made_up", 0) - scenario.pulled.get("scanning", 0.0)
    )
    return _tables(np.array([value, value]), replication, parameter_set)


def test_the_study_ranks_scenarios_by_what_they_deliver(scenario, tmp_path, monkeypatch):
    monkeypatch.setattr("sim.study.rank.select", partial(select, simulate=scans))
    scenarios = [scenario.with_sizes({"scanning": 50}), scenario.changed({"name": "nothing"})]
    told = rank(scenarios, Replications(3, workers=1, results=tmp_path), best="most", margin=10.0, first=3)
    check_whole(told)
    assert told.verdict.startswith("nothing is best (most fentanyl delivered), with 95 % or more")
    assert told.table("rank")["behind"] == pytest.approx([0.0, -100.0])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"outcome": "delivered_kg"}, "did you mean 'delivered_pure_kg'"),
        ({"outcome": "interdiction_share"}, "no good side of interdiction_share"),
        ({"best": "lest"}, "study rank: best: unknown side 'lest' .did you mean 'least'"),
        ({"margin": 0.0}, "margin must be a number above zero .got 0.0."),
        ({"margin": float("nan")}, "margin must be a number above zero .got nan."),
        ({"margin": "5"}, "margin must be a number above zero .got '5'."),
        ({"confidence": 0.5}, "confidence must lie between 0.5 and 1 .got 0.5."),
        ({"first": 1}, "first must be a whole number of at least 2 .got 1."),
        ({"step": 0}, "step must be a whole number of at least 1 .got 0."),
        ({"first": 9}, "budget of 8 replications is less than the 9 of the first stage"),
    ],
)
def test_an_argument_out_of_range_is_refused(scenario, tmp_path, changes, expected):
    with pytest.raises(ConfigError, match=expected):
        rank(
            named(scenario, "a", "b"), Replications(8, workers=1, results=tmp_path), **{"first": 5, **changes}
        )


def test_scenarios_that_cannot_be_ranked_are_refused(scenario, tmp_path):
    batch = Replications(8, workers=1, results=tmp_path)
    with pytest.raises(ConfigError, match="name at least two scenarios"):
        rank([scenario], batch)
    with pytest.raises(ConfigError, match="two scenarios are called baseline"):
        rank([scenario, scenario.changed({"levers.cyber.size": 6.0})], batch)
    longer = scenario.changed({"name": "longer", "calendar.days": 90})
    with pytest.raises(ConfigError, match="longer runs 90 days from 2021-10-01, baseline 61 days"):
        rank([scenario, longer], batch)
