"""Ratios of means and half-lives: known answers, and a broken twin that must be refused."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from sim.stats.intervals import mean_interval
from sim.stats.ratio import ZERO, Estimate, half_life, ratio_of_means

RUNS, MONTHS = 40, 36


def mean_of_ratios(above: np.ndarray, below: np.ndarray) -> Estimate:
    """Return the broken twin: the mean of the ratios of single runs, which is no ratio of means."""
    ratio = above / below
    return Estimate(float(ratio.mean()), mean_interval(ratio))


@pytest.mark.parametrize(("statistic", "covers"), [(ratio_of_means, True), (mean_of_ratios, False)])
def test_fieller_covers_the_true_ratio(
    statistic: Callable[[np.ndarray, np.ndarray], Estimate], covers: bool
) -> None:
    """Coverage of 95 % over 600 samples, within four standard errors."""
    rng, hits, trials = np.random.default_rng(1), 0, 600
    for _ in range(trials):
        noise = rng.standard_normal((2, 40))
        above, below = 12.0 + noise[0], 4.0 + 0.5 * noise[0] + noise[1]
        estimate = statistic(above, below)
        hits += int(estimate.interval.low <= 3.0 <= estimate.interval.high)
    assert (abs(hits / trials - 0.95) < 4 * math.sqrt(0.95 * 0.05 / trials)) is covers


@pytest.mark.parametrize(
    ("above", "below", "reason"),
    [
        ([1.0], [1.0], "1 replication"),
        ([1.0, 2.0, 1.5], [-1.0, 1.0, 0.1], ZERO),
        ([1.0, math.nan], [1.0, 1.1], "undefined in at least one replication"),
    ],
)
def test_a_ratio_that_cannot_be_told_says_why(above: list[float], below: list[float], reason: str) -> None:
    estimate = ratio_of_means(np.array(above), np.array(below))
    assert not estimate.known
    assert reason in estimate.interval.reason


def test_a_ratio_of_exact_numbers_is_exact() -> None:
    estimate = ratio_of_means(np.full(5, 6.0), np.full(5, 2.0))
    assert (estimate.value, estimate.interval.low, estimate.interval.high) == (3.0, 3.0, 3.0)


def test_a_loss_that_levels_off_below_a_half_has_no_half_life() -> None:
    t = np.arange(MONTHS) + 0.5
    direct = np.full((RUNS, MONTHS), 8.0) + 0.5 * np.random.default_rng(2).standard_normal((RUNS, MONTHS))
    assert half_life(direct, direct * (1.0 - 0.3 * (1.0 - 2.0 ** (-t / 3.0)))).value == math.inf
    assert not half_life(np.zeros((RUNS, MONTHS)), np.zeros((RUNS, MONTHS))).known
