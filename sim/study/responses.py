"""What the points of a design answer: yearly outcomes, or what a scenario changes in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.core.errors import ConfigError
from sim.measures.registry import outcome_named, registry
from sim.report.numbers import counted
from sim.report.provenance import Provenance, provenance
from sim.report.theme import in_sentence
from sim.report.yearly import margin_of, unit_of
from sim.run.ensemble import ensemble
from sim.run.plan import Replications
from sim.run.pool import OnProgress, silent
from sim.scenario import Scenario
from sim.study.design.values import varied
from sim.study.space import Names, Space, idle_levers, listed


@dataclass(frozen=True)
class DesignQuestion:
    """What is asked of every point.

    Parameters
    ----------
    after : Scenario
        The scenario whose numbers are varied.
    before : Scenario or None
        Its baseline over the same dates: then the answer is the paired change after less before.
    outcomes : tuple of str
        Names of ``conf/measures.yaml``.
    """

    after: Scenario
    before: Scenario | None
    outcomes: tuple[str, ...]

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """What is varied, and its baseline where there is one."""
        return (self.after,) if self.before is None else (self.after, self.before)

    def label(self, outcome: str) -> str:
        """Return the answer in words: the outcome, or the change in it."""
        label = registry()[outcome].label
        return label if self.before is None else f"Change in {in_sentence(label)}"

    def unit(self, outcome: str) -> str:
        """Return the unit of the answer with the time that it is counted over."""
        return unit_of(registry()[outcome], self.after.calendar.days)

    def words(self, outcome: str) -> str:
        """Return the answer in words, with its unit."""
        return f"{self.label(outcome)}, {self.unit(outcome)}"

    def margin(self, outcome: str) -> float:
        """Return the smallest difference that matters, that of a year scaled down to a shorter window."""
        return margin_of(registry()[outcome], self.after.calendar.days)


def question_of(study: str, scenario: Scenario, baseline: Scenario | None, outcomes: Names) -> DesignQuestion:
    """Return what a study asks: a level, or the change that a scenario makes against its baseline.

    Parameters
    ----------
    study : str
        Who asks, for the messages.
    scenario, baseline : Scenario, Scenario or None
    outcomes : str or sequence of str
        Names of ``conf/measures.yaml``.

    Raises
    ------
    ConfigError
        An outcome does not exist, or the two scenarios are the same or differ in their dates.
    """
    names = listed(outcomes)
    if not names:
        raise ConfigError(f"study {study}: outcomes names no outcome")
    for name in names:
        outcome_named(name, f"study {study}: outcomes")
    if baseline is not None:
        if scenario.canonical_json() == baseline.canonical_json():
            raise ConfigError(
                f"study {study}: {scenario.name} and {baseline.name} are the same, so nothing changes "
                "between them; name a scenario that pulls a lever"
            )
        if scenario.settings.calendar != baseline.settings.calendar:
            raise ConfigError(
                f"study {study}: {scenario.name} and {baseline.name} run over different dates; set "
                "calendar.start=, calendar.days= and calendar.warmup_days= alike"
            )
    return DesignQuestion(scenario, baseline, names)


@dataclass(frozen=True)
class Asking:
    """How a design is simulated.

    Parameters
    ----------
    replications : Replications
        Of every point.
    blocks : ndarray of int64, shape (points,)
        Points of a block share their draws; each block has draws of its own, so that blocks are
        independent and a bootstrap over them knows of chance.
    """

    replications: Replications
    blocks: np.ndarray


def responses(
    question: DesignQuestion,
    space: Space,
    points: np.ndarray,
    asking: Asking,
    on_progress: OnProgress = silent,
) -> np.ndarray:
    """Simulate what the store lacks of a design.

    Parameters
    ----------
    points : ndarray of float64, shape (points, axes)
        Positions in the ranges, 0..1.

    Returns
    -------
    ndarray of float64, shape (points, replications, outcomes)

    Raises
    ------
    ConfigError
        The settings refuse a point, or an outcome is not reported or undefined in some runs.
    StoreError
        A replication failed.
    """
    changes = [dict(zip(space.paths, map(float, row), strict=True)) for row in space.values(points)]
    scenarios: list[Scenario] = [varied(question.after, change) for change in changes]
    if question.before is not None:
        # Numbers of levers that the baseline does not pull act on nothing there: one run serves them all.
        idle = idle_levers(question.before)
        for change in changes:
            kept = {path: value for path, value in change.items() if not path.startswith(idle)}
            scenarios.append(varied(question.before, kept))
    replications = asking.replications
    first = [replications.first + int(block) * replications.count for block in asking.blocks]
    firsts: Sequence[int] = first * (1 if question.before is None else 2)
    runs = ensemble(scenarios, replications, on_progress, firsts=firsts)
    found = runs.yearly(question.outcomes)
    for k, outcome in enumerate(question.outcomes):
        if not np.isfinite(found[:, :, k]).all():
            raise ConfigError(f"outcome {outcome}: undefined in some runs (a ratio of nothing); take another")
    return found if question.before is None else found[: len(points)] - found[len(points) :]


def provenance_of(
    question: DesignQuestion, space: Space, points: str, replications: Replications
) -> Provenance:
    """Return where the answers of a design come from.

    Parameters
    ----------
    points : str
        What was simulated, in words: ``10 trajectories, 50 points``.
    """
    before = question.before
    how = (
        f"{points}, {counted(replications.count, 'replication')} each, "
        f"{counted(len(space.rows), 'number')} of {question.after.name} varied"
    )
    against = "" if before is None else f"against {before.name} with common random numbers"
    return provenance(how, question.scenarios, replications.seed, against=against)
