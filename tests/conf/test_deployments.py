"""Randomised and announced deployments, whole: what producers know decides what turns are worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.measures.replication import run_replication
from sim.scenario import load_scenario
from sim.world import simulate
from tests.fixtures.composed import SHORT, composed

SURGE = "levers.surge"
TURNS = {
    f"{SURGE}.size": 1500.0, f"{SURGE}.start": "2021-10-01", f"{SURGE}.end": "2022-10-01",
    f"{SURGE}.rotation_days": 7,
    "border.officers.policy": "secondary_first", "border.officers.exam_share_first": 0.3,
    "border.officers.bays_growth_max": 100.0,
}  # fmt: skip
SHARP = {"adversary.kind": "logit", "adversary.choice_sensitivity": 20.0, "adversary.habit_share": 0.0}
REPLICATIONS = 6


def seizures(replication: int, **changes: Any) -> float:
    scenario = load_scenario(composed(**{"border.model": "instant"}, **TURNS, **SHARP, **changes))
    rows = run_replication(scenario, 1, replication)["measures"]
    own = (rows["measure"] == "seizure_events") & (rows["place"] == "ports")
    return float(rows["value"][own].sum())


@pytest.mark.slow
def test_turns_that_are_announced_catch_less_than_turns_that_are_not() -> None:
    """Producers who know where the officers stand this week send their loads elsewhere (RAND SOAR)."""
    gain = np.array([seizures(r) - seizures(r, **{f"{SURGE}.announced": True}) for r in range(REPLICATIONS)])
    assert gain.mean() > 3 * gain.std(ddof=1) / np.sqrt(REPLICATIONS)


@pytest.mark.parametrize("rotation_days", [None, 7])
def test_an_announcement_tells_nothing_to_those_who_do_not_choose(rotation_days: int | None) -> None:
    def postings(announced: bool) -> list[tuple[Any, ...]]:
        told = {f"{SURGE}.announced": announced, f"{SURGE}.rotation_days": rotation_days}
        table = simulate(load_scenario(composed(**{**SHORT, **TURNS, **told})), 1, 0).postings
        return list(zip(*table.values(), strict=True))

    assert postings(announced=True) == postings(announced=False)


def test_the_same_officers_in_turns_cost_the_same_and_are_another_world() -> None:
    def totals(rotation_days: int | None) -> tuple[int, list[tuple[Any, ...]]]:
        changes = {**SHORT, **TURNS, f"{SURGE}.rotation_days": rotation_days}
        table = simulate(load_scenario(composed(**changes)), 1, 0).postings
        rows = list(zip(*table.values(), strict=True))
        return sum(row[4] for row in rows if row[2] == "programme.surge"), rows

    even, turns = totals(None), totals(7)
    assert even[0] == turns[0] > 0
    assert even[1] != turns[1]
