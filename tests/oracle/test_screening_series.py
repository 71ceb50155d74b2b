"""Sensors in series: whatever one passes on is the load of the next (target T8)."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sim.border.layers import Screens
from tests.fixtures.replicated_queue import REFUSED, Station, agrees, z_score
from tests.unit.border.test_screening import mode

SENSORS = ((0.95, 0.10), (0.90, 0.05), (0.98, 0.01))
"""Chance of an alarm on what is sought and on the rest: primary, secondary, the last check."""
PREVALENCE = 1e-4


def stages() -> list[tuple[float, float]]:
    """Return the shares that each sensor refers, of loads and of others, as the layers give them."""
    screens = [Screens(mode([hit, 0, 0, 0], [false, 0, 0, 0]), "mode") for hit, false in SENSORS]
    return [(screen.alarm_probs(0.0)[0], float(screen.false_referral_prob(0.2))) for screen in screens]


def loads_of_stages() -> tuple[list[float], float, float]:
    """Return the share of traffic that reaches each stage, and what is left of either kind at the end."""
    sought, rest, load = PREVALENCE, 1 - PREVALENCE, []
    for hit, false in stages():
        load.append(sought + rest)
        sought, rest = sought * hit, rest * false
    return load, sought, rest


def test_published_numbers() -> None:
    load, sought, rest = loads_of_stages()
    assert load == pytest.approx([1.0, 0.100085, 0.005085], abs=5e-7)
    assert sought / PREVALENCE == pytest.approx(0.8379, abs=1e-12)
    assert rest / (1 - PREVALENCE) == pytest.approx(5e-5, rel=1e-12)
    assert sought / (sought + rest) == pytest.approx(0.6263, abs=5e-5)


def test_border_refers_the_load_of_the_next_stage() -> None:
    load, *_ = loads_of_stages()
    for here, after in pairwise(load):
        share = after / here
        sums, _ = Station(
            900, 40, service_h=0.02, hours=120, warmup_h=5, referral_prob=share, bays=200, secondary_h=0.5
        ).run(40)
        seen = sums["referred"] / sums["trips"]
        assert agrees(seen, share, 0.02)
        # Sensitivity in place of the mixture: a border in which everybody carries a load.
        assert abs(z_score(seen, 0.9)) > REFUSED
