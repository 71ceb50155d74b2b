"""Intervals that hold together: known answers, and coverage that simpler rules miss."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from sim.stats.simultaneous import BONFERRONI, LEAST, MAX_T, bonferroni, simultaneous, variance_saved

WORLDS = 400
LEVEL = 0.95
TOLERANCE = 4.0 * math.sqrt(LEVEL * (1.0 - LEVEL) / WORLDS)


def normal(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    return rng.standard_normal(shape)


def skewed(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Lognormal values about their mean: the shape of yearly kilograms."""
    return np.exp(0.5 * rng.standard_normal(shape)) - math.exp(0.125)


def together(values: np.ndarray) -> bool:
    found = simultaneous(values)
    return bool((np.abs(found.mean) <= found.half_width).all())


def one_by_one(values: np.ndarray) -> bool:
    """Broken twin: Student's interval for each difference as if it were the only one."""
    half = bonferroni(len(values), 1) * values.std(axis=0, ddof=1) / math.sqrt(len(values))
    return bool((np.abs(values.mean(axis=0)) <= half).all())


def corrected(values: np.ndarray) -> bool:
    """Bonferroni's correction of Student's value, which takes every shape for a normal one."""
    half = bonferroni(*values.shape) * values.std(axis=0, ddof=1) / math.sqrt(len(values))
    return bool((np.abs(values.mean(axis=0)) <= half).all())


@pytest.mark.parametrize(
    ("world", "replications", "rule", "covers"),
    [
        (normal, 4, together, True),
        (normal, 12, together, True),
        (normal, 12, one_by_one, False),
        (skewed, 12, together, True),
        (skewed, 12, corrected, False),
        (skewed, 40, together, True),
        (skewed, 40, corrected, False),
    ],
)
def test_all_intervals_cover_at_once(
    world: Callable[..., np.ndarray], replications: int, rule: Callable[[np.ndarray], bool], covers: bool
) -> None:
    """Seventeen outcomes; the share of comparisons in which not one interval misses."""
    rng = np.random.default_rng(5)
    share = np.mean([rule(world(rng, (replications, 17))) for _ in range(WORLDS)])
    assert bool(share > LEVEL - TOLERANCE) is covers


def test_differences_that_move_together_get_narrower_intervals_than_bonferroni() -> None:
    rng = np.random.default_rng(2)
    values = rng.standard_normal((60, 1)) + 0.1 * rng.standard_normal((60, 17))
    found = simultaneous(values)
    assert found.method == MAX_T
    assert found.critical.max() < 0.8 * bonferroni(60, 17)
    assert found.critical.min() >= 0.95 * bonferroni(60, 1)


def test_one_difference_has_about_students_interval() -> None:
    values = np.random.default_rng(3).standard_normal((200, 1))
    assert simultaneous(values).critical[0] == pytest.approx(bonferroni(200, 1), rel=0.08)


def test_few_replications_get_bonferroni_exactly() -> None:
    values = np.array([[1.0, 10.0], [2.0, 14.0], [3.0, 12.0]])
    found = simultaneous(values)
    t = 6.205346816570671  # Student, 1 - 0.025 / 2, 2 degrees of freedom
    assert found.method == BONFERRONI
    assert found.mean.tolist() == [2.0, 12.0]
    assert found.half_width == pytest.approx([t / math.sqrt(3.0), 2.0 * t / math.sqrt(3.0)], rel=1e-9)


def test_differences_without_spread_or_meaning_disturb_nobody() -> None:
    rng = np.random.default_rng(4)
    values = rng.standard_normal((20, 2))
    odd = np.column_stack([values, np.full(20, 0.1), np.full(20, math.nan)])
    found, alone = simultaneous(odd), simultaneous(values)
    assert found.half_width[:2].tolist() == alone.half_width.tolist()
    assert found.mean[2] == pytest.approx(0.1)
    assert found.half_width[2] == 0.0
    assert math.isnan(found.mean[3])
    assert math.isnan(found.half_width[3])


def test_an_event_seen_once_does_not_make_every_interval_endless() -> None:
    rng = np.random.default_rng(6)
    values = rng.standard_normal((20, 3))
    rare = np.zeros(20)
    rare[7] = 1.0
    found, alone = simultaneous(np.column_stack([values, rare])), simultaneous(values)
    assert found.half_width[:3].tolist() == alone.half_width.tolist()
    assert found.critical[3] >= bonferroni(20, 4)


def test_one_heavy_tail_does_not_widen_the_others() -> None:
    rng = np.random.default_rng(9)
    values = rng.standard_normal((20, 5))
    heavy = np.exp(2.0 * rng.standard_normal((20, 1)))
    found, alone = simultaneous(np.hstack([values, heavy])), simultaneous(values)
    assert found.critical[:5].max() < 1.25 * alone.critical.max()
    assert found.critical[5] > 1.25 * found.critical[:5].max()


def test_the_same_differences_give_the_same_bytes() -> None:
    values = np.random.default_rng(8).standard_normal((LEAST, 5))
    assert simultaneous(values).half_width.tobytes() == simultaneous(values.copy()).half_width.tobytes()


def test_variance_saved_is_the_ratio_of_an_unpaired_to_a_paired_difference() -> None:
    before = np.array([[0.0, 5.0, 1.0], [2.0, 5.0, 3.0], [4.0, 5.0, 8.0]])
    after = np.array([[1.0, 5.0, 2.0], [2.0, 5.0, 4.0], [6.0, 5.0, 9.0]])
    saved = variance_saved(before, after)
    assert saved[0] == pytest.approx((4.0 + 7.0) / 1.0)
    assert math.isnan(saved[1])
    assert math.isinf(saved[2])
