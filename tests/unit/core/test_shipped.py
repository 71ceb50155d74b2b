"""Composition without Hydra: what is chosen, what is refused, and that every caller has a tree to change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.core.errors import ConfigError
from sim.core.shipped import CHOICES, choices, compose_tree, read_yaml


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


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a: 1\nb: 2\na: 3\n", "f.yaml:3: a: given twice, first in line 1"),
        (b"x:\n  a: 1\n  a: 1\n", "f.yaml:3: a: given twice, first in line 2"),
        (b"x: {a: 1, a: 2}\n", "f.yaml:1: a: given twice, first in line 1"),
        (b"- 1: a\n  1: b\n", "f.yaml:2: 1: given twice, first in line 1"),
        ("a: 1\nb: Córdova\n".encode("cp1252"), "f.yaml:2: not UTF-8 (byte 0xf3); save the file as UTF-8"),
        ("a: 1\n".encode("utf-16"), "f.yaml: is UTF-16; save the file as UTF-8"),
        (b"a: [1\n", "f.yaml:2: not valid YAML"),
        (b"a: 2022-13-45\n", "f.yaml: not valid YAML (month must be in 1..12)"),
        (b"a: \x00\n", "f.yaml: not valid YAML ("),
        (b"[" * 5000, "f.yaml"),
        (b"a: !x 1\n", "f.yaml:1: not valid YAML (could not determine a constructor for the tag '!x')"),
    ],
)
def test_a_file_that_cannot_be_right_is_one_line_with_its_place(
    content: bytes, told: str, tmp_path: Path
) -> None:
    (tmp_path / "f.yaml").write_bytes(content)
    with pytest.raises(ConfigError) as error:
        read_yaml(tmp_path / "f.yaml")
    assert str(error.value).startswith(f"{tmp_path}/{told}")
    assert "\n" not in str(error.value)


def test_a_byte_order_mark_is_read_over_and_keys_of_an_anchor_may_be_changed(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_bytes(b"\xef\xbb\xbfa: &a {x: 1}\nb: {<<: *a, x: 2}\n1: one\n'1': text\n")
    assert read_yaml(tmp_path / "f.yaml") == {"a": {"x": 1}, "b": {"x": 2}, 1: "one", "1": "text"}
