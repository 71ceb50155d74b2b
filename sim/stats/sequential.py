"""How many replications are enough: go on until every half width is small, or the budget is spent.

The rule of Chow and Robbins (1965, Annals of Mathematical Statistics 36(2), 457-462): stop at the first
number of replications at which the half width reaches the wanted one. Coverage tends to the nominal
level as the wanted width shrinks. With few replications it does not: the rule likes to stop where the
variance happens to look small. So there is a first stage of ``FIRST`` replications (Law 2015,
Simulation Modeling and Analysis, section 9.4.1, asks for at least 10), and few looks, not one a
replication. Measured on normal and skewed values, the intervals of 95 % then cover in 91 to 95 % of
comparisons (with a first stage of 12 in 89 to 95 %); ``tests/statistics/test_sequential.py`` repeats it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sim.stats.simultaneous import Simultaneous, bonferroni, simultaneous

FIRST = 20
"""Replications before the first look."""
# From here on Student's value hardly changes with the number of replications.
_EXACT = 2000
# From one look to the next the number of replications grows by at least a tenth and at most doubles.
_LEAST_STEP, _LARGEST_STEP = 1.1, 2.0


@dataclass(frozen=True)
class Stop:
    """Where a sequential rule stopped: replications, whether they are enough, number of looks."""

    replications: int
    reached: bool
    looks: int
    intervals: Simultaneous


def needed(deviation: np.ndarray, wanted: np.ndarray, count: int, level: float = 0.95) -> np.ndarray:
    """Return the replications at which each half width reaches the wanted one, by the current spread.

    Parameters
    ----------
    deviation, wanted : ndarray of float64, shape (differences,)
        Standard deviation over replications, and half width wanted.
    count : int
        Intervals that hold together at ``level``; Student's value with Bonferroni's correction stands for
        the critical value that so many replications will have.

    Returns
    -------
    ndarray of float64, shape (differences,)
        Whole numbers, at least 2; NaN for an undefined difference.
    """
    deviation, wanted = np.broadcast_arrays(np.asarray(deviation, dtype=np.float64), wanted)
    known = np.isfinite(deviation)
    allowed = np.divide(
        wanted, deviation, out=np.full(wanted.shape, math.inf), where=known & (deviation > 0.0)
    )
    numbers = np.arange(2, _EXACT)
    half_widths = bonferroni(numbers, count, level) / np.sqrt(numbers)
    place = np.searchsorted(-half_widths, -allowed)
    large = np.ceil((float(bonferroni(_EXACT, count, level)) / allowed) ** 2)
    found = np.where(place < len(numbers), numbers[np.minimum(place, len(numbers) - 1)], large)
    return np.where(known, found, math.nan)


def expected(found: Simultaneous, wanted: np.ndarray, have: int) -> np.ndarray:
    """Return the replications at which half widths will reach the wanted ones, float64, NaN if undefined.

    Where resampling asks for more than Bonferroni's correction, because values are skewed, it is taken to
    go on asking for as many times more.
    """
    count = max(1, int(np.isfinite(found.mean).sum()))
    wider = np.maximum(1.0, found.critical / bonferroni(have, count))
    return needed(wider * found.deviation, wanted, count)


def expected_ends(found: Simultaneous, wanted: np.ndarray, have: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of ``expected`` at both ends of what the spread may be, float64 each."""
    low, high = (
        expected(replace(found, deviation=factor * found.deviation), wanted, have)
        for factor in deviation_ends(have)
    )
    return low, high


def deviation_ends(count: int, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of a standard deviation over the one that was seen, for normal values.

    From the chi-square distribution of the variance: 0.57 and 3.7 with 4 replications, 0.66 and 2.0
    with 8, 0.76 and 1.5 with 20.

    Parameters
    ----------
    count : int
        Replications, at least 2.
    level : float
        Chance that the interval covers, 0..1.
    """
    from scipy.special import chdtri  # scipy.stats takes seconds to import

    tail = 0.5 * (1.0 - level)
    low, high = (math.sqrt((count - 1) / float(chdtri(count - 1, share))) for share in (tail, 1.0 - tail))
    return low, high


def until_precise(
    sample: Callable[[int, int], np.ndarray],
    wanted: np.ndarray,
    budget: int,
    have: int = 0,
    first: int = FIRST,
) -> Stop:
    """Sample until all half widths are at most the wanted ones, or the budget is spent.

    Parameters
    ----------
    sample : callable
        ``sample(begin, end)`` returns the differences of replications ``begin`` to ``end - 1``, float64 of
        shape (end - begin, differences).
    wanted : ndarray of float64, shape (differences,)
        Half widths wanted.
    budget : int
        Most replications, those that exist included; at least 2.
    have : int
        Replications that exist; all of them are used.
    first : int
        Replications before the first look.

    Returns
    -------
    Stop
        With the simultaneous intervals at the end.
    """
    number = max(have, min(first, budget))
    rows = sample(0, number)
    looks = 1
    while True:
        found = simultaneous(rows)
        known = np.isfinite(found.half_width)
        reached = bool((found.half_width[known] <= wanted[known]).all())
        if reached or number >= budget:
            return Stop(number, reached, looks, found)
        most = float(np.nanmax(expected(found, wanted, number)))
        target = math.ceil(max(_LEAST_STEP * number, min(most, _LARGEST_STEP * number)))
        target = min(target, budget)
        rows = np.concatenate([rows, sample(number, target)])
        number, looks = target, looks + 1
