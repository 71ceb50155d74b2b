"""Rebuild ``conf/border/fit``: reported delays with lanes, entries and places of the same time.

Three tables: ``delays.csv`` and ``lanes.csv`` by lane group, day type and hour, ``places.csv`` by crossing
and mode. Lane rules of ``rules.csv`` hold, except those that undo what opened after fiscal year 2022.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.border.crossing import LANE_COLUMNS, MODES, Crossing, load_crossings
from sim.core.errors import TableError
from sim.data.border_tables import class_rates, shipped_tables
from sim.data.counts import Counts, read_bts, read_texas
from sim.data.lanes import REPORTS_MIN, SHAPE, GroupKey, lane_rows, read_delays, read_lane_hours
from sim.data.official import RebuildReport, drafting, write_table
from sim.data.placement import (
    STANDARD,
    Lanes,
    PlacementRule,
    StationKey,
    apply_lane_rules,
    load_rules,
    weekly_work,
)

TEXAS_MONTHS = tuple(f"2025-{month:02d}" for month in range(4, 13))
"""Months of the lanes and delays for which bridges are counted."""
BTS_MONTHS = (*(f"2024-{month:02d}" for month in range(4, 13)), "2025-01", "2025-02")
"""The last eleven months of the port counts stand for the year after them."""
SIZE_KM = 20.0
EARTH_RADIUS_KM = 6371.0
PLACE_COLUMNS = ("crossing_id", "mode", "source", "entries_per_day", "size_cars_per_day")
FIT_RULES = ("merged", "folded", "on_demand")

Reports = tuple[NDArray[np.float64], NDArray[np.float64]]


def rebuild_fit(bts: Path, texas: Path, lanes: Path, delays: Path, out: Path) -> RebuildReport:
    """Write the tables of the fit from official files.

    Parameters
    ----------
    bts : Path
        BTS Border Crossing Entry Data up to February 2025 at least.
    texas : Path
        Monthly northbound counts by Texas bridge up to December 2025.
    lanes, delays : Path
        Aggregated lanes open and delays reported by hour.
    out : Path
        Folder of the tables; registers are read from the folder above it, or from the shipped tables.

    Raises
    ------
    TableError
        A file lacks columns or all months of a place that reports delays.
    """
    folder = out.parent if (out.parent / "crossings.csv").is_file() else shipped_tables()
    crossings = load_crossings(folder / "crossings.csv")
    rules = [rule for rule in load_rules(folder / "rules.csv") if rule.rule in FIT_RULES]
    present = {c.crossing_id for c in crossings if c.status != "merged"}
    opened = apply_lane_rules(read_lane_hours(lanes), rules, present)
    reported = mean_delays(delays, opened, rules)
    work = weekly_work(opened, class_rates(folder))
    entries = daily_entries(read_bts(bts).counts, read_texas(texas), crossings, work)
    order = [c.crossing_id for c in crossings]
    if absent := sorted({key[:2] for key in reported} - set(entries)):
        raise TableError(
            f"{' '.join(absent[0])} reports delays but has no entries in {BTS_MONTHS[-1]} or later"
        )
    size = sizes(crossings, entries)
    places = [
        [*key, entries[key][0], f"{entries[key][1]:.1f}", f"{size[key[0]]:.1f}"]
        for key in ((c, mode) for c in order for mode in MODES)
        if key in entries
    ]
    stations = {key[:2] for key in reported}
    beside = {key: hours for key, hours in opened.items() if key[:2] in stations}
    with drafting(out) as draft:
        files = [
            write_table(draft / "lanes.csv", LANE_COLUMNS, lane_rows(beside, order)),
            write_table(draft / "delays.csv", LANE_COLUMNS, lane_rows(reported, order)),
            write_table(draft / "places.csv", PLACE_COLUMNS, places),
        ]
    count = len({key[0] for key in reported})
    line = f"delays of {len(reported)} lane groups at {count} crossings"
    return RebuildReport(files, lines=[line]).moved(draft, out)


def mean_delays(
    path: Path, lanes: Lanes, rules: Sequence[PlacementRule]
) -> dict[GroupKey, NDArray[np.float64]]:
    """Return the mean reported delay of each group with lanes, min, NaN where unknown, float64[3, 24].

    Delays of groups that a rule adds together are averaged over their reports.
    """
    found: dict[GroupKey, Reports] = {}
    for own, hours in read_delays(path).items():
        reported = ~np.isnan(hours.delay_min)
        count, total = found.setdefault(_target(own, rules), (np.zeros(SHAPE), np.zeros(SHAPE)))
        count += np.where(reported, hours.reports, 0.0)
        total += np.where(reported, hours.reports * hours.delay_min, 0.0)
    means = {}
    for key, (count, total) in found.items():
        known = (count >= REPORTS_MIN) & (lanes.get(key, np.zeros(SHAPE)) > 0.0)
        if known.any():
            means[key] = np.where(known, total / np.maximum(count, 1.0), np.nan)
    return means


def _target(key: GroupKey, rules: Sequence[PlacementRule]) -> GroupKey:
    """Return the group that a rule adds a group to."""
    for rule in rules:
        if rule.rule == "merged" and key[0] == rule.place:
            key = (rule.target, key[1], key[2])
        elif rule.rule == "folded" and key == (rule.place, rule.mode, rule.lane_class):
            key = (key[0], key[1], STANDARD)
    return key


def daily_entries(
    bts: Counts, texas: Counts, crossings: Sequence[Crossing], work: dict[StationKey, float]
) -> dict[StationKey, tuple[str, float]]:
    """Return source and mean entries a day by (crossing, mode).

    Ports with several crossings are split by lane-hours x class rate, as in ``volumes.csv``.
    """
    found: dict[StationKey, tuple[str, float]] = {}
    bridges = {c.texas_bridge: c.crossing_id for c in crossings if c.texas_bridge}
    for (bridge, mode), series in texas.items():
        if bridge in bridges and (mean := _mean_per_day(series, TEXAS_MONTHS)) > 0.0:
            found[bridges[bridge], mode] = ("texas_bridge", mean)
    texan = {c.bts_port_code for c in crossings if c.texas_bridge}
    for (code, mode), series in bts.items():
        own = [c.crossing_id for c in crossings if c.bts_port_code == code and code not in texan]
        own = [c for c in own if (c, mode) in work] or own[:1]
        if not own or (mean := _mean_per_day(series, BTS_MONTHS)) == 0.0:
            continue
        total = sum(work.get((c, mode), 1.0) for c in own)
        for c in own:
            share = work.get((c, mode), 1.0) / total
            found[c, mode] = ("bts_port" if len(own) == 1 else "bts_split", mean * share)
    return found


def _mean_per_day(series: dict[str, int], months: Iterable[str]) -> float:
    """Return the mean over the reported months, per day; 0 if none is reported."""
    known = [month for month in months if month in series]
    days = sum(monthrange(int(month[:4]), int(month[5:]))[1] for month in known)
    return sum(series[month] for month in known) / days if days else 0.0


def sizes(crossings: Sequence[Crossing], entries: dict[StationKey, tuple[str, float]]) -> dict[str, float]:
    """Return the size of the place of each crossing: cars a day, weight exp(-distance / 20 km)."""
    at = {c.crossing_id: np.radians((c.lat_deg, c.lon_deg)) for c in crossings}

    def near(one: str, other: str) -> float:
        north, east = at[one] - at[other]
        east *= np.cos((at[one][0] + at[other][0]) / 2.0)
        return float(np.exp(-EARTH_RADIUS_KM * np.hypot(north, east) / SIZE_KM))

    cars = {c: mean for (c, mode), (_, mean) in entries.items() if mode == MODES[0]}
    return {c: sum(near(c, other) * mean for other, mean in cars.items()) for c in at}
