"""The footer says what was simulated, and the manifest keeps what tells the scenarios apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.report.provenance import Provenance, assumptions, configurations_of, provenance
from sim.scenario import Scenario, load_scenario
from sim.store.replications import scenario_hash
from sim.store.version import model_version, release
from tests.fixtures.composed import SHORT, composed


@pytest.fixture(scope="module")
def scenarios() -> list[Scenario]:
    plain = load_scenario(composed(**SHORT))
    return [plain, load_scenario(composed(**{**SHORT, "border.model": "queue", "levers.cyber.size": 6}))]


def test_the_footer_of_scenarios(scenarios: list[Scenario]) -> None:
    made = provenance("12 pairs of runs", scenarios[:1], 3, against="against baseline")
    assert made.sentence == (
        "Simulated: 12 pairs of runs, without queues, adversary none, against baseline, "
        f"61 days from 2021-10-01; rests on {assumptions(scenarios[0])} assumed values. "
        f"Source: Chokepoint {release()}, seed 3, model {model_version()[:8]}."
    )


@pytest.mark.parametrize(
    ("changes", "expected", "unsaid"),
    [
        ({}, "Simulated: 2 runs, 30 days; rests on 4 assumed values. ", "adversar"),
        ({"queues": False}, "2 runs, without queues, 30 days", "adversar"),
        ({"adversaries": ("none", "none")}, "2 runs, adversary none, 30 days", "adversaries"),
        ({"adversaries": ("none", "logit", "none")}, "adversaries none, logit, 30 days", "adversary"),
        ({"window": ""}, "Simulated: 2 runs; rests on", ", ;"),
        ({"model": "0123456789"}, "seed 1, model 01234567.", "0123456789"),
    ],
)
def test_a_footer_says_what_there_is_to_say(changes: dict[str, object], expected: str, unsaid: str) -> None:
    sentence = replace(Provenance("2 runs", 1, window="30 days", assumed=4), **changes).sentence
    assert expected in sentence
    assert unsaid not in sentence


def test_several_scenarios_have_queues_only_if_all_have(scenarios: list[Scenario]) -> None:
    assert not provenance("runs", scenarios, 1).queues
    assert provenance("runs", scenarios[1:], 1).queues


def test_the_most_assumptions_of_any_scenario_are_told(scenarios: list[Scenario]) -> None:
    plain = scenarios[0]
    path = next(row.path for row in plain.evidence if row.status == "assumed")
    surer = Scenario(plain.settings, plain.values, tuple(row for row in plain.evidence if row.path != path))
    assert assumptions(surer) == assumptions(plain) - 1
    assert provenance("runs", [surer, plain], 1).assumed == assumptions(plain)


def test_scenarios_are_told_apart_by_their_hashes(scenarios: list[Scenario]) -> None:
    found = configurations_of(scenarios)
    assert list(found) == [scenario_hash(one.canonical_json()) for one in scenarios]
    assert [one["border_model"] for one in found.values()] == ["instant", "queue"]
    record = provenance("runs", scenarios, 9).record()
    assert record == {"configurations": found, "seed": 9}
