"""Scenario discovery on made-up failures: boxes that are there, and boxes that are not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.plots.box import box as box_figure
from sim.stats.intervals import mean_interval
from sim.study.discover import (
    Box,
    Judged,
    Limit,
    boxes,
    draws,
    judged,
    most_unseen,
)
from sim.study.sentences import box_lines, limit_words, verdict
from sim.study.space import Space
from tests.unit.study.test_screen import cube

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
    found = judged(change, 50.0)
    assert found.failed.tolist() == [False, True, False, True]
    pooled = math.sqrt((2.0 + 2.0 + 1800.0 + 0.5) / 4 / 2)
    assert found.half == pytest.approx(2.77645 * pooled, rel=1e-5)  # Student, 4 degrees of freedom
    assert (found.fails | found.works).tolist() == [False, False, False, True]
    close = judged(change[[0, 1, 3]], 50.0)
    assert close.fails.tolist() == [False, True, True]
    assert close.works.tolist() == [True, False, False]
    assert judged(change[:, :1], 50.0).undecided.all()


def each_alone(change: np.ndarray, margin: float) -> int:
    """Return the draws that the broken twin leaves open, which gives each its own variance."""
    return sum(end.low <= -margin <= end.high for end in map(mean_interval, change))


def test_the_interval_of_a_draw_covers_and_chance_is_pooled_over_draws() -> None:
    """Two replications: a draw alone knows next to nothing of chance, 60 together do."""
    truth = np.linspace(-120.0, 20.0, 60)
    missed = opened = twins = 0
    for seed in range(20):
        change = truth[:, None] + 10.0 * rng(seed).standard_normal((60, 2))
        found = judged(change, 50.0)
        missed += int((np.abs(found.mean - truth) > found.half).sum())
        opened += int(found.undecided.sum())
        twins += each_alone(change, 50.0)
    assert missed / 1200 == pytest.approx(0.05, abs=3.0 * math.sqrt(0.05 * 0.95 / 1200))
    assert opened < twins / 2


def test_a_strategy_that_never_or_always_fails_is_told_so() -> None:
    """The two sentences mirror each other: neither all nor none is certain."""
    assert most_unseen(100) == pytest.approx(1 - math.exp(math.log(0.05) / 100))
    never = verdict("It", "x", Judged(np.full(100, -80.0), 5.0, 50.0))
    assert never == [
        "It clearly works in all 100 draws (x): at most 3 % of the space fails, with 95 % confidence."
    ]
    always = verdict("It", "x", Judged(np.full(10, 3.0), 5.0, 50.0))
    assert always == [
        "It clearly fails in all 10 draws (x): at most 26 % of the space works, with 95 % confidence."
    ]
    assert box_lines([], cube(1), 0, 10, DENSITY) == []


def test_the_headline_counts_what_chance_leaves_open() -> None:
    mean = np.tile([-90.0, -80.0, -52.0, -49.0, -48.0, -10.0, 5.0], 2)
    first, second = verdict("It", "x", Judged(mean, 5.0, 50.0))
    assert first.startswith(
        "It clearly fails in 4 of 14 draws, clearly works in 4, and chance leaves 6 open (x;"
    )
    assert "takes each draw for what its mean says: 8 failures, 4 of them open." in second
    alone = verdict("It", "x", Judged(mean, math.nan, 50.0))
    assert "fails in 8 of 14 draws, each of one pair of runs" in alone[0]
    assert "clearly" not in " ".join(alone)
    assert len(verdict("It", "x", Judged(mean, 0.5, 50.0))) == 1
    open_all = verdict("It", "x", Judged(np.full(9, -51.0), 5.0, 50.0))
    assert "clearly works in 0, and chance leaves 9 open" in open_all[0]
    assert "confidence" not in open_all[0]


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
    points = {"failed": np.array([True, False]), "undecided": np.array([False, True]),
              "inside": np.array([True, False]), "position": np.array([[0.7], [0.2]])}  # fmt: skip
    figure = box_figure(rows, points, ("It fails", "Mostly when."), "Simulated: made up.")
    assert "Purity: above 0.12" in figure.layout.meta["alt"]
    assert "made up" in figure.layout.meta["footer"]
