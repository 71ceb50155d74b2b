"""A run is called what it is: its scenario, and what was changed of it."""

from __future__ import annotations

import pytest

from sim.core.errors import ConfigError
from sim.core.naming import base_of, named, parted
from sim.core.shipped import choices, compose_tree


def name_of(scenario: str, changes: dict[str, object]) -> str:
    return str(named(compose_tree(scenario, changes=changes))["name"])


@pytest.mark.parametrize("scenario", choices("scenario"))
def test_a_scenario_as_it_is_shipped_keeps_its_name(scenario: str) -> None:
    assert name_of(scenario, {}) == scenario


@pytest.mark.parametrize(
    ("scenario", "changes", "name"),
    [
        ("baseline", {"levers.scanning.size": 50}, "baseline+scanning50"),
        ("baseline", {"levers.scanning.size": 0}, "baseline"),
        ("scanning", {"levers.scanning.size": 153.0}, "scanning"),
        ("scanning", {"levers.scanning.size": 12.5}, "scanning+scanning12.5"),
        ("baseline", {"chain.market.cover_weeks": 9}, "baseline+cover_weeks9"),
        ("baseline", {"calendar.days": 30, "border.model": "instant", "seed": 7}, "baseline"),
        ("baseline", {"run.replications": 3, "lever_mode": "transition"}, "baseline"),
        (
            "baseline",
            {f"levers.{lever}.size": 1 for lever in ("scanning", "cyber", "targeting", "investigators")},
            "baseline+4_changes",
        ),
    ],
)  # fmt: skip
def test_what_differs_stands_in_the_name(scenario: str, changes: dict[str, object], name: str) -> None:
    assert name_of(scenario, changes) == name
    assert base_of(name) == scenario


@pytest.mark.parametrize("lever", choices("lever"))
def test_the_levers_of_a_name_are_read_back(lever: str) -> None:
    name = name_of("baseline", {f"levers.{lever}.size": 1})
    assert parted(name) == ("baseline", {lever: 1.0})


def test_of_a_scenario_of_ones_own_the_name_tells_what_was_set() -> None:
    tree = {**compose_tree("baseline", changes={"levers.cyber.size": 0.5}), "name": "mine"}
    assert named(tree, ["levers.cyber.size", "seed"])["name"] == "mine+cyber0.5"
    assert named(tree, ["name"])["name"] == "mine", "a name that the user gives stays"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("baseline+scaning50", "did you mean 'scanning'"),
        ("baseline+", "such as baseline+scanning50"),
        ("baseline+scanning", "such as baseline+scanning50"),
        ("baseline+scanning-5", "such as baseline+scanning50"),
    ],
)
def test_a_name_that_cannot_be_read_is_one_line(name: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message.replace("+", r"\+")):
        parted(name)
