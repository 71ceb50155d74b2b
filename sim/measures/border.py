"""The border in tables and measures: lawful traffic by lane group, never joined with a load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sim.border.network import BorderTotals
from sim.border.waits import LONG_WAIT_MIN, wait_quantile
from sim.core.tables import Table, ratio
from sim.core.units import MINUTES_PER_HOUR
from sim.measures.flows import Rows
from sim.world import ReplicationOutput


def _lane_group_columns(outcome: ReplicationOutput, repeat: int) -> Table:
    groups = outcome.tables.groups if outcome.border is not None else ()
    columns = {
        "crossing_id": [g.crossing.crossing_id for g in groups],
        "crossing": [g.crossing.name for g in groups],
        "office": [g.crossing.office for g in groups],
        "mode": [g.mode for g in groups],
        "lane_class": [g.lane_class for g in groups],
    }
    return {name: np.repeat(np.array(values, dtype=object), repeat) for name, values in columns.items()}


def border_hours(outcome: ReplicationOutput) -> Table:
    """Return lanes, trips, waits and queues by lane group and hour of the week."""
    columns = _lane_group_columns(outcome, 168)
    if outcome.border is None:
        empty = np.zeros(0)
        names = ("lanes", "trips_per_h", "reneged_per_h", "wait_min", "queue")
        return {**columns, "hour_of_week": empty.astype(np.int32), **dict.fromkeys(names, empty)}
    week, times = outcome.border.week, np.maximum(outcome.week_hours, 1.0)
    groups = len(outcome.tables.groups)
    return {
        **columns,
        "hour_of_week": np.tile(np.arange(168, dtype=np.int32), groups),
        "lanes": (week["lane_h"] / times).ravel(),
        "trips_per_h": (week["trips"] / times).ravel(),
        "reneged_per_h": (week["reneged"] / times).ravel(),
        "wait_min": (ratio(week["wait_h"], week["trips"]) * MINUTES_PER_HOUR).ravel(),
        "queue": (week["queue"] / times).ravel(),
    }


def border_months(outcome: ReplicationOutput, months: Sequence[str]) -> Table:
    """Return trips, waits and lane use by lane group and month of the window."""
    columns = _lane_group_columns(outcome, len(months))
    names = (
        "trips",
        "reneged",
        "wait_min",
        "wait_p50_min",
        "wait_p90_min",
        "share_over_60",
        "lane_h",
        "busy_h",
    )
    if outcome.border is None:
        empty = np.zeros(0)
        return {**columns, "month": empty.astype(object), **dict.fromkeys(names, empty)}
    month, bins = outcome.border.month, outcome.border.wait_bins
    values = (
        month["trips"],
        month["reneged"],
        ratio(month["wait_h"], month["trips"]) * MINUTES_PER_HOUR,
        wait_quantile(bins, 0.5, month["delayed"]),
        wait_quantile(bins, 0.9, month["delayed"]),
        ratio(bins[..., LONG_WAIT_MIN:].sum(axis=-1), bins.sum(axis=-1)),
        month["lane_h"],
        month["busy_h"],
    )
    return {
        **columns,
        "month": np.tile(np.array(months, dtype=object), len(outcome.tables.groups)),
        **{name: value.ravel() for name, value in zip(names, values, strict=True)},
    }


def measure_border(outcome: ReplicationOutput, persons_per_trip: Mapping[str, float]) -> Rows:
    """Return trips, waits, referrals and use of lanes by mode and lane class, one value a month."""
    if outcome.border is None:
        return {}
    modes = np.array([g.mode for g in outcome.tables.groups])
    rows: Rows = {}
    for mode in ("all", *persons_per_trip):
        chosen = np.ones(len(modes), dtype=bool) if mode == "all" else modes == mode
        rows |= {(name, mode): value for name, value in _mode_rows(outcome.border, chosen).items()}
    classes = np.array([f"{g.mode}.{g.lane_class}" for g in outcome.tables.groups])
    for place in np.unique(classes).tolist():
        rows |= {(name, place): value for name, value in _mode_rows(outcome.border, classes == place).items()}
    station_modes = np.array([s.mode for s in outcome.tables.stations])
    stay_h = outcome.border.station["wait_h"] + outcome.border.station["busy_h"]
    for mode in ("all", *persons_per_trip):
        chosen = (station_modes == mode) | (mode == "all")
        rows["secondary_minutes", mode] = stay_h[chosen].sum(axis=0) * MINUTES_PER_HOUR
    persons = np.array([persons_per_trip[mode] for mode in modes])
    waited = outcome.border.month["wait_h"] * persons[:, None]
    for mode in ("all", *persons_per_trip):
        rows["person_hours_waited", mode] = waited[(modes == mode) | (mode == "all")].sum(axis=0)
    return rows


def officer_costs(rows: Rows, usd_per_h: float) -> Rows:
    """Return the cost of the officer-hours of ``rows`` by place, dollars of 2022.

    All hours have one price. Programme cost of a lever that hires holds the added ones already.
    """
    costs = {"officer_hours": "officer_cost_usd", "officer_hours_added": "officer_cost_added_usd"}
    return {
        (costs[measure], place): hours * usd_per_h
        for (measure, place), hours in rows.items()
        if measure in costs
    }


def _mode_rows(border: BorderTotals, chosen: np.ndarray) -> dict[str, np.ndarray]:
    month = border.month[chosen]
    total = {name: month[name].sum(axis=0) for name in month.dtype.names}
    minutes, bins = total["wait_h"] * MINUTES_PER_HOUR, border.wait_bins[chosen].sum(axis=0)
    long_waits = bins[:, LONG_WAIT_MIN:].sum(axis=-1)
    return {
        "trips": total["trips"],
        "reneged_trips": total["reneged"],
        "minutes_waited": minutes,
        "wait_min": ratio(minutes, total["trips"]),
        "wait_p50_min": wait_quantile(bins, 0.5, total["delayed"]),
        "wait_p90_min": wait_quantile(bins, 0.9, total["delayed"]),
        "long_waits": long_waits,
        "share_over_60": ratio(long_waits, total["trips"]),
        "lawful_referrals": total["referred"],
        "lane_hours": total["lane_h"],
        "busy_lane_hours": total["busy_h"],
        "blocked_lane_hours": total["blocked_h"],
        "utilization": ratio(total["busy_h"], total["lane_h"]),
    }
