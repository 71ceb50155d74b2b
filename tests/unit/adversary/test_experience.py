"""Perceived risk: NarcoLogic's numbers, news, and the size of loads that follows."""

from __future__ import annotations

import math

import pytest

from sim.adversary.experience import Experience
from tests.fixtures.adversary_cases import FOR_EVER_DAYS, choice, settings


@pytest.mark.parametrize(("weight_a_day", "risk"), [(1.0, 0.76923), (0.9, 0.80990)])
def test_experienced_risk_of_narcologic(weight_a_day: float, risk: float) -> None:
    """Events (0, 1, 0, 2) in four periods, alpha 2, beta 0.5 (Magliocca et al. 2019)."""
    half_life = FOR_EVER_DAYS if weight_a_day == 1.0 else math.log(0.5) / math.log(weight_a_day)
    s = settings(prior_loads=2.5, memory_days=half_life)
    experience = Experience(s, choice([1.0], [2.0 / 2.5]))
    for period, events in enumerate((0.0, 1.0, 0.0, 2.0)):
        experience.note(0, events, 24.0 * period)
    assert experience.risk(24.0 * 3) == [pytest.approx(risk, abs=5e-6)]


def test_nobody_else_s_loss_is_seen() -> None:
    experience = Experience(settings(), choice([0.5, 0.5], [0.1, 0.2]))
    experience.note(0, 1.0, 5.0)
    assert experience.risk(5.0)[0] > 0.1
    assert experience.risk(5.0)[1] == 0.2


def test_experience_fades_to_the_prior() -> None:
    experience = Experience(settings(memory_days=10.0), choice([1.0], [0.1]))
    for _ in range(50):
        experience.note(0, 1.0, 0.0)
    assert experience.risk(0.0)[0] == pytest.approx(0.55)
    assert experience.risk(240.0)[0] == pytest.approx(0.1 + 25 * 0.9 / 75)
    assert experience.risk(24.0 * 3650)[0] == pytest.approx(0.1)


def test_what_is_announced_is_believed_at_once_and_not_learned_twice() -> None:
    told = choice([1.0], [0.1], announced=lambda i, time_h: 0.4 if time_h >= 100.0 else 0.0)
    experience = Experience(settings(), told)
    assert experience.risk(99.0) == [0.1]
    assert experience.risk(100.0) == [0.5]
    for k in range(200):
        experience.note(0, float(k % 2), 101.0)  # half is lost, as announced
    assert experience.risk(101.0) == [pytest.approx(0.5)]


def test_size_follows_the_risk_with_its_elasticity() -> None:
    experience = Experience(settings(size_elasticity=-0.3, size_limit=2.0), choice([0.5] * 4, [0.1] * 4))
    sizes = experience.sizes([0.1, 0.2, 0.05, 1.0])
    assert sizes[0] == 1.0
    assert sizes[1:] == [pytest.approx(2**-0.3), pytest.approx(2**0.3), pytest.approx(0.5012, abs=1e-4)]
    unlikely = Experience(settings(size_elasticity=-0.3), choice([1.0], [0.0]))
    assert unlikely.sizes([0.0]) == [1.0]
    assert unlikely.sizes([0.1]) == [pytest.approx(0.5)]


def test_no_elasticity_is_too_large() -> None:
    there = choice([0.5] * 4, [0.1, 0.1, 0.1, 0.0])
    steep = Experience(settings(size_elasticity=-1e6, size_limit=4.0), there)
    assert steep.sizes([0.1, 0.11, 0.0, 0.5]) == [pytest.approx(x) for x in (1.0, 0.25, 4.0, 0.25)]
    assert Experience(settings(size_elasticity=0.0), there).sizes([0.2, 0.0, 0.1, 0.5]) == [1.0] * 4
