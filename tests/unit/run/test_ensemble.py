"""What a study refuses before it simulates anything: outcomes that its scenarios do not report."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.core.errors import ConfigError
from sim.core.tables import Table
from sim.disclosure import EFFORT, TOTALS
from sim.measures.registry import registry
from sim.measures.replication import run_replication
from sim.run.ensemble import QUEUED, Batch, simulated, simulated_months
from sim.scenario import Scenario, load_scenario
from tests.fixtures.composed import composed

WEEK = {"calendar.days": 7, "calendar.warmup_days": 1, "border.model": "instant"}


def world(**changes: object) -> Scenario:
    return load_scenario(composed(**{**WEEK, **changes}))


def never(scenario: Scenario, seed: int, replication: int, parameter_set: int = 0) -> dict[str, Table]:
    raise AssertionError("simulated before it was refused")


@pytest.mark.parametrize(
    ("changes", "missing"),
    [({}, QUEUED), ({"adversary.kind": "worst_case"}, frozenset(registry()) - TOTALS - EFFORT)],
)
def test_what_is_refused_at_once_is_what_no_run_reports(changes: dict, missing: frozenset[str]) -> None:
    measures = run_replication(world(**changes), 1, 0)["measures"]
    reported = set(measures["measure"][measures["place"] == "all"])
    assert set(registry()) - reported == missing


@pytest.mark.parametrize("function", [simulated, simulated_months])
@pytest.mark.parametrize(
    ("changes", "outcome", "said"),
    [
        ({}, "wait_min", "border.model=instant has no queues; take border.model=queue"),
        ({"adversary.kind": "worst_case"}, "loads_sent", "against worst_case only delivered kg"),
        ({"adversary.kind": "worst_case", "border.model": "queue"}, "wait_min", "against worst_case only"),
    ],
)
def test_a_missing_outcome_is_refused_with_its_cause_before_a_run(
    function, changes: dict, outcome: str, said: str, tmp_path: Path
) -> None:
    scenarios, batch = [world(**changes)], Batch(1, 1, 1, tmp_path)
    with pytest.raises(ConfigError, match=said) as error:
        function(scenarios, ["delivered_pure_kg", outcome], batch, simulate=never)
    assert str(error.value).startswith("scenario ")
    assert not any(tmp_path.iterdir())
