"""Boxes on made-up failures: those that are there are found, those that are not are not."""

from __future__ import annotations

import numpy as np
import pytest

from sim.study.boxes import boxes
from sim.study.discover import box_lines, design
from sim.study.space import Space
from tests.fixtures.sensitivity import cube

FIRST, THIRD = "made.up.x0", "made.up.x2"
DENSITY = 0.7


def drawn(space: Space, count: int = 120, seed: int = 5) -> np.ndarray:
    return design(space, count, seed)


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


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
