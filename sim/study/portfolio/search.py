"""Search for the best split of a budget: a heuristic that learns from what it has tried.

Optuna's tree-structured Parzen estimator (Bergstra et al. 2011, NeurIPS 24, 2546-2554) proposes weights; a
budget is split in proportion to them, so every proposal keeps to the budget and none is wasted.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.study.extras import library

Weights = dict[str, float]
UNSPENT = "(unspent)"
"""A share of its own: the budget need not be spent."""
_LEAST = 0.001
"""Smallest coordinate: weights are ``-log`` of coordinates, which makes shares of random ones uniform."""
_DIGITS = 3


@dataclass(frozen=True)
class SearchEffort:
    """How hard to search: trials, how many are proposed at a time, and the seed of the proposals."""

    trials: int
    at_a_time: int
    seed: int


def split_budget(
    weights: Mapping[str, float], budget_usd: float, caps_usd: Mapping[str, float]
) -> dict[str, float]:
    """Return what each lever gets of a budget, in USD, in proportion to weights and up to its cap.

    What a lever cannot take goes to the others in proportion; the weight ``UNSPENT`` takes any amount and
    is left out of the result.
    """
    takers = [name for name, weight in weights.items() if weight > 0.0]
    spent: dict[str, float] = {}
    left = budget_usd
    while takers:
        whole = sum(weights[name] for name in takers)
        offered = {name: left * weights[name] / whole for name in takers}
        full = [name for name in takers if offered[name] > caps_usd.get(name, math.inf)]
        if not full:
            spent.update(offered)
            break
        spent.update((name, caps_usd[name]) for name in full)
        left -= sum(caps_usd[name] for name in full)
        takers = [name for name in takers if name not in full]
    return {name: spent[name] for name in weights if name in spent and name != UNSPENT}


def round_down(value: float) -> float:
    """Return a size with three significant digits, never a larger one: what is printed is what was run."""
    if value <= 0.0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(value)) - _DIGITS + 1)
    # A size that is round already must not lose a digit to the last bit of a division.
    return float(f"{math.floor(value / unit + 1e-9) * unit:.{_DIGITS}g}")


def search(
    score: Callable[[Sequence[Weights]], np.ndarray],
    names: Sequence[str],
    effort: SearchEffort,
    starts: Sequence[Weights] = (),
) -> list[tuple[Weights, float]]:
    """Look for the weights with the smallest score.

    Parameters
    ----------
    score : callable
        Takes several weights and returns one score each; the same weights must always give the same score.
    names : sequence of str
        What has a weight.
    effort : SearchEffort
        Proposals depend on the seed and on ``at_a_time``, never on how fast scores come back.
    starts : sequence of Weights
        Tried first; they count as trials.

    Returns
    -------
    list of (Weights, float)
        All trials in their order.

    Raises
    ------
    ConfigError
        Optuna is not installed.
    """
    study, space = _study(names, effort)
    for weights in starts:
        study.enqueue_trial(_coordinates(weights, names))
    found: list[tuple[Weights, float]] = []
    while len(found) < max(effort.trials, len(starts)):
        more = min(effort.at_a_time, max(effort.trials, len(starts)) - len(found))
        trials = [study.ask(space) for _ in range(more)]
        weights_of = [{name: -math.log(x) for name, x in trial.params.items()} for trial in trials]
        for trial, weights, value in zip(trials, weights_of, score(weights_of), strict=True):
            study.tell(trial, float(value))
            found.append((weights, float(value)))
    return found


def _study(names: Sequence[str], effort: SearchEffort) -> tuple[Any, dict[str, Any]]:
    optuna = library("optuna")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings(
        action="ignore"
    ):  # both options are called experimental: their interface may change, which a bound holds
        sampler = optuna.samplers.TPESampler(seed=effort.seed, multivariate=True, constant_liar=True)
    space = {name: optuna.distributions.FloatDistribution(_LEAST, 1.0) for name in names}
    return optuna.create_study(direction="minimize", sampler=sampler), space


def _coordinates(weights: Weights, names: Sequence[str]) -> dict[str, float]:
    scale = -math.log(_LEAST) / max(weights.values())
    return {name: max(_LEAST, math.exp(-scale * weights.get(name, 0.0))) for name in names}
