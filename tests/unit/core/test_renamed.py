"""Whoever writes a name of an earlier version reads what it is called now, wherever names are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import sim
from sim.border.single.crossing import single_crossing
from sim.border.single.summary import simulate_border
from sim.cli.run import scenario_of
from sim.core.errors import ConfigError, nearest
from sim.core.records import is_record
from sim.core.renamed import RENAMED, now_called
from sim.core.shipped import compose_tree
from sim.measures.registry import outcome_named, registry
from sim.scenario import load_scenario
from sim.store.columns import COLUMNS

OLD = {new: old for old, new in RENAMED.items() if new != "lawful_referrals_per_day"}
LAYER = {"coverage": 1, "sensitivity": 0.5, "seconds": 0}
CROSSING: dict[str, Any] = {
    "arrivals_per_h": 60, "lanes": 2, "service_s": 30, "days": 1, "replications": 2, "patience_min": 30,
    "secondary": {"mean_min": 5, "bays": 2}, "loads": {"per_day": 20, "find_prob": 0.8},
    "screening": {"officer": {**LAYER, "false_alarm_prob": 0.1}},
}  # fmt: skip
CROSSING_KEYS = (
    "secondary.referral_prob", "loads.referral_prob", "loads.find_prob", "screening.officer.false_alarm_prob",
)  # fmt: skip


def paths(node: Any, path: str = "") -> Iterator[str]:
    """Yield the path of every group and number of a tree."""
    if path:
        yield path
    if isinstance(node, dict) and not is_record(node):
        for key, child in node.items():
            yield from paths(child, f"{path}.{key}" if path else key)


def new_paths() -> list[str]:
    """Return a path for each renamed key of the shipped configuration: the first one that ends in it."""
    found: dict[str, str] = {}
    for path in paths(compose_tree()):
        leaf = path.rpartition(".")[2]
        if leaf in OLD and (leaf != "load" or path.endswith("optimal.load")):
            found.setdefault(leaf, path)
    return list(found.values())


def with_old(tree: dict[str, Any], path: str) -> tuple[dict[str, Any], str, str]:
    """Rename one key of a tree back; return the tree, the old name and where it stands."""
    *parents, leaf = path.split(".")
    node = tree
    for key in parents:
        node = node[key]
    node[OLD[leaf]] = node.pop(leaf)
    return tree, OLD[leaf], ".".join(parents)


KEYS = new_paths()
CROSSING_OUTCOMES = (
    "bay_utilization", "reneged_share", "lane_blocked_share", "utilization", "lawful_referrals_per_day",
    "officer.lawful_referrals_per_day",
)  # fmt: skip


@pytest.mark.parametrize("path", KEYS)
def test_an_old_key_in_a_tree_is_told_its_new_name(path: str) -> None:
    tree, old, where = with_old(compose_tree(), path)
    with pytest.raises(ConfigError) as error:
        load_scenario(tree)
    assert str(error.value).startswith(f"{where}: {old!r} is now called {path.rpartition('.')[2]!r}")


@pytest.mark.parametrize("path", KEYS)
def test_an_old_key_among_those_beside_it_is_told_its_new_name(path: str) -> None:
    """The command asks for the nearest of the keys at the level where an override fails."""
    node: Any = compose_tree()
    *parents, leaf = path.split(".")
    for key in parents:
        node = node[key]
    assert nearest(OLD[leaf], node) == f" (now called {leaf!r})"


@pytest.mark.parametrize("sign", ["", "+"])
def test_an_old_key_in_an_override_is_told_its_new_name(sign: str) -> None:
    with pytest.raises(ConfigError, match=r"'lab_use_share'.*now called 'lab_utilization'"):
        scenario_of([f"{sign}chain.producer.lab_use_share=0.1"])


def test_a_key_in_an_old_group_is_told_the_new_group() -> None:
    with pytest.raises(ConfigError, match=r"'unqueued'.*now called 'off_port'"):
        scenario_of(["chain.unqueued.mail.detection_share=0.1"])
    with pytest.raises(ConfigError, match=r"'unqueued'.*now called 'off_port'"):
        compose_tree(changes={"chain.unqueued.mail.detection_share": 0.1})
    assert nearest("chain.unqueued.mail.detection_share", ["chain.off_port.mail.detection_prob"]) == (
        " (now called 'chain.off_port.mail.detection_prob')"
    )


@pytest.mark.parametrize("path", CROSSING_KEYS)
def test_an_old_key_of_a_single_crossing_is_told_its_new_name(path: str) -> None:
    group, _, leaf = path.rpartition(".")
    parent, _, layer = group.partition(".")
    own: dict[str, Any] = {OLD[leaf]: 0.1} if not layer else {layer: {**LAYER, OLD[leaf]: 0.1}}
    with pytest.raises(ConfigError, match=rf"border\.{group}: {OLD[leaf]!r} is now called {leaf!r}"):
        single_crossing(CROSSING, **{parent: {**CROSSING[parent], **own}})


@pytest.mark.parametrize("name", sorted(set(RENAMED.values()) & set(registry())))
def test_an_old_outcome_is_told_its_new_name(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"outcome: {OLD[name]!r} is now called {name!r}"):
        outcome_named(OLD[name], "outcome")


def test_an_old_outcome_of_a_single_crossing_is_told_its_new_name() -> None:
    result = simulate_border(single_crossing(CROSSING))
    for name in CROSSING_OUTCOMES:
        layer, dot, leaf = name.rpartition(".")
        for old in (old for old, new in RENAMED.items() if new == leaf):
            if not (dot and old == "innocents_in_secondary_per_day"):
                with pytest.raises(ConfigError, match=f"is now called {name!r}"):
                    result[f"{layer}{dot}{old}"]


def test_an_old_name_that_python_imports_is_told_its_new_name() -> None:
    with pytest.raises(AttributeError, match="'own_border' \\(now called 'single_crossing'\\)"):
        _ = sim.own_border


def test_no_entry_is_idle_and_no_old_name_is_in_use_where_it_is_old() -> None:
    columns = {column.name for table in COLUMNS.values() for column in table}
    used = {path.rpartition(".")[2] for path in (*KEYS, *CROSSING_KEYS, *CROSSING_OUTCOMES)}
    assert set(RENAMED.values()) == {
        *used,
        *(registry().keys() & OLD),
        *(columns & OLD.keys()),
        "single_crossing",
    }
    assert not set(RENAMED) & set(registry()) - {"detection_share"}
    assert now_called("load", registry()) is None
