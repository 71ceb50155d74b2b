"""Designs: points inside the ranges, in the pattern that their kind promises, shares that add up."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from sim.core.errors import ConfigError
from sim.core.settings import EvidenceRow
from sim.scenario import load_scenario
from sim.study.design.draws import chosen_rows, draws_of, unit_points
from sim.study.design.settings import design_of
from sim.study.design.values import balanced, between, is_whole, varied
from tests.fixtures.composed import SHORT, composed

# Shares that add up to one may leave their range when they are balanced.
GROUPS = ("order_share", "use_share", "mode_share", "target_share", "clusters")
SUPPLIERS = "chain.source.suppliers.{}.order_share"


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(composed(**SHORT))


def record(low: float, high: float) -> EvidenceRow:
    return EvidenceRow("a", low, "kg", low, high, "", "assumed", "")


def design(**keys: Any):
    return design_of({"over": ["chain.market"], "seed": 2, **keys})


def test_wide_ranges_are_drawn_on_a_log_scale():
    assert between(record(1.0, 100.0), 0.5) == pytest.approx(10.0)
    assert between(record(1.0, 3.0), 0.5) == pytest.approx(2.0)
    assert between(record(-1.0, 3.0), 0.5) == pytest.approx(1.0)


def test_a_latin_hypercube_meets_every_slice_of_every_number_once():
    cube = unit_points(design(kind="latin_hypercube", points=16), 5)
    slices = np.sort(np.floor(cube * 16), axis=0)
    assert np.array_equal(slices, np.tile(np.arange(16.0)[:, None], (1, 5)))


def test_a_sobol_sequence_fills_every_pair_of_numbers_evenly():
    """Sixteen points: one in each of the four by four boxes of the first two numbers."""
    cube = unit_points(design(kind="sobol", points=16), 2)
    boxes = {tuple(point) for point in np.floor(cube * 4).astype(int)}
    assert len(boxes) == 16


def test_a_morris_trajectory_moves_one_number_a_step():
    points = unit_points(design(kind="morris", points=3), 4).reshape(3, 5, 4)
    moved = np.diff(points, axis=1) != 0.0
    assert np.array_equal(moved.sum(axis=2), np.ones((3, 4)))
    assert np.array_equal(moved.sum(axis=1), np.ones((3, 4)))


def test_a_factorial_design_over_ranges_has_every_combination():
    cube = unit_points(design(kind="factorial", levels=3), 2)
    assert sorted(map(tuple, cube.tolist())) == [(a, b) for a in (0.0, 0.5, 1.0) for b in (0.0, 0.5, 1.0)]


@pytest.mark.parametrize("kind", ["latin_hypercube", "sobol", "morris"])
def test_draws_lie_in_their_ranges_and_are_the_same_for_the_same_seed(kind, scenario):
    wanted = design(kind=kind, points=4, over=["chain", "border.screening"], statuses=["assumed"])
    draws = draws_of(wanted, scenario.values, scenario.evidence)
    assert draws == draws_of(wanted, scenario.values, scenario.evidence)
    other = design_of({**wanted.model_dump(), "seed": 3})
    assert draws != draws_of(other, scenario.values, scenario.evidence)
    rows = {row.path: row for row in chosen_rows(wanted, scenario.evidence)}
    for draw in draws:
        assert set(draw.drawn) == set(rows)
        for path, row in rows.items():
            if any(word in path for word in GROUPS):
                continue
            assert row.low <= draw.drawn[path] <= row.high


def test_every_draw_of_all_stations_is_a_valid_scenario(scenario):
    wanted = design(kind="latin_hypercube", points=8, over=["chain", "border.screening"])
    for draw in draws_of(wanted, scenario.values, scenario.evidence):
        made = varied(scenario, draw.drawn)
        assert made.settings.chain.load.crews == int(made.settings.chain.load.crews)


def test_only_whole_numbers_are_rounded():
    assert is_whole("chain.producer.clusters.sinaloa.labs")
    assert not is_whole("chain.producer.batch_days")
    assert not is_whole("chain.nothing.here")


def test_shares_that_are_not_drawn_give_way_in_proportion(scenario):
    china, india, us = (SUPPLIERS.format(k) for k in ("asia_china", "asia_india", "us_domestic"))
    before = {k: s.order_share for k, s in scenario.settings.chain.source.suppliers.items()}
    changed = balanced(scenario.values, {china: 0.6})
    assert changed[china] == 0.6
    assert sum(changed.values()) == pytest.approx(1.0)
    assert changed[india] / changed[us] == pytest.approx(before["asia_india"] / before["us_domestic"])


def test_shares_that_are_drawn_too_large_or_all_are_divided_by_their_sum(scenario):
    names = [SUPPLIERS.format(k) for k in scenario.settings.chain.source.suppliers]
    every = balanced(scenario.values, dict.fromkeys(names, 0.5))
    assert [every[name] for name in names] == pytest.approx([1 / len(names)] * len(names))
    some = balanced(scenario.values, dict.fromkeys(names[:2], 0.8))
    assert [some[name] for name in names[:2]] == pytest.approx([0.5, 0.5])
    assert all(some[name] == 0.0 for name in names[2:])


def test_what_the_user_overrode_is_not_drawn():
    key = "chain.market.supply_elasticity"
    own = load_scenario(composed(**SHORT, **{key: 0.7}))
    paths = {row.path for row in chosen_rows(design(kind="sobol", points=4), own.evidence)}
    assert paths
    assert key not in paths


def test_without_salib_one_line_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "SALib.sample", None)
    with pytest.raises(ConfigError, match=r"pip install 'chokepoint-sim\[study\]'"):
        unit_points(design(kind="morris", points=2), 3)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"kind": "latin_hypercube"}, "needs points"),
        ({"kind": "morris", "points": 2, "levels": 3}, "morris an even number"),
        ({"kind": "sobol", "points": 4, "levels": {"a": [1]}}, "belong to kind: factorial"),
        ({"kind": "factorial", "levels": {"a": []}, "over": []}, "needs a list of values"),
        ({"kind": "sobol", "points": 4, "over": []}, "say which numbers are drawn"),
        ({"kind": "sobol", "points": 1 << 20}, "less than or equal to 100000"),
    ],
)
def test_a_design_that_makes_no_sense_is_refused(keys, expected):
    with pytest.raises(ConfigError, match=expected):
        design(**keys)


def test_a_design_with_too_many_points_is_refused():
    with pytest.raises(ConfigError, match="more than 100,000"):
        unit_points(design(kind="factorial", levels=10), 6)
