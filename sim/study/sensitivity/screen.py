"""Elementary effects: which numbers an outcome leans on, each moved from many places of the space.

A trajectory of Morris walks through the space and moves one number at a time. The mean absolute effect
``mu*`` (Campolongo, Cariboni and Saltelli 2007, doi:10.1016/j.envsoft.2006.10.004) is in the unit of the
outcome for the whole range of the number; ``sigma`` is large where the effect depends on the other
numbers or bends. All steps of a trajectory share their draws; each trajectory has its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.study.sensitivity.library import library
from sim.study.sensitivity.space import Space

LEVELS = 4
"""Levels of the grid; a step crosses two thirds of the range."""
RESAMPLES = 1000
MATTERS, SMALL, OPEN = "matters", "below the margin", "cannot tell"
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
        Half width of the 95 % bootstrap interval of ``mu_star`` over trajectories.
    noise : float
        What ``mu_star`` would be if the number did nothing and the steps differed by chance alone; NaN
        with one replication.
    verdict : str
        Against the margin of the outcome.
    """

    path: str
    mu: float
    mu_star: float
    half: float
    sigma: float
    noise: float
    verdict: str


def trajectories(space: Space, count: int, seed: int) -> np.ndarray:
    """Return the points of some trajectories, float64 of shape (count * (axes + 1), axes)."""
    sample = library("SALib.sample.morris").sample
    return np.asarray(sample(space.problem, count, num_levels=LEVELS, seed=seed), dtype=np.float64)


def blocks(space: Space, points: np.ndarray) -> np.ndarray:
    """Return the trajectory of each point, int64 of shape (points,)."""
    return np.repeat(np.arange(len(points) // (len(space.rows) + 1)), len(space.rows) + 1)


def screened(
    space: Space, points: np.ndarray, values: np.ndarray, margin: float, seed: int
) -> list[Screened]:
    """Return the elementary effects of one outcome, largest first.

    Parameters
    ----------
    points : ndarray of float64, shape (trajectories * (axes + 1), axes)
    values : ndarray of float64, shape (trajectories * (axes + 1), replications)
        Replication ``r`` of all points of a trajectory shares its draws.
    margin : float
        Smallest difference of the outcome that matters.
    seed : int
        Of the bootstrap.
    """
    analyze = library("SALib.analyze.morris").analyze
    found = analyze(
        space.problem, points, values.mean(axis=1), num_levels=LEVELS, num_resamples=RESAMPLES, seed=seed
    )
    noise = chance_alone(points, values)
    rows = []
    for k, path in enumerate(space.paths):
        star, half = float(found["mu_star"][k]), float(found["mu_star_conf"][k])
        rows.append(
            Screened(
                path, float(found["mu"][k]), star, half, float(found["sigma"][k]), float(noise[k]),
                _verdict(star, half, float(noise[k]), margin),
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (-row.mu_star, row.path))


def chance_alone(points: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the mean absolute effect that chance gives to a number that does nothing.

    The standard error of each elementary effect comes from its replications; a normal error of
    standard deviation ``s`` has the mean absolute value ``s * sqrt(2 / pi)``.

    Returns
    -------
    ndarray of float64, shape (axes,)
        NaN with one replication.
    """
    axes, replications = points.shape[1], values.shape[1]
    if replications < 2:
        return np.full(axes, math.nan)
    steps = np.diff(points.reshape(-1, axes + 1, axes), axis=1)
    moved = np.diff(values.reshape(-1, axes + 1, replications), axis=1)
    which = np.abs(steps).argmax(axis=2)
    size = np.take_along_axis(steps, which[:, :, None], axis=2)
    error = (moved / size).std(axis=2, ddof=1) / math.sqrt(replications)
    return np.array([MEAN_OF_ABSOLUTE_NORMAL * error[which == axis].mean() for axis in range(axes)])


def _verdict(star: float, half: float, noise: float, margin: float) -> str:
    if star + half < margin:
        return SMALL
    floor = max(margin, noise) if math.isfinite(noise) else margin
    return MATTERS if star - half > floor else OPEN
