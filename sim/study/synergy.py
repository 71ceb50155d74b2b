"""Synergy: do levers add up? Every combination of them on the same draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.core.errors import ConfigError
from sim.measures.replication import run_replication
from sim.report.verdicts import CANNOT_TELL, Standing, standing
from sim.run.ensemble import ensemble
from sim.run.plan import Replications, Simulate
from sim.run.pool import OnProgress, silent
from sim.scenario import Scenario
from sim.stats.factorial import alone, main_effects, on_top, pair_interactions, pair_sums, shapley
from sim.stats.intervals import Interval, mean, mean_interval
from sim.study.sizes import pulled, with_sizes

LEVERS = 5
"""Levers at most: each doubles the number of combinations."""
OVERLAP, SYNERGY, ADDS_UP = "overlap", "synergy", "add up"
ABOVE, BELOW = "interaction above zero", "interaction below zero"


@dataclass(frozen=True)
class Quantity:
    """A mean over replications with its interval."""

    value: float
    interval: Interval


@dataclass(frozen=True)
class Synergy:
    """What levers do to an outcome, each and together.

    Parameters
    ----------
    levers : tuple of str
    values : ndarray of float64, shape (2^levers, replications)
        Outcome with the levers on whose bits are set in the row's number.
    """

    levers: tuple[str, ...]
    values: np.ndarray

    @property
    def total(self) -> Quantity:
        """Effect of all levers together."""
        return _quantity(self.values[-1] - self.values[0])

    @property
    def sum_alone(self) -> Quantity:
        """Sum of the effects of each lever alone."""
        return _quantity(alone(self.values).sum(axis=0))

    @property
    def overlap(self) -> Quantity:
        """Effect of all together less the sum of each alone: what overlap takes away, or synergy adds."""
        return _quantity(self.values[-1] - self.values[0] - alone(self.values).sum(axis=0))

    def of_levers(self) -> dict[str, list[Quantity]]:
        """Return for each lever its effect alone, on average, on top of all others, and its Shapley value."""
        kinds = [function(self.values) for function in (alone, main_effects, on_top, shapley)]
        return {name: [_quantity(kind[i]) for kind in kinds] for i, name in enumerate(self.levers)}

    def pairs(self) -> dict[tuple[str, str], Quantity]:
        """Return the interaction of every two levers; intervals hold for all pairs at once (Bonferroni)."""
        return self._at_once(pair_interactions(self.values))

    def pair_verdicts(self, margin: float) -> dict[tuple[str, str], str]:
        """Return in a word whether two levers add up, held against what these two do apart."""
        apart = self._at_once(pair_sums(self.values))
        return {pair: verdict(both, apart[pair], margin) for pair, both in self.pairs().items()}

    def verdict(self, margin: float) -> str:
        """Return in a word whether the levers add up, for a smallest difference that matters."""
        return verdict(self.overlap, self.sum_alone, margin)

    def _at_once(self, found: dict[tuple[int, int], np.ndarray]) -> dict[tuple[str, str], Quantity]:
        level = 1.0 - 0.05 / max(1, len(found))
        return {
            (self.levers[i], self.levers[j]): Quantity(mean(values), mean_interval(values, level))
            for (i, j), values in found.items()
        }


def _quantity(values: np.ndarray) -> Quantity:
    return Quantity(mean(values), mean_interval(values))


def verdict(interaction: Quantity, apart: Quantity, margin: float) -> str:
    """Return in a word what an interaction does to the sum of what levers do apart.

    Levers ``add up`` when the interval of the interaction lies within the margin on both sides of zero. An
    interaction against their sum is an ``overlap``, one along with it a ``synergy``; neither is said where
    the interval of the sum holds zero.
    """
    where, along = standing([interaction.interval], margin), standing([apart.interval])
    if where is Standing.WITHIN:
        return ADDS_UP
    if not where.settled:
        return CANNOT_TELL
    if not along.settled:
        return ABOVE if where is Standing.ABOVE else BELOW
    return SYNERGY if where is along else OVERLAP


def combinations(scenario: Scenario, levers: Sequence[str]) -> list[Scenario]:
    """Return the scenario with every combination of some of its levers, all other levers absent.

    Raises
    ------
    ConfigError
        Too few levers or too many, or one that the scenario does not pull.
    """
    sizes = pulled(scenario)
    if not 2 <= len(levers) <= LEVERS:
        raise ConfigError(
            f"study synergy: {len(levers)} lever{'s' * (len(levers) != 1)}; give 2 to {LEVERS} "
            "(2^k combinations are simulated)"
        )
    with_sizes(scenario, dict.fromkeys(levers, 0.0))
    for name in levers:
        if name not in sizes:
            raise ConfigError(
                f"study synergy: scenario {scenario.name} does not pull {name}; give levers.{name}.size=..., "
                "or another scenario with --sizes"
            )
    return [
        with_sizes(scenario, {name: sizes[name] for i, name in enumerate(levers) if (row >> i) & 1})
        for row in range(1 << len(levers))
    ]


def factorial(
    scenario: Scenario,
    levers: Sequence[str],
    outcome: str,
    replications: Replications,
    on_progress: OnProgress = silent,
    simulate: Simulate = run_replication,
) -> Synergy:
    """Simulate every combination of levers on the same draws.

    Raises
    ------
    ConfigError
        The levers make no factorial of this scenario, or the outcome is not reported.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    cells = combinations(scenario, levers)
    runs = ensemble(cells, replications, on_progress, simulate)
    return Synergy(tuple(levers), runs.yearly([outcome])[:, :, 0])
