"""Indices of functions whose indices are known, under noise that a blind estimator takes for influence."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from sim.core.errors import ConfigError
from sim.plots.variance import variance
from sim.report.result import Result
from sim.report.tables import DataTable
from sim.report.verdicts import CANNOT_TELL, LITTLE, MATTERS
from sim.stats.intervals import Interval
from sim.study.extras import library
from sim.study.screen import screen
from sim.study.sobol import (
    COLUMNS,
    LEAST_SHARE,
    NO_VARIANCE,
    Index,
    Indices,
    VarianceShare,
    _estimates,
    _rows,
    design,
    indices,
    sobol,
    verdict,
)
from sim.study.space import Space
from tests.fixtures.sensitivity import PURITY, batch, cube, four_days

# Ishigami and Homma (1990) with a = 7, b = 0.1; the fourth number does nothing.
A, B = 7.0, 0.1
VARIANCE = A**2 / 8 + B * np.pi**4 / 5 + B**2 * np.pi**8 / 18 + 0.5
FIRST = np.array([0.5 * (1 + B * np.pi**4 / 5) ** 2, A**2 / 8, 0.0, 0.0]) / VARIANCE
BOTH = 8 * B**2 * np.pi**8 / 225 / VARIANCE
TOTAL = FIRST + np.array([BOTH, 0.0, BOTH, 0.0])
ROWS, REPLICATIONS = 256, 4


def ishigami(points: np.ndarray) -> np.ndarray:
    x = (2 * points - 1) * np.pi
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


def noisy(points: np.ndarray, own: float, shared: float, acting: float) -> np.ndarray:
    """Return runs with noise of each point, noise that a row shares, and shared noise that x0 scales."""
    rng = np.random.Generator(np.random.PCG64(3))
    axes = points.shape[1]
    row = np.repeat(rng.standard_normal((len(points) // (axes + 2), REPLICATIONS)), axes + 2, axis=0)
    scale = shared + acting * (2 * points[:, :1] - 1)
    return ishigami(points)[:, None] + scale * row + own * rng.standard_normal((len(points), REPLICATIONS))


def by_axis(found: Indices, what: str) -> np.ndarray:
    return np.array([getattr(one, what).value for one in sorted(found.numbers, key=lambda one: one.path)])


def inside(found: Indices, what: str, truth: np.ndarray) -> np.ndarray:
    """Return which true values lie within 1.5 half widths (about three standard errors) of the estimate."""
    ordered = sorted(found.numbers, key=lambda one: one.path)
    ends = [getattr(one, what).interval for one in ordered]
    half = np.array([end.high - end.low for end in ends]) / 2
    return np.abs(by_axis(found, what) - truth) <= 1.5 * half


def salib(space: Space, values: np.ndarray) -> dict[str, np.ndarray]:
    with warnings.catch_warnings(action="ignore"):
        return library("SALib.analyze.sobol").analyze(space.problem, values, calc_second_order=False, seed=1)


def test_without_noise_the_estimates_are_those_of_salib() -> None:
    space = cube(4)
    points = design(space, 64, seed=0)
    values = ishigami(points)
    first, total, _, _ = _estimates(values.reshape(64, 6, 1), np.arange(64))
    theirs = salib(space, values)
    # SALib divides by the variance of the sample, we by that of the population: 127 / 128.
    assert first == pytest.approx(theirs["S1"] * 127 / 128, abs=0.003)
    assert total == pytest.approx(theirs["ST"] * 127 / 128, abs=1e-9)


@pytest.mark.parametrize(
    ("own", "shared", "acting"), [(4.0, 0.0, 0.0), (0.0, 6.0, 0.0), (0.0, 3.0, 4.0), (2.0, 2.0, 3.0)]
)
def test_known_indices_come_through_noise(own: float, shared: float, acting: float) -> None:
    space = cube(4)
    points = design(space, ROWS, seed=0)
    found = indices(space.paths, noisy(points, own, shared, acting), seed=1)
    chance = own**2 + shared**2 + acting**2 / 3
    truth = chance / (chance + VARIANCE)
    half = (found.chance.interval.high - found.chance.interval.low) / 2
    assert abs(found.chance.value - truth) <= 1.5 * half
    assert half < 0.12
    assert inside(found, "first", FIRST).all()
    assert inside(found, "total", TOTAL).all()
    assert found.deviation == pytest.approx(np.sqrt(VARIANCE), rel=0.12)
    assert found.informative


def test_two_groups_add_up_to_one_where_totals_of_their_numbers_do_not() -> None:
    """x0 and x2 interact: their totals, added up, count that twice; the total of their group does not."""
    space, groups = cube(4), ["pair", "rest", "pair", "rest"]
    points = design(space, ROWS, 0, groups)
    assert points.shape == (ROWS * 4, 4)
    rng = np.random.Generator(np.random.PCG64(8))
    values = ishigami(points)[:, None] + rng.standard_normal((len(points), REPLICATIONS))
    found = {one.path: one for one in indices(["pair", "rest"], values, seed=1).numbers}
    closed = FIRST[0] + BOTH
    for share, truth in ((found["pair"].first, closed), (found["pair"].total, closed),
                         (found["rest"].total, 1.0 - closed)):  # fmt: skip
        half = (share.interval.high - share.interval.low) / 2
        assert abs(share.value - truth) <= 1.5 * half
        assert half < 0.2
    assert TOTAL[[0, 2]].sum() > closed + 0.2


def test_a_blind_estimator_takes_chance_for_influence() -> None:
    """Means over replications still carry noise: SALib gives the idle number a total that it has not."""
    space = cube(4)
    points = design(space, ROWS, seed=0)
    values = noisy(points, own=6.0, shared=0.0, acting=0.0)
    blind = salib(space, values.mean(axis=1))["ST"][3]
    idle = next(one for one in indices(space.paths, values, seed=1).numbers if one.path.endswith("x3"))
    assert blind > 2 * LEAST_SHARE
    assert not idle.total.interval.low > 0.0
    assert abs(idle.total.value) < blind / 2


def test_a_number_that_does_nothing_on_shared_draws_does_exactly_nothing() -> None:
    space = cube(4)
    found = indices(space.paths, noisy(design(space, 64, 0), own=0.0, shared=5.0, acting=0.0), seed=1)
    idle = next(one for one in found.numbers if one.path.endswith("x3"))
    assert idle.total.value == pytest.approx(0.0, abs=1e-9)
    assert idle.verdict == LITTLE


def test_what_chance_hides_is_not_told() -> None:
    space = cube(4)
    found = indices(space.paths, noisy(design(space, 8, 0), own=60.0, shared=0.0, acting=0.0), seed=1)
    assert not found.informative
    assert all(one.verdict == CANNOT_TELL for one in found.numbers)
    assert verdict(found, 8).startswith("Cannot tell: what the numbers do is lost in chance")
    assert "32 rows" in verdict(found, 8)


def test_a_small_sample_says_so_and_one_replication_too() -> None:
    space = cube(4)
    values = noisy(design(space, 16, 0), own=1.0, shared=0.0, acting=0.0)
    assert "Too small a sample to tell for" in verdict(indices(space.paths, values, seed=1), 16)
    alone = indices(space.paths, values[:, :1], seed=1)
    assert verdict(alone, 16) == "Cannot tell what chance does: one replication: chance is still inside."
    assert all(one.verdict == CANNOT_TELL for one in alone.numbers)


def test_an_interval_that_is_missing_has_its_reason() -> None:
    """Chance is told, but some resamples have no variance to share: more of them is no half of nothing."""
    bare = VarianceShare(0.9, Interval(np.nan, np.nan, NO_VARIANCE))
    found = Indices((Index("a", bare, bare),), VarianceShare(0.5, Interval(0.3, 0.9)), 1.0)
    expected = verdict(found, 16)
    assert expected.startswith("No interval for 1 of 1 numbers: in some resamples of the rows")
    assert "halve" not in expected


def rows_of(value: float, ends: Interval):
    share = VarianceShare(value, ends)
    found = Indices((Index(PURITY, share, share),), VarianceShare(0.61, Interval(0.5, 0.7)), 1.0)
    return DataTable.of(COLUMNS, _rows(found)).data


def test_the_figure_states_chance_and_words() -> None:
    answer = ("Fentanyl delivered", "kg pure a year")
    rows = rows_of(0.4, Interval(0.3, 0.5))
    figure = variance(rows, "Chance makes 61 %", answer, "The sample tells.", "Simulated.")
    assert figure.layout.meta["title"] == "Chance makes 61 %"
    assert "The sample tells" in figure.layout.meta["subtitle"]
    assert "Chance 61 %. Load, powder purity 40 % in all" in figure.layout.meta["alt"]
    assert "Bars carry 95 % bootstrap intervals" in figure.layout.meta["footer"]
    rows = rows_of(0.4, Interval(np.nan, np.nan, NO_VARIANCE))
    bare = variance(rows, "Chance", answer, "No interval.", "Simulated.", "pair")
    assert "Bars have no intervals" in bare.layout.meta["footer"]
    assert "bootstrap" not in bare.layout.meta["footer"]
    assert "what chance does to one pair" in bare.layout.meta["subtitle"]


POWDER = "chain.load.powder_share"


def pretend(question, space, points, asking, on_progress):
    """Return made-up answers in which powder share does most, and chance a little."""
    chance = np.random.default_rng(5).standard_normal((len(points), asking.replications.count))
    slopes = np.where(np.array(space.paths) == POWDER, 9.0, 1.0)
    return ((points @ slopes)[:, None] + 0.5 * chance)[:, :, None]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Result:
    """Return a screen of two numbers; what follows is made up as well."""
    monkeypatch.setattr("sim.study.sobol.responses", pretend)
    monkeypatch.setattr("sim.study.screen.responses", pretend)
    how = batch(Path("nowhere"), 2)
    return screen(four_days(), how, "delivered_pure_kg", over=[PURITY, POWDER], trajectories=4)


def test_indices_of_the_top_of_a_screen_are_a_result(seen: Result) -> None:
    found = sobol(four_days(), batch(Path("nowhere"), 2), screen=seen, top=1)
    table = found.table("sobol")
    assert list(table["path"]) == ["chance", POWDER]
    assert table["verdict"][1] == MATTERS
    assert table.columns == COLUMNS
    assert found.verdict.startswith("Fentanyl delivered: chance makes ")
    assert "64 rows, 192 points, 2 replications each, 1 number of" in found.provenance.sentence
    figure = found.plot.sobol()
    assert f"{figure.layout.meta['title']}." == found.verdict
    assert POWDER in found._repr_html_()


def test_the_top_of_a_screen_may_stand_against_the_rest(seen: Result) -> None:
    how = batch(Path("nowhere"), 2)
    found = sobol(four_days(), how, screen=seen, top=1, grouped=True)
    groups = ["first 1 of the screen", "other 1 of the screen"]
    assert list(found.table("sobol")["path"]) == ["chance", *groups]
    assert found.verdicts[1] == "The sample tells for all groups."
    with pytest.raises(ConfigError, match="grouped needs more numbers than top 2; the screen has 2"):
        sobol(four_days(), how, screen=seen, top=2, grouped=True)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "name a few numbers with over, or take the top of a screen"),
        ({"over": "chain.load", "grouped": True}, "grouped needs the order of a screen"),
        ({"over": "chain.load", "screen": "a.csv"}, "give either over or screen"),
        ({"over": "chain.load", "rows": 48}, "rows must be a power of two"),
        ({"over": "chain.load", "rows": 8}, "at least 16"),
        ({"over": "chain.load", "top": 0}, "top must be at least 1"),
    ],
)
def test_indices_of_nothing_are_refused(options, expected: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"study sobol: .*{expected}"):
        sobol(four_days(), batch(tmp_path, 2), **options)
