"""Policy ``logit``: the fixed point of two routes, habit, and news."""

from __future__ import annotations

import math

import pytest

from sim.adversary.logit import LogitChoice
from tests.fixtures.adversary_cases import WEEK_H, choice, settings


def fixed_point(base: float, prior: tuple[float, float], pressure: float, sensitivity: float) -> float:
    """Return the share s of route 0 with ``s = logit(s)`` where the risk of a route is pressure * share."""
    low, high = 0.0, 1.0
    for _ in range(80):
        s = 0.5 * (low + high)
        better = sensitivity * (prior[0] - pressure * s - prior[1] + pressure * (1.0 - s))
        answer = base / (base + (1.0 - base) * math.exp(-better))
        low, high = (s, high) if answer > s else (low, s)
    return s


def settle(chooser: LogitChoice, pressure: float, weeks: int = 400) -> float:
    """Let enforcement follow the share of route 0, with losses at their mean; return that share."""
    share = chooser.plan_at(0.0).shares[0]
    for week in range(1, weeks):
        for route, s in enumerate((share, 1.0 - share)):
            chooser.observe(route, pressure * s, WEEK_H * week - 1.0)  # type: ignore[arg-type]
        share = chooser.plan_at(WEEK_H * week).shares[0]
    return share


@pytest.mark.parametrize(
    ("base", "pressure", "sensitivity"), [(0.5, 0.4, 10.0), (0.7, 0.4, 5.0), (0.9, 0.8, 4.0)]
)
def test_two_routes_settle_at_the_fixed_point(base: float, pressure: float, sensitivity: float) -> None:
    """A prior that weighs nothing and a short memory: the belief is the risk of the week."""
    prior = (0.1, 0.3)
    s = settings(choice_sensitivity=sensitivity, prior_loads=1e-9, memory_days=1.0, habit_share=0.8)
    chooser = LogitChoice(s, choice([base, 1.0 - base], prior))
    assert settle(chooser, pressure) == pytest.approx(
        fixed_point(base, prior, pressure, sensitivity), abs=1e-6
    )


def test_the_fixed_point_refuses_a_twin_that_forgets_its_base_share() -> None:
    s = settings(choice_sensitivity=5.0, prior_loads=1e-9, memory_days=1.0)
    chooser = LogitChoice(s, choice([0.5, 0.5], (0.1, 0.3)))
    assert settle(chooser, 0.4) != pytest.approx(fixed_point(0.7, (0.1, 0.3), 0.4, 5.0), abs=1e-2)


def test_shares_stay_at_the_baseline_while_losses_are_as_expected() -> None:
    chooser = LogitChoice(settings(), choice([0.7, 0.3], [0.5, 0.5]))
    for week in range(20):
        for k in range(10):
            chooser.observe(0, k % 2 == 0, WEEK_H * (week + 0.5))
    assert chooser.plan_at(WEEK_H * 20).shares == [pytest.approx(0.7), pytest.approx(0.3)]


def test_habit_carries_over_weeks_in_which_nobody_asks() -> None:
    """One look after four weeks is four revisions on the same news."""
    alternatives = choice([0.5, 0.5], [0.1, 0.1], announced=lambda i, time_h: 0.2 if i == 0 else 0.0)
    every_week, late = (LogitChoice(settings(), alternatives) for _ in range(2))
    for week in range(5):
        seen = every_week.plan_at(WEEK_H * week)
    assert late.plan_at(WEEK_H * 4).shares == [pytest.approx(s) for s in seen.shares]
    assert seen.shares[0] < 0.5
    assert seen.sizes[0] < 1.0 == seen.sizes[1]


def test_no_sensitivity_is_too_large_and_a_route_without_loads_stays_without() -> None:
    told = choice([0.5, 0.5, 0.0], [0.9, 0.1, 0.0], announced=lambda i, time_h: -0.9 if i == 0 else 0.0)
    chooser = LogitChoice(settings(choice_sensitivity=1e6, habit_share=0.0), told)
    assert chooser.plan_at(WEEK_H).shares == [1.0, 0.0, 0.0]
