"""Sums of the long tables by run, of which the figures draw means and intervals.

A run is one (parameter set, replication). The interval drawn is a 95 % prediction interval for one
simulated window: where one further run would fall, so that a single real year can be held against it.
"""

from __future__ import annotations

import numpy as np

from sim.report.theme import Table

MONTHS_PER_YEAR = 12


def run_index(table: Table) -> tuple[np.ndarray, int]:
    """Return the run a row belongs to (int64, 0-based) and the count of runs."""
    replication = np.asarray(table["replication"], dtype=np.int64)
    if replication.size == 0:
        return replication, 0
    other = np.asarray(table.get("parameter_set", np.zeros_like(replication)), dtype=np.int64)
    _, index = np.unique(other * (replication.max() + 1) + replication, return_inverse=True)
    return index, int(index.max()) + 1


def months_of(table: Table) -> list[str]:
    """Return the months of a table as ``YYYY-MM``, in order."""
    return sorted(str(m) for m in np.unique(np.asarray(table["month"]).astype(str)) if m)


def by_month(measures: Table, name: str, place: str = "all") -> np.ndarray:
    """Return one measure at one place, float64 of shape (runs, months); a missing row counts as zero."""
    run, runs = run_index(measures)
    months = months_of(measures)
    rows = (np.asarray(measures["measure"]).astype(str) == name) & (
        np.asarray(measures["place"]).astype(str) == place
    )
    out = np.zeros((runs, len(months)))
    position = np.searchsorted(months, np.asarray(measures["month"]).astype(str)[rows])
    np.add.at(out, (run[rows], position), np.asarray(measures["value"], dtype=np.float64)[rows])
    return out


def present(measures: Table, name: str) -> list[str]:
    """Return the places at which a measure has rows."""
    rows = np.asarray(measures["measure"]).astype(str) == name
    return sorted(str(p) for p in np.unique(np.asarray(measures["place"]).astype(str)[rows]))


def per_year(months: int) -> tuple[float, str]:
    """Return the factor from window totals to what is shown, and its words.

    Whole years become a mean year; a shorter window stays a total, because a season is not a year.
    """
    if months >= MONTHS_PER_YEAR:
        return MONTHS_PER_YEAR / months, "per year"
    return 1.0, f"in {months} month{'s' if months != 1 else ''}"


def official_by_month(official: Table | None, name: str, place: str, months: list[str]) -> np.ndarray | None:
    """Return the official series on ``months`` as float64, or None unless it covers each of them."""
    if official is None:
        return None
    rows = (np.asarray(official["measure"]).astype(str) == name) & (
        np.asarray(official["place"]).astype(str) == place
    )
    if not rows.any():
        return None
    values = np.asarray(official["value"], dtype=np.float64)[rows]
    series = dict(zip(np.asarray(official["month"]).astype(str)[rows].tolist(), values.tolist(), strict=True))
    covered = set(np.asarray(official["month"]).astype(str).tolist())
    if not set(months) <= covered:
        return None
    return np.array([series.get(month, 0.0) for month in months])
