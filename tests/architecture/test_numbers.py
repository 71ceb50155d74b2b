"""Every number in ``conf/`` says where it comes from, and every fact listed there is used."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from sim.core.errors import ConfigError
from sim.core.settings import flatten_records, parse_record
from tests.architecture import rules

CONF = rules.ROOT / "conf"
FACT = re.compile(r"\bF-\d+\.\d+\w*")


def _facts() -> frozenset[str]:
    table = CONF / "facts.csv"
    if not table.is_file():
        return frozenset()
    with table.open(newline="") as rows:
        return frozenset(row["id"] for row in csv.DictReader(rows))


def record_lessons(tree: Any, where: str, facts: frozenset[str]) -> list[str]:
    """Return what is wrong with the records of one configuration file."""
    lessons = []
    for path, record in flatten_records(tree).items():
        try:
            parse_record(record, path, facts)
        except ConfigError as error:
            lessons.append(
                rules.lesson(
                    where,
                    str(error),
                    f"{path}: {{value: 1.0, unit: kg/kg, range: [0.6, 3.0], status: assumed, reason: ...}}",
                    "a reader must be able to tell a measurement from a guess, and vary the guess",
                )
            )
    return lessons


def test_records_are_complete() -> None:
    lessons = []
    for path in rules.files("conf/**/*.yaml"):
        tree = yaml.safe_load(path.read_text())
        lessons += record_lessons(tree, path.relative_to(rules.ROOT).as_posix(), _facts())
    assert not lessons, "\n" + "\n".join(lessons)


@pytest.mark.parametrize(
    "broken",
    [
        {"value": 1.0, "unit": "kg/kg", "status": "assumed"},
        {"value": 1.0, "unit": "kg/kg", "status": "assumed", "range": [0.5, 2.0]},
        {"value": 1.0, "unit": "kg/kg", "status": "assumed", "reason": "nobody knows"},
        {"value": 9.0, "unit": "kg/kg", "status": "assumed", "range": [0.5, 2.0], "reason": "nobody knows"},
        {"value": 1.0, "unit": "kg/kg", "status": "guessed"},
        {"value": 1.0, "unit": "kg/kg", "status": "derived", "fact": "F-99.99"},
    ],
)
def test_rule_bites(broken: dict[str, Any]) -> None:
    assert record_lessons({"chain": {"yield": broken}}, "conf/chain.yaml", frozenset({"F-2.07"}))


def test_every_fact_is_used() -> None:
    texts = [
        path
        for path in rules.files("conf/**/*.yaml", "conf/**/*.csv", "docs/**/*.md")
        if path.name != "facts.csv"
    ]
    cited = {fact for path in texts for fact in FACT.findall(Path(path).read_text())}
    unused = sorted(_facts() - cited)
    assert not unused, rules.lesson(
        "conf/facts.csv",
        f"{', '.join(unused)} cited by nothing",
        "delete the row, or cite it in the record that rests on it",
        "the list is what the model rests on, not what was once read",
    )
