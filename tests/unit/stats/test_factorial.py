"""Factorials: exact answers for functions whose effects, interactions and Shapley values are known."""

from __future__ import annotations

import numpy as np
import pytest

from sim.stats.factorial import (
    dividends,
    effects_alone,
    main_effects,
    on_top,
    pair_interactions,
    shapley,
    switches,
)


def tabulated(function, count):
    """Return a function of switches as a factorial, shape (2^count, 1)."""
    return np.array([[function([(row >> i) & 1 for i in range(count)])] for row in range(2**count)], float)


def test_what_adds_up_has_no_interactions_and_every_effect_is_its_own():
    effects = np.array([[-3.0], [5.0], [0.5], [-1.0]])
    values = tabulated(lambda on: 7.0 + np.dot(on, effects[:, 0]), 4)
    for found in (effects_alone(values), on_top(values), main_effects(values), shapley(values)):
        assert found == pytest.approx(effects)
    assert all(abs(pair).max() < 1e-12 for pair in pair_interactions(values).values())
    parts = dividends(values)
    assert all(abs(parts[row]).max() < 1e-12 for row in range(16) if row.bit_count() > 1)


def test_shapley_adds_up_to_the_total_for_any_function():
    rows, columns = np.indices((32, 3))
    values = np.sin(rows * 1.7 + columns) * 10.0
    assert shapley(values).sum(axis=0) == pytest.approx(values[31] - values[0])


def test_the_glove_game():
    # One right glove (2), two left gloves (0, 1): a pair is worth 1. Shapley: 1/6, 1/6, 2/3.
    values = tabulated(lambda on: float(on[2] and (on[0] or on[1])), 3)
    assert shapley(values)[:, 0] == pytest.approx([1 / 6, 1 / 6, 2 / 3])
    assert effects_alone(values)[:, 0] == pytest.approx([0.0, 0.0, 0.0])
    assert on_top(values)[:, 0] == pytest.approx([0.0, 0.0, 1.0])
    assert main_effects(values)[:, 0] == pytest.approx([0.25, 0.25, 0.75])
    pairs = pair_interactions(values)
    assert {key: float(pair[0]) for key, pair in pairs.items()} == pytest.approx(
        {(0, 1): -0.5, (0, 2): 0.5, (1, 2): 0.5}
    )


def test_a_product_of_two_is_one_interaction_shared_by_halves():
    values = tabulated(lambda on: 8.0 * on[0] * on[1], 3)
    assert pair_interactions(values)[0, 1] == pytest.approx([8.0])
    assert pair_interactions(values)[0, 2] == pytest.approx([0.0])
    assert shapley(values)[:, 0] == pytest.approx([4.0, 4.0, 0.0])


def test_dividends_add_up_to_every_outcome():
    values = np.cos(np.arange(16.0))[:, None]
    parts = dividends(values)
    for row in range(16):
        assert sum(parts[part, 0] for part in range(16) if part & ~row == 0) == pytest.approx(values[row, 0])


def test_the_input_is_left_alone():
    values = np.arange(8.0)
    dividends(values)
    assert np.array_equal(values, np.arange(8.0))


@pytest.mark.parametrize("rows", [0, 1, 3, 12])
def test_a_part_of_a_factorial_is_refused(rows):
    with pytest.raises(ValueError, match=r"2\^k rows"):
        switches(rows)
