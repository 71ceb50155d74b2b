"""Scenario discovery: what counts as a failure, what is said of it, and the study as a result."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from sim.core.errors import ConfigError
from sim.plots.box import box as box_figure
from sim.report.result import Result
from sim.stats.intervals import mean_interval
from sim.study.boxes import Box, Limit
from sim.study.discover import (
    FAILS,
    OPEN,
    WORKS,
    JudgedDraws,
    box_lines,
    design,
    discover,
    judged,
    limit_words,
    most_unseen,
    verdict,
)
from tests.fixtures.sensitivity import COST, PURITY, batch, cube, four_days, scanning

FIRST = "made.up.x0"
DENSITY = 0.7


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def test_draws_are_a_hypercube() -> None:
    points = design(cube(3), 50, seed=5)
    assert all(len(set((points[:, k] * 50).astype(int))) == 50 for k in range(3))
    assert np.array_equal(points, design(cube(3), 50, seed=5))


def test_failing_is_not_falling_by_the_margin() -> None:
    change = np.array([[-80.0, -82.0], [-20.0, -22.0], [-30.0, -90.0], [5.0, 4.0]])
    found = judged(change, 50.0)
    assert found.failed.tolist() == [False, True, False, True]
    pooled = math.sqrt((2.0 + 2.0 + 1800.0 + 0.5) / 4 / 2)
    assert found.half == pytest.approx(2.77645 * pooled, rel=1e-5)  # Student, 4 degrees of freedom
    assert found.clear.tolist() == [OPEN, OPEN, OPEN, FAILS]
    close = judged(change[[0, 1, 3]], 50.0)
    assert close.clear.tolist() == [WORKS, FAILS, FAILS]
    assert set(judged(change[:, :1], 50.0).clear) == {OPEN}


def test_a_strategy_that_changes_nothing_works_in_no_draw() -> None:
    """With a margin of zero as well: no change is no fall."""
    found = judged(np.zeros((4, 2)), 0.0)
    assert found.failed.all()
    assert set(found.clear) == {OPEN}


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
        opened += int((found.clear == OPEN).sum())
        twins += each_alone(change, 50.0)
    assert missed / 1200 == pytest.approx(0.05, abs=3.0 * math.sqrt(0.05 * 0.95 / 1200))
    assert opened < twins / 2


def test_a_strategy_that_never_or_always_fails_is_told_so() -> None:
    """The two sentences mirror each other: neither all nor none is certain."""
    assert most_unseen(100) == pytest.approx(1 - math.exp(math.log(0.05) / 100))
    never = verdict("It", "x", JudgedDraws(np.full(100, -80.0), 5.0, 50.0))
    assert never == [
        "It clearly works in all 100 draws (x): at most 3 % of the space fails, with 95 % confidence."
    ]
    always = verdict("It", "x", JudgedDraws(np.full(10, 3.0), 5.0, 50.0))
    assert always == [
        "It clearly fails in all 10 draws (x): at most 26 % of the space works, with 95 % confidence."
    ]
    assert box_lines([], cube(1), 0, 10, DENSITY) == []


def test_the_headline_counts_what_chance_leaves_open() -> None:
    mean = np.tile([-90.0, -80.0, -52.0, -49.0, -48.0, -10.0, 5.0], 2)
    first, second = verdict("It", "x", JudgedDraws(mean, 5.0, 50.0))
    assert first.startswith(
        "It clearly fails in 4 of 14 draws, clearly works in 4, and chance leaves 6 open (x;"
    )
    assert "takes each draw for what its mean says: 8 failures, 4 of them open." in second
    alone = verdict("It", "x", JudgedDraws(mean, math.nan, 50.0))
    assert "fails in 8 of 14 draws, each of one pair of runs" in alone[0]
    assert "clearly" not in " ".join(alone)
    assert len(verdict("It", "x", JudgedDraws(mean, 0.5, 50.0))) == 1
    open_all = verdict("It", "x", JudgedDraws(np.full(9, -51.0), 5.0, 50.0))
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


def found_where(high: float, low: float, monkeypatch: pytest.MonkeyPatch, **options: float) -> Result:
    """Return what is discovered when the change is ``high`` above the middle of purity and ``low`` below."""

    def pretend(question, space, points, asking, on_progress):
        above = points[:, space.paths.index(PURITY)] > 0.5
        return np.where(above, high, low)[:, None, None] + np.array([[[0.1], [-0.1]]])

    monkeypatch.setattr("sim.study.discover.responses", pretend)
    how = batch(Path("nowhere"), 2)
    return discover(scanning(), four_days(), how, over=[PURITY, COST], **options)


def test_a_discovery_is_a_result(monkeypatch: pytest.MonkeyPatch) -> None:
    found = found_where(-5.0, -5.0, monkeypatch, margin=1000.0, draws=10)
    drawn = found.table("draws")
    assert len(drawn) == 10
    assert set(drawn["clear"]) == {FAILS}
    assert drawn["failed"].all()
    assert [c.name for c in drawn.columns][-2:] == [PURITY, COST]
    assert len(found.table("boxes")) == 0
    assert list(found.plot) == []
    assert found.verdict.startswith("Scanning clearly fails in all 10 draws (failing: change in fentanyl")
    assert "10 draws, 2 replications each, 2 numbers of scanning varied" in found.provenance.sentence
    assert found.verdict in found._repr_html_()


def test_a_box_has_its_row_and_its_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    found = found_where(5.0, -5.0, monkeypatch, margin=1.0, draws=60)
    row = found.table("boxes").rows()[0]
    assert (row["box"], row["path"], row["side"], row["holds"]) == (1, PURITY, "above", True)
    assert row["density"] > 0.9
    assert row["inside"] >= row["failed"]
    assert list(found.plot) == ["box_1"]
    figure = found.plot.box_1()
    assert figure.layout.meta["title"] == found.verdict.removesuffix(".")
    assert "Load, powder purity: above" in figure.layout.meta["alt"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"draws": 5}, "draws must be at least 10"),
        ({"density": 1.5}, "density 1.5 must lie above 0"),
        ({"density": math.nan}, "density nan must lie above 0"),
        ({"margin": -1.0}, "margin -1 must be at least 0"),
        ({"margin": math.nan}, "margin nan must be at least 0"),
    ],
)
def test_a_size_out_of_range_is_refused(options, expected: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"study discover: {expected}"):
        discover(scanning(), four_days(), batch(tmp_path, 2), **options)
