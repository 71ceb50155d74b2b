"""Policy ``bandit``: the steps of EXP3-IX, its regret bound, and forgetting."""

from __future__ import annotations

import math

import pytest

from sim.adversary.bandit import BanditChoice
from sim.adversary.fixed import FixedShares
from sim.adversary.policy import Chooser
from sim.core.draws import Draws
from tests.fixtures.adversary_cases import FOR_EVER_DAYS, WEEK_H, choice, settings

ROUNDS = 20_000
RISK = (0.5, 0.1)


def test_three_steps_by_hand() -> None:
    """Two arms, rate 0.2, exploration 0.1: losses on arm 0, 0 and 1 (Neu 2015, algorithm 1)."""
    s = settings(learning_rate=0.2, implicit_exploration=0.1, memory_days=FOR_EVER_DAYS)
    chooser = BanditChoice(s, choice([0.5, 0.5], [0.0, 0.0]))
    total = [0.0, 0.0]
    for round_, arm in enumerate((0, 0, 1), start=1):
        weights = [math.exp(-0.2 * x) for x in total]
        total[arm] += 1.0 / (weights[arm] / sum(weights) + 0.1)
        chooser.observe(arm, True, WEEK_H * (round_ - 0.5))
        weights = [math.exp(-0.2 * x) for x in total]
        expected = [w / sum(weights) for w in weights]
        assert chooser.plan_at(WEEK_H * round_).shares == [pytest.approx(x) for x in expected]
    assert total[0] == pytest.approx(1 / 0.6 + 1 / (math.exp(-1 / 3) / (1 + math.exp(-1 / 3)) + 0.1))


def regret(policy: type[Chooser], seed: int, flip: bool = False) -> float:
    """Return the losses of a chooser over those of always taking the better arm."""
    gamma = math.sqrt(math.log(2) / (4 * ROUNDS))
    s = settings(learning_rate=2 * gamma, implicit_exploration=gamma, memory_days=FOR_EVER_DAYS)
    chooser, draws = policy(s, choice([0.5, 0.5], [0.0, 0.0])), Draws(seed, 0)
    losses = best = 0
    for t in range(ROUNDS):
        arm = draws.choice("arm", t, chooser.plan_at(WEEK_H * t).shares)
        lost = [draws.uniform("lost", t, i) < RISK[i] for i in (0, 1)]
        losses, best = losses + lost[arm], best + lost[1]
        chooser.observe(arm, not lost[arm] if flip else lost[arm], WEEK_H * t + 1.0)
    return losses - best


def test_regret_keeps_its_bound_and_twins_do_not() -> None:
    """Neu (2015), theorem 1, at a confidence of 99 %; frozen shares and a wrong sign break it."""
    log_k, confidence = math.log(2), math.log(2 / 0.01)
    bound = 2 * math.sqrt(4 * ROUNDS * log_k) + (math.sqrt(4 * ROUNDS / log_k) + 1) * confidence
    assert regret(BanditChoice, 1) < bound
    assert regret(FixedShares, 1) > bound
    assert regret(BanditChoice, 1, flip=True) > bound


def test_outcomes_as_expected_move_nothing_and_surprises_fade() -> None:
    chooser = BanditChoice(settings(), choice([0.7, 0.3], [0.5, 0.5]))
    for k in range(10):
        chooser.observe(0, k % 2 == 0, 1.0)
    assert chooser.plan_at(WEEK_H).shares == [pytest.approx(0.7), pytest.approx(0.3)]
    for _ in range(50):
        chooser.observe(0, True, WEEK_H + 1.0)
    assert chooser.plan_at(2 * WEEK_H).shares[0] < 0.65
    assert chooser.plan_at(400 * WEEK_H).shares[0] == pytest.approx(0.7, abs=1e-6)


def test_news_is_believed_before_anything_is_lost() -> None:
    told = choice([0.7, 0.3], [0.1, 0.1], announced=lambda i, time_h: 0.2 if i == 0 else 0.0)
    assert BanditChoice(settings(), told).plan_at(WEEK_H).shares[0] < 0.5
