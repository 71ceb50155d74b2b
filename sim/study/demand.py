"""Demand: how many must arrive so that the counted entries remain after some have reneged.

The fluid balance of ``sim.border.traffic`` gives most of it. What chance adds (a lane that is shut in
one hour of two, a short queue at a single booth) is found here with the queue itself: simulate the
fiscal year, multiply each group's factor by counted over simulated entries, repeat with other draws.
In the same rounds the pace of groups with a reported delay moves until the simulated wait is that of
``sim.study.border_fit.targets``, as far as the highest loads allow. The result is ``demand.csv``. It
belongs to the volumes, lanes and settings that it was made with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.border.crossing import DEMAND_COLUMNS, DEMAND_MIN, BorderTables, load_border
from sim.border.network import BorderQueue, BorderTotals, HourInput, QueueSettings
from sim.border.traffic import Traffic, TrafficSettings
from sim.core.calendar import HOURS_PER_WEEK, Calendar
from sim.core.draws import Draws
from sim.core.settings import split_evidence, validated
from sim.core.shipped import conf_folder, fact_ids, read_yaml
from sim.core.units import MINUTES_PER_HOUR
from sim.store.files import OTHER_OUT, check_out, write_text
from sim.study.border_fit.targets import target_waits

FISCAL_YEAR_2022 = Calendar(date(2021, 10, 1), 365, 14)
GAINS = (1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.2, 1.0, 0.7, 0.5)
"""Exponent of counted over simulated entries a round: above 1 where a crowd answers weakly, then calming."""
DEMAND_MAX = 20.0
PACE_STEP, PACE_ROUNDS, PACE_BOUNDS = 0.08, 6, (0.7, 1.6)
"""Change of the pace for a wait that is e times its target; rounds that change it; how far it goes."""
WAIT_FLOOR_MIN = 2.0
"""Added to both waits before they are compared: the share of a short wait says little."""
DECIMALS = 4


@dataclass(frozen=True)
class Year:
    """One simulated fiscal year of the queue, beside the counts that it was made from.

    Attributes
    ----------
    totals : BorderTotals
    expected : ndarray
        Counted entries by group and month of the window, float64[group, month].
    emptied : ndarray
        Whether each group's queue was empty at the end of an hour of each whole week, bool[week, group].
    """

    totals: BorderTotals
    expected: NDArray[np.float64]
    emptied: NDArray[np.bool_]


def simulate_year(
    tables: BorderTables, settings: TrafficSettings, draws: Draws, calendar: Calendar = FISCAL_YEAR_2022
) -> Year:
    """Simulate the border alone, without loads and without secondary.

    Parameters
    ----------
    tables : BorderTables
    settings : TrafficSettings
    draws : Draws
    calendar : Calendar
        Fiscal year 2022 unless a test wants less.
    """
    traffic = Traffic(tables, calendar, draws, settings)
    groups, stations = len(tables.groups), len(tables.stations)
    queue = BorderQueue(
        QueueSettings(
            secondary_of=tables.secondary_of,
            lanes_max=tables.lanes_max,
            service_shape=traffic.service_shape,
            patience_h=traffic.patience_h,
            bays_max=np.ones(stations, dtype=np.int32),
            secondary_shape=np.ones(stations, dtype=np.int32),
            hour_of_week=calendar.hour_of_week,
            month_of_hour=calendar.month_of_hour,
            n_months=len(calendar.month_names),
        ),
        draws,
    )
    expected = np.zeros((groups, len(calendar.month_names)))
    empty = np.zeros((calendar.total_hours, groups), dtype=np.bool_)
    nobody, bays = np.zeros(groups), np.ones(stations, dtype=np.int32)
    for hour in range(calendar.total_hours):
        rate_per_h = traffic.rate_per_h(hour)
        lanes = traffic.lanes(hour)
        queue.advance(
            hour,
            HourInput(rate_per_h, traffic.service_in_hour_h(hour), lanes, nobody, np.ones(stations), bays),
        )
        empty[hour] = queue.queue == 0
        if calendar.month_of_hour[hour] >= 0:
            expected[:, calendar.month_of_hour[hour]] += traffic.entries_in_hour(hour)
    weeks = calendar.total_hours // HOURS_PER_WEEK
    emptied = np.asarray(empty[: weeks * HOURS_PER_WEEK].reshape(weeks, HOURS_PER_WEEK, groups).any(axis=1))
    return Year(queue.totals(), expected, emptied)


def calibrate_demand(
    tables: BorderTables,
    settings: TrafficSettings,
    announce: Callable[[str], None] = lambda line: None,
    target_min: NDArray[np.float64] | None = None,
) -> BorderTables:
    """Return the tables with demand factor and pace calibrated, starting from theirs.

    Parameters
    ----------
    tables : BorderTables
    settings : TrafficSettings
    announce : callable
        Gets one line a round.
    target_min : ndarray, optional
        Mean wait that each group should have, float64[group], NaN where none is known.
    """
    if target_min is None:
        target_min = np.full(len(tables.groups), np.nan)
    known = np.isfinite(target_min)
    for round_, gain in enumerate(GAINS):
        year = simulate_year(tables, settings, Draws(1, round_))
        counted = year.expected.sum(axis=1)
        trips = np.maximum(year.totals.month["trips"].sum(axis=1), 1.0)
        worst = abs(miss(tables, trips)).max()
        wait_min = year.totals.month["wait_h"].sum(axis=1) / trips * MINUTES_PER_HOUR
        off = np.log((wait_min[known] + WAIT_FLOOR_MIN) / (target_min[known] + WAIT_FLOOR_MIN))
        line = f"round {round_ + 1}: entries {worst:.2%} off at the worst crossing and mode"
        if known.any():
            line += f", waits {abs(off).mean():.0%} off their targets"
        announce(line)
        pace = tables.pace.copy()
        if round_ < PACE_ROUNDS:
            pace[known] = np.clip(pace[known] * np.exp(PACE_STEP * off), *PACE_BOUNDS)
        factor = np.clip(tables.demand_factor * (trips / counted) ** -gain, DEMAND_MIN, DEMAND_MAX)
        tables = replace(tables, demand_factor=factor, pace=pace)
    return tables


def miss(tables: BorderTables, trips: NDArray[np.float64], least: float = 1e5) -> NDArray[np.float64]:
    """Return simulated over counted entries of a year less 1, of stations with at least ``least`` entries."""
    volume = tables.volume.sum(axis=1)
    return (np.bincount(tables.secondary_of, weights=trips) / volume - 1.0)[volume >= least]


def traffic_settings(path: Path) -> TrafficSettings:
    """Return the traffic settings of a file of records."""
    return validated(TrafficSettings, split_evidence(read_yaml(path), {}, fact_ids())[0], "border.traffic")


def rebuild_demand(folder: Path, announce: Callable[[str], None] = lambda line: None) -> Path:
    """Calibrate ``demand.csv`` of a folder of border tables, and return its path.

    Settings are those of the folder's ``traffic.yaml``, or the shipped ones if it has none.
    """
    check_out(folder)
    own = folder / "traffic.yaml"
    tables = load_border(folder)
    settings = traffic_settings(own if own.is_file() else conf_folder() / "border" / own.name)
    reports = folder / "fit"
    target_min = target_waits(tables, settings, reports) if reports.is_dir() else None
    found = calibrate_demand(tables, settings, announce=announce, target_min=target_min)
    rows = [
        f"{g.crossing.crossing_id},{g.mode},{g.lane_class},{factor:.{DECIMALS}f},{pace:.{DECIMALS}f}\n"
        for g, factor, pace in zip(found.groups, found.demand_factor, found.pace, strict=True)
    ]
    path = folder / "demand.csv"
    write_text(path, ",".join(DEMAND_COLUMNS) + "\n" + "".join(rows), OTHER_OUT)
    return path
