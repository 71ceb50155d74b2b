"""Would anybody see it: a single world against the spread of worlds in which nothing changed."""

from __future__ import annotations

import math

import numpy as np

from sim.stats.intervals import Interval


def wilson(hits: int, tries: int, level: float = 0.95) -> Interval:
    """Return the interval of a share that was counted.

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

    others = len(unchanged) - 1
    if others < 2:
        raise ValueError(f"{len(unchanged)} replications: at least 3 are needed")
    middle = (unchanged.sum(axis=0) - unchanged) / others
    # Deviations from the mean of all: sums of raw squares would lose digits.
    off = unchanged - unchanged.mean(axis=0)
    left = (off.sum(axis=0) - off) / others
    squares = (off * off).sum(axis=0) - off * off - others * left * left
    spread = np.sqrt(np.maximum(0.0, squares) / (others - 1))
    reach = float(stdtrit(others - 1, 1.0 - level / 2.0)) * spread * math.sqrt(1.0 + 1.0 / others)
    return np.asarray(np.abs(worlds - middle) > reach + 1e-9 * np.abs(middle))


def lasting(share: np.ndarray, wanted: float) -> int:
    """Return the first position from which on a share stays at or above a level; its length if none does."""
    below = np.flatnonzero(~(share >= wanted))
    return int(below[-1]) + 1 if below.size else 0
