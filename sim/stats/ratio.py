"""Ratios of two means, and how long an effect lasts: what has no interval when nothing can be said."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.core.draws import Draws
from sim.stats.intervals import Interval

ZERO = "undefined: the denominator can be zero"
_TIMES = np.geomspace(0.1, 10.0, 61)
"""Time constants tried, in multiples of a quarter of the window."""
_RESAMPLES = 400


@dataclass(frozen=True)
class Estimate:
    """A value with its interval; both are NaN, with a reason in the interval, when it is undefined."""

    value: float
    interval: Interval

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return not math.isnan(self.value)


def undefined(reason: str) -> Estimate:
    """Return an estimate that says why there is none."""
    return Estimate(math.nan, Interval(math.nan, math.nan, reason))


def ratio_of_means(above: np.ndarray, below: np.ndarray, level: float = 0.95) -> Estimate:
    """Return the ratio of two means with Fieller's interval.

    Parameters
    ----------
    above, below : ndarray of float64, shape (n,)
        Numerator and denominator, a pair a replication.
    level : float
        Coverage, 0..1.

    Returns
    -------
    Estimate
        Undefined when the interval of the denominator's mean holds zero: the set of ratios that the data
        allow is then no interval. Fieller 1954, J. R. Stat. Soc. B 16(2), 175-185.
    """
    return ratios_of_means(above[:, None], below[:, None], level)[0]


def ratios_of_means(above: np.ndarray, below: np.ndarray, level: float = 0.95) -> list[Estimate]:
    """Return ``ratio_of_means`` of each column of two arrays of shape (n, columns)."""
    from scipy.special import stdtrit

    n = len(above)
    if n < 2:
        return [undefined(f"{n} replication: no interval, at least 2 are needed")] * above.shape[1]
    defined = np.isfinite(above).all(axis=0) & np.isfinite(below).all(axis=0)
    a, b = above.mean(axis=0), below.mean(axis=0)
    off_a, off_b, degrees = above - a, below - b, n * (n - 1)
    vaa, vbb = (off_a * off_a).sum(axis=0) / degrees, (off_b * off_b).sum(axis=0) / degrees
    vab = (off_a * off_b).sum(axis=0) / degrees
    t2 = float(stdtrit(n - 1, 0.5 + level / 2.0)) ** 2
    square = b * b - t2 * vbb
    kept = defined & (square > 0.0)
    middle = a * b - t2 * vab
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(np.maximum(0.0, middle * middle - square * (a * a - t2 * vaa)))
        value, low, high = a / b, (middle - root) / square, (middle + root) / square
    return [
        Estimate(float(value[k]), Interval(float(low[k]), float(high[k])))
        if kept[k]
        else undefined(ZERO if defined[k] else "undefined in at least one replication")
        for k in range(len(kept))
    ]


def half_life(direct: np.ndarray, left: np.ndarray, level: float = 0.95) -> Estimate:
    """Return after how many months half of a direct effect is gone, infinite when that never happens.

    The share that is left follows ``1 - lost (1 - 2^(-t / tau))``: a loss that sets in and levels off. For
    each ``tau`` of a grid the best ``lost`` is a linear regression; the interval is a bootstrap over
    replications.

    Parameters
    ----------
    direct, left : ndarray of float64, shape (replications, months)
        Effect without and with what erodes it, with common random numbers.
    level : float
        Coverage of the interval, 0..1.

    Returns
    -------
    Estimate
        Months; a time beyond the window counts as infinite, because nobody saw it.
    """
    n, months = direct.shape
    begun = np.flatnonzero((direct != 0.0).any(axis=0) | (left != 0.0).any(axis=0))
    if n < 2 or begun.size == 0:
        return undefined("no effect in any month")
    direct, left = direct[:, begun[0] :], left[:, begun[0] :]
    window = months - int(begun[0])
    point = _half_gone(direct.mean(axis=0)[None], left.mean(axis=0)[None], window)[0]
    u = Draws(0, 0).uniforms("half_life.resample", np.arange(_RESAMPLES)[:, None], np.arange(n)[None])
    picks = (u * n).astype(np.int64)
    times = np.sort(_half_gone(direct[picks].mean(axis=1), left[picks].mean(axis=1), window))
    tail = 0.5 - level / 2.0
    low, high = times[int(tail * _RESAMPLES)], times[int((1.0 - tail) * _RESAMPLES)]
    return Estimate(float(point), Interval(float(low), float(high)))


def _half_gone(direct: np.ndarray, left: np.ndarray, window: int) -> np.ndarray:
    """Return the half-life of each row of two arrays of shape (rows, months)."""
    t = np.arange(direct.shape[1]) + 0.5
    taus = _TIMES * window / 4.0
    best = np.full(len(direct), np.inf)
    found = np.full(len(direct), np.inf)
    for tau in taus:
        shape = direct * (1.0 - 2.0 ** (-t / tau))
        size = (shape * shape).sum(axis=1)
        gap = direct - left
        lost = np.divide((gap * shape).sum(axis=1), size, out=np.zeros(len(direct)), where=size > 0)
        error = ((gap - lost[:, None] * shape) ** 2).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            half = np.where(lost > 0.5, tau * np.log2(lost / (lost - 0.5)), np.inf)
        better = error < best
        best, found = np.where(better, error, best), np.where(better, half, found)
    return np.where(found > window, np.inf, found)
