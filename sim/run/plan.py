"""A run as a list of tasks: one replication of one parameter set of one scenario each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sim.core.tables import Table
from sim.run.settings import RunSettings
from sim.store.replications import Key, Store, scenario_hash


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


def tasks_of(request: Request, model: str) -> list[Task]:
    """Return the tasks of one scenario in their lasting order.

    The central set gets replications 0, 1, 2 ... Parameter set ``p`` gets replication ``p - 1``, so
    that it shares its draws with one central replication, and no two sets share theirs.
    """
    scenario = scenario_hash(request.scenario.canonical_json())
    pairs = [(0, replication) for replication in range(request.settings.replications)]
    pairs += [(number, number - 1) for number in range(1, request.settings.parameter_sets + 1)]
    return [
        Task(
            request.scenario,
            Key(model, scenario, request.seed, number, replication),
            request.settings.folder,
            request.label,
        )
        for number, replication in pairs
    ]
