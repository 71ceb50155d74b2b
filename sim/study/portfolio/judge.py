"""Lever sizes under a yearly budget, found on some draws and judged on others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.core.errors import ConfigError, unknown
from sim.levers import LeverSettings
from sim.measures.replication import run_replication
from sim.run.ensemble import ensemble
from sim.run.plan import Replications, Simulate
from sim.run.pool import OnProgress, silent
from sim.scenario import Scenario
from sim.stats.intervals import Interval, mean, mean_interval
from sim.study.portfolio.search import UNSPENT, SearchEffort, Weights, round_down, search, split_budget

FOUND, EQUAL, SINGLE = "found", "equal shares", "one lever"


@dataclass(frozen=True)
class PortfolioPlan:
    """How portfolios are sought and judged.

    Parameters
    ----------
    outcome : str
        Name of ``conf/measures.yaml``.
    least : bool
        Whether the smallest is the best.
    effort : SearchEffort
        Of the search at one budget.
    leading : int
        Portfolios of the search that are tried again on fresh draws, beside equal shares and single levers.
    judged : int
        Replications, fresh again, on which the one that is then chosen is judged.
    replications : Replications
        Of every portfolio in the search, and as many more in the second round.
    """

    outcome: str
    least: bool
    effort: SearchEffort
    leading: int
    judged: int
    replications: Replications

    @property
    def draws(self) -> tuple[Replications, Replications, Replications]:
        """Draws of the search, of the second round, and of the judgement: no replication is in two."""
        count = self.replications.count
        parts = ((0, count), (count, count), (2 * count, self.judged))
        seek, again, judge = (self.replications.part(*part) for part in parts)
        return seek, again, judge


@dataclass(frozen=True)
class JudgedPortfolio:
    """One portfolio on fresh draws.

    Parameters
    ----------
    kind : str
        ``found``, ``equal shares`` or ``one lever``.
    sizes : dict
        Size of each lever that is pulled.
    cost_usd : float
        Cost a year with all of it in place, in USD of 2022.
    believed : float
        Change of the outcome on the draws of the search; NaN where nothing was chosen by them.
    changes : ndarray of float64, shape (replications,)
        Change of the outcome against no lever, pair by pair.
    """

    kind: str
    sizes: dict[str, float]
    cost_usd: float
    believed: float
    changes: np.ndarray

    @property
    def change(self) -> float:
        """Mean change against no lever."""
        return mean(self.changes)

    def interval(self, level: float = 0.95) -> Interval:
        """Return the interval of the mean change."""
        return mean_interval(self.changes, level)


@dataclass(frozen=True)
class Budget:
    """What was found at one budget, with the two simple portfolios that it must beat."""

    budget_usd: float
    trials: int
    found: JudgedPortfolio
    equal: JudgedPortfolio
    single: JudgedPortfolio

    def gain(self, rival: JudgedPortfolio, level: float = 0.95) -> tuple[float, Interval]:
        """Return by how much the outcome differs from that of a simple portfolio, pair by pair."""
        gap = self.found.changes - rival.changes
        return mean(gap), mean_interval(gap, level)


def cost_usd_a_year(scenario: Scenario, sizes: Mapping[str, float]) -> float:
    """Return what levers at these sizes cost in a year with all of each in place, in USD of 2022."""
    levers = scenario.settings.levers
    return sum(size * levers[name].cost_usd_per_unit_year for name, size in sizes.items())


def level_of_gains(budgets: int) -> float:
    """Return the level of one comparison so that both of all budgets hold at once with 95 % (Bonferroni)."""
    return 1.0 - 0.05 / (2 * budgets)


def levers_for(scenario: Scenario, names: Sequence[str]) -> list[str]:
    """Return the levers to choose from: those named, or all that have no dates and no trigger.

    Raises
    ------
    ConfigError
        The scenario pulls levers already, a lever is unknown, has dates, or costs nothing.
    """
    levers = scenario.settings.levers
    if taken := scenario.pulled:
        raise ConfigError(
            f"study portfolio: scenario {scenario.name} pulls {', '.join(taken)}; take one without levers"
        )
    chosen = list(names) or [name for name, lever in levers.items() if _stays(lever)]
    for name in chosen:
        if name not in levers:
            raise unknown("lever", name, "study portfolio", levers)
        if not _stays(levers[name]):
            raise ConfigError(
                f"study portfolio: {name} is limited in time; a yearly budget needs levers that stay"
            )
        if levers[name].cost_usd_per_unit_year <= 0.0:
            raise ConfigError(
                f"levers.{name}.cost_usd_per_unit_year: no budget limits a lever without a cost"
            )
    if len(chosen) < 2:
        raise ConfigError("study portfolio: name at least two levers to choose from")
    return chosen


def starts_of(levers: Sequence[str], budgets: int) -> int:
    """Return how many portfolios are tried at a budget before the search proposes any, at most."""
    return 1 + len(levers) + (budgets > 1)


def _stays(lever: LeverSettings) -> bool:
    return not (lever.time_limited or lever.start or lever.end or lever.trigger)


def sizes_for(scenario: Scenario, weights: Weights, budget_usd: float) -> dict[str, float]:
    """Return the sizes that weights give a budget, rounded down to three digits, without levers at zero."""
    levers = scenario.settings.levers
    caps = {
        name: levers[name].max_size * levers[name].cost_usd_per_unit_year
        for name in weights
        if name in levers
    }
    spent = split_budget(weights, budget_usd, caps)
    sizes = {
        name: min(levers[name].max_size, round_down(usd / levers[name].cost_usd_per_unit_year))
        for name, usd in spent.items()
    }
    return {name: size for name, size in sizes.items() if size > 0.0}


def portfolios(
    scenario: Scenario,
    levers: Sequence[str],
    budgets_usd: Sequence[float],
    plan: PortfolioPlan,
    on_progress: OnProgress = silent,
    simulate: Simulate = run_replication,
) -> list[Budget]:
    """Return the best portfolio found at each budget, in their order, judged on draws that chose nothing.

    The best of a smaller budget is where the search of the next one starts.

    Raises
    ------
    ConfigError
        Optuna is not installed, or the outcome is not reported or undefined.
    StoreError
        A replication failed, or the results folder cannot be written.
    """

    def values(several: Sequence[dict[str, float]], draws: Replications) -> np.ndarray:
        scenarios = [scenario.with_sizes(sizes) for sizes in several]
        found = ensemble(scenarios, draws, on_progress, simulate).yearly([plan.outcome])[:, :, 0]
        if not np.isfinite(found).all():
            raise ConfigError(f"study portfolio: {plan.outcome} is undefined in at least one replication")
        return found

    found: list[Budget] = []
    for budget in budgets_usd:
        before = found[-1] if found else None
        found.append(_one_budget(scenario, levers, budget, plan, values, before))
    return found


Values = Callable[[Sequence[dict[str, float]], Replications], np.ndarray]


def _one_budget(
    scenario: Scenario, levers: Sequence[str], budget_usd: float, plan: PortfolioPlan, values: Values,
    before: Budget | None,
) -> Budget:  # fmt: skip
    sign = 1.0 if plan.least else -1.0
    seek, again, judge = plan.draws
    equal: Weights = dict.fromkeys(levers, 1.0)
    singles: list[Weights] = [{name: 1.0} for name in levers]
    starts = [equal, *singles]
    if before is not None:
        starts.append(_as_weights(scenario, before, budget_usd))

    def sizes(weights: Weights) -> dict[str, float]:
        return sizes_for(scenario, weights, budget_usd)

    def score(several: Sequence[Weights]) -> np.ndarray:
        return sign * values([sizes(weights) for weights in several], seek).mean(axis=1)

    trials = search(score, [*levers, UNSPENT], plan.effort, starts)
    ordered = sorted(range(len(trials)), key=lambda i: trials[i][1])
    leading = _distinct([sizes(trials[i][0]) for i in ordered])[: plan.leading]
    simple = [sizes(weights) for weights in (equal, *singles)]
    second_round = _distinct([*leading, *simple])
    best = second_round[int((sign * values(second_round, again).mean(axis=1)).argmin())]
    alone = sign * (values(simple[1:], seek) + values(simple[1:], again)).mean(axis=1)
    entries = {FOUND: best, EQUAL: simple[0], SINGLE: simple[1 + int(alone.argmin())]}
    nothing, *rest = values([{}, *entries.values()], judge)
    base, *old = values([{}, *entries.values()], seek).mean(axis=1)
    judged = [
        JudgedPortfolio(
            kind, chosen, cost_usd_a_year(scenario, chosen), float(believed - base), row - nothing
        )
        for (kind, chosen), row, believed in zip(entries.items(), rest, old, strict=True)
    ]
    return Budget(budget_usd, len(trials), *judged)


def _as_weights(scenario: Scenario, before: Budget, budget_usd: float) -> Weights:
    """Return the portfolio of a smaller budget as weights of a larger one, the rest unspent."""
    levers = scenario.settings.levers
    weights = {n: size * levers[n].cost_usd_per_unit_year for n, size in before.found.sizes.items()}
    return {**weights, UNSPENT: max(0.0, budget_usd - sum(weights.values()))}


def _distinct(several: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    kept: list[dict[str, float]] = []
    for sizes in several:
        if sizes not in kept:
            kept.append(sizes)
    return kept
