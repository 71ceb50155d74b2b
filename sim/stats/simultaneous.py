"""Intervals for many differences at once: all of them hold together with the stated chance.

Twenty intervals of 95 % each miss somewhere in most comparisons. Here one factor widens all of them until
they hold together, taken from the largest of the studentised means over resampled replications (max-t),
each in units of its own critical value. It uses that differences move together, and it follows skewed
ones, for which Student's value with Bonferroni's correction covers too little. Below ``LEAST``
replications there is too little to resample, and Bonferroni's correction takes its place;
``tests/statistics/test_simultaneous.py`` measures both.

Sources: studentised bootstrap, Efron and Tibshirani 1993, chapter 12; max-t, Romano and Wolf 2005,
Econometrica 73(4), 1237-1282; balance, Beran 1988, J. Am. Stat. Assoc. 83(403), 679-686.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from sim.core.draws import Draws

LEAST = 8
"""Fewest replications that are resampled."""
MAX_T, BONFERRONI = "max-t", "Bonferroni"
_RESAMPLES = 1000
_COLUMNS = 2000
# A difference whose resamples are all equal this often has too few distinct values to be resampled.
_FLAT_SHARE = 0.01
_FLAT = 1e-9


@dataclass(frozen=True)
class Simultaneous:
    """Means with half widths that hold together.

    Parameters
    ----------
    mean, half_width : ndarray of float64, shape (differences,)
        NaN where a replication is undefined. A difference without any spread has half width 0.
    deviation : ndarray of float64, shape (differences,)
        Standard deviation over replications.
    critical : ndarray of float64, shape (differences,)
        Half width in standard errors.
    method : str
        ``max-t`` or ``Bonferroni``.
    """

    mean: np.ndarray
    half_width: np.ndarray
    deviation: np.ndarray
    critical: np.ndarray
    method: str


def simultaneous(differences: np.ndarray, level: float = 0.95) -> Simultaneous:
    """Return intervals for the means of many paired differences that cover all of them at once.

    Parameters
    ----------
    differences : ndarray of float64, shape (replications, differences)
        At least two replications; NaN where one is undefined.
    level : float
        Chance that every interval covers, 0..1.

    Returns
    -------
    Simultaneous
        The same bytes for the same differences: resamples are keyed draws.
    """
    n, count = differences.shape
    defined = np.isfinite(differences).all(axis=0)
    mean, deviation = np.full(count, math.nan), np.full(count, math.nan)
    mean[defined] = differences[:, defined].mean(axis=0)
    deviation[defined] = np.sqrt(spread(differences[:, defined]))
    uncertain = np.flatnonzero(defined & (deviation > 0.0))
    critical = np.full(count, bonferroni(n, max(1, uncertain.size), level))
    method = BONFERRONI
    if n >= LEAST and uncertain.size:
        scores = (differences[:, uncertain] - mean[uncertain]) / deviation[uncertain]
        largest, own = _largest(scores, level)
        method, value = MAX_T, float(np.quantile(largest, level))
        critical[uncertain] = np.where(np.isnan(own), np.maximum(value, critical[uncertain]), value * own)
    return Simultaneous(mean, critical * deviation / math.sqrt(n), deviation, critical, method)


def bonferroni(replications: Any, count: int, level: float = 0.95) -> Any:
    """Return Student's critical value for one of ``count`` intervals that hold together at ``level``.

    Parameters
    ----------
    replications : int or ndarray
        At least 2.
    """
    from scipy.special import stdtrit

    return stdtrit(replications - 1, 1.0 - (1.0 - level) / (2.0 * count))


def _largest(scores: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest studentised mean of each resample, in units of each column's own critical value.

    Without these units one heavy tail would widen the intervals of all. Also returned are the units, NaN
    for columns too sparse to be resampled.
    """
    n, count = scores.shape
    weights = _weights(n)
    largest, own = np.zeros(_RESAMPLES), np.full(count, math.nan)
    for first in range(0, count, _COLUMNS):
        part = scores[:, first : first + _COLUMNS]
        t = weights @ part
        variance = weights @ (part * part)
        variance -= t * t
        variance *= n
        variance /= n - 1
        flat = variance <= _FLAT
        variance[flat] = 1.0
        np.abs(t, out=t)
        t *= math.sqrt(n)
        t /= np.sqrt(variance, out=variance)
        t[flat] = 0.0
        ordered = np.ascontiguousarray(t.T)
        pointwise = np.quantile(ordered, level, axis=1, overwrite_input=True)
        pointwise = np.maximum(pointwise, bonferroni(n, 1, level))
        few = flat.mean(axis=0) > _FLAT_SHARE
        own[first : first + _COLUMNS] = np.where(few, math.nan, pointwise)
        t /= pointwise
        t[:, few] = 0.0
        largest = np.maximum(largest, t.max(axis=1))
    return largest, own


@lru_cache(maxsize=4)
def _weights(n: int) -> np.ndarray:
    """Return the share of each replication in each resample, float64 of shape (resamples, n)."""
    u = Draws(0, 0).uniforms("compare.resample", np.arange(_RESAMPLES)[:, None], np.arange(n)[None])
    picks = (u * n).astype(np.int64) + n * np.arange(_RESAMPLES)[:, None]
    return np.bincount(picks.ravel(), minlength=_RESAMPLES * n).reshape(_RESAMPLES, n) / n


def variance_saved(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return how many times the variance of an unpaired difference is that of the paired one.

    Parameters
    ----------
    before, after : ndarray of float64, shape (replications, ...)
        Rows of both share their draws.

    Returns
    -------
    ndarray of float64, shape (...)
        As many times fewer replications give the same interval. Infinite when pairs differ by the same
        amount every time, NaN when neither side varies.
    """
    apart = spread(before) + spread(after)
    paired = spread(after - before)
    ratio = np.divide(apart, paired, out=np.full(apart.shape, math.inf), where=paired > 0.0)
    return np.where(apart > 0.0, ratio, math.nan)


def spread(values: np.ndarray) -> np.ndarray:
    """Return the variance over the first axis; what rounding leaves of equal values is zero."""
    variance = values.var(axis=0, ddof=1)
    size = np.abs(values).max(axis=0, initial=0.0)
    return np.where(variance <= (_FLAT * size) ** 2, 0.0, variance)
