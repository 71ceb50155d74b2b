"""What the points of a design answer: yearly outcomes, or what a scenario changes in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.core.errors import ConfigError
from sim.measures.registry import registry
from sim.measures.replication import run_replication
from sim.report.yearly import DAYS_A_YEAR, margin_of
from sim.run.ensemble import ensemble
from sim.run.plan import Replications, Simulate
from sim.run.pool import OnProgress, silent
from sim.scenario import Scenario
from sim.study.design.values import varied
from sim.study.space import Space


@dataclass(frozen=True)
class Question:
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

    def words(self, outcome: str) -> str:
        """Return the answer in words, with its unit."""
        info = registry()[outcome]
        what = info.label if self.before is None else f"change in {info.label[0].lower()}{info.label[1:]}"
        return f"{what}, {info.unit}{self._window(outcome)}"

    def _window(self, outcome: str) -> str:
        days = self.after.calendar.days
        if registry()[outcome].over_months != "sum":
            return ""
        return " a year" if days >= DAYS_A_YEAR else f" in {days} days"

    def margin(self, outcome: str) -> float:
        """Return the smallest difference that matters, that of a year scaled down to a shorter window."""
        return margin_of(registry()[outcome], self.after.calendar.days)


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


def answers(
    question: Question,
    space: Space,
    points: np.ndarray,
    asking: Asking,
    on_progress: OnProgress = silent,
    simulate: Simulate = run_replication,
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
        idle = _idle(question.before)
        for change in changes:
            kept = {path: value for path, value in change.items() if not path.startswith(idle)}
            scenarios.append(varied(question.before, kept))
    replications = asking.replications
    first = [replications.first + int(block) * replications.count for block in asking.blocks]
    firsts: Sequence[int] = first * (1 if question.before is None else 2)
    runs = ensemble(scenarios, replications, on_progress, simulate, firsts)
    found = runs.yearly(question.outcomes)
    for k, outcome in enumerate(question.outcomes):
        if not np.isfinite(found[:, :, k]).all():
            raise ConfigError(f"outcome {outcome}: undefined in some runs (a ratio of nothing); take another")
    return found if question.before is None else found[: len(points)] - found[len(points) :]


def _idle(scenario: Scenario) -> tuple[str, ...]:
    return tuple(f"levers.{name}." for name, lever in scenario.settings.levers.items() if not lever.size)
