"""Splits of a budget with known answers, and a search with a known best."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from sim.core.errors import ConfigError
from sim.study.portfolio.search import UNSPENT, SearchEffort, round_down, search, split_budget


@pytest.mark.parametrize(
    ("weights", "budget", "caps", "spent"),
    [
        ({"a": 1.0, "b": 3.0}, 100.0, {}, {"a": 25.0, "b": 75.0}),
        ({"a": 1.0, "b": 3.0}, 100.0, {"b": 60.0}, {"a": 40.0, "b": 60.0}),
        ({"a": 1.0, "b": 1.0, "c": 2.0}, 100.0, {"c": 20.0, "a": 30.0}, {"a": 30.0, "b": 50.0, "c": 20.0}),
        ({"a": 1.0, "b": 3.0}, 100.0, {"a": 10.0, "b": 10.0}, {"a": 10.0, "b": 10.0}),
        ({"a": 1.0, UNSPENT: 3.0}, 100.0, {"a": 90.0}, {"a": 25.0}),
        ({"a": 1.0, "b": 0.0}, 100.0, {}, {"a": 100.0}),
        ({"a": 0.0}, 100.0, {}, {}),
    ],
)
def test_a_budget_is_split_by_weight_up_to_the_caps(weights, budget, caps, spent):
    assert split_budget(weights, budget, caps) == pytest.approx(spent)


@pytest.mark.parametrize(
    ("value", "size"), [(1234.5, 1230.0), (0.99999, 0.999), (12.0, 12.0), (0.3, 0.3), (0.0, 0.0)]
)
def test_sizes_are_rounded_down(value, size):
    assert round_down(value) == size


def test_the_search_comes_close_to_a_known_best_and_is_the_same_each_time():
    best = {"a": 0.6, "b": 0.3, "c": 0.1}

    def score(several):
        shares = [split_budget(weights, 1.0, {}) for weights in several]
        return np.array([sum((share.get(n, 0.0) - x) ** 2 for n, x in best.items()) for share in shares])

    effort = SearchEffort(trials=60, at_a_time=4, seed=3)
    trials = search(score, [*best, UNSPENT], effort, [dict.fromkeys(best, 1.0)])
    assert len(trials) == 60
    values = [value for _, value in trials]
    assert values[0] == pytest.approx((0.6 - 1 / 3) ** 2 + (0.3 - 1 / 3) ** 2 + (0.1 - 1 / 3) ** 2)
    assert min(values) < 0.15 * min(values[:10])
    assert search(score, [*best, UNSPENT], effort, [dict.fromkeys(best, 1.0)]) == trials


def test_starts_keep_their_shares():
    seen = []

    def score(several):
        seen.extend(split_budget(weights, 1.0, {}) for weights in several)
        return np.zeros(len(several))

    search(
        score, ["a", "b", UNSPENT], SearchEffort(3, 2, 0), [{"a": 5.0}, {"a": 1.0, "b": 4.0, UNSPENT: 5.0}]
    )
    assert seen[0] == pytest.approx({"a": 1.0})
    assert seen[1] == pytest.approx({"a": 0.1, "b": 0.4})


def test_without_optuna_one_line_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ConfigError, match=r"needs optuna: pip install 'chokepoint-sim\[study\]'"):
        search(lambda several: np.zeros(len(several)), ["a", "b"], SearchEffort(2, 1, 0))
