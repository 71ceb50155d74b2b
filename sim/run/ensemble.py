"""The one verb under every run and study: these scenarios, so many replications, from the store if there.

``ensemble(scenarios, replications).yearly(outcomes)`` simulates what the store lacks, with one pool of
processes, and returns outcomes on common random numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from sim.core.errors import ConfigError, StoreError
from sim.core.tables import Table
from sim.disclosure import EFFORT, TOTALS, WITHHELD
from sim.measures.replication import run_replication
from sim.report.yearly import add_up
from sim.run.plan import Plan, Replications, Simulate, Task, plan_of
from sim.run.pool import Engine, OnProgress, run_tasks, silent
from sim.run.worker import Failure
from sim.scenario import Scenario
from sim.store.replications import Key
from sim.store.version import model_version

QUEUED = frozenset({
    "trips", "reneged_trips", "minutes_waited", "wait_min", "wait_p50_min", "wait_p90_min", "long_waits",
    "share_over_60", "person_hours_waited", "lawful_referrals", "secondary_minutes", "lane_hours",
    "busy_lane_hours", "blocked_lane_hours", "utilization",
})  # fmt: skip
"""Measures of lawful traffic, which a border without queues does not report."""
Read = TypeVar("Read")


def ensemble(
    scenarios: Sequence[Scenario],
    replications: Replications,
    on_progress: OnProgress = silent,
    simulate: Simulate = run_replication,
    firsts: Sequence[int] | None = None,
) -> Ensemble:
    """Return scenarios with so many replications each; the first reading simulates what the store lacks.

    Parameters
    ----------
    scenarios : sequence of Scenario
        At least one. Two that are equal are simulated once.
    replications : Replications
    on_progress : callable
        Called in this process at the start and after every replication.
    simulate : callable
        In place of the model's own, for tests.
    firsts : sequence of int, optional
        First replication of each scenario, for blocks of scenarios with draws of their own; by default
        that of ``replications``.
    """
    firsts = [replications.first] * len(scenarios) if firsts is None else firsts
    plans = [
        plan_of(scenario, replace(replications, first=int(first)))
        for scenario, first in zip(scenarios, firsts, strict=True)
    ]
    return Ensemble(plans, simulate, replications.processes, on_progress)


class UnfinishedError(StoreError):
    """Replications failed; ``failures`` has all of them, the message tells the first."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__(f"{failures[0].label}: {failures[0].reason}")
        self.failures = list(failures)


class Ensemble:
    """Scenarios with their replications: simulated where the store lacks them, and again where one went bad.

    Parameters
    ----------
    plans : sequence of Plan
        At least one; all of one store.
    simulate : callable
        The model, importable by its name.
    workers : int
        Processes of this machine.
    on_progress : callable
        Called in this process at the start and after every replication.
    engine : callable, optional
        In place of processes of this machine.
    """

    def __init__(
        self,
        plans: Sequence[Plan],
        simulate: Simulate,
        workers: int,
        on_progress: OnProgress = silent,
        engine: Engine | None = None,
    ) -> None:
        self.plans, self.store = tuple(plans), plans[0].store
        self._tasks: dict[Key, Task] = {}
        for task in (task for plan in self.plans for task in plan.tasks):
            self._tasks.setdefault(task.key, task)
        self._how = simulate, workers, on_progress, engine
        self._finished = False

    def finish(self) -> list[Failure]:
        """Simulate what the store lacks; return the replications that failed, the others are stored.

        Raises
        ------
        StoreError
            The results folder cannot be written.
        """
        self.store.prepare()
        for plan in {plan.scenario_hash: plan for plan in self.plans}.values():
            self.store.describe(model_version(), plan.scenario.canonical_json())
        self._finished = True
        return run_tasks(list(self._tasks.values()), *self._how)

    def labels(self, plan: Plan) -> set[str]:
        """Return the names under which the failures of a plan are listed."""
        return {self._tasks[key].label for key in plan.keys}

    def tables(self, number: int, name: str = "measures") -> Table:
        """Return one table of a scenario: all its replications, one after the other in the order of the plan.

        Parameters
        ----------
        number : int
            Place of the scenario.
        name : str
            One of ``REPLICATION_TABLES``.

        Raises
        ------
        UnfinishedError
            A replication failed. What is finished is stored.
        StoreError
            The results folder cannot be read or written.
        """
        if not self._finished and (failures := self.finish()):
            raise UnfinishedError(failures)
        plan = self.plans[number]
        return self.repaired(plan, lambda: self.store.read(plan.keys, name))

    def repaired(self, plan: Plan, read: Callable[[], Read]) -> Read:
        """Return what ``read`` reads of a plan; what is damaged or gone is simulated again first.

        Others use the store too, and a network disk may not show a file yet.

        Raises
        ------
        UnfinishedError
            A replication failed, or is gone once more.
        StoreError
            ``read`` failed though all replications are as they were stored.
        """
        try:
            return read()
        except StoreError:
            wrong = self.store.distrust(plan.keys)
            if not wrong:
                raise
        failures = run_tasks([self._tasks[key] for key in wrong], *self._how)
        if failures:
            raise UnfinishedError(failures)
        try:
            return read()
        except StoreError:
            gone = [self._tasks[key].label for key in self.store.distrust(plan.keys)]
            if not gone:
                raise
        raise UnfinishedError([Failure(label, "it was stored and is gone; run again") for label in gone])

    def yearly(self, outcomes: Sequence[str]) -> np.ndarray:
        """Return outcomes over all places, of the central parameter set.

        Parameters
        ----------
        outcomes : sequence of str
            Names of ``conf/measures.yaml``.

        Returns
        -------
        ndarray of float64, shape (scenarios, replications, outcomes)
            A year's value each, in the unit of the outcome.

        Raises
        ------
        ConfigError
            A scenario does not report an outcome; found out before anything is simulated.
        StoreError
            A replication failed, or the results folder cannot be written. What is finished is stored.
        """
        self._refuse_at_once(outcomes)
        found = []
        for number, plan in enumerate(self.plans):
            runs = add_up(self.tables(number), plan.scenario.calendar.days)
            for outcome in outcomes:
                _check_reported(plan.scenario, outcome, (outcome, "all") in runs.values)
            found.append(np.stack([runs.central(outcome, "all") for outcome in outcomes], axis=1))
        return np.stack(found)

    def monthly(self, outcomes: Sequence[str]) -> np.ndarray:
        """Return outcomes over all places month by month; the scenarios must have their dates in common.

        Parameters, errors and units are those of ``yearly``.

        Returns
        -------
        ndarray of float64, shape (scenarios, replications, outcomes, months)
        """
        self._refuse_at_once(outcomes)
        found = []
        for number, plan in enumerate(self.plans):
            table = self.tables(number)
            for outcome in outcomes:
                _check_reported(plan.scenario, outcome, bool((table["measure"] == outcome).any()))
            found.append(np.stack([by_month(table, outcome) for outcome in outcomes], axis=1))
        return np.stack(found)

    def _refuse_at_once(self, outcomes: Sequence[str]) -> None:
        """Refuse what no run of a scenario reports, before anything is simulated."""
        for scenario in (plan.scenario for plan in self.plans):
            settings = scenario.settings
            kind = settings.adversary.kind
            for outcome in outcomes:
                problem = f"scenario {scenario.name} does not report {outcome}: "
                if kind in WITHHELD and outcome not in TOTALS | EFFORT:
                    raise ConfigError(
                        f"{problem}against {kind} only delivered kg, what follows from it, and costs are "
                        "reported, never what tells of a route; take another outcome or adversary"
                    )
                if outcome in QUEUED and settings.border.model != "queue":
                    raise ConfigError(
                        f"{problem}border.model={settings.border.model} has no queues; take "
                        "border.model=queue"
                    )


def by_month(measures: Table, measure: str) -> np.ndarray:
    """Return a measure over all places of the central set, float64 of shape (replications, months)."""
    chosen = (measures["measure"] == measure) & (measures["place"] == "all")
    chosen &= measures["parameter_set"] == 0
    order = np.lexsort((measures["month"][chosen].astype(str), measures["replication"][chosen]))
    runs = len(np.unique(measures["replication"][chosen]))
    return np.asarray(measures["value"][chosen][order], dtype=np.float64).reshape(runs, -1)


def _check_reported(scenario: Scenario, outcome: str, reported: bool) -> None:
    if not reported:
        raise ConfigError(f"scenario {scenario.name} does not report {outcome} in this window")
