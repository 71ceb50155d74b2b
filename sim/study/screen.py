"""Elementary effects: which numbers an outcome leans on, each moved from many places of the space.

A trajectory of Morris walks through the space and moves one number at a time. The mean absolute effect
``mu*`` (Campolongo, Cariboni and Saltelli 2007, doi:10.1016/j.envsoft.2006.10.004) is in the unit of the
outcome for the whole range of the number; ``sigma`` is large where the effect depends on the other
numbers or bends. All steps of a trajectory share their draws; each trajectory has its own.

Whether a number does anything is a test of its own. The variance of an elementary effect over replications
is that of a *paired* difference, and it differs from place to place: each trajectory gives a Student test
of its own, and Fisher's method combines them, which holds whatever the variances are. Holm's correction
over the numbers keeps the chance of any false find in a screen at 5 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.report.verdicts import CANNOT_TELL
from sim.stats.intervals import mean_interval
from sim.study.library import library
from sim.study.space import Space

LEVELS = 4
"""Levels of the grid; a step crosses two thirds of the range."""
FALSE_FINDS = 0.05
"""Chance that a screen of numbers without effect finds any."""
MATTERS, SMALL = "matters", "below the margin"
MEAN_OF_ABSOLUTE_NORMAL = math.sqrt(2.0 / math.pi)


@dataclass(frozen=True)
class Screened:
    """What one number does to one outcome.

    Parameters
    ----------
    path : str
    mu, mu_star, sigma : float
        Mean, mean absolute value and standard deviation of the elementary effects, in the unit of the
        outcome for the whole range.
    half : float
        Half width of Student's 95 % interval of ``mu_star`` over trajectories; NaN with one.
    noise : float
        What ``mu_star`` would be on average if the number did nothing and the steps differed by chance
        alone; NaN with one replication.
    p_chance : float
        Chance of such effects from a number that does nothing, after Holm's correction; NaN with one
        replication.
    verdict : str
        Against the margin of the outcome.
    """

    path: str
    mu: float
    mu_star: float
    half: float
    sigma: float
    noise: float
    p_chance: float
    verdict: str


def trajectories(space: Space, count: int, seed: int) -> np.ndarray:
    """Return the points of some trajectories, float64 of shape (count * (axes + 1), axes)."""
    sample = library("SALib.sample.morris").sample
    return np.asarray(sample(space.problem, count, num_levels=LEVELS, seed=seed), dtype=np.float64)


def blocks(space: Space, points: np.ndarray) -> np.ndarray:
    """Return the trajectory of each point, int64 of shape (points,)."""
    return np.repeat(np.arange(len(points) // (len(space.rows) + 1)), len(space.rows) + 1)


def screened(space: Space, points: np.ndarray, values: np.ndarray, margin: float) -> list[Screened]:
    """Return the elementary effects of one outcome, largest first.

    Parameters
    ----------
    points : ndarray of float64, shape (trajectories * (axes + 1), axes)
    values : ndarray of float64, shape (trajectories * (axes + 1), replications)
        Replication ``r`` of all points of a trajectory shares its draws.
    margin : float
        Smallest difference of the outcome that matters.
    """
    effects = elementary_effects(points, values)
    means = effects.mean(axis=2)
    noise, p_chance = chance_alone(effects), holm(chance_p(effects))
    rows = []
    for k, path in enumerate(space.paths):
        sizes = np.abs(means[k])
        ends = mean_interval(sizes)
        star, half = float(sizes.mean()), (ends.high - ends.low) / 2.0
        sigma = float(means[k].std(ddof=1)) if ends.known else math.nan
        floor = max(margin, float(noise[k]))
        rows.append(
            Screened(
                path, float(means[k].mean()), star, half, sigma, float(noise[k]), float(p_chance[k]),
                _verdict((star - half, star + half), margin, floor, float(p_chance[k])),
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (-row.mu_star, row.path))


def elementary_effects(points: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return what each number does for its whole range, float64 of shape (axes, trajectories, replications).

    Parameters are those of ``screened``. A step of a trajectory moves one number; the paired change of the
    outcome is divided by its size and sign.
    """
    axes, replications = points.shape[1], values.shape[1]
    steps = np.diff(points.reshape(-1, axes + 1, axes), axis=1)
    moved = np.diff(values.reshape(-1, axes + 1, replications), axis=1)
    which = np.abs(steps).argmax(axis=2)
    effects = moved / np.take_along_axis(steps, which[:, :, None], axis=2)
    order = which.argsort(axis=1)
    return np.take_along_axis(effects, order[:, :, None], axis=1).swapaxes(0, 1)


def chance_alone(effects: np.ndarray) -> np.ndarray:
    """Return the mean absolute effect that chance gives on average to a number that does nothing.

    The variance of an elementary effect is that of its replications over their count; a normal error of
    standard deviation ``s`` has the mean absolute value ``s * sqrt(2 / pi)``. Variances are averaged, not
    standard deviations, whose mean over two replications is a fifth too small.

    Returns
    -------
    ndarray of float64, shape (axes,)
        NaN with one replication.
    """
    replications = effects.shape[2]
    if replications < 2:
        return np.full(len(effects), math.nan)
    variance = effects.var(axis=2, ddof=1).mean(axis=1) / replications
    return np.asarray(MEAN_OF_ABSOLUTE_NORMAL * np.sqrt(variance))


def chance_p(effects: np.ndarray) -> np.ndarray:
    """Return the chance of such effects from a number that does nothing (Student, combined by Fisher).

    Returns
    -------
    ndarray of float64, shape (axes,)
        NaN with one replication.
    """
    from scipy.special import chdtrc, stdtr

    walks, replications = effects.shape[1:]
    if replications < 2:
        return np.full(len(effects), math.nan)
    means, error = effects.mean(axis=2), effects.std(axis=2, ddof=1) / math.sqrt(replications)
    ratio = np.divide(np.abs(means), error, out=np.where(means == 0.0, 0.0, math.inf), where=error > 0.0)
    with np.errstate(divide="ignore"):
        evidence = -2.0 * np.log(2.0 * stdtr(replications - 1, -ratio)).sum(axis=1)
    return np.asarray(chdtrc(2 * walks, evidence))


def holm(p_values: np.ndarray) -> np.ndarray:
    """Return p-values after the step-down correction of Holm (1979), float64 of the same shape."""
    order = p_values.argsort(kind="stable")
    raised = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty_like(p_values)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(raised))
    return corrected


def _verdict(ends: tuple[float, float], margin: float, floor: float, p_chance: float) -> str:
    """Return the verdict; ``cannot tell`` whenever chance or the interval is not known."""
    low, high = ends
    if not math.isfinite(p_chance):
        return CANNOT_TELL
    if high < margin:
        return SMALL
    return MATTERS if low > floor and p_chance < FALSE_FINDS else CANNOT_TELL
