"""Pairs of runs: a scenario and its baseline, for each adversary, with common random numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.adversary import POLICIES
from sim.core.errors import ConfigError, unknown
from sim.core.tables import Table
from sim.report.yearly import DAYS_A_YEAR, Runs, add_up
from sim.run.ensemble import by_month, ensemble
from sim.run.plan import Replications
from sim.run.pool import OnProgress, silent
from sim.scenario import Scenario

DELIVERED = "delivered_pure_kg"
FROZEN = "none"
"""The adversary that does not adapt."""


@dataclass(frozen=True)
class Pairing:
    """A scenario and what it is compared with; both have the adversary and the calendar in common."""

    scenario: str
    adversary: str
    before: Scenario
    after: Scenario


def pairings(
    scenarios: Sequence[str],
    baseline: str,
    adversaries: Sequence[str],
    load: Callable[[str, str, Mapping[str, Any]], Scenario],
) -> list[Pairing]:
    """Return scenarios and their baselines for every adversary of a panel, over the same dates.

    Parameters
    ----------
    scenarios : sequence of str
    baseline : str
    adversaries : sequence of str
        Policies; the one that does not adapt is added.
    load : callable
        Scenario by name, adversary, and dates by their dotted paths.

    Raises
    ------
    ConfigError
        A policy is unknown, or a scenario is its own baseline.
    """
    for name in adversaries:
        if name not in POLICIES:
            raise unknown("policy", name, "study effect: adversaries", POLICIES)
    if baseline in scenarios:
        raise ConfigError(f"study effect: {baseline} is the baseline itself; name another scenario")
    found = []
    for scenario in scenarios:
        for name in dict.fromkeys([FROZEN, *adversaries]):
            after = load(scenario, name, {})
            dates = after.settings.calendar
            same = {
                "calendar.start": dates.start,
                "calendar.days": dates.days,
                "calendar.warmup_days": dates.warmup_days,
            }
            found.append(Pairing(scenario, name, load(baseline, name, same), after))
    return found


@dataclass(frozen=True)
class PairedRuns:
    """The runs of a pairing in the same order, so that row ``i`` of both shares its draws.

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
    pairings: Sequence[Pairing],
    replications: Replications,
    on_progress: OnProgress = silent,
) -> list[PairedRuns]:
    """Simulate what the store lacks of both sides of every pairing, and pair them.

    Raises
    ------
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    runs = ensemble(
        [side for pairing in pairings for side in (pairing.before, pairing.after)],
        replications,
        on_progress,
    )
    return [paired(pairing, runs.tables(2 * i), runs.tables(2 * i + 1)) for i, pairing in enumerate(pairings)]


def paired(pairing: Pairing, before: Table, after: Table) -> PairedRuns:
    """Return two long tables of measures as pairs of runs."""
    days = pairing.after.calendar.days
    sides = add_up(before, days), add_up(after, days)
    months = by_month(before, DELIVERED), by_month(after, DELIVERED)
    return PairedRuns(pairing.scenario, pairing.adversary, *sides, months, days)
