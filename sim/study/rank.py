"""Rank: which scenario is best on an outcome, with the probability that the choice is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.core.errors import ConfigError
from sim.measures.replication import run_replication
from sim.run.ensemble import ensemble
from sim.run.plan import Replications, Simulate
from sim.run.pool import OnProgress, silent
from sim.scenario import Scenario
from sim.stats.intervals import Interval, mean, mean_interval
from sim.stats.ranking import Ranking, kim_nelson


@dataclass(frozen=True)
class Question:
    """What is asked of scenarios.

    Parameters
    ----------
    outcome : str
        Name of ``conf/measures.yaml``.
    least : bool
        Whether the smallest is the best.
    margin : float
        Smallest difference that matters, in the outcome's unit a year.
    confidence : float
        Probability of a right choice, 0..1.
    first : int
        Replications before anything is dropped.
    step : int
        Replications simulated at a time from there on. Changes what is simulated, never what is decided.
    """

    outcome: str
    least: bool
    margin: float
    confidence: float
    first: int
    step: int


@dataclass(frozen=True)
class Place:
    """One scenario in the order of the ranking.

    ``behind`` is the mean of its outcome less that of the leader, over the replications that both have,
    with a 95 % interval; ``leader`` is the leader's mean over these, so that ``mean`` less ``leader`` is
    ``behind``. ``dropped_after`` is 0 for a scenario that is still in the race.
    """

    scenario: int
    mean: float
    leader: float
    behind: float
    interval: Interval
    replications: int
    dropped_after: int


@dataclass(frozen=True)
class Race:
    """Values of all scenarios and where the procedure stands.

    ``values`` has shape (scenarios, replications) and is NaN for what was not simulated any more.
    """

    question: Question
    values: np.ndarray
    ranking: Ranking

    @property
    def leader(self) -> int:
        """The best of the scenarios that are still in the race, by its mean so far."""
        means = self.values[list(self.ranking.alive), : self.ranking.used].mean(axis=1)
        best = means.argmin() if self.question.least else means.argmax()
        return self.ranking.alive[int(best)]

    @property
    def equal(self) -> bool:
        """Whether several scenarios are left that do not differ on any draw."""
        return self.ranking.ended and not self.ranking.decided

    def places(self) -> list[Place]:
        """Return all scenarios, those in the race first, then the last dropped first."""
        first = self.values[self.leader]
        found = []
        for i, dropped in enumerate(self.ranking.dropped_after):
            count = int(dropped) or self.ranking.used
            mine, its = self.values[i, :count], first[:count]
            gap = mine - its
            found.append(Place(i, mean(mine), mean(its), mean(gap), mean_interval(gap), count, int(dropped)))
        sign = 1.0 if self.question.least else -1.0
        return sorted(
            found,
            key=lambda p: (p.scenario != self.leader, p.dropped_after > 0, -p.dropped_after, sign * p.mean),
        )


def race(
    scenarios: Sequence[Scenario],
    question: Question,
    budget: Replications,
    on_progress: OnProgress = silent,
    simulate: Simulate = run_replication,
) -> Race:
    """Simulate scenarios side by side until one is left or the budget is spent.

    Parameters
    ----------
    scenarios : sequence of Scenario
        With their dates in common.
    question : Question
    budget : Replications
        Of each scenario, at most.

    Raises
    ------
    ConfigError
        The budget is smaller than the first stage, or the outcome is undefined in a replication.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    if budget.count < question.first:
        raise ConfigError(
            f"study rank: the budget of {budget.count} replications is less than the "
            f"{question.first} of the first stage (--first)"
        )
    values = np.full((len(scenarios), budget.count), np.nan)
    alive, done = list(range(len(scenarios))), 0
    while True:
        more = min(question.step if done else question.first, budget.count - done)
        left = [scenarios[i] for i in alive]
        runs = ensemble(left, budget.part(done, more), on_progress, simulate)
        new = runs.yearly([question.outcome])[:, :, 0]
        if not np.isfinite(new).all():
            raise ConfigError(f"study rank: {question.outcome} is undefined in at least one replication")
        values[alive, done : done + more] = new
        done += more
        signed = -values[:, :done] if question.least else values[:, :done]
        ranking = kim_nelson(signed, question.margin, question.confidence, question.first)
        if ranking.ended or done == budget.count:
            return Race(question, values[:, :done], ranking)
        alive = list(ranking.alive)
