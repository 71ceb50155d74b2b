"""Dotted paths: what is replaced, what is shared, and what a wrong path is told."""

from __future__ import annotations

from typing import Any

import pytest

from sim.core.errors import ConfigError
from sim.core.tree import at, has, merged, nested, replaced, unknown_key

RECORD = {"value": 2, "unit": "kg"}
TREE: dict[str, Any] = {"a": {"b": {"size": 1}, "mass": RECORD}, "c": {"d": None}, "name": "x"}


def test_a_path_leads_to_its_value() -> None:
    assert at(TREE, "a.b.size") == 1
    assert at(TREE, "c.d") is None
    assert has(TREE, "c.d")
    assert not has(TREE, "c.d.e")
    assert not has(TREE, "name.x")


def test_what_lies_on_no_path_is_shared_and_the_tree_is_left_alone() -> None:
    made = replaced(TREE, {"a.b.size": 5, "name": "y"})
    assert made == {"a": {"b": {"size": 5}, "mass": RECORD}, "c": {"d": None}, "name": "y"}
    assert made["c"] is TREE["c"]
    assert TREE["a"]["b"]["size"] == 1


def test_new_keys_are_added_only_where_they_may_be() -> None:
    assert replaced({"a": None}, {"a.b.c": 1, "d": 2}, new_keys=True) == {"a": {"b": {"c": 1}}, "d": 2}
    with pytest.raises(ConfigError, match="a is a number and has no keys"):
        replaced({"a": 1}, {"a.b": 1}, new_keys=True)


def test_a_tree_is_laid_over_another_key_by_key() -> None:
    assert merged(TREE, {"a": {"mass": 3}, "c": {"d": {"e": 1}}})["a"] == {"b": {"size": 1}, "mass": 3}
    assert merged({"a": {"b": 1}}, {"a": {"c": 2}}) == {"a": {"b": 1, "c": 2}}
    assert nested("a.b", {"c": 1}) == {"a": {"b": {"c": 1}}}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.b.sise", r"a\.b: unknown key 'sise' \(did you mean 'size'\?\)"),
        ("b.size", r"configuration: unknown key 'b' \(did you mean 'a\.b\.size'\?\)"),
        ("scnario", r"unknown key 'scnario' \(did you mean 'scenario'\?\)"),
        ("a.zzz", r"a: unknown key 'zzz'; allowed: b, mass"),
        ("a.b.size.x", r"a\.b\.size is a number and has no keys; override it whole, a\.b\.size="),
        ("a.mass.x", r"a\.mass is a number and has no keys"),
        ("c.d.e", r"c\.d is not set and has no keys"),
        ("name.x", r"name is a single value and has no keys"),
    ],
)
def test_a_path_without_a_key_is_told_the_level_and_the_nearest(path: str, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        raise unknown_key(TREE, path, ["scenario"])
