"""Which system has the largest mean: a sequential procedure that drops the others as soon as it may.

Kim and Nelson 2001, "A fully sequential procedure for indifference-zone selection in simulation", ACM TOMACS
11(3), 251-273 (procedure KN with c = 1). It allows common random numbers: only variances of differences
enter, so draws in common make it shorter and leave its guarantee as it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Ranking:
    """Where the procedure stands.

    Parameters
    ----------
    alive : tuple of int
        Systems that are not dropped, in their order.
    dropped_after : ndarray of int64, shape (systems,)
        Replications after which a system was dropped; 0 for one that was not.
    used : int
        Replications of each living system that the procedure has looked at.
    at_most : int
        Replications after which it is certain to have ended.
    """

    alive: tuple[int, ...]
    dropped_after: np.ndarray
    used: int
    at_most: int

    @property
    def decided(self) -> bool:
        """Whether one system is left."""
        return len(self.alive) == 1

    @property
    def ended(self) -> bool:
        """Whether more replications change nothing: one system is left, or several that are equal."""
        return self.decided or self.used >= self.at_most


def pair_variance(values: np.ndarray) -> np.ndarray:
    """Return the variance of the difference of every two systems, draws in common allowed for.

    Parameters
    ----------
    values : ndarray of float64, shape (systems, replications)

    Returns
    -------
    ndarray of float64, shape (systems, systems)
    """
    differences = values[:, None, :] - values[None, :, :]
    return np.asarray(differences.var(axis=2, ddof=1))


def kim_nelson(values: np.ndarray, margin: float, confidence: float, first: int) -> Ranking:
    """Drop every system that is not the one with the largest mean, as far as the replications go.

    Parameters
    ----------
    values : ndarray of float64, shape (systems, replications)
        Column ``r`` of all systems may share its draws. What a system would have yielded after it was
        dropped is never looked at and may be NaN.
    margin : float
        Indifference zone: the smallest difference worth detecting, in the unit of the values.
    confidence : float
        Probability that the largest is kept when it is at least a margin above all others, for normal
        values, whenever the procedure is stopped.
    first : int
        Replications of the first stage, which estimate the variances; at least 2.

    Raises
    ------
    ValueError
        The first stage is not complete.
    """
    systems, replications = values.shape
    if not 2 <= first <= replications:
        raise ValueError(f"the first stage needs {first} replications, at least 2; there are {replications}")
    if systems == 1:
        return Ranking((0,), np.zeros(1, dtype=np.int64), first, first)
    eta = 0.5 * ((2.0 * (1.0 - confidence) / (systems - 1)) ** (-2.0 / (first - 1)) - 1.0)
    horizon = 2.0 * eta * (first - 1) * pair_variance(values[:, :first]) / margin**2
    alive = np.ones(systems, dtype=bool)
    dropped = np.zeros(systems, dtype=np.int64)
    sums = values[:, : first - 1].sum(axis=1)
    used = first
    for used in range(first, replications + 1):
        sums += values[:, used - 1]
        mean = sums / used
        slack = np.maximum(0.0, 0.5 * margin * (horizon / used - 1.0))
        # What a dropped system yields is NaN or beside the point: it can drop nobody.
        worse = (mean[:, None] < mean[None, :] - slack) & alive[None, :]
        lost = alive & worse.any(axis=1)
        dropped[lost] = used
        alive &= ~lost
        if alive.sum() == 1 or used > horizon[np.ix_(alive, alive)].max():
            break
    at_most = max(first, math.floor(horizon[np.ix_(alive, alive)].max()) + 1) if alive.sum() > 1 else used
    return Ranking(tuple(int(i) for i in np.flatnonzero(alive)), dropped, used, at_most)
