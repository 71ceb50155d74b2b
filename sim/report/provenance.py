"""Where a result comes from: the one sentence below every table and figure, and its record for a manifest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sim.levers import lever_notes
from sim.report.numbers import counted
from sim.scenario import Scenario
from sim.store.replications import scenario_hash
from sim.store.version import model_version, release


@dataclass(frozen=True)
class Provenance:
    """What was simulated, with which model, on how many assumptions.

    Parameters
    ----------
    how : str
        What was simulated, in words: ``12 pairs of runs each``.
    seed : int or None
        Seed of all draws; None when nothing was simulated.
    adversaries : tuple of str
        Kinds of adversary.
    window : str
        Reported window in words; empty where it is said elsewhere.
    assumed : int
        Most assumed numbers that one of the scenarios rests on; None where there is no scenario.
    queues : bool
        Whether lawful traffic was simulated.
    against : str
        What everything is held against, in words; may be empty.
    model : str
        Hash of the model; by default that of today.
    configuration : str
        Hash of the composed configuration, where there is one.
    official : str
        Official sources that figures are held against, without the model itself.
    configurations : mapping
        What was simulated, by the hash of each scenario.
    """

    how: str
    seed: int | None
    adversaries: tuple[str, ...] = ()
    window: str = ""
    assumed: int | None = None
    queues: bool = True
    against: str = ""
    model: str = field(default_factory=model_version)
    configuration: str = ""
    official: str = ""
    configurations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The footer."""
        kinds = list(dict.fromkeys(self.adversaries))
        parts = [self.how if self.queues else f"{self.how}, without queues"]
        if kinds:
            parts.append(f"adversar{'y' if len(kinds) == 1 else 'ies'} {', '.join(kinds)}")
        parts += [part for part in (self.against, self.window) if part]
        rests = "" if self.assumed is None else f"; rests on {self.assumed} assumed values"
        did = "Read from the configuration" if self.seed is None else "Simulated"
        return f"{did}: {', '.join(parts)}{rests}. {self.source}"

    @property
    def source(self) -> str:
        """What made the result: version, seed and model."""
        seed = "" if self.seed is None else f" seed {self.seed},"
        composed = f", configuration {self.configuration[:8]}" if self.configuration else ""
        official = f"; {self.official}" if self.official else ""
        return f"Source: Chokepoint {release()},{seed} model {self.model[:8]}{composed}{official}."

    def record(self) -> dict[str, Any]:
        """Return what a manifest keeps."""
        return {"configurations": {k: dict(v) for k, v in self.configurations.items()}, "seed": self.seed}


@dataclass(frozen=True)
class RunInfo:
    """What identifies a run on its figures and its page.

    Parameters
    ----------
    scenario : str
        Its name.
    replications, parameter_sets : int
        Replications of the central parameter set, which the figures show; further sets with one
        replication each.
    provenance : Provenance
        Where the run comes from; what was simulated is counted here, since a figure may show fewer.
    """

    scenario: str
    replications: int
    parameter_sets: int
    provenance: Provenance

    @property
    def counted(self) -> str:
        """The count of runs in words."""
        runs = f"{counted(self.replications, 'replication')} of the central parameter set"
        sets = counted(self.parameter_sets, "further parameter set")
        return f"{runs}, {sets} in the table" if self.parameter_sets else runs

    @property
    def sentence(self) -> str:
        """The footer of its figures."""
        return replace(self.provenance, how=f"{self.counted} of scenario {self.scenario}").sentence


def provenance(
    how: str, scenarios: Sequence[Scenario], seed: int | None, *, against: str = "", window: str | None = None
) -> Provenance:
    """Return the provenance of a result.

    Parameters
    ----------
    how : str
        What was simulated, in words.
    scenarios : sequence of Scenario
        Those that it started from, before it changed sizes or numbers.
    seed : int or None
        None when nothing was simulated.
    against : str
        What everything is held against, in words.
    window : str, optional
        Reported window in words; by default days and first day of the first scenario.
    """
    if window is None:
        dates = scenarios[0].settings.calendar
        window = f"{dates.days} days from {dates.start}"
    return Provenance(
        how,
        seed,
        tuple(one.settings.adversary.kind for one in scenarios),
        window,
        max(assumptions(one) for one in scenarios),
        all(one.settings.border.model == "queue" for one in scenarios),
        against,
        configurations=configurations_of(scenarios),
    )


def assumptions(scenario: Scenario) -> int:
    """Return how many numbers of a scenario are assumed."""
    return sum(row.status == "assumed" for row in scenario.evidence)


def lever_notes_of(scenario: Scenario) -> list[str]:
    """Return what the reader must know of the levers of a scenario: how far, when, who draws on whom."""
    settings = scenario.settings
    duty_h = settings.border.officers.duty_h_per_year
    return lever_notes(settings.levers, scenario.calendar, settings.lever_mode, duty_h)


def configurations_of(scenarios: Iterable[Scenario]) -> dict[str, dict[str, Any]]:
    """Return what tells scenarios apart, by their hashes."""
    return {
        scenario_hash(one.canonical_json()): {
            "scenario": one.name,
            "adversary": one.settings.adversary.kind,
            "border_model": one.settings.border.model,
            "start": str(one.settings.calendar.start),
            "days": one.settings.calendar.days,
        }
        for one in scenarios
    }
