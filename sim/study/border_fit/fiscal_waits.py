"""What the fit to reported delays says about another year: waits at the entries and lanes of that year.

Parameters and hour profile come from all crossings that report; use of the lanes and size of the place
are recomputed from the tables of the border, so that crossings without a report get an answer too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.border.crossing import BorderTables
from sim.core.calendar import DAYS_PER_YEAR
from sim.core.draws import Draws
from sim.study.border_fit.reports import DAYS, TRUSTED, Floats, Problem
from sim.study.border_fit.response import Parameters, demand
from sim.study.border_fit.scores import hour_profile
from sim.study.border_fit.weekly_queue import WeeklyQueue

WEEKS = 4
"""Simulated weeks of the queue."""
REACH_KM = 20.0
EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True)
class FiscalWaits:
    """Lane-hour-weighted means of one lane class.

    Attributes
    ----------
    mode, lane_class : str
    groups, groups_reporting : int
        Lane groups of the fiscal year, and those with a reported delay.
    reported_min, fitted_min : float
        Delay reported, and wait of the fit at the entries of the time of the reports.
    fiscal_min : float
        Wait of the fit at the entries and lanes of the fiscal year, all groups.
    use_change : float
        Use of the lanes over that of the time of the reports, less 1; groups with a report.
    """

    mode: str
    lane_class: str
    groups: int
    groups_reporting: int
    reported_min: float
    fitted_min: float
    fiscal_min: float
    use_change: float


def fiscal_problem(problem: Problem, tables: BorderTables, rates: dict[tuple[str, str], float]) -> Problem:
    """Return the same lane classes at all crossings, with the entries and lanes of the tables."""
    trusted = problem.name.endswith("trusted")
    mine = [i for i, g in enumerate(tables.groups) if g.mode == problem.mode]
    rate = np.array([rates[g.mode, g.lane_class] for g in tables.groups])
    work = (tables.lanes * DAYS).sum(axis=(1, 2)) * rate / DAYS.sum()
    station = tables.secondary_of
    entries = tables.volume.sum(axis=1)[station] / DAYS_PER_YEAR
    total = np.bincount(station, weights=work)[station]
    size = car_sizes(tables)
    keep = np.array([i for i in mine if (tables.groups[i].lane_class in TRUSTED) == trusted])
    groups = [tables.groups[i] for i in keep]
    return Problem(
        name=problem.name,
        crossing=np.array([g.crossing.crossing_id for g in groups]),
        lane_class=np.array([g.lane_class for g in groups]),
        lanes=tables.lanes[keep],
        delay_min=np.full(tables.lanes[keep].shape, np.nan),
        rate_per_lane_h=rate[keep],
        entries_per_day=(entries * work / total)[keep],
        station_per_day=entries[keep],
        use=(entries / total)[keep],
        size_cars_per_day=np.array([size[g.crossing.crossing_id] for g in groups]),
        fold=np.zeros(len(keep), dtype=np.int64),
    )


def car_sizes(tables: BorderTables) -> dict[str, float]:
    """Return cars a day within reach of each crossing, weight exp(-distance / 20 km)."""
    cars = [i for i, s in enumerate(tables.stations) if s.mode == "passenger"]
    per_day = tables.volume[cars].sum(axis=1) / DAYS_PER_YEAR
    at = np.radians(
        [[tables.stations[i].crossing.lat_deg, tables.stations[i].crossing.lon_deg] for i in cars]
    )
    found = {}
    for crossing in {s.crossing.crossing_id: s.crossing for s in tables.stations}.values():
        lat, lon = np.radians([crossing.lat_deg, crossing.lon_deg])
        north, east = at[:, 0] - lat, (at[:, 1] - lon) * np.cos((at[:, 0] + lat) / 2.0)
        near = np.exp(-EARTH_RADIUS_KM * np.hypot(north, east) / REACH_KM)
        found[crossing.crossing_id] = float(near @ per_day)
    return found


def fiscal_waits(problem: Problem, fiscal: Problem, sets: Sequence[Parameters]) -> list[FiscalWaits]:
    """Return the waits of each lane class at both times, mean over parameter sets.

    Parameters
    ----------
    problem : Problem
        With reported delays.
    fiscal : Problem
        As ``fiscal_problem`` returns it.
    sets : sequence of Parameters
        Of a fit on all crossings.
    """
    profile = hour_profile(problem)
    classes = problem.lane_class.tolist()
    other = np.array([profile[classes.index(c)] for c in fiscal.lane_class.tolist()])

    def wait(of: Problem, shape: Floats) -> Floats:
        u = WeeklyQueue(of, Draws(1, 2), WEEKS)
        return np.asarray(np.mean([u.respond(demand(of, shape, one)).wait_min for one in sets], axis=0))

    then, now = wait(problem, profile), wait(fiscal, other)
    keys = list(zip(problem.crossing.tolist(), classes, strict=True))
    fiscal_keys = list(zip(fiscal.crossing.tolist(), fiscal.lane_class.tolist(), strict=True))
    found = []
    for lane_class in dict.fromkeys(classes):
        own, all_own = problem.lane_class == lane_class, fiscal.lane_class == lane_class
        both = [key for key in keys if key in fiscal_keys and key[1] == lane_class]
        ratio = [fiscal.use[fiscal_keys.index(key)] / problem.use[keys.index(key)] for key in both]
        lane_h = [problem.lane_h[keys.index(key)] for key in both]
        found.append(
            FiscalWaits(
                problem.mode,
                lane_class,
                int(all_own.sum()),
                int(own.sum()),
                _mean(problem.weight[own], np.nan_to_num(problem.delay_min[own])),
                _mean(problem.weight[own], then[own]),
                _mean(fiscal.lanes[all_own] * DAYS, now[all_own]),
                float(np.average(ratio, weights=lane_h)) - 1.0,
            )
        )
    return found


def _mean(weight: Floats, value: Floats) -> float:
    return float((weight * value).sum() / weight.sum())
