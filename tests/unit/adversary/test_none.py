"""Policy ``none``: nothing that happens changes a share or a size."""

from __future__ import annotations

from sim.adversary.fixed import FixedShares
from tests.fixtures.adversary_cases import choice, settings


def test_the_plan_is_the_baseline_whatever_happens() -> None:
    chooser = FixedShares(settings(), choice([0.7, 0.3], [0.1, 0.2], announced=lambda i, time_h: 0.9))
    before = chooser.plan_at(0.0)
    for week in range(100):
        chooser.observe(0, True, 168.0 * week)
    assert chooser.plan_at(1e5) is before
    assert list(before.shares) == [0.7, 0.3]
    assert list(before.sizes) == [1.0, 1.0]
