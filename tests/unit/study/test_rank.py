"""The race of scenarios: a made-up world with a known best, and replications that are not wasted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.core.errors import ConfigError
from sim.plots.ranking import race_figure
from sim.run.plan import Replications
from sim.stats.ranking import Ranking
from sim.study.rank import Question, Race, race
from tests.fixtures.made_up_world import MadeUpScenario, simulate

ASKED = Question("delivered_pure_kg", least=True, margin=0.2, confidence=0.95, first=5, step=3)
CLEAR = Question("delivered_pure_kg", least=True, margin=1.0, confidence=0.95, first=8, step=3)


def world(*sizes: float) -> list[MadeUpScenario]:
    return [MadeUpScenario(name=f"size_{size:g}", size=size) for size in sizes]


def run(sizes: tuple[float, ...], folder: Path, asked: Question = ASKED, budget: int = 60):
    return race(world(*sizes), asked, Replications(budget, workers=1, results=folder), simulate=simulate)


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
    first, second = Race(ASKED, values, ranking).places()
    assert (first.mean, first.replications) == (345.0, 4)
    # The leader has run on: its mean over all its runs equals that of the one that is out.
    assert (second.mean, second.leader, second.behind, second.replications) == (345.0, 305.0, 40.0, 2)


def test_most_turns_the_order_round(tmp_path):
    asked = Question("delivered_pure_kg", False, 0.2, 0.95, 5, 3)
    assert run((2.0, 1.0, 9.0), tmp_path, asked).leader == 2


def test_the_decision_does_not_depend_on_how_many_are_simulated_at_a_time(tmp_path):
    answers = set()
    for step in (1, 3, 20):
        asked = Question("delivered_pure_kg", True, 0.2, 0.95, 5, step)
        found = run((1.3, 1.0, 1.6), tmp_path, asked)
        answers.add((found.leader, found.ranking.used, tuple(found.ranking.dropped_after)))
    assert len(answers) == 1


def test_a_spent_budget_leaves_the_question_open(tmp_path):
    found = run((1.0, 1.02), tmp_path, Question("delivered_pure_kg", True, 0.001, 0.95, 5, 3), budget=8)
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


def test_the_figure_says_who_is_best_and_when_others_were_dropped():
    rows = {
        "scenario": np.array(["scanning", "cyber"]),
        "behind": np.array([0.0, 80.0]),
        "low": np.array([0.0, 60.0]),
        "high": np.array([0.0, 100.0]),
        "status": np.array(["best, after 12 replications", "out after 12 replications"]),
    }
    figure = race_figure(rows, "scanning is best", ("Fentanyl delivered", "kg pure a year"), 50.0, "Made up.")
    for said in ("scanning is best", "Cyber +80 [60 to 100] kg pure a year, out after 12 replications"):
        assert said in figure.layout.meta["alt"]
    long = (
        "chemical_outreach is best (least fentanyl delivered), with 95 % or more if it is at least 50 kg a "
        "year better than every other scenario"
    )
    tall = race_figure(rows, long, ("Fentanyl delivered", "kg pure a year"), 50.0, "Made up.")
    title = tall.layout.title.text.split("</b>")[0].split("<br>")
    assert len(title) == 2
    assert all(len(line) < 110 for line in title)
    assert tall.layout.margin.t > figure.layout.margin.t
    assert "Made up." in figure.layout.meta["footer"]
