"""Policy ``worst_case``: best responses under a ceiling, in mass."""

from __future__ import annotations

import pytest

from sim.adversary.worst_case import WorstCase, best_response
from tests.fixtures.adversary_cases import choice, settings


def test_best_first_up_to_the_ceiling() -> None:
    shares = best_response([0.8, 0.9, 0.5], [0.5, 0.2, 0.3], ceiling=2.0)
    assert shares == [pytest.approx(0.6), pytest.approx(0.4), pytest.approx(0.0)]


def test_no_room_at_all_is_the_baseline() -> None:
    assert best_response([0.1, 0.9], [0.25, 0.75], ceiling=1.0) == [pytest.approx(0.25), pytest.approx(0.75)]


def test_equals_keep_their_usual_proportion() -> None:
    assert best_response([0.9, 0.9, 0.1], [1.0, 3.0, 4.0], ceiling=10.0) == [0.25, 0.75, 0.0]


def test_no_other_plan_under_the_ceiling_delivers_more() -> None:
    """All plans on a grid of tenths: none beats the greedy one."""
    payoffs, usual, ceiling = [0.7, 0.85, 0.8], [0.4, 0.3, 0.3], 1.5
    grid = [(a / 20, b / 20, (20 - a - b) / 20) for a in range(21) for b in range(21 - a)]
    allowed = [p for p in grid if all(x <= ceiling * u + 1e-9 for x, u in zip(p, usual, strict=True))]
    best = max(sum(x * y for x, y in zip(p, payoffs, strict=True)) for p in allowed)
    ours = sum(x * y for x, y in zip(best_response(payoffs, usual, ceiling), payoffs, strict=True))
    assert len(allowed) > 20
    assert ours >= best - 1e-12


def test_the_plan_counts_mass_not_loads() -> None:
    """Twice the mass on the safe route, where loads weigh a tenth: ten times as many loads a kilogram."""
    there = choice([0.5, 0.5], [0.1, 0.1], [1000.0, 100.0], true_risk=lambda i, time_h: (0.5, 0.1)[i])
    plan = WorstCase(settings(ceiling=2.0), there).plan_at(0.0)
    mass = [share * gain for share, gain in zip(plan.shares, (1000.0, 100.0), strict=True)]
    assert mass[1] / sum(mass) == pytest.approx(2 * 100 / 1100)


def test_it_answers_on_the_day_and_not_before() -> None:
    there = choice(
        [0.5, 0.5], [0.1, 0.1], true_risk=lambda i, time_h: 0.9 if (i, time_h >= 50.0) == (0, True) else 0.1
    )
    chooser = WorstCase(settings(ceiling=2.0), there)
    assert list(chooser.plan_at(47.0).shares) == [0.5, 0.5]
    assert list(chooser.plan_at(72.0).shares) == [0.0, 1.0]
