"""Scenario discovery on made-up failures: boxes that are there, and boxes that are not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.plots.box import box as box_figure
from sim.study.sensitivity.discover import (
    Box,
    Limit,
    boxes,
    draws,
    failures,
    most_that_fails,
)
from sim.study.sensitivity.sentences import box_lines, limit_words, verdict
from sim.study.sensitivity.space import Space
from tests.unit.test_sensitivity import cube

FIRST, THIRD = "made.up.x0", "made.up.x2"
DENSITY = 0.7


def drawn(space: Space, count: int = 120, seed: int = 5) -> np.ndarray:
    return draws(space, count, seed)


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def test_draws_are_a_hypercube() -> None:
    points = drawn(cube(3), 50)
    assert all(len(set((points[:, k] * 50).astype(int))) == 50 for k in range(3))
    assert np.array_equal(points, drawn(cube(3), 50))


def test_a_constructed_box_is_found_in_words() -> None:
    """Failures lie at x0 > .6 and x2 < .5, and one draw in twenty is labelled wrong."""
    space = cube(5)
    points = drawn(space)
    inside = (points[:, 0] > 0.6) & (points[:, 2] < 0.5)
    failed = inside ^ (rng(1).random(len(points)) < 0.05)
    found = boxes(space, points, failed, DENSITY, seed=1)
    best = found[0]
    assert {(side.path, side.above) for side in best.limits} == {(FIRST, True), (THIRD, False)}
    at = {side.path: side.at for side in best.limits}
    assert at[FIRST] == pytest.approx(0.6, abs=0.06)
    assert at[THIRD] == pytest.approx(0.5, abs=0.06)
    assert best.failed == failed[best.contains(space, points)].sum()
    assert best.coverage == best.failed / failed.sum()
    assert best.density >= DENSITY
    assert best.holds
    line = box_lines(found, space, int(failed.sum()), len(failed), DENSITY)[0]
    assert line.startswith("It fails mostly when Up, x0 lies above 0.")
    assert "and Up, x2 lies below 0." in line
    assert f"{best.failed} of {int(failed.sum())} failures" in line
    assert "it holds" in line


def without_proof(space: Space, points: np.ndarray, failed: np.ndarray) -> tuple[float, int]:
    """Return density and size of the broken twin's box: the densest tenth of one axis, whatever chance."""
    size = len(points) // 10
    return max(
        (float(failed[order[i : i + size]].mean()), size)
        for order in np.argsort(points, axis=0).T
        for i in range(len(points) - size)
    )


def test_failures_by_chance_give_no_box_that_holds() -> None:
    """A search without proof finds a dense corner in every sample of pure chance; this one in few."""
    space, held, trusted = cube(5), 0, 0
    for seed in range(8):
        points = drawn(space, 100, seed)
        failed = rng(seed).random(100) < 0.5
        held += any(one.holds for one in boxes(space, points, failed, DENSITY, seed=1))
        trusted += without_proof(space, points, failed)[0] >= DENSITY
    assert trusted == 8
    assert held <= 2


def test_too_few_failures_are_no_base_for_a_box() -> None:
    space = cube(2)
    points = drawn(space, 50)
    failed = np.arange(50) < 3
    assert boxes(space, points, failed, DENSITY, seed=1) == []
    assert "Too few failures" in box_lines([], space, 3, 50, DENSITY)[0]
    assert "Too few successes" in box_lines([], space, 48, 50, DENSITY)[0]
    assert box_lines([], space, 20, 50, DENSITY)[0].startswith("No box found")


def test_failing_is_not_falling_by_the_margin() -> None:
    change = np.array([[-80.0, -82.0], [-20.0, -22.0], [-30.0, -90.0], [5.0, 4.0]])
    failed, undecided = failures(change, 50.0)
    assert failed.tolist() == [False, True, False, True]
    assert undecided == 1
    assert failures(change[:, :1], 50.0)[1] is None


def test_a_strategy_that_never_or_always_fails_is_told_so() -> None:
    assert "never failed in 100 draws" in verdict("It", "x", 0, 100, 0)[0]
    assert "at most 3 %" in verdict("It", "x", 0, 100, 0)[0]
    assert most_that_fails(100) == pytest.approx(1 - math.exp(math.log(0.05) / 100))
    assert "failed in all 7 draws" in verdict("It", "x", 7, 7, 0)[0]
    assert "For 3 of the draws chance leaves open" in verdict("It", "x", 2, 7, 3)[1]
    assert "With one replication a draw nothing tells" in verdict("It", "x", 2, 7, None)[1]
    assert len(verdict("It", "x", 2, 7, 0)) == 1
    assert box_lines([], cube(1), 0, 10, DENSITY) == []


def test_a_box_that_is_not_found_again_is_doubted() -> None:
    space = cube(1)
    box = Box((Limit(FIRST, True, 0.5, 0.01),), 10, 8, 0.4, (0, 0), False)
    assert "no box is found again" in box_lines([box], space, 20, 50, DENSITY)[0]
    box = Box((Limit(FIRST, True, 0.5, 0.01),), 10, 8, 0.4, (3, 9), False)
    assert "3 of 9 in such a box fail: the box may be chance" in box_lines([box], space, 20, 50, DENSITY)[0]
    assert limit_words(box.limits[0], space) == "above 0.500"


def test_the_figure_of_a_box_says_its_limits() -> None:
    rows = {"name": np.array(["Purity"], dtype=object), "low": np.array([0.4]), "high": np.array([1.0]),
            "least": np.array(["0.05"], dtype=object), "most": np.array(["0.2"], dtype=object),
            "side": np.array(["above 0.12"], dtype=object)}  # fmt: skip
    points = {"failed": np.array([True, False]), "inside": np.array([True, False]),
              "position": np.array([[0.7], [0.2]])}  # fmt: skip
    figure = box_figure(rows, points, ("It fails", "Mostly when."), "Simulated: made up.")
    assert "Purity: above 0.12" in figure.layout.meta["alt"]
    assert "made up" in figure.layout.meta["footer"]
