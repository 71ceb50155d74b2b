"""Parameters of the exact queue that fit the crossings that it is shown.

Every function here gets a problem whose held-out delays are masked (NaN) and answers for all its groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sim.core.csv_table import number, one_of, read_table
from sim.core.draws import Draws
from sim.core.errors import TableError
from sim.study.border_fit.reports import Floats, Problem
from sim.study.border_fit.response import Parameters, demand
from sim.study.border_fit.scores import hour_profile
from sim.study.border_fit.weekly_queue import QueueResponse, WeeklyQueue, fluid

RANGE_COLUMNS = ("problem", "parameter", "low", "high")
VOLUME_WEIGHT = 0.25
BEST = 8
CLOSE = 1.15
"""What misses by at most this factor of the least is close to the best."""
WIDE = 3.0
"""A range that spans more than this factor is searched on a log scale."""
STEPS = 9
STEP_MAX, LEVEL_MAX = 1.0, 3.0

Ranges = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class FitEffort:
    """How hard the search tries.

    Parameters
    ----------
    points : int
        Latin hypercube.
    crowd, generations : int
        Differential evolution: the best points, and how often they are crossed.
    weeks, weeks_answer : int
        Simulated weeks of a trial and of an answer.
    seed : int
        Of the hypercube, the evolution and the queue.
    """

    points: int = 120
    crowd: int = 16
    generations: int = 9
    weeks: int = 1
    weeks_answer: int = 4
    seed: int = 1


def load_ranges(path: Path) -> dict[str, Ranges]:
    """Return the range of every parameter by problem; both ends equal means fixed."""
    found: dict[str, Ranges] = {}
    for line, row in enumerate(read_table(path, RANGE_COLUMNS), 2):
        where = f"{path}:{line}"
        name = one_of(row["parameter"], Parameters.names(), where)
        low, high = (number(row[end], f"{where}, {end}") for end in ("low", "high"))
        if high < low:
            raise TableError(f"{where}: high {high:g} lies below low {low:g}")
        found.setdefault(row["problem"], {})[name] = (low, high)
    for problem, ranges in found.items():
        if missing := [name for name in Parameters.names() if name not in ranges]:
            raise TableError(f"{path}: no range of {missing[0]} for {problem}")
    return found


@dataclass(frozen=True)
class SearchResult:
    """Parameters in order of their objective, best first.

    ``close`` is the least and largest patience, min, of all that were tried and fit nearly as well.
    """

    sets: list[Parameters]
    objective: list[float]
    close: tuple[float, float]


def miss(problem: Problem, response: QueueResponse) -> float:
    """Return error of the mean delay + 0.25 x error of entries, over the groups that report."""
    lane_h = problem.weight.sum(axis=(1, 2))
    known = lane_h > 0.0
    wait = abs(problem.mean_of(response.wait_min) - problem.mean_min)[known] @ lane_h[known]
    entries = (
        abs(response.entries_per_day - problem.entries_per_day)[known].sum()
        / problem.entries_per_day[known].sum()
    )
    return float(wait / (lane_h[known] @ problem.mean_min[known]) + VOLUME_WEIGHT * entries)


def search(problem: Problem, ranges: Ranges, effort: FitEffort) -> SearchResult:
    """Return what fits the reported delays best: Latin hypercube, then differential evolution."""
    from scipy.optimize import differential_evolution
    from scipy.stats import qmc

    shown = problem.chosen(np.isfinite(problem.mean_min))
    profile = hour_profile(shown)
    queue = WeeklyQueue(shown, Draws(effort.seed, 0), effort.weeks)
    free = [name for name, (low, high) in ranges.items() if high > low]
    tried: dict[tuple[float, ...], tuple[float, Parameters]] = {}

    def objective(point: Floats) -> float:
        key = tuple(np.round(point, 6).tolist())
        if key not in tried:
            chosen = _parameters(dict(zip(free, point, strict=True)), ranges)
            tried[key] = (miss(shown, queue.respond(demand(shown, profile, chosen))), chosen)
        return tried[key][0]

    cube = qmc.LatinHypercube(len(free), seed=effort.seed).random(effort.points)
    values = np.array([objective(point) for point in cube])
    if effort.generations:
        crowd = cube[np.argsort(values)[: max(effort.crowd, 5)]]
        differential_evolution(
            objective,
            [(0.0, 1.0)] * len(free),
            init=crowd,
            maxiter=effort.generations,
            polish=False,
            tol=0.0,
            seed=effort.seed,
        )
    order = sorted(tried.values(), key=lambda pair: pair[0])
    theta = [chosen.theta_min for value, chosen in order if value <= CLOSE * order[0][0]]
    best = order[:BEST]
    return SearchResult(
        [chosen for _, chosen in best], [value for value, _ in best], (min(theta), max(theta))
    )


def _parameters(units: dict[str, float], ranges: Ranges) -> Parameters:
    values = {}
    for name, (low, high) in ranges.items():
        u = units.get(name, 0.0)
        logs = low > 0.0 and high / low > WIDE
        values[name] = float(low * (high / low) ** u if logs else low + (high - low) * u)
    return Parameters(**values)


def predict(problem: Problem, sets: Sequence[Parameters], effort: FitEffort) -> tuple[Floats, Floats]:
    """Return waits of the exact and of the fluid queue, mean over parameter sets, float64[G, 3, 24], min."""
    profile, queue = hour_profile(problem), WeeklyQueue(problem, Draws(effort.seed, 1), effort.weeks_answer)
    wanted = [demand(problem, profile, chosen) for chosen in sets]
    exact = np.mean([queue.respond(one).wait_min for one in wanted], axis=0)
    return exact, np.mean([fluid(one).wait_min for one in wanted], axis=0)


def hybrid(problem: Problem, chosen: Parameters, level_min: Floats, effort: FitEffort) -> Floats:
    """Return waits of the exact queue whose demand is moved until each group has a given mean wait.

    Parameters
    ----------
    problem : Problem
    chosen : Parameters
    level_min : float64, [G]
        Wanted lane-hour-weighted mean wait.
    effort : FitEffort
    """
    profile, queue = hour_profile(problem), WeeklyQueue(problem, Draws(effort.seed, 1), effort.weeks_answer)
    everywhere = replace(problem, delay_min=np.where(problem.lanes > 0.0, 0.0, np.nan))
    level, wait = np.zeros(len(level_min)), np.zeros_like(problem.lanes)
    for _ in range(STEPS):
        wait = queue.respond(demand(problem, profile, chosen, level)).wait_min
        # Near balance a wait grows by theta for each unit of the logarithm of demand.
        step = (level_min - everywhere.mean_of(wait)) / chosen.theta_min
        level = np.clip(level + np.clip(step, -STEP_MAX, STEP_MAX), -LEVEL_MAX, LEVEL_MAX)
    return wait
