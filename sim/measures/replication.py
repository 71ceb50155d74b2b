"""One replication from scenario to the tables that are stored."""

from __future__ import annotations

import numpy as np

from sim.core.calendar import Calendar
from sim.core.tables import Table
from sim.disclosure import WITHHELD, emptied, reported_measures
from sim.measures.border import border_hours, border_months, measure_border, officer_costs
from sim.measures.flows import Rows, measure_flows
from sim.measures.registry import registry
from sim.scenario import Scenario
from sim.world import ReplicationOutput, simulate


def run_replication(
    scenario: Scenario, seed: int, replication: int, parameter_set: int = 0
) -> dict[str, Table]:
    """Simulate and measure one replication.

    Returns
    -------
    dict of str to Table
        ``measures``, ``border_hours``, ``border_months`` and ``postings``, with the columns that
        ``sim.store.columns`` declares.
    """
    outcome = simulate(scenario, seed, replication, parameter_set)
    calendar = scenario.calendar
    rows = measure_outcome(outcome, scenario)
    postings = {"replication": np.full(len(outcome.postings["month"]), replication, dtype=np.int32)}
    hours, of_months = border_hours(outcome), border_months(outcome, calendar.month_names)
    if scenario.settings.adversary.kind in WITHHELD:
        hours, of_months = emptied(hours), emptied(of_months)
    return {
        "measures": _long(rows, calendar.month_names, replication, parameter_set),
        "border_hours": hours,
        "border_months": of_months,
        "postings": {**postings, **outcome.postings},
    }


def measure_outcome(outcome: ReplicationOutput, scenario: Scenario) -> Rows:
    """Return all measures of an outcome by name and place, one value a month."""
    months = scenario.calendar.month_names
    rows = measure_flows(outcome.postings, months)
    border = scenario.settings.border
    rows.update(measure_border(outcome, border.persons_per_trip))
    rows.update(officer_costs(rows, border.officers.cost_usd_per_duty_h))
    rows["price_index", "all"] = monthly_mean(outcome.gauges["price_index"], scenario.calendar)
    return reported_measures(rows) if scenario.settings.adversary.kind in WITHHELD else rows


def monthly_mean(gauge: tuple[np.ndarray, np.ndarray], calendar: Calendar) -> np.ndarray:
    """Return the mean of the readings of a level by month of the window, NaN where there is none."""
    times_h, values = gauge
    month = calendar.month_index(times_h)
    inside = month >= 0
    months = len(calendar.month_names)
    count = np.bincount(month[inside], minlength=months)
    total = np.bincount(month[inside], weights=values[inside], minlength=months)
    return np.divide(total, count, out=np.full(months, np.nan), where=count > 0)


def _long(rows: Rows, months: tuple[str, ...], replication: int, parameter_set: int) -> Table:
    """Return the measures as one long table in the order of the registry."""
    known = registry()
    keys = sorted(rows, key=lambda key: (list(known).index(key[0]), key[1] != "all", key[1]))
    size = len(keys) * len(months)
    return {
        "replication": np.full(size, replication, dtype=np.int32),
        "parameter_set": np.full(size, parameter_set, dtype=np.int32),
        "month": np.array([month for _ in keys for month in months], dtype=object),
        "measure": np.array([name for name, _ in keys for _ in months], dtype=object),
        "place": np.array([place for _, place in keys for _ in months], dtype=object),
        "layer": np.array([known[name].layer for name, _ in keys for _ in months], dtype=object),
        "value": np.concatenate([rows[key] for key in keys]),
    }
