"""Draws are uniform, and draws of neighbouring keys are independent.

Every test is a chi-square of counts with fixed keys, so it cannot flicker, and ships a generator
with a defect that the same test must refuse.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from sim.core import draws as d
from sim.core.draws import Draws, word

N = 200_000
REFUSED = 1e-6
Floats = NDArray[np.float64]


def p_of_counts(counts: NDArray[np.int64]) -> float:
    """Return the p-value of equal expected counts."""
    return float(stats.chisquare(counts.ravel()).pvalue)


def p_uniform(u: Floats, bins: int = 1000) -> float:
    """Return the p-value of uniform draws."""
    return p_of_counts(np.bincount((u * bins).astype(np.int64), minlength=bins))


def p_pairs(u: Floats, v: Floats, bins: int = 32) -> float:
    """Return the p-value of independent uniform pairs."""
    cells = (u * bins).astype(np.int64) * bins + (v * bins).astype(np.int64)
    return p_of_counts(np.bincount(cells, minlength=bins * bins))


def visits(entity: int = 0) -> Floats:
    """Return many draws of one entity."""
    return Draws(0, 0).uniforms("arrival", entity, np.arange(N))


def entities(seed: int = 0, replication: int = 0, decision: str = "arrival") -> Floats:
    """Return one draw of many entities."""
    return Draws(seed, replication).uniforms(decision, np.arange(N), 0)


@pytest.mark.parametrize("sample", [visits, entities], ids=["visits", "entities"])
def test_uniform(sample: Callable[[], Floats]) -> None:
    assert 1e-3 < p_uniform(sample()) < 1 - 1e-3


def test_uniform_refuses_a_squeezed_generator() -> None:
    assert p_uniform(visits() * 0.99) < REFUSED


NEIGHBOURS = {
    "next visit": lambda: (visits()[:-1], visits()[1:]),
    "next entity": lambda: (entities()[:-1], entities()[1:]),
    "same visits of the next entity": lambda: (visits(0), visits(1)),
    "next seed": lambda: (entities(seed=0), entities(seed=1)),
    "next replication": lambda: (entities(replication=0), entities(replication=1)),
    "seed and replication swapped": lambda: (entities(1, 2), entities(2, 1)),
    "other decision": lambda: (entities(decision="arrival"), entities(decision="service")),
    "distant visit": lambda: (visits()[: -(2**16)], visits()[2**16 :]),
}


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_neighbours_are_independent(name: str) -> None:
    u, v = NEIGHBOURS[name]()
    assert 1e-3 < p_pairs(u, v) < 1 - 1e-3
    assert abs(np.corrcoef(u, v)[0, 1]) < 4 / np.sqrt(len(u))


def test_independence_refuses_keys_that_are_not_mixed() -> None:
    """Streams that only start one step apart are the same stream, shifted by one."""
    key = Draws(0, 0).key("arrival")
    first, second = (
        d.open_uniform(d.words(np.full(N, state & d.MASK, dtype=np.uint64), np.arange(N, dtype=np.uint64)))
        for state in (key, key + d.GOLDEN)
    )
    assert p_pairs(first[1:], second[:-1]) < REFUSED


def test_one_bit_of_the_key_flips_each_bit_of_the_draw_in_half_the_cases() -> None:
    keys = np.arange(20_000, dtype=np.uint64)
    none = np.zeros(1, dtype=np.uint64)
    for bit in range(0, 64, 7):
        changed = d.words(keys, none) ^ d.words(keys ^ np.uint64(1 << bit), none)
        shares = np.array([float((changed >> np.uint64(b) & np.uint64(1)).mean()) for b in range(64)])
        assert np.max(np.abs(shares - 0.5)) < 5 * 0.5 / np.sqrt(len(keys))


def test_exponential_and_normal_have_their_distributions() -> None:
    draws = Draws(3, 0)
    exponential = draws.exponentials("service", 0, np.arange(N))
    normal = np.array([draws.normal("size", 0, i) for i in range(20_000)])
    assert stats.kstest(exponential, "expon").pvalue > 1e-3
    assert stats.kstest(normal, "norm").pvalue > 1e-3
    assert stats.kstest(exponential * 1.02, "expon").pvalue < REFUSED


def test_choice_follows_its_weights() -> None:
    draws, weights = Draws(4, 0), [0.5, 0.3, 0.2]
    counts = np.bincount([draws.choice("route", e, weights) for e in range(20_000)], minlength=3)
    assert stats.chisquare(counts, np.array(weights) * 20_000).pvalue > 1e-3
    assert stats.chisquare(counts, np.array([0.47, 0.33, 0.2]) * 20_000).pvalue < REFUSED


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(0, 2**40))
def test_a_draw_does_not_depend_on_what_was_drawn_before(seed: int, entity: int, visit: int) -> None:
    used = Draws(seed, 1)
    used.uniforms("arrival", entity, np.arange(5))
    used.choice("service", entity, [1.0, 2.0])
    assert used.uniform("service", entity, visit) == Draws(seed, 1).uniform("service", entity, visit)
    assert used.key("service", entity) == word(used.base("service"), entity)
