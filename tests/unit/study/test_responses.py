"""What the points of a design answer: shared draws, and questions that cannot be asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sim.core.errors import ConfigError
from sim.study.responses import Asking, DesignQuestion, question_of, responses
from sim.study.space import Space, chosen_rows
from tests.fixtures.sensitivity import COST, PURITY, batch, four_days, scanning


@pytest.fixture(scope="module")
def scenario():
    return four_days()


def test_points_of_a_block_share_their_draws_and_an_undefined_outcome_is_told(
    scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    def pretend(scenarios, replications, on_progress, firsts):
        seen.extend([scenarios, firsts])
        value = np.nan if broken else 1.0
        shape = (len(scenarios), replications.count)
        return SimpleNamespace(yearly=lambda outcomes: np.full((*shape, len(outcomes)), value))

    monkeypatch.setattr("sim.study.responses.ensemble", pretend)
    rows = chosen_rows(scenario, f"{PURITY},{COST}", "")
    space, points = Space(rows), np.array([[0.1, 0.2], [0.3, 0.2], [0.3, 0.9]])
    question = DesignQuestion(scenario, scenario, ("delivered_pure_kg",))
    asking = Asking(replace(batch(tmp_path, 2), first=10), np.array([0, 1, 1]))
    broken = False
    assert not responses(question, space, points, asking).any()
    made, firsts = seen
    assert firsts == [10, 12, 12, 10, 12, 12]
    assert made[4].canonical_json() == made[5].canonical_json() != made[2].canonical_json()
    broken = True
    with pytest.raises(ConfigError, match="undefined in some runs"):
        responses(question, space, points, asking)


def test_a_question_that_makes_no_sense_is_refused(scenario) -> None:
    for outcomes, expected in (
        ("delivered_kg", "did you mean 'delivered_pure_kg'"),
        (",", "names no outcome"),
    ):
        with pytest.raises(ConfigError, match=expected):
            question_of("screen", scenario, None, outcomes)
    with pytest.raises(ConfigError, match="baseline and baseline are the same, so nothing changes"):
        question_of("screen", scenario, four_days(), "delivered_pure_kg")
    later = four_days(**{"calendar.start": "2021-11-01"})
    with pytest.raises(ConfigError, match="study screen: scanning and baseline run over different dates"):
        question_of("screen", scanning(), later, "delivered_pure_kg")


def test_an_answer_is_the_outcome_or_its_change_over_the_window(scenario) -> None:
    level = question_of("screen", scenario, None, "delivered_pure_kg")
    assert level.words("delivered_pure_kg") == "Fentanyl delivered, kg pure in 4 days"
    change = question_of("screen", scanning(), scenario, ["delivered_pure_kg", "price_index"])
    assert change.label("delivered_pure_kg") == "Change in fentanyl delivered"
    assert "4 days" not in change.unit("price_index")
