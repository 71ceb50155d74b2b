"""How waits are compared with reports, and the hour profile that training crossings share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.study.border_fit.reports import DAYS, Floats, Problem

STILL = 1e-9
"""Spread of an hour profile below which it has no shape."""


def hour_profile(problem: Problem) -> Floats:
    """Return the relative delay of each group's class, pooled over the crossings that report, [G, 3, 24].

    Lane-hours weigh; where no crossing reports, the profile of all classes, then 1.
    """
    delay, mean = np.nan_to_num(problem.delay_min), np.nan_to_num(problem.mean_min)
    above, below = problem.weight * delay, problem.weight * mean[:, None, None]
    pooled = _ratio(above.sum(axis=0), below.sum(axis=0), np.ones(delay.shape[1:]))
    result = np.empty_like(delay)
    for cls in np.unique(problem.lane_class):
        own = problem.lane_class == cls
        result[own] = _ratio(above[own].sum(axis=0), below[own].sum(axis=0), pooled)
    return result


def _ratio(above: Floats, below: Floats, otherwise: Floats) -> Floats:
    return np.divide(above, below, out=otherwise.copy(), where=below > 0.0)


@dataclass(frozen=True)
class Scores:
    """How well waits meet reports.

    Attributes
    ----------
    groups : int
    error : float
        Lane-hour-weighted absolute error of the mean delay over the lane-hour-weighted mean delay.
    rank : float
        Spearman correlation of the mean delay over lane groups.
    profile : float
        Lane-hour-weighted mean over groups of the correlation over hours and day types.
    """

    groups: int
    error: float
    rank: float
    profile: float


def score(problems: Sequence[Problem], waits_min: Sequence[Floats], without: str = "") -> Scores:
    """Return the scores of predicted waits (float64[G, 3, 24] a problem), one crossing left out if named."""
    from scipy.stats import spearmanr

    rows = []
    for problem, wait in zip(problems, waits_min, strict=True):
        keep = problem.crossing != without
        part, guess = problem.chosen(keep), wait[keep]
        lane_h = part.weight.sum(axis=(1, 2))
        profile = [_correlation(w, d, p) for w, d, p in zip(part.weight, part.delay_min, guess, strict=True)]
        rows.append(np.array([lane_h, part.mean_min, part.mean_of(guess), profile]))
    lane_h, reported, predicted, profile = np.concatenate(rows, axis=1)
    varied = np.isfinite(profile)
    return Scores(
        groups=len(lane_h),
        error=float((lane_h * abs(predicted - reported)).sum() / (lane_h * reported).sum()),
        rank=float(spearmanr(reported, predicted).statistic) if np.ptp(predicted) > 0.0 else float("nan"),
        profile=float(np.average(profile[varied], weights=lane_h[varied])) if varied.any() else float("nan"),
    )


def _correlation(weight: Floats, delay: Floats, wait: Floats) -> float:
    """Return the correlation over hours with a report, weighted by days; NaN if a side does not vary."""
    known = weight > 0.0
    days = np.broadcast_to(DAYS, weight.shape)[known]
    x, y = (v[known] - np.average(v[known], weights=days) for v in (delay, wait))
    spread = float(np.sqrt((days * x * x).sum() * (days * y * y).sum()))
    return float((days * x * y).sum()) / spread if spread > STILL else float("nan")
