"""How many replications of what: counts that can be run, and the list of tasks that is made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.core.errors import ConfigError
from sim.run.plan import Replications, Request, plan_of
from sim.run.settings import RunSettings
from tests.fixtures.made_up_world import MadeUpScenario


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"count": 0}, r"replications: must be a whole number of at least 1 \(got 0\)"),
        ({"count": 2.0}, r"replications: must be a whole number of at least 1 \(got 2.0\)"),
        ({"count": float("nan")}, "replications: must be a whole number"),
        ({"count": True}, "replications: must be a whole number"),
        ({"seed": -1}, "seed: must be a whole number of at least 0"),
        ({"seed": 2**64}, "seed: must be below"),
        ({"parameter_sets": -1}, "parameter_sets: must be"),
        ({"first": -1}, "first: must be"),
        ({"workers": "two"}, "workers: must be"),
    ],
)
def test_counts_that_cannot_be_run_are_refused(values: dict, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        Replications(**values)


def test_a_part_continues_where_another_ends() -> None:
    whole = Replications(5, seed=7, first=10, results=Path("r"))
    part = whole.part(2, 3)
    assert part.numbers == range(12, 15)
    assert list(whole.part(0, 2).numbers) + list(part.numbers) == list(whole.numbers)
    assert (part.seed, part.results) == (7, Path("r"))


def test_each_parameter_set_shares_its_draws_with_one_central_replication() -> None:
    plan = plan_of(MadeUpScenario(), Replications(4, parameter_sets=2, first=3))  # type: ignore[arg-type]
    pairs = [(key.parameter_set, key.replication) for key in plan.keys]
    assert pairs == [(0, 3), (0, 4), (0, 5), (0, 6), (1, 3), (2, 4)]
    assert plan.central_keys == plan.keys[:4]


def test_a_request_lists_its_tasks_once() -> None:
    hashed: list[str] = []

    class Counted(MadeUpScenario):
        def canonical_json(self) -> str:
            hashed.append(self.name)
            return super().canonical_json()

    request = Request(Counted(), 5, RunSettings(replications=2, results="r"), {}, "size=1")
    assert request.plan is request.plan
    assert hashed == ["made_up"]
    assert [task.label for task in request.plan.tasks] == [
        "[size=1] made_up, replication 0",
        "[size=1] made_up, replication 1",
    ]
    assert {task.key.seed for task in request.plan.tasks} == {5}
