"""No output joins a real crossing, lane or hour with a load, an alarm or a detection.

The rule is held three times: in the declared columns of every table, in what a table of another
schema meets on its way to the disk, and in the names that configuration may put into a row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable

import numpy as np
import pytest
import yaml

from sim.core.errors import StoreError
from sim.store.columns import COLUMNS
from sim.store.parquet import checked
from tests.architecture import rules

PLACE_IN_DETAIL = re.compile(r"crossing|lane|bridge|booth|hour|latitude|longitude|\bgroup\b")
SENSITIVE = re.compile(
    r"load|alarm|alert|detect|seiz|caught|hit|found|refer|scan|fentanyl|precursor|gross|purity|_mg\b|_kg\b|mass|drug"
)


def joins(columns: Iterable[str]) -> list[str]:
    """Return the offending columns of a table: those that are sensitive, if a place is named in detail."""
    names = list(columns)
    detailed = [name for name in names if PLACE_IN_DETAIL.search(name)]
    return [name for name in names if detailed and SENSITIVE.search(name)]


def test_no_declared_table_joins_place_and_load() -> None:
    for table, columns in COLUMNS.items():
        offending = joins(column.name for column in columns)
        assert not offending, rules.lesson(
            f"sim/store/columns.py: {table}",
            f"{offending} beside a crossing, lane or hour",
            "aggregate to field office, mode and month",
            "the model is defensive: its outputs must not tell anybody where or when a load gets through",
        )


@pytest.mark.parametrize(
    "columns",
    [
        ("crossing_id", "month", "seizures"),
        ("crossing", "hour_of_week", "alarms"),
        ("office", "mode", "hour", "load_kg"),
        ("lane_class", "detected_share"),
        ("crossing", "fentanyl_mg"),
    ],
)
def test_rule_bites(columns: tuple[str, ...]) -> None:
    assert joins(columns)


def test_rule_lets_lawful_traffic_and_aggregates_pass() -> None:
    assert joins(("crossing", "hour_of_week", "lanes", "trips_per_h", "wait_min")) == []
    assert joins(("office", "mode", "month", "seizures", "fentanyl_mg")) == []


@pytest.mark.parametrize("table", sorted(COLUMNS))
def test_undeclared_column_never_reaches_the_disk(table: str) -> None:
    rows = {column.name: np.array([]) for column in COLUMNS[table]}
    with pytest.raises(StoreError, match="seizures_at_crossing"):
        checked(table, {**rows, "seizures_at_crossing": np.array([])})


def crossing_names() -> set[str]:
    """Return the names and numbers of all real crossings in the traffic tables."""
    names: set[str] = set()
    for path in rules.files("conf/border/*.csv"):
        with path.open(newline="") as rows:
            for row in csv.DictReader(rows):
                names |= {row[key] for key in ("crossing", "crossing_id") if row.get(key)}
    return names


def test_no_measure_is_declared_for_a_crossing() -> None:
    names = crossing_names()
    assert names, "conf/border holds no crossing"
    for name, entry in yaml.safe_load((rules.ROOT / "conf" / "measures.yaml").read_text()).items():
        text = f"{name} {entry}"
        told = [crossing for crossing in names if re.search(rf"\b{re.escape(crossing)}\b", text)]
        assert not told, (
            f"conf/measures.yaml: {name} names {told}; a measure's place is an office or a route class"
        )
