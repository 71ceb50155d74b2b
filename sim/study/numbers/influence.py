"""Influence: every assumed number at both ends of its range, one at a time, on the same draws.

A screen, not a sensitivity analysis: it sees no interaction. It answers which assumptions deserve an
argument first. The border runs without queues, so numbers that act on waits alone move nothing here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from sim.core.settings import EvidenceRow
from sim.run.engine import OnProgress, silent
from sim.scenario import Scenario
from sim.study.batch import Batch, simulated
from sim.study.calibrate import without_queues
from sim.study.design.values import variant

OUTCOMES = ("delivered_pure_kg", "seized_pure_kg", "precursor_stopped_kg", "adversary_profit_usd")
ASSUMED = "assumed"


@dataclass(frozen=True)
class Influence:
    """What one number moves.

    Parameters
    ----------
    row : EvidenceRow
        The number with its range and source.
    at_low, at_high : ndarray of float64, shape (outcomes,)
        Change of each of ``OUTCOMES`` against the baseline, as a share of the baseline's mean.
    error : ndarray of float64, shape (outcomes,)
        The larger standard error of the two changes, on common random numbers.
    """

    row: EvidenceRow
    at_low: np.ndarray
    at_high: np.ndarray
    error: np.ndarray

    @property
    def swing(self) -> float:
        """The larger change of the first outcome that exceeds two standard errors, in absolute terms."""
        ends = np.abs([self.at_low[0], self.at_high[0]])
        return float(ends.max()) if ends.max() > 2.0 * self.error[0] else 0.0


def assumptions(scenario: Scenario) -> list[EvidenceRow]:
    """Return the assumed numbers that act in a scenario; those of levers that are absent do not."""
    absent = tuple(f"levers.{name}." for name, lever in scenario.settings.levers.items() if not lever.size)
    return [
        row
        for row in scenario.evidence
        if row.status == ASSUMED and isfinite(row.low) and not row.path.startswith(absent)
    ]


def screen(
    scenario: Scenario, rows: Sequence[EvidenceRow], batch: Batch, on_progress: OnProgress = silent
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
    outcomes = simulated(variants, OUTCOMES, batch, on_progress)
    central = outcomes[0].mean(axis=0)
    found = []
    for row, low, high in ends:
        changes = [(outcomes[i] - outcomes[0]) / central for i in (low, high)]
        errors = [change.std(axis=0, ddof=1) / np.sqrt(batch.replications) for change in changes]
        means = [change.mean(axis=0) for change in changes]
        found.append(Influence(row, means[0], means[1], np.maximum(*errors)))
    return sorted(found, key=lambda one: (-one.swing, one.row.path)), central
