"""Policy ``salience``: the payoffs of NarcoLogic, and risk that counts for more where a loss stands out."""

from __future__ import annotations

import pytest

from sim.adversary.logit import LogitChoice
from sim.adversary.salience import SalienceChoice, salience_payoffs
from tests.fixtures.adversary_cases import WEEK_H, choice, settings

VALUES, AMOUNTS, COSTS, RISK = (100, 120, 110), (10, 8, 12), (20, 35, 25), (0.1, 0.3, 0.2)
GAINS = [y * q for y, q in zip(VALUES, AMOUNTS, strict=True)]
SPENT = [c * q for c, q in zip(COSTS, AMOUNTS, strict=True)]


def test_payoffs_of_narcologic() -> None:
    payoffs = salience_payoffs(GAINS, SPENT, RISK, 0.5)
    assert payoffs == [pytest.approx(x, abs=0.005) for x in (618.18, 510.59, 873.33)]


def test_without_local_thinking_the_payoff_is_its_expectation() -> None:
    expected = [g * (1 - p) - c for g, c, p in zip(GAINS, SPENT, RISK, strict=True)]
    assert salience_payoffs(GAINS, SPENT, RISK, 1.0) == [pytest.approx(x) for x in expected]
    assert salience_payoffs([100.0], [10.0], [0.2], 1.0) == [pytest.approx(70.0)]


def test_the_choice_without_local_thinking_is_the_logit() -> None:
    told = choice([0.6, 0.3, 0.1], RISK, GAINS, SPENT, announced=lambda i, time_h: 0.1 * i)
    plain = LogitChoice(settings(), told).plan_at(WEEK_H * 3).shares
    same = SalienceChoice(settings(local_thinking=1.0), told).plan_at(WEEK_H * 3).shares
    assert same == [pytest.approx(share) for share in plain]


def test_a_loss_that_stands_out_moves_more() -> None:
    """Route 0 of the example: its loss is more salient than its gain, so the same news moves it further."""
    told = choice([0.6, 0.3, 0.1], RISK, GAINS, SPENT, announced=lambda i, time_h: 0.1 if i == 0 else 0.0)
    plain = LogitChoice(settings(), told).plan_at(WEEK_H * 3).shares[0]
    salient = SalienceChoice(settings(local_thinking=0.5), told).plan_at(WEEK_H * 3).shares[0]
    assert salient < plain < 0.6
