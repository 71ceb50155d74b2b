"""Intervals: known answers, honest refusals, and coverage that a broken twin must miss."""

import math

import numpy as np
import pytest

from sim.stats.intervals import Interval, mean, mean_interval, parameter_interval, prediction_interval

LEVEL = 0.95
WORLDS = 4_000


def test_known_answer():
    values = np.array([9.0, 10.0, 11.0])
    half = 4.302652729911275 / math.sqrt(3.0)  # t(0.975, 2), s = 1
    found = mean_interval(values)
    assert mean(values) == 10.0
    assert (found.low, found.high) == pytest.approx((10.0 - half, 10.0 + half), rel=1e-9)


def test_one_replication_has_no_interval_and_says_so():
    found = mean_interval(np.array([3.0]))
    assert not found.known
    assert found.reason == "1 replication: no interval, at least 2 are needed"


def test_an_undefined_replication_leaves_no_interval():
    found = mean_interval(np.array([1.0, math.nan]))
    assert not found.known
    assert found.reason == "undefined in at least one replication"


def test_equal_replications_have_width_zero():
    found = mean_interval(np.full(5, 7.0))
    assert (found.low, found.high) == (7.0, 7.0)


def _normal_interval(values):
    """Broken twin: the normal quantile in place of Student's, too narrow for few replications."""
    half = 1.959963984540054 * values.std(ddof=1) / math.sqrt(values.size)
    return values.mean() - half, values.mean() + half


def test_student_covers_and_the_normal_twin_does_not():
    rng = np.random.default_rng(20221001)
    worlds = rng.normal(5.0, 2.0, size=(WORLDS, 4))
    ours = np.mean([(i := mean_interval(w)).low <= 5.0 <= i.high for w in worlds])
    twin = np.mean([low <= 5.0 <= high for low, high in map(_normal_interval, worlds)])
    tolerance = 4.0 * math.sqrt(LEVEL * (1.0 - LEVEL) / WORLDS)
    assert abs(ours - LEVEL) < tolerance
    assert abs(twin - LEVEL) > tolerance


def test_a_prediction_of_a_worked_example():
    # n = 5, mean 10, s = sqrt(2.5); t(4, 0.975) = 2.776445; half = t s sqrt(1.2)
    found = prediction_interval(np.array([8.0, 9.0, 10.0, 11.0, 12.0]))
    half = 2.7764451051977987 * math.sqrt(2.5 * 1.2)
    assert (found.mean, found.low, found.high) == pytest.approx((10.0, 10.0 - half, 10.0 + half))


def test_one_run_has_no_prediction_and_none_is_below_zero():
    assert np.isnan(prediction_interval(np.array([7.0])).low)
    assert prediction_interval(np.array([0.0, 10.0])).low == 0.0


@pytest.mark.parametrize("of_a_mean", [False, True])
def test_a_prediction_covers_one_more_year_and_the_interval_of_a_mean_does_not(of_a_mean: bool):
    rng = np.random.default_rng(11)
    years, further = rng.normal(100.0, 5.0, (6, WORLDS)), rng.normal(100.0, 5.0, WORLDS)
    found = prediction_interval(years)
    assert found.mean.shape == (WORLDS,)
    half = (found.high - found.low) / 2
    if of_a_mean:
        half = half * math.sqrt(1 / 6) / math.sqrt(1 + 1 / 6)
    inside = float((np.abs(further - found.mean) <= half).mean())
    assert (abs(inside - LEVEL) < 4.0 * math.sqrt(LEVEL * (1.0 - LEVEL) / WORLDS)) is not of_a_mean


def test_evidence_range_of_few_sets_is_their_extremes_and_says_so():
    values = np.array([1.0, 2.0, 5.0, 4.0])
    found = parameter_interval(values)
    assert (found.low, found.high) == (1.0, 5.0)
    assert found.reason == "chance is still inside; 4 sets cover about 60%"
    assert parameter_interval(np.arange(39.0), monte_carlo_variance=0.0).reason == ""


def test_evidence_range_of_pure_chance_has_no_width():
    values = np.random.default_rng(3).normal(10.0, 2.0, 40)
    found = parameter_interval(values, monte_carlo_variance=float(values.var(ddof=1)))
    assert found.high - found.low == pytest.approx(0.0, abs=1e-9)


def test_evidence_range_is_freed_of_chance_and_the_raw_twin_is_not():
    """Sets that scatter by 1, seen through years that scatter by 1: the range must show the first."""
    rng = np.random.default_rng(11)
    widths, raw = [], []
    for _ in range(200):
        sets = rng.normal(0.0, 1.0, 99)
        years = sets + rng.normal(0.0, 1.0, 99)
        variance = rng.normal(0.0, 1.0, 99).var(ddof=1)
        found, twin = parameter_interval(years, variance), parameter_interval(years)
        widths.append(found.high - found.low)
        raw.append(twin.high - twin.low)
    expected = 2.0 * 1.959963984540054
    tolerance = 4.0 * np.std(widths, ddof=1) / math.sqrt(len(widths)) + 0.02 * expected
    assert abs(np.mean(widths) - expected) < tolerance
    assert abs(np.mean(raw) - expected) > tolerance


def test_the_interval_of_a_level_stays_within_what_the_quantity_can_be():
    found = mean_interval(np.array([0.0, 0.0, 400.0]))
    assert found.low < 0.0
    assert found.within(0.0, math.inf) == Interval(0.0, found.high)
    assert Interval(0.3, 1.7, "few").within(0.0, 1.0) == Interval(0.3, 1.0, "few")
    assert Interval(-5.0, 5.0).within(-math.inf, math.inf) == Interval(-5.0, 5.0)
    assert not mean_interval(np.array([1.0])).within(0.0, 1.0).known


def test_evidence_needs_two_sets():
    found = parameter_interval(np.array([1.0]))
    assert not found.known
    assert "1 parameter set" in found.reason
