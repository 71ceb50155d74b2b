"""Services that vary more than an exponential: mean, spread and distribution of the two balanced phases."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.core import draws as d
from sim.core.draws import Draws

N = 400_000
SCV = (1.0, 1.5, 4.0, 25.0, 100.0)
REFUSED = 1e-6
Floats = NDArray[np.float64]


def drawn(scv: float) -> Floats:
    """Return many draws of one entity."""
    return Draws(11, 0).hyperexponentials("service", 5, scv, np.arange(N))


def errors_away(x: Floats, scv: float) -> tuple[float, float]:
    """Return how many standard errors mean and squared coefficient of variation lie from the law's.

    The mean is 1, so the squared coefficient is the second moment less 1. Moments of the phases are exact.
    """
    share = d.short_share(scv)
    fourth = 24 * (0.5**4 / share**3 + 0.5**4 / (1 - share) ** 3)
    errors = np.sqrt(np.array([scv, fourth - (scv + 1) ** 2]) / len(x))
    return tuple(abs(np.array([x.mean() - 1, (x * x).mean() - 1 - scv])) / errors)


def p_value(x: Floats, scv: float) -> float:
    """Return the p-value of the distribution (Kolmogorov-Smirnov)."""
    shares = np.array([d.short_share(scv), 1 - d.short_share(scv)])
    return float(stats.kstest(x, lambda t: 1 - shares @ np.exp(-2 * shares[:, None] * t)).pvalue)


@pytest.mark.parametrize("scv", SCV)
def test_mean_spread_and_distribution(scv: float) -> None:
    x = drawn(scv)
    assert max(errors_away(x, scv)) < 3
    assert p_value(x, scv) > 1e-3


def test_phases_balance() -> None:
    """Either phase makes half of the sum."""
    u = Draws(11, 0).uniforms("service", 5, 2 * np.arange(N) + 1)
    short = u < d.short_share(4.0)
    x = drawn(4.0)
    assert short.mean() == pytest.approx(0.5 * (1 + np.sqrt(0.6)), abs=4 * 0.5 / np.sqrt(N))
    assert x[short].sum() / x.sum() == pytest.approx(0.5, abs=0.01)


def test_an_unbalanced_phase_and_the_exponential_law_are_refused() -> None:
    share = d.short_share(4.0)
    draws = Draws(11, 0)
    u, unit = (draws.uniforms("service", 5, 2 * np.arange(N) + i) for i in (1, 0))
    unbalanced = -d.log(unit) * np.where(u < share, 0.5 / share, 0.55 / (1 - share))
    assert errors_away(unbalanced, 4.0)[0] > 4
    assert p_value(-d.log(unit), 4.0) < REFUSED
    assert errors_away(-d.log(unit), 4.0)[1] > 4
    assert p_value(drawn(4.4), 4.0) < REFUSED


def test_the_law_of_one_is_exponential() -> None:
    draws = Draws(11, 0)
    assert d.short_share(1.0) == d.EVEN
    assert drawn(1.0)[:50].tolist() == [draws.exponential("service", 5, 2 * i) for i in range(50)]


@pytest.mark.parametrize("scv", SCV)
def test_arrays_give_the_bits_of_single_draws(scv: float) -> None:
    draws = Draws(11, 0)
    single = [draws.hyperexponential("service", 5, scv, i) for i in range(200)]
    assert drawn(scv)[:200].tolist() == single
    assert all(type(x) is float for x in single)
