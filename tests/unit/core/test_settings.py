"""Records give up their values, keep their evidence, and a mistake gets one clear line."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import model_validator

from sim.core.errors import ConfigError
from sim.core.settings import Settings, check_units, flatten_records, quantity, split_evidence, validated

FACTS = frozenset({"F-2.07"})
RECORD = {"value": 1.0, "unit": "kg/kg", "range": [0.6, 3.0], "fact": "F-2.07", "status": "derived"}
SHIPPED = {"chain.producer.ratio": RECORD}


class Producer(Settings):
    ratio: float = quantity("kg/kg", "a ratio", gt=0)
    labs: int = 1


class Chain(Settings):
    producer: Producer
    places: dict[str, Producer] | None = None


class Root(Settings):
    chain: Chain


def tree(ratio: Any) -> dict[str, Any]:
    return {"chain": {"producer": {"ratio": ratio}}}


class Window(Settings):
    first: float
    last: float

    @model_validator(mode="after")
    def _in_order(self) -> Window:
        if self.last < self.first:
            raise ValueError("last before first")
        return self


def test_values_and_evidence_part() -> None:
    values, (row,) = split_evidence(tree(RECORD), SHIPPED, FACTS)
    assert values == tree(1.0)
    assert (row.path, row.status, row.fact, row.low, row.high) == (
        "chain.producer.ratio",
        "derived",
        "F-2.07",
        0.6,
        3.0,
    )


@pytest.mark.parametrize("given", [1.2, {**RECORD, "value": 1.2}])
def test_a_changed_number_becomes_an_override(given: Any) -> None:
    values, (row,) = split_evidence(tree(given), SHIPPED, FACTS)
    assert values == tree(1.2)
    assert (row.status, row.fact) == ("override", "")


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            {**RECORD, "fact": "F-2.70"},
            r"chain\.producer\.ratio: fact 'F-2\.70' is not in conf/facts\.csv \(did you mean 'F-2\.07'",
        ),
        ({**RECORD, "sorce": "x"}, r"unknown key 'sorce' \(did you mean 'source'"),
        ({**RECORD, "value": 9.0}, r"outside its range"),
        ({**RECORD, "status": "assumed"}, r"needs a range and a reason"),
        (
            {"value": 1.0, "unit": "kg/kg", "status": "official"},
            r"status official needs a fact .* or a source",
        ),
        ({"value": 1.0, "unit": "kg/kg", "status": "derived"}, r"needs a fact, a source or a reason"),
        ({**RECORD, "value": "much"}, r"ratio\.value: input should be a valid number.*'much'"),
    ],
)
def test_bad_record(record: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        split_evidence(tree(record), {}, FACTS)


def test_unit_of_an_override_must_match() -> None:
    with pytest.raises(ConfigError, match=r"unit 'g/kg' does not match 'kg/kg'"):
        split_evidence(tree({**RECORD, "unit": "g/kg", "value": 1.2}), SHIPPED, FACTS)


def test_unit_of_the_field_must_match() -> None:
    with pytest.raises(ConfigError, match=r"chain\.producer\.ratio: unit 'lb' does not match 'kg/kg'"):
        check_units(Root, tree({**RECORD, "unit": "lb"}), "")


@pytest.mark.parametrize(
    ("producer", "message"),
    [
        ({"ratio": -1.0}, r"chain\.producer\.ratio: input should be greater than 0 \(got -1\.0\)"),
        ({"ratio": "x"}, r"chain\.producer\.ratio: input should be a valid number"),
        ({"ratio": True}, r"chain\.producer\.ratio"),
        ({"ratio": float("nan")}, r"finite"),
        ({"ratio": 1.0, "lab": 2}, r"chain\.producer: unknown key 'lab' \(did you mean 'labs'\?\)"),
        ({}, r"chain\.producer\.ratio: field required"),
    ],
)
def test_bad_values(producer: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        validated(Root, {"chain": {"producer": producer}}, "")


def test_a_mistake_between_settings_does_not_print_them_all() -> None:
    with pytest.raises(ConfigError) as caught:
        validated(Window, {"first": 2.0, "last": 1.0}, "window")
    assert str(caught.value) == "window: last before first"


def test_a_group_of_settings_is_no_word() -> None:
    expected = r"^chain\.producer: a group of settings; .* such as chain\.producer\.ratio, .* \(got 'none'\)$"
    with pytest.raises(ConfigError, match=expected):
        validated(Root, {"chain": {"producer": "none"}}, "")


def test_a_key_inside_a_named_place_is_found() -> None:
    tree = {"chain": {"producer": {"ratio": 1.0}, "places": {"a": {"ratio": 1.0, "ratoi": 1.0}}}}
    with pytest.raises(ConfigError, match=r"chain\.places\.a: unknown key 'ratoi' \(did you mean 'ratio'"):
        validated(Root, tree, "")


def test_flatten_finds_records_by_path() -> None:
    assert list(flatten_records(tree(RECORD))) == ["chain.producer.ratio"]
