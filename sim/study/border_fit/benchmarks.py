"""What the exact queue is compared with: class mean, fluid queue, regression.

Every function here gets a problem whose held-out delays are masked (NaN) and answers for all its groups.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.study.border_fit.reports import DAYS, Floats, Problem
from sim.study.border_fit.response import Demand, by_week, size_of
from sim.study.border_fit.scores import hour_profile
from sim.study.border_fit.search import miss
from sim.study.border_fit.weekly_queue import QueueResponse, fluid

BEYOND = 1.5
"""A regression answers at most this multiple of the largest delay that it was shown."""
RIDGE = (0.1, 1.0, 10.0, 100.0)
TILTS = (0.0, 0.5, 1.0, 2.0)
PACES = tuple(np.round(np.geomspace(0.8, 6.0, 24), 3).tolist())


def class_mean(problem: Problem) -> Floats:
    """Return the mean reported delay of the class by lane-hours at every group, float64[G], min."""
    lane_h = problem.weight.sum(axis=(1, 2))
    known = lane_h > 0.0
    level = np.full(len(lane_h), np.average(problem.mean_min[known], weights=lane_h[known]))
    for cls in np.unique(problem.lane_class):
        own = problem.lane_class == cls
        if (own & known).any():
            level[own] = np.average(problem.mean_min[own & known], weights=lane_h[own & known])
    return level


def plain_fluid(problem: Problem) -> Floats:
    """Return waits of a fluid queue without response or size of the place, float64[G, 3, 24], min.

    Entries of the group as they are counted, in hours in proportion to lanes x relative delay ^ tilt; the
    pace of a busy lane and the tilt are those that fit the reports best.
    """
    relative, lanes = np.maximum(by_week(hour_profile(problem)), 0.0), by_week(problem.lanes)

    def respond(pace: float, tilt: float) -> QueueResponse:
        shape = lanes * relative**tilt
        per_h = shape / shape.sum(axis=1, keepdims=True) * (problem.entries_per_day * DAYS.sum())[:, None]
        return fluid(Demand(per_h, lanes, problem.rate_per_lane_h * pace, np.inf))

    responses = [respond(pace, tilt) for pace in PACES for tilt in TILTS]
    return min(responses, key=lambda one: miss(problem, one)).wait_min


def regression(problem: Problem) -> Floats:
    """Return mean delays of a ridge regression on entries, size and use, float64[G], min.

    Transform of the delay and penalty are chosen by leaving out one crossing after another of those
    that report; the inputs are logarithms, and a constant for each class.
    """
    known = np.flatnonzero(np.isfinite(problem.mean_min))
    lane_h = problem.weight.sum(axis=(1, 2))

    def left_out(transform: Transform, ridge: float) -> float:
        off = 0.0
        for crossing in np.unique(problem.crossing[known]):
            out = problem.crossing[known] == crossing
            if out.all():
                continue
            guess = _ridge(problem, known[~out], known[out], transform, ridge)
            off += float(abs(guess - problem.mean_min[known[out]]) @ lane_h[known[out]])
        return off

    options = [(transform, ridge) for transform in TRANSFORMS for ridge in RIDGE]
    transform, ridge = min(options, key=lambda option: left_out(*option))
    return _ridge(problem, known, np.arange(len(lane_h)), transform, ridge)


Transform = tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]
TRANSFORMS: tuple[Transform, ...] = (
    (np.log1p, np.expm1),
    (np.sqrt, np.square),
    (np.asarray, np.asarray),
)


def _ridge(
    problem: Problem, shown: np.ndarray, wanted: np.ndarray, transform: Transform, ridge: float
) -> Floats:
    """Fit on some groups, weighted by lane-hours, and answer for others."""
    logs = np.log([problem.station_per_day, size_of(problem), problem.use]).T
    centre, scale = logs[shown].mean(axis=0), logs[shown].std(axis=0)
    inputs = (logs - centre) / np.where(scale > 0.0, scale, 1.0)
    dummies = (problem.lane_class[:, None] == np.unique(problem.lane_class)[None, 1:]).astype(float)
    design = np.hstack([np.ones((len(logs), 1)), dummies, inputs])
    lane_h = problem.weight.sum(axis=(1, 2))[shown]
    root = np.sqrt(lane_h / lane_h.mean())
    penalty = np.diag([0.0, *(ridge for _ in range(design.shape[1] - 1))])
    rows, target = design[shown] * root[:, None], transform[0](problem.mean_min[shown]) * root
    weights = np.linalg.solve(rows.T @ rows + penalty, rows.T @ target)
    fitted = design[wanted] @ weights
    most = transform[0](np.asarray(BEYOND * problem.mean_min[shown].max()))
    return np.maximum(0.0, transform[1](np.clip(fitted, transform[0](np.asarray(0.0)), most)))
