"""Outcomes of a run: monthly measures added up to a year, with both kinds of uncertainty."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sim.core.tables import Table
from sim.measures.registry import MeasureInfo, registry
from sim.stats.intervals import Interval, mean, mean_interval, parameter_interval

DAYS_A_YEAR = 365
Yearly = dict[tuple[str, str], np.ndarray]  # (measure, place) -> value of each run


def margin_of(info: MeasureInfo, days: int) -> float:
    """Return the smallest difference that matters over a window, in the outcome's unit.

    A sum over less than a year is held against that part of the yearly margin; sums over more than a
    year are given a year, and means and ratios do not grow with the window.

    Parameters
    ----------
    info : MeasureInfo
    days : int
        Length of the window.
    """
    return info.margin * min(1.0, days / DAYS_A_YEAR) if info.over_months == "sum" else info.margin


def window_of(days: int) -> str:
    """Return what sums are counted over, in words: a year, or the window when it is shorter."""
    return "a year" if days >= DAYS_A_YEAR else f"in {days} days"


def unit_of(info: MeasureInfo, days: int) -> str:
    """Return the unit of an outcome with the time that it is counted over."""
    return f"{info.unit} {window_of(days)}" if info.over_months == "sum" else info.unit


@dataclass(frozen=True)
class Runs:
    """Measures of all replications, added up over the window.

    Parameters
    ----------
    parameter_set : ndarray of int32, shape (runs,)
    values : dict
        ``(measure, place)`` to float64 of shape (runs,).
    """

    parameter_set: np.ndarray
    values: Yearly = field(default_factory=dict)

    def central(self, measure: str, place: str) -> np.ndarray:
        """Return the values of the replications of the central set."""
        return self.values[measure, place][self.parameter_set == 0]

    def others(self, measure: str, place: str) -> np.ndarray:
        """Return one value for each further parameter set."""
        return self.values[measure, place][self.parameter_set != 0]


@dataclass(frozen=True)
class YearlyOutcome:
    """One outcome of a run, a year."""

    measure: str
    place: str
    info: MeasureInfo
    mean: float
    monte_carlo: Interval
    parameter: Interval


def add_up(measures: Table, days: int, known: Mapping[str, MeasureInfo] | None = None) -> Runs:
    """Return every measure over the window, each run apart.

    Parameters
    ----------
    measures : Table
        Long table of all replications.
    days : int
        Length of the window; sums over more than a year are given a year of 365 days.
    known : mapping, optional
        Outcomes by name; by default those of ``conf/measures.yaml``.
    """
    known = registry() if known is None else known
    run_id = np.stack([measures["parameter_set"], measures["replication"]], axis=1)
    runs, run = np.unique(run_id, axis=0, return_inverse=True)
    run = run.reshape(-1)
    sums: Yearly = {}
    means: Yearly = {}
    names = np.array(
        [f"{m}\0{p}" for m, p in zip(measures["measure"], measures["place"], strict=True)], dtype=str
    )
    keys, key = np.unique(names, return_inverse=True)
    for number, text in enumerate(keys):
        rows = key == number
        measure, place = str(text).split("\0")
        value = measures["value"][rows]
        finite = np.isfinite(value)
        total = np.bincount(run[rows][finite], weights=value[finite], minlength=len(runs)).astype(np.float64)
        count = np.bincount(run[rows][finite], minlength=len(runs))
        sums[measure, place] = total
        means[measure, place] = np.divide(total, count, out=np.full(len(runs), math.nan), where=count > 0)
    per_year = DAYS_A_YEAR / days if days > DAYS_A_YEAR + 1 else 1.0
    values = {
        where: over_months(where, known[where[0]], sums, means, per_year)
        for where in sums
        if where[0] in known
    }
    return Runs(runs[:, 0].astype(np.int32), values)


def over_months(
    where: tuple[str, str], info: MeasureInfo, sums: Yearly, means: Yearly, per_year: float
) -> np.ndarray:
    """Return an outcome over the window from sums and means of months, each float64 of shape (runs,)."""
    if info.over_months == "mean":
        return means[where]
    if info.over_months == "sum":
        return sums[where] * per_year
    above, below = (sums.get((name, where[1]), np.full_like(sums[where], math.nan)) for name in info.of)
    return np.divide(above, below, out=np.full(len(above), math.nan), where=below > 0)


def outcome_of(runs: Runs, measure: str, place: str, info: MeasureInfo) -> YearlyOutcome:
    """Return mean, Monte Carlo interval and parameter-uncertainty interval of one outcome."""
    central, others = runs.central(measure, place), runs.others(measure, place)
    variance = float(central.var(ddof=1)) if central.size > 1 else math.nan
    chance = mean_interval(central).within(*info.bounds)
    unknown = parameter_interval(others, variance).within(*info.bounds)
    return YearlyOutcome(measure, place, info, mean(central), chance, unknown)
