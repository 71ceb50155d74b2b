"""The configuration without Hydra is the one that ``sim run`` composes, whatever is chosen and changed."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import pytest

from sim.cli import compose
from sim.cli.compose import compose_points, composed_tree
from sim.cli.hydra_setup import parse_flags
from sim.core.shipped import choices, compose_tree
from sim.scenario import load_scenario

KG = "chain.producer.precursor_kg_per_pure_kg"
EACH = [
    *({"scenario": s, "adversary": a} for s, a in zip(choices("scenario"), cycle(choices("adversary")))),
    *({"run": name} for name in choices("run")),
    *({"experiment": name} for name in choices("experiment") if name != "staffing_dose"),
]
CHANGED: list[tuple[dict[str, str], dict[str, Any], list[str]]] = [
    ({}, {KG: 1.5, "seed": 7, "border.model": "instant"}, [f"{KG}=1.5", "seed=7", "border.model=instant"]),
    ({"run": "smoke"}, {"run.workers": 2, "calendar.days": 5}, ["run.workers=2", "calendar.days=5"]),
    ({"experiment": "evidence_sobol", "run": "class"}, {"design.points": 8}, ["design.points=8"]),
    (
        {"scenario": "surge"},
        {"levers.surge.trigger": {"lever": "cyber"}, "chain.route.mode_share": {"passenger": 0.5}},
        ["levers.surge.trigger={lever: cyber}", "chain.route.mode_share={passenger: 0.5}"],
    ),
]  # fmt: skip


def by_hydra(chosen: dict[str, str], words: list[str]) -> dict[str, Any]:
    composed = compose_points(parse_flags([*(f"{group}={name}" for group, name in chosen.items()), *words]))
    assert composed is not None
    (point,) = composed.points
    return point.tree


@pytest.mark.parametrize("chosen", EACH, ids=lambda chosen: " ".join(chosen.values()))
def test_every_choice_is_that_of_hydra(chosen: dict[str, Any]) -> None:
    tree = compose_tree(**chosen)
    assert tree == by_hydra(chosen, [])
    tree.pop("design", None)
    assert load_scenario(tree).name == chosen.get("experiment", chosen.get("scenario", "baseline"))


def test_a_preset_sets_how_much_is_simulated() -> None:
    trees = {name: compose_tree(run=name) for name in ("smoke", "class", "standard", "paper")}
    runs = {name: tree["run"] for name, tree in trees.items()}
    assert {name: (run["replications"], run["parameter_sets"]) for name, run in runs.items()} == {
        "smoke": (1, 0), "class": (4, 0), "standard": (12, 20), "paper": (200, 36)
    }  # fmt: skip
    assert [name for name, tree in trees.items() if tree["calendar"]["days"] == 14] == ["smoke"]


@pytest.mark.parametrize(("chosen", "changes", "words"), CHANGED)
def test_changes_are_those_of_hydra(chosen: Any, changes: dict[str, Any], words: list[str]) -> None:
    assert compose_tree(**chosen, changes=changes) == by_hydra(chosen, words)


def test_the_other_subcommands_compose_without_hydra_what_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["scenario=cyber", "adversary=logit", "levers.cyber.size=3"]
    mixed = [*words, "levers.surge.trigger={lever: cyber}"]
    whole = composed_tree(mixed)
    assert whole == by_hydra({}, mixed)
    monkeypatch.setattr(compose, "compose", None)
    assert composed_tree(words) == compose_tree("cyber", "logit", {"levers.cyber.size": 3})
    with pytest.raises(TypeError):
        composed_tree(mixed)
