"""How many replications of which scenario, as a list of tasks that is made once."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from sim.core.errors import ConfigError
from sim.core.tables import Table
from sim.run.settings import RunSettings, usable_cores
from sim.store.replications import Key, Store, scenario_hash
from sim.store.version import model_version


class Runnable(Protocol):
    """What a run needs to know of a scenario; ``sim.scenario.Scenario`` is one."""

    @property
    def name(self) -> str:
        """Name of the scenario, which is also that of its results folder."""

    @property
    def evidence(self) -> tuple[Any, ...]:
        """Rows of ``sim.core.settings.EvidenceRow``."""

    def canonical_json(self) -> str:
        """Return everything that changes what a replication yields, as text."""


class Simulate(Protocol):
    """Simulate one replication; it is sent to worker processes, so it must be a module's function."""

    def __call__(
        self, scenario: Any, seed: int, replication: int, parameter_set: int = 0
    ) -> dict[str, Table]:
        """Return the tables of one replication."""


@dataclass(frozen=True)
class Replications:
    """How many replications of a scenario, with which draws, by how many processes, kept where.

    Replication ``r`` of every scenario shares its draws (common random numbers).

    Parameters
    ----------
    count : int
        Replications of the central parameter set.
    seed : int
        Of all draws.
    parameter_sets : int
        Further parameter sets that fit the evidence, one replication each.
    first : int
        Number of the first replication.
    workers : int
        Processes of this machine; 0 is one per core.
    results : Path
        Folder of all results, whose store keeps finished replications.

    Raises
    ------
    ConfigError
        A value is not a whole number, or too small.
    """

    count: int = 1
    seed: int = 1
    parameter_sets: int = 0
    first: int = 0
    workers: int = 0
    results: Path = Path("results")

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        for name, least in {"count": 1, "seed": 0, "parameter_sets": 0, "first": 0, "workers": 0}.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
                what = "replications" if name == "count" else name
                raise ConfigError(f"{what}: must be a whole number of at least {least} (got {value!r})")
        if self.seed >= 2**64:
            raise ConfigError(f"seed: must be below 2**64 (got {self.seed})")

    @property
    def processes(self) -> int:
        """Number of worker processes, at least 1."""
        return self.workers or usable_cores()

    @property
    def numbers(self) -> range:
        """Numbers of the central replications."""
        return range(self.first, self.first + self.count)

    def part(self, start: int, count: int) -> Replications:
        """Return so many replications that begin ``start`` replications after the first."""
        return replace(self, first=self.first + start, count=count)


@dataclass(frozen=True)
class Task:
    """One replication to simulate and where to store it; ``point`` is the label of its sweep's point."""

    scenario: Any
    key: Key
    results: Path
    point: str = ""

    @property
    def store(self) -> Store:
        """Store that takes the finished replication."""
        return Store(self.results)

    @property
    def label(self) -> str:
        """Words for messages."""
        name = f"{self.scenario.name}, replication {self.key.replication}"
        name = f"[{self.point}] {name}" if self.point else name
        return name + (f" of parameter set {self.key.parameter_set}" if self.key.parameter_set else "")


@dataclass(frozen=True)
class Plan:
    """The replications of one scenario in their lasting order: first the central ones, then one per set."""

    scenario: Any
    tasks: tuple[Task, ...]

    @property
    def store(self) -> Store:
        """Store of all tasks."""
        return self.tasks[0].store

    @property
    def scenario_hash(self) -> str:
        """Hash of all that the scenario says."""
        return self.tasks[0].key.scenario

    @property
    def keys(self) -> list[Key]:
        """Keys of all replications."""
        return [task.key for task in self.tasks]

    @property
    def central_keys(self) -> list[Key]:
        """Keys of the replications of the central parameter set."""
        return [task.key for task in self.tasks if task.key.parameter_set == 0]


def plan_of(scenario: Runnable, replications: Replications, label: str = "") -> Plan:
    """Return the tasks of one scenario.

    The central set gets replications ``first``, ``first + 1`` ... Parameter set ``p`` gets replication
    ``first + p - 1``, so that it shares its draws with one central replication, and no two sets share theirs.
    """
    model, scenario_key = model_version(), scenario_hash(scenario.canonical_json())
    pairs = [(0, number) for number in replications.numbers]
    pairs += [(p, replications.first + p - 1) for p in range(1, replications.parameter_sets + 1)]
    return Plan(
        scenario,
        tuple(
            Task(
                scenario, Key(model, scenario_key, replications.seed, p, number), replications.results, label
            )
            for p, number in pairs
        ),
    )


@dataclass(frozen=True)
class Request:
    """One scenario to run, validated, with the configuration that it came from.

    ``label`` tells the points of a sweep apart; it is empty without a sweep. ``number`` is the place
    in the sweep, ``drawn`` maps paths to the values that ``design`` gave it.
    """

    scenario: Any
    seed: int
    settings: RunSettings
    tree: dict[str, Any]
    label: str = ""
    number: int = 0
    drawn: Mapping[str, Any] = field(default_factory=dict)
    design: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def plan(self) -> Plan:
        """Its replications, listed once."""
        settings = self.settings
        replications = Replications(
            settings.replications, self.seed, settings.parameter_sets, results=settings.folder
        )
        return plan_of(self.scenario, replications, self.label)
