"""Every scenario, adversary and experiment of ``conf/`` runs whole, and no lever changes nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.core.shipped import conf_folder, read_yaml
from sim.measures.registry import registry
from sim.measures.replication import run_replication
from sim.scenario import load_scenario
from sim.store.columns import COLUMNS
from tests.fixtures.composed import composed

FEW_DAYS = {"calendar.days": 5, "calendar.warmup_days": 7}
SCENARIOS = sorted(path.stem for path in (conf_folder() / "scenario").glob("*.yaml"))
ADVERSARIES = sorted(path.stem for path in (conf_folder() / "adversary").glob("*.yaml"))


def keys_of(scenario: str) -> dict[str, Any]:
    """Return the keys that a scenario file sets, dotted, without its window."""

    def walk(node: Any, path: str) -> dict[str, Any]:
        if not isinstance(node, dict):
            return {path: float(node) if isinstance(node, int) and not isinstance(node, bool) else node}
        return {
            k: v for key, child in node.items() for k, v in walk(child, f"{path}.{key}".strip(".")).items()
        }

    keys = walk(read_yaml(conf_folder() / "scenario" / f"{scenario}.yaml"), "")
    return {key: value for key, value in keys.items() if not key.startswith("calendar.")}


def same(left: dict[str, Any], right: dict[str, Any]) -> bool:
    return all(
        np.array_equal(
            left[name][column], right[name][column], equal_nan=left[name][column].dtype.kind == "f"
        )
        for name in left
        for column in left[name]
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_runs(name: str) -> None:
    keys = keys_of(name)
    assert keys["name"] == name
    scenario = load_scenario(composed(**FEW_DAYS, **keys))
    tables = run_replication(scenario, 1, 0)
    for table, rows in tables.items():
        assert set(rows) == {column.name for column in COLUMNS[table]}
        assert len({len(values) for values in rows.values()}) == 1
    assert set(tables["measures"]["measure"]) <= set(registry())


@pytest.mark.parametrize("kind", ADVERSARIES)
def test_every_adversary_runs(kind: str) -> None:
    scenario = load_scenario(composed(**FEW_DAYS, **{"adversary.kind": kind, "border.model": "instant"}))
    assert run_replication(scenario, 0, 0)["measures"]["value"].size


def test_no_lever_and_a_late_lever_are_the_baseline_with_queues() -> None:
    """Bit by bit, waits included: without lever objects, with size zero, and at full size after the end."""
    full = {
        f"levers.{name}.size": size for name, size in (("port_staffing", 6000.0), ("chemical_outreach", 1.0))
    }
    late = {f"levers.{name}.start": "2040-01-01" for name in ("port_staffing", "chemical_outreach")}
    plain, without, after = (
        run_replication(load_scenario(composed(**FEW_DAYS, **changes)), 1, 0)
        for changes in ({}, {"levers": {}}, {**full, **late})
    )
    assert same(plain, without)
    assert same(plain, after)


def test_more_officers_shorten_waits_and_examine_more() -> None:
    """One world, one change: the same travellers and loads, with 3,000 officers more."""
    days = {"calendar.days": 21, "calendar.warmup_days": 7}
    plain, staffed = (
        run_replication(load_scenario(composed(**days, **{"levers.port_staffing.size": size})), 1, 0)[
            "measures"
        ]
        for size in (0.0, 3000.0)
    )

    def total(table: dict[str, Any], measure: str) -> float:
        return float(table["value"][(table["measure"] == measure) & (table["place"] == "all")].sum())

    assert total(staffed, "wait_min") < 0.95 * total(plain, "wait_min")
    assert total(staffed, "lane_hours") > total(plain, "lane_hours")
    assert total(staffed, "lawful_referrals") > total(plain, "lawful_referrals")
    assert total(staffed, "programme_cost_usd") == pytest.approx(3000 * 239_000 * 21 / 365.25, rel=1e-6)


def test_more_officers_catch_more_of_the_same_loads() -> None:
    half_year = {"calendar.days": 182, "calendar.warmup_days": 28, "border.model": "instant"}
    plain, staffed = (
        run_replication(load_scenario(composed(**half_year, **{"levers.port_staffing.size": size})), 1, 0)
        for size in (0.0, 6000.0)
    )

    def events(tables: dict[str, Any]) -> float:
        rows = tables["measures"]
        return float(rows["value"][(rows["measure"] == "seizure_events") & (rows["place"] == "ports")].sum())

    assert events(staffed) > events(plain)
