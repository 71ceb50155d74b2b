"""Screens of numbers that do nothing find nothing, and what chance alone would show is what it shows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.report.verdicts import BELOW_MARGIN, CANNOT_TELL, MATTERS
from sim.study.extras import library
from sim.study.screen import ElementaryEffect, chance_p, design, elementary_effects, holm, screened
from sim.study.space import Space
from tests.fixtures.sensitivity import cube

INERT, TRAJECTORIES, MARGIN = 40, 10, 0.01
SCREENS = 200
LEVEL = 0.05
BLUR = 2.0 * math.sqrt(LEVEL * (1.0 - LEVEL) / SCREENS)
"""Two standard errors of a share of 5 % among the screens."""


def by_intervals(rows: list[ElementaryEffect]) -> bool:
    """Tell whether the broken twin finds anything: the interval beats margin and chance, without a test."""
    return any(row.mu_star - row.half > max(MARGIN, row.noise) for row in rows)


@pytest.mark.parametrize("uneven", [0.0, 0.5])
def test_a_screen_of_numbers_that_do_nothing_finds_nothing_in_19_of_20(uneven: float) -> None:
    """Two replications, margin far below chance; chance differs by half its size between places, or not."""
    space, rng = cube(INERT), np.random.default_rng(5)
    points = design(space, TRAJECTORIES, seed=1)
    found = broken = 0
    for _ in range(SCREENS):
        spread = np.exp(uneven * rng.standard_normal((len(points), 1)))
        rows = screened(space, points, spread * rng.standard_normal((len(points), 2)), MARGIN)
        found += any(row.verdict == MATTERS for row in rows)
        broken += by_intervals(rows)
    assert found / SCREENS <= LEVEL + BLUR
    assert broken / SCREENS > LEVEL + 4.0 * BLUR


def averaged_deviations(effects: np.ndarray) -> np.ndarray:
    """Return chance alone of the broken twin, which averages standard deviations of two values each."""
    spread = effects.std(axis=2, ddof=1).mean(axis=1) / math.sqrt(effects.shape[2])
    return np.asarray(math.sqrt(2.0 / math.pi) * spread)


def test_chance_alone_is_what_numbers_that_do_nothing_show_with_two_replications() -> None:
    space = cube(INERT)
    points = design(space, 60, seed=2)
    values = np.random.default_rng(7).standard_normal((len(points), 2))
    rows = screened(space, points, values, MARGIN)
    shown, told = (np.array([getattr(row, name) for row in rows]) for name in ("mu_star", "noise"))
    blur = 3.0 * math.hypot(shown.std(ddof=1), told.std(ddof=1)) / math.sqrt(INERT)
    assert abs(told.mean() - shown.mean()) < blur
    twin = averaged_deviations(elementary_effects(points, values))
    assert abs(twin.mean() - shown.mean()) > blur


def test_an_effect_well_above_chance_is_still_found() -> None:
    """Forty numbers, one of which moves the outcome by four standard errors of an elementary effect."""
    space, rng = cube(INERT), np.random.default_rng(3)
    points = design(space, TRAJECTORIES, seed=1)
    slope = 4.0 * 1.5  # a step of two thirds, a paired mean of two replications: sd 1.5
    told = 0
    for _ in range(20):
        values = slope * points[:, :1] + rng.standard_normal((len(points), 2))
        told += {row.path: row.verdict for row in screened(space, points, values, 1.0)}[
            "made.up.x0"
        ] == MATTERS
    assert told >= 10


def test_one_replication_tells_nothing_whatever_the_effects() -> None:
    space = cube(3)
    points = design(space, 10, seed=0)
    rows = screened(space, points, 1000.0 * points[:, :1], 1.0)
    assert all(row.verdict == CANNOT_TELL for row in rows)
    assert all(math.isnan(row.noise) and math.isnan(row.p_chance) for row in rows)


def test_one_trajectory_has_no_interval_and_two_have_that_of_student() -> None:
    space = cube(1)
    points = design(space, 2, seed=0)
    values = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 0.0], [3.0, 3.0]])
    (both,) = screened(space, points, values, 0.1)
    sizes = 1.5 * np.array([1.0, 3.0])
    assert both.mu_star == pytest.approx(sizes.mean())
    assert both.half == pytest.approx(12.7062 * sizes.std(ddof=1) / math.sqrt(2.0), rel=1e-4)
    (one,) = screened(space, points[:2], values[:2], 0.1)
    assert math.isnan(one.half)
    assert one.verdict == CANNOT_TELL


def test_effects_are_those_of_salib() -> None:
    space = cube(6)
    points = design(space, 7, seed=4)
    values = np.random.default_rng(1).standard_normal((len(points), 3)) + points[:, :1] * points[:, 1:2]
    theirs = library("SALib.analyze.morris").analyze(space.problem, points, values.mean(axis=1), num_levels=4)
    ours = {row.path: row for row in screened(space, points, values, 1.0)}
    for name in ("mu", "mu_star", "sigma"):
        mine = [getattr(ours[path], name) for path in space.paths]
        assert mine == pytest.approx(list(map(float, theirs[name])))


def test_what_shared_draws_leave_exactly_alone_is_below_the_margin() -> None:
    space = Space(cube(2).rows)
    points = design(space, 4, seed=0)
    noise = np.repeat(np.random.default_rng(1).standard_normal((4, 2)), 3, axis=0)
    rows = {row.path: row for row in screened(space, points, 5.0 * points[:, :1] + noise, 1.0)}
    assert rows["made.up.x0"].verdict == MATTERS
    assert rows["made.up.x1"].verdict == BELOW_MARGIN


def test_the_p_values_are_those_of_their_definition() -> None:
    from scipy import stats

    effects = np.random.default_rng(2).standard_normal((3, 5, 4)) + np.arange(3)[:, None, None]
    single = stats.ttest_1samp(effects, 0.0, axis=2).pvalue
    expected = [stats.combine_pvalues(row, method="fisher").pvalue for row in single]
    assert chance_p(effects) == pytest.approx(expected)
    assert holm(np.array([0.04, 0.01, 0.03, 0.5])) == pytest.approx([0.09, 0.04, 0.09, 0.5])
