"""Composition without Hydra: what is chosen, what is refused, and that every caller has a tree to change."""

from __future__ import annotations

from typing import Any

import pytest

from sim.core.errors import ConfigError
from sim.core.shipped import CHOICES, choices, compose_tree


def test_without_choices_it_is_the_baseline() -> None:
    tree = compose_tree()
    assert tree == compose_tree("baseline", "none", run="standard")
    assert (tree["name"], tree["adversary"]["kind"], tree["run"]["replications"]) == ("baseline", "none", 12)
    assert "design" not in tree
    assert set(tree["levers"]) == set(choices("lever"))


def test_a_choice_of_the_caller_wins_over_that_of_an_experiment() -> None:
    assert compose_tree(experiment="evidence_sobol")["run"]["images"] is False
    assert compose_tree(experiment="evidence_sobol", run="class")["run"]["images"] is True


def test_a_tree_belongs_to_its_caller() -> None:
    compose_tree()["chain"]["market"].clear()
    assert compose_tree()["chain"]["market"]


@pytest.mark.parametrize("group", CHOICES)
@pytest.mark.parametrize("name", ["basline", "../config", 3, ""])
def test_a_choice_that_does_not_exist_is_refused(group: str, name: Any) -> None:
    with pytest.raises(ConfigError, match=f"^{group}: unknown choice '{name}'.*; allowed: "):
        compose_tree(**{group: name})


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (
            "levers.port_stafing.size",
            r"levers: unknown key 'port_stafing' \(did you mean 'port_staffing'\?\)",
        ),
        ("port_staffing.size", r"did you mean 'levers\.port_staffing\.size'"),
        ("scnario", r"did you mean 'scenario'"),
        ("levers.cyber.size.x", r"levers\.cyber\.size is a number and has no keys"),
        ("chain.producer.precursor_kg_per_pure_kg.value", "override the whole number"),
        ("", "unknown key ''"),
    ],
)
def test_a_key_that_does_not_exist_is_refused(key: str, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        compose_tree(changes={key: 1.0})
