"""Officers in turns that are drawn: what it costs to announce them (RAND SOAR), and to whom.

6,000 officers are at one field office at a time, drawn every two weeks. Whoever is told moves away from it;
whoever is not learns only from losses. It takes an adversary that moves within the two weeks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.fixtures.paired_runs import FOUR_MONTHS, Note, above_zero, values

SURGE = "levers.surge"
TURNS = {
    f"{SURGE}.size": 6000.0, f"{SURGE}.max_size": 6000.0, f"{SURGE}.rotation_days": 14,
    f"{SURGE}.start": "2021-10-01", f"{SURGE}.end": "2022-10-01",
    "border.officers.policy": "secondary_first", "border.officers.exam_share_first": 0.5,
    "border.officers.bays_growth_max": 100.0, "chain.intelligence.floor_share": 1.0,
}  # fmt: skip
SHIPPED = {"adversary.kind": "logit"}
QUICK = {**SHIPPED, "adversary.choice_sensitivity": 30.0, "adversary.habit_share": 0.3}
"""Both within the ranges of conf/adversary."""


def cost_of_announcing(replications: int, adversary: dict[str, Any]) -> np.ndarray:
    """Return by how much more is delivered when the turns are announced, kg by replication."""
    secret, told = (
        values(replications, {**FOUR_MONTHS, **TURNS, **adversary, f"{SURGE}.announced": announced})
        for announced in (False, True)
    )
    return told["delivered_pure_kg", "all"] - secret["delivered_pure_kg", "all"]


@pytest.mark.slow
def test_turns_that_are_drawn_do_more_than_turns_that_are_announced(record_property: Note) -> None:
    name = "kg more when announced"
    assert above_zero(cost_of_announcing(6, QUICK), name, record_property)
    assert not above_zero(cost_of_announcing(2, {"adversary.kind": "none"}), name, record_property)


@pytest.mark.slow
def test_announcing_costs_little_against_an_adversary_of_habit(record_property: Note) -> None:
    """A finding: with the shipped habit most of two weeks is over before routes have moved."""
    above_zero(cost_of_announcing(8, SHIPPED), "kg more when announced, shipped habit", record_property)
    gap = cost_of_announcing(8, QUICK) - cost_of_announcing(8, SHIPPED)
    assert above_zero(gap, "kg more against the quick one", record_property)
