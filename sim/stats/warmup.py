"""Where the start of a run ends, and how many runs a margin needs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.stats.sequential import deviation_ends

BATCH = 5
MOST = 100_000


@dataclass(frozen=True)
class Truncation:
    """How much of the beginning of a series the start has marked.

    Parameters
    ----------
    observations : int
        Left out; a multiple of the batch.
    determined : bool
        False when the best cut lies in the second half of the series, where the rule has too little to go
        by: the series is too short, or not stationary.
    """

    observations: int
    determined: bool


def mser(series: np.ndarray, batch: int = BATCH) -> Truncation:
    """Return the cut that leaves the mean of the rest with the smallest marginal standard error.

    MSER-5 of White (1997, doi:10.1177/003754979706900601): over means of ``batch`` observations, the cut
    ``d`` minimises ``sum((x_i - mean)^2, i > d) / (n - d)^2``; ties go to the earliest.

    Parameters
    ----------
    series : ndarray of float64, shape (n,)
        Without seasons (``deseasonalised``); at least four batches.
    batch : int
        Observations a batch.

    Raises
    ------
    ValueError
        The series is shorter than four batches.
    """
    count = len(series) // batch
    if count < 4:
        raise ValueError(f"a series of {len(series)} is shorter than four batches of {batch}")
    means = np.asarray(series[: count * batch], dtype=np.float64).reshape(count, batch).mean(axis=1)
    # Sums from the end: the statistic of every cut at once; the last two batches are no sample.
    left = np.arange(count, 0, -1)
    centred = means - means.mean()
    total, squares = np.cumsum(centred[::-1])[::-1], np.cumsum(centred[::-1] ** 2)[::-1]
    statistic = np.maximum(squares - total**2 / left, 0.0) / left.astype(np.float64) ** 2
    cut = int(np.argmin(statistic[: count - 2]))
    return Truncation(cut * batch, cut <= count // 2)


def deseasonalised(series: np.ndarray, seasons: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Return a series less its seasonal deviations, which come from a part that the start has not marked.

    Deviations are taken off, not divided out: what is paid once a week is zero on other days.

    Parameters
    ----------
    series : ndarray of float64, shape (n,)
    seasons : ndarray of int64, shape (kinds, n)
        Season of each observation, one row a kind (weekday, month); kinds add up.
    reference : ndarray of bool, shape (n,)
        Observations that the deviations are estimated from; a season that does not occur there has none.

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    found = np.asarray(series, dtype=np.float64).copy()
    for season in seasons:
        level = found[reference].mean()
        for one in np.unique(season[reference]):
            found[season == one] += level - found[reference & (season == one)].mean()
    return found


def moving_average(series: np.ndarray, half: int) -> np.ndarray:
    """Return the moving average of Welch (1983): centred, with a window that grows at the start.

    Parameters
    ----------
    series : ndarray of float64, shape (n,)
        Mean over replications.
    half : int
        Observations on each side, fewer than ``n / 2``; at the start as many as there are.

    Returns
    -------
    ndarray of float64, shape (n - half,)
    """
    at = np.arange(len(series) - half)
    reach = np.minimum(at, half)
    sums = np.concatenate([[0.0], np.cumsum(series)])
    return np.asarray((sums[at + reach + 1] - sums[at - reach]) / (2 * reach + 1))


@dataclass(frozen=True)
class ReplicationsNeeded:
    """Replications until the 95 % interval of a mean is no wider than a margin on each side.

    ``low`` and ``high`` carry the 95 % interval of the standard deviation, which a pilot knows roughly.
    """

    count: int
    low: int
    high: int


def replications_needed(values: np.ndarray, margin: float) -> ReplicationsNeeded:
    """Return how many replications an outcome needs, from a pilot.

    The absolute rule of fixed precision: the smallest ``n`` of at least 2 with ``t(n - 1) s / sqrt(n) <=
    margin``, for normal values.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        The pilot, at least 2 replications.
    margin : float
        Positive, in the unit of the values.

    Raises
    ------
    ValueError
        Fewer than 2 replications, or a margin that is not positive.
    """
    if len(values) < 2 or margin <= 0.0:
        raise ValueError("a pilot has at least 2 replications, and a margin is positive")
    spread = float(np.std(values, ddof=1))
    low, high = deviation_ends(len(values))
    return ReplicationsNeeded(*(_count(s, margin) for s in (spread, low * spread, high * spread)))


def _count(spread: float, margin: float) -> int:
    """Return the smallest count whose half width is within the margin, at most ``MOST``."""
    low, high = 1, 2
    while high < MOST and not _within(high, spread, margin):
        low, high = high, min(2 * high, MOST)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _within(middle, spread, margin) else (middle, high)
    return high


def _within(count: int, spread: float, margin: float) -> bool:
    from scipy.special import stdtrit

    return float(stdtrit(count - 1, 0.975)) * spread / math.sqrt(count) <= margin
