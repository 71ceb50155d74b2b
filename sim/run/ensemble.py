"""Many scenarios on the same draws: what studies simulate, and the outcomes of a year that come back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.core.errors import ConfigError
from sim.core.tables import Table
from sim.disclosure import EFFORT, TOTALS, WITHHELD
from sim.measures.replication import run_replication
from sim.report.yearly import add_up
from sim.run.plan import Simulate, Task
from sim.run.pool import OnProgress, silent
from sim.run.stored import Stored
from sim.scenario import Scenario
from sim.store.replications import Key, Store, scenario_hash
from sim.store.version import model_version

QUEUED = frozenset({
    "trips", "diverted_trips", "minutes_waited", "wait_min", "wait_p50_min", "wait_p90_min", "long_waits",
    "share_over_60", "person_hours_waited", "innocent_referrals", "secondary_minutes", "lane_hours",
    "busy_lane_hours", "held_lane_hours", "utilisation",
})  # fmt: skip
"""Measures of lawful traffic, which a border without queues does not report."""


@dataclass(frozen=True)
class Batch:
    """How scenarios are simulated: replications of each, seed, processes, folder of the store.

    Replication ``r`` of every scenario shares its draws, from ``first`` on.
    """

    replications: int
    seed: int
    workers: int
    results: Path
    first: int = 0


def simulated(
    scenarios: Sequence[Scenario],
    outcomes: Sequence[str],
    batch: Batch,
    on_progress: OnProgress = silent,
    simulate: Simulate = run_replication,
    firsts: Sequence[int] | None = None,
) -> np.ndarray:
    """Simulate what the store lacks and return outcomes over all places.

    Parameters
    ----------
    scenarios : sequence of Scenario
        Two that are equal are simulated once.
    outcomes : sequence of str
        Names of ``conf/measures.yaml``.
    batch : Batch
    on_progress : callable
        Called in this process at the start and after every replication.
    simulate : callable
        In place of the model's own, for tests.
    firsts : sequence of int, optional
        First replication of each scenario, for blocks of scenarios with draws of their own; by default
        that of the batch.

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
    _refuse_at_once(scenarios, outcomes)
    found = np.zeros((len(scenarios), batch.replications, len(outcomes)))
    for i, (scenario, table) in enumerate(
        zip(scenarios, _measures(scenarios, batch, on_progress, simulate, firsts), strict=True)
    ):
        runs = add_up(table, scenario.calendar.days)
        for k, outcome in enumerate(outcomes):
            _check_reported(scenario, outcome, (outcome, "all") in runs.values)
            found[i, :, k] = runs.central(outcome, "all")
    return found


def simulated_months(
    scenarios: Sequence[Scenario],
    outcomes: Sequence[str],
    batch: Batch,
    on_progress: OnProgress = silent,
    simulate: Simulate = run_replication,
) -> np.ndarray:
    """Simulate what the store lacks and return outcomes over all places, month by month.

    Parameters, errors and units are those of ``simulated``; the scenarios must have their dates in common.

    Returns
    -------
    ndarray of float64, shape (scenarios, replications, outcomes, months)
    """
    _refuse_at_once(scenarios, outcomes)
    found = []
    for scenario, table in zip(scenarios, _measures(scenarios, batch, on_progress, simulate), strict=True):
        for outcome in outcomes:
            _check_reported(scenario, outcome, bool((table["measure"] == outcome).any()))
        found.append(np.stack([by_month(table, outcome) for outcome in outcomes], axis=1))
    return np.stack(found)


def by_month(measures: Table, measure: str) -> np.ndarray:
    """Return a measure over all places of the central set, float64 of shape (replications, months)."""
    chosen = (measures["measure"] == measure) & (measures["place"] == "all")
    chosen &= measures["parameter_set"] == 0
    order = np.lexsort((measures["month"][chosen].astype(str), measures["replication"][chosen]))
    runs = len(np.unique(measures["replication"][chosen]))
    return np.asarray(measures["value"][chosen][order], dtype=np.float64).reshape(runs, -1)


def _measures(
    scenarios: Sequence[Scenario],
    batch: Batch,
    on_progress: OnProgress,
    simulate: Simulate,
    firsts: Sequence[int] | None = None,
) -> Iterator[Table]:
    store, model = Store(batch.results), model_version()
    store.prepare()
    tasks: list[Task] = []
    keys: list[list[Key]] = []
    for scenario, first in zip(scenarios, firsts or [batch.first] * len(scenarios), strict=True):
        canonical = scenario.canonical_json()
        store.describe(model, canonical)
        numbers = range(first, first + batch.replications)
        keys.append([Key(model, scenario_hash(canonical), batch.seed, 0, number) for number in numbers])
        tasks += [Task(scenario, key, batch.results) for key in keys[-1]]

    stored = Stored(tasks, simulate, batch.workers, on_progress)
    for mine in keys:
        yield stored.read(mine)


def _refuse_at_once(scenarios: Sequence[Scenario], outcomes: Sequence[str]) -> None:
    """Refuse what no run of a scenario reports, before anything is simulated."""
    for scenario in scenarios:
        settings = scenario.settings
        kind = settings.adversary.kind
        for outcome in outcomes:
            told = f"scenario {scenario.name} does not report {outcome}: "
            if kind in WITHHELD and outcome not in TOTALS | EFFORT:
                raise ConfigError(
                    f"{told}against {kind} only delivered kg, what follows from it, and costs are told, "
                    "never what tells of a route; take another outcome or adversary"
                )
            if outcome in QUEUED and settings.border.model != "queue":
                raise ConfigError(
                    f"{told}border.model={settings.border.model} has no queues; take border.model=queue"
                )


def _check_reported(scenario: Scenario, outcome: str, reported: bool) -> None:
    if not reported:
        raise ConfigError(f"scenario {scenario.name} does not report {outcome} in this window")
