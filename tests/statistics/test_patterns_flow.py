"""Seizures that rise because more flows: a count of seizures is no measure of success."""

from __future__ import annotations

from typing import Any

from tests.fixtures.paired_runs import FOUR_MONTHS, Note, above_zero, values

QUARTER_MORE = {"chain.market.demand_pure_kg_per_year": 5350.0}
"""As in the scenario ``demand_growth``."""
NO_ANSWER = {"chain.market.supply_elasticity": 0.0}


def seizures_rise_with_the_flow(replications: int, note: Note, **changes: Any) -> bool:
    """Seizures and deliveries rise together, and nobody inspects better: the share seized hardly moves."""
    before, after = (values(replications, {**FOUR_MONTHS, **changes, **more}) for more in ({}, QUARTER_MORE))
    change = {key: after[key] - before[key] for key in before if key[1] == "all"}
    events = above_zero(change["seizure_events", "all"], "more seizure events", note)
    delivered = above_zero(change["delivered_pure_kg", "all"], "more delivered, kg", note)
    margin = 0.01 - change["interdiction_share", "all"]
    return above_zero(margin, "0.01 - growth of the share seized", note) and events and delivered


def test_seizures_rise_with_the_flow(record_property: Note) -> None:
    assert seizures_rise_with_the_flow(3, record_property)
    assert not seizures_rise_with_the_flow(3, record_property, **NO_ANSWER)
