"""Pairs of runs: a scenario and its baseline, for each adversary, on the same draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.core.tables import Table
from sim.measures.replication import run_replication
from sim.report.yearly import DAYS_A_YEAR, Runs, add_up
from sim.run.ensemble import by_month
from sim.run.plan import Request, Simulate, Task, tasks_of
from sim.run.pool import OnProgress, silent
from sim.run.settings import RunSettings
from sim.run.stored import Stored
from sim.scenario import Scenario
from sim.store.replications import Key, Store
from sim.store.version import model_version

DELIVERED = "delivered_pure_kg"


@dataclass(frozen=True)
class Plan:
    """How many runs, on which draws, by how many processes, kept where."""

    replications: int
    parameter_sets: int
    seed: int
    workers: int
    results: Path


@dataclass(frozen=True)
class Duel:
    """A scenario and what it is compared with; both have the adversary and the calendar in common."""

    scenario: str
    adversary: str
    before: Scenario
    after: Scenario


@dataclass(frozen=True)
class Paired:
    """The runs of a duel in the same order, so that row ``i`` of both shares its draws.

    ``days`` is the length of the window. ``delivered`` holds pure kilograms by month of the central set
    before and after, each float64 of shape (replications, months).
    """

    scenario: str
    adversary: str
    before: Runs
    after: Runs
    delivered: tuple[np.ndarray, np.ndarray]
    days: int = DAYS_A_YEAR

    def change(self, measure: str, place: str = "all") -> np.ndarray:
        """Return after less before for every replication of the central set."""
        return self.after.central(measure, place) - self.before.central(measure, place)

    def change_of_sets(self, measure: str, place: str = "all") -> np.ndarray:
        """Return after less before for every further parameter set."""
        return self.after.others(measure, place) - self.before.others(measure, place)

    def places(self, measure: str) -> list[str]:
        """Return the places, without ``all``, at which either run has a measure."""
        known = {
            place for runs in (self.before, self.after) for name, place in runs.values if name == measure
        }
        return sorted(known - {"all"})

    def at(self, after: bool, measure: str, place: str) -> np.ndarray:
        """Return one measure of the central set, zero where nothing happened at a place."""
        runs = self.after if after else self.before
        if (measure, place) not in runs.values:
            return np.zeros(int((runs.parameter_set == 0).sum()))
        return runs.central(measure, place)


def run_pairs(
    duels: Sequence[Duel],
    plan: Plan,
    on_progress: OnProgress = silent,
    simulate: Simulate = run_replication,
) -> list[Paired]:
    """Simulate what the store lacks of both sides of every duel, and pair them.

    Raises
    ------
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    store, model = Store(plan.results), model_version()
    store.prepare()
    tasks: dict[Key, Task] = {}
    sides: list[tuple[list[Key], list[Key]]] = []
    for duel in duels:
        before, after = _tasks(duel.before, plan, model), _tasks(duel.after, plan, model)
        tasks.update((task.key, task) for task in (*before, *after))
        sides.append(([task.key for task in before], [task.key for task in after]))
    for scenario in {task.key.scenario: task.scenario for task in tasks.values()}.values():
        store.describe(model, scenario.canonical_json())
    stored = Stored(tasks.values(), simulate, plan.workers, on_progress)
    return [
        paired(duel, stored.read(before), stored.read(after))
        for duel, (before, after) in zip(duels, sides, strict=True)
    ]


def paired(duel: Duel, before: Table, after: Table) -> Paired:
    """Return two long tables of measures as pairs of runs."""
    days = duel.after.calendar.days
    sides = add_up(before, days), add_up(after, days)
    months = by_month(before, DELIVERED), by_month(after, DELIVERED)
    return Paired(duel.scenario, duel.adversary, *sides, months, days)


def _tasks(scenario: Scenario, plan: Plan, model: str) -> list[Task]:
    settings = RunSettings(
        replications=plan.replications, parameter_sets=plan.parameter_sets, results=str(plan.results)
    )
    return tasks_of(Request(scenario, plan.seed, settings, {}), model)
