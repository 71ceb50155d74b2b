"""Influence: every assumed number at both ends of its range, one at a time, on the same draws.

A screen, not a sensitivity analysis: it sees no interaction. It answers which assumptions deserve an
argument first. The border runs without queues, so numbers that act on waits alone move nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from sim.core.settings import EvidenceRow
from sim.run.ensemble import ensemble
from sim.run.plan import Replications
from sim.run.pool import OnProgress, silent
from sim.scenario import Scenario
from sim.stats.intervals import mean_interval
from sim.study.calibrate import without_queues
from sim.study.design.values import variant

OUTCOMES = ("delivered_pure_kg", "seized_pure_kg", "adversary_profit_usd")
"""Not the precursors stopped: few finds a year, whose change no few replications tell from chance."""
ASSUMED = "assumed"
FROZEN = "none"
OF_ONE_POLICY = {
    "salience": ("local_thinking",),
    "bandit": ("learning_rate", "implicit_exploration"),
    "worst_case": ("ceiling",),
}
"""Numbers of ``conf/adversary`` that one policy reads alone."""


@dataclass(frozen=True)
class Influence:
    """What one number moves.

    Parameters
    ----------
    row : EvidenceRow
        The number with its range and source.
    at_low, at_high : ndarray of float64, shape (outcomes,)
        Change of each of ``OUTCOMES`` against the baseline, as a share of the baseline's mean.
    half_low, half_high : ndarray of float64, shape (outcomes,)
        Half the width of the 95 % interval (Student) of either change, on common random numbers.
    """

    row: EvidenceRow
    at_low: np.ndarray
    at_high: np.ndarray
    half_low: np.ndarray
    half_high: np.ndarray

    @property
    def swing(self) -> float:
        """The larger change of the first outcome whose interval leaves out zero, in absolute terms."""
        ends = ((self.at_low[0], self.half_low[0]), (self.at_high[0], self.half_high[0]))
        return max((abs(float(change)) for change, half in ends if abs(change) > half), default=0.0)


def assumptions(scenario: Scenario) -> list[EvidenceRow]:
    """Return the assumed numbers of a scenario, without those of levers that are absent."""
    absent = tuple(f"levers.{name}." for name, lever in scenario.settings.levers.items() if not lever.size)
    return [
        row
        for row in scenario.evidence
        if row.status == ASSUMED and isfinite(row.low) and not row.path.startswith(absent)
    ]


def active_and_off(scenario: Scenario) -> tuple[list[EvidenceRow], list[EvidenceRow]]:
    """Return the assumptions that a scenario can feel, and those of parts that it has switched off."""
    rows, off = assumptions(scenario), _switched_off(scenario)
    return [row for row in rows if not off(row.path)], [row for row in rows if off(row.path)]


def _switched_off(scenario: Scenario) -> Callable[[str], bool]:
    """Return which paths belong to a policy, a rule of leniency or a limit that is not chosen."""
    border, kind = scenario.settings.border, scenario.settings.adversary.kind
    others = [name for policy, names in OF_ONE_POLICY.items() if policy != kind for name in names]
    adversary = ["adversary."] if kind == FROZEN else [f"adversary.{name}" for name in others]
    rules = [
        f"border.leniency.{rule}."
        for rule in scenario.values["border"]["leniency"]
        if rule != border.leniency.kind
    ]
    prefixes = tuple(adversary + rules)
    endless = border.screening.secondary_space == "unlimited"
    return lambda path: path.startswith(prefixes) or (endless and path.endswith(".waiting_places"))


def screen(
    scenario: Scenario,
    rows: Sequence[EvidenceRow],
    replications: Replications,
    on_progress: OnProgress = silent,
) -> tuple[list[Influence], np.ndarray]:
    """Run the screen; finished replications are kept in the store.

    Returns
    -------
    list of Influence
        Largest swing first.
    ndarray of float64, shape (outcomes,)
        Means of the baseline.
    """
    base = without_queues(scenario, {})
    variants: list[Scenario] = [base]
    ends: list[tuple[EvidenceRow, int, int]] = []
    for row in rows:
        places: list[int] = []
        for value in (row.low, row.high):
            made = variant(base, row.path, value) if value != row.value else base
            places.append(len(variants) if made is not None and made is not base else 0)
            if places[-1]:
                assert made is not None
                variants.append(made)
        ends.append((row, places[0], places[1]))
    outcomes = ensemble(variants, replications, on_progress).yearly(OUTCOMES)
    central = outcomes[0].mean(axis=0)
    found = []
    for row, low, high in ends:
        changes = [(outcomes[i] - outcomes[0]) / central for i in (low, high)]
        means = [change.mean(axis=0) for change in changes]
        halves = [_half_width(change) for change in changes]
        found.append(Influence(row, means[0], means[1], halves[0], halves[1]))
    return sorted(found, key=lambda one: (-one.swing, one.row.path)), central


def _half_width(change: np.ndarray) -> np.ndarray:
    """Return half the width of the 95 % interval of the mean over replications, by outcome."""
    ends = [mean_interval(column) for column in change.T]
    return np.array([(end.high - end.low) / 2.0 for end in ends])
