"""Would anybody see it: a single world against the spread of worlds in which nothing changed."""

from __future__ import annotations

import math

import numpy as np

from sim.core.draws import Draws
from sim.stats.intervals import Interval

_RESAMPLES = 1000
_FLAT = 1e-9
# What rounding leaves of the spread of equal values: the root of a float's precision.
_NO_SPREAD = 1e-7


def wilson(hits: float, tries: int, level: float = 0.95) -> Interval:
    """Return the interval of a share that was counted, in tries that are independent.

    Wilson 1927, J. Am. Stat. Assoc. 22(158), 209-212: it stays within 0 to 1 and has a width at both ends.
    """
    from scipy.special import ndtri

    if tries == 0:
        return Interval(math.nan, math.nan, "nothing was tried")
    z2 = float(ndtri(0.5 + level / 2.0)) ** 2
    share = hits / tries
    middle = (share + z2 / (2.0 * tries)) / (1.0 + z2 / tries)
    half = math.sqrt(z2 * (share * (1.0 - share) / tries + z2 / (4.0 * tries**2))) / (1.0 + z2 / tries)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def change(months: np.ndarray, before: int) -> np.ndarray:
    """Return the mean of the first 1, 2, 3 ... months after a start less the mean of the months before it.

    Parameters
    ----------
    months : ndarray of float64, shape (..., before + after)
        One value a month.
    before : int
        Months before the start, at least 1.

    Returns
    -------
    ndarray of float64, shape (..., after)
    """
    after = months[..., before:]
    so_far = np.cumsum(after, axis=-1) / np.arange(1, after.shape[-1] + 1)
    return np.asarray(so_far - months[..., :before].mean(axis=-1, keepdims=True))


def detected(worlds: np.ndarray, unchanged: np.ndarray, level: float = 0.05) -> np.ndarray:
    """Return whether each single world stands out from those in which nothing changed.

    A world is held against all unchanged ones but its own pair, which shares its draws: it stands out when it
    lies outside their prediction interval for one more world (Student, normal values), so the test holds its
    level however few the unchanged worlds are.

    Parameters
    ----------
    worlds, unchanged : ndarray of float64, shape (replications, ...)
        The same quantity of each world; row ``r`` of both shares its draws. At least 3 replications.
    level : float
        Probability of seeing a change where there is none, 0..1.

    Returns
    -------
    ndarray of bool, shape (replications, ...)
    """
    from scipy.special import stdtrit

    middle, spread = _others(unchanged)
    others = len(unchanged) - 1
    reach = float(stdtrit(others - 1, 1.0 - level / 2.0)) * spread * math.sqrt(1.0 + 1.0 / others)
    return np.asarray(np.abs(worlds - middle) > reach + _FLAT * np.abs(middle))


def without_spread(unchanged: np.ndarray) -> np.ndarray:
    """Return whether some world is held against others that are all equal, so that anything stands out.

    Parameters
    ----------
    unchanged : ndarray of float64, shape (replications, ...)
        As in ``detected``.

    Returns
    -------
    ndarray of bool, shape (...)
    """
    _, spread = _others(unchanged)
    return np.asarray((spread <= _NO_SPREAD * np.abs(unchanged).max(axis=0)).any(axis=0))


def _others(unchanged: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of all unchanged worlds but one, for each that is left out."""
    others = len(unchanged) - 1
    if others < 2:
        raise ValueError(f"{len(unchanged)} replications: at least 3 are needed")
    middle = (unchanged.sum(axis=0) - unchanged) / others
    # Deviations from the mean of all: sums of raw squares would lose digits.
    off = unchanged - unchanged.mean(axis=0)
    left = (off.sum(axis=0) - off) / others
    squares = (off * off).sum(axis=0) - off * off - others * left * left
    return middle, np.sqrt(np.maximum(0.0, squares) / (others - 1))


def power_ends(
    worlds: np.ndarray, unchanged: np.ndarray, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the interval of the share of worlds that stand out.

    All worlds are held against the same unchanged ones, so their answers are not independent and Wilson's
    interval alone is too narrow. Pairs are resampled and judged anew (percentile bootstrap, Efron and
    Tibshirani 1993, chapter 13); near 0 and 1, where resamples hardly differ, Wilson's ends lie further out.
    Of each end the outer one is taken; ``tests/statistics/test_detection.py`` measures how often they cover.

    Parameters
    ----------
    worlds, unchanged : ndarray of float64, shape (replications, ...)
        As in ``detected``.
    level : float
        Chance that the interval of one share covers, 0..1.

    Returns
    -------
    low, high : ndarray of float64, shape (...)
        The same bytes for the same worlds: resamples are keyed draws.
    """
    n = len(unchanged)
    u = Draws(0, 0).uniforms("power.resample", np.arange(_RESAMPLES)[:, None], np.arange(n)[None])
    shares = [detected(worlds[pick], unchanged[pick]).mean(axis=0) for pick in (u * n).astype(np.int64)]
    low, high = np.quantile(shares, [(1.0 - level) / 2.0, (1.0 + level) / 2.0], axis=0)
    hits = detected(worlds, unchanged).sum(axis=0)
    counted = [wilson(int(each), n, level) for each in hits.ravel()]
    ends = (np.array([getattr(one, end) for one in counted]).reshape(hits.shape) for end in ("low", "high"))
    return np.minimum(low, next(ends)), np.maximum(high, next(ends))


def lasting(share: np.ndarray, wanted: float) -> int:
    """Return the first position from which on a share stays at or above a level; its length if none does."""
    below = np.flatnonzero(~(share >= wanted))
    return int(below[-1]) + 1 if below.size else 0
