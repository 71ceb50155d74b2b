"""The sequential rule: it stops where it says, and covers although it chose when to stop."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from sim.stats.sequential import FIRST, needed, until_precise
from sim.stats.simultaneous import bonferroni

WORLDS = 400
LEVEL = 0.95
TOLERANCE = 4.0 * math.sqrt(LEVEL * (1.0 - LEVEL) / WORLDS)
Z = {1: 1.959963984540054, 3: 2.393979800}
"""Normal critical values of one and of three differences, Bonferroni."""


def worlds(kind: str, outcomes: int) -> np.ndarray:
    rng = np.random.default_rng(12)
    values = rng.standard_normal((WORLDS, 400, outcomes))
    return values if kind == "normal" else (np.exp(0.5 * values) - math.exp(0.125)) / 0.6


def sampler(world: np.ndarray, begin: int, end: int) -> np.ndarray:
    return world[begin:end]


def ours(world: np.ndarray, wanted: float) -> bool:
    stop = until_precise(partial(sampler, world), np.full(world.shape[1], wanted), 400)
    assert stop.reached
    return bool((np.abs(stop.intervals.mean) <= stop.intervals.half_width).all())


def eager(world: np.ndarray, wanted: float) -> bool:
    """Broken twin: the normal quantile, a look after every replication, from the second on."""
    for n in range(2, len(world)):
        half = Z[world.shape[1]] * world[:n].std(axis=0, ddof=1) / math.sqrt(n)
        if (half <= wanted).all():
            return bool((np.abs(world[:n].mean(axis=0)) <= half).all())
    raise AssertionError("never precise")


@pytest.mark.parametrize("kind", ["normal", "skewed"])
@pytest.mark.parametrize(
    ("rule", "outcomes", "wanted", "covers"),
    [(ours, 1, 0.35, True), (eager, 1, 0.35, False), (ours, 3, 0.6, True), (eager, 3, 0.6, False)],
)
def test_intervals_cover_although_the_rule_chose_when_to_stop(
    kind: str, rule: Callable[[np.ndarray, float], bool], outcomes: int, wanted: float, covers: bool
) -> None:
    share = np.mean([rule(world, wanted) for world in worlds(kind, outcomes)])
    assert bool(share > LEVEL - TOLERANCE) is covers


def test_the_budget_is_never_passed_and_the_rule_says_that_it_failed() -> None:
    world = np.random.default_rng(1).standard_normal((100, 2))
    stop = until_precise(partial(sampler, world), np.full(2, 0.01), 50)
    assert (stop.replications, stop.reached) == (50, False)
    assert stop.looks >= 3


def test_what_exists_is_used_and_what_is_precise_needs_no_more() -> None:
    world = np.random.default_rng(1).standard_normal((100, 2))
    stop = until_precise(partial(sampler, world), np.full(2, 5.0), 100, have=30)
    assert (stop.replications, stop.reached, stop.looks) == (30, True, 1)
    assert until_precise(partial(sampler, world), np.full(2, 5.0), 100).replications == FIRST


def test_needed_is_where_the_half_width_reaches_the_wanted_one() -> None:
    found = needed(np.array([10.0, 0.0, math.nan]), np.full(3, 4.0), 1)
    number = int(found[0])
    assert bonferroni(number, 1) * 10.0 / math.sqrt(number) <= 4.0
    assert bonferroni(number - 1, 1) * 10.0 / math.sqrt(number - 1) > 4.0
    assert found[1] == 2.0
    assert math.isnan(found[2])
    assert needed(np.array([10.0]), np.array([4.0]), 20)[0] > 1.5 * number
