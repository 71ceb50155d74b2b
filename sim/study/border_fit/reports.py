"""What is fitted: lanes, entries and reported delays by lane group, in folds of crossings.

A *problem* is the general or the trusted lanes of one mode; each is fitted apart. Nothing here but
``delay_min`` comes from delays, and ``masked`` removes that of held-out crossings before any model sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.border.crossing import CLASSES, HOUR_COLUMNS, LANE_COLUMNS, MODES
from sim.core.calendar import DAY_TYPES
from sim.core.csv_table import number, one_of, read_table
from sim.core.errors import TableError

Floats = NDArray[np.float64]
GroupKey = tuple[str, str, str]

TRUSTED = ("sentri", "fast")
TICKETED = ("250409",)
"""Cross Border Express, a bridge for air travellers with tickets: models are scored on it, none learns it."""
FOLDS = 4
PORT_DIGITS = 4
"""The number of a crossing begins with that of its port."""
DAYS = np.array([5.0, 1.0, 1.0])[:, None]
"""Days a week of each of ``DAY_TYPES``, [3, 1]."""
WEEK_DAYS = np.array([0, 0, 0, 0, 0, 1, 2])
"""Day type of each day of a week that starts on Monday."""


@dataclass(frozen=True)
class Problem:
    """Lane groups that share parameters: G groups, one mode, general or trusted lanes.

    Attributes
    ----------
    name : str
        ``<mode>.general`` or ``<mode>.trusted``.
    crossing, lane_class : str arrays, [G]
    lanes, delay_min : float64, [G, 3, 24]
        Mean lanes open; mean delay reported, NaN where unknown.
    rate_per_lane_h : float64, [G]
        Mean throughput of the class.
    entries_per_day : float64, [G]
        Share of the group, by lane-hours x class rate, in the entries of its crossing and mode.
    station_per_day, use, size_cars_per_day : float64, [G]
        Entries of the crossing and mode; over what its open lanes do at class rate; cars within reach.
    fold : int64, [G]
        Fold of the crossing.
    """

    name: str
    crossing: NDArray[np.str_]
    lane_class: NDArray[np.str_]
    lanes: Floats
    delay_min: Floats
    rate_per_lane_h: Floats
    entries_per_day: Floats
    station_per_day: Floats
    use: Floats
    size_cars_per_day: Floats
    fold: NDArray[np.int64]

    @property
    def mode(self) -> str:
        """Mode of travel."""
        return self.name.split(".")[0]

    @cached_property
    def weight(self) -> Floats:
        """Lane-hours a week with a reported delay, float64[G, 3, 24]."""
        return np.asarray(self.lanes * DAYS * np.isfinite(self.delay_min))

    @cached_property
    def lane_h(self) -> Floats:
        """Lane-hours a week by group, whether a delay is reported or not, float64[G]."""
        return np.asarray((self.lanes * DAYS).sum(axis=(1, 2)))

    @cached_property
    def mean_min(self) -> Floats:
        """Mean reported delay by group, NaN if masked, float64[G], min."""
        return self.mean_of(self.delay_min)

    def mean_of(self, wait_min: Floats) -> Floats:
        """Return the lane-hour-weighted mean of waits over the hours that report, float64[G]."""
        total = self.weight.sum(axis=(1, 2))
        summed = (self.weight * np.nan_to_num(wait_min)).sum(axis=(1, 2))
        return np.divide(summed, total, out=np.full(len(total), np.nan), where=total > 0.0)

    def chosen(self, keep: NDArray[np.bool_]) -> Problem:
        """Return some of the groups."""
        arrays = {name: value[keep] for name, value in vars(self).items() if name in _ARRAYS}
        return replace(self, **arrays)

    def masked(self, keep: NDArray[np.bool_]) -> Problem:
        """Return all groups with the delays of only some."""
        return replace(self, delay_min=np.where(keep[:, None, None], self.delay_min, np.nan))


_ARRAYS = tuple(name for name in Problem.__dataclass_fields__ if name != "name")


def load_problems(folder: Path, rates: dict[tuple[str, str], float]) -> list[Problem]:
    """Return the problems of a folder of tables (``lanes.csv``, ``delays.csv``, ``places.csv``).

    Parameters
    ----------
    folder : Path
        As ``sim data border`` writes it.
    rates : dict
        Entries per open lane-hour by (mode, class).

    Raises
    ------
    TableError
        A row is wrong, or a group reports delays and has no lanes then; one line names it.
    """
    lanes, delays = _read_hours(folder / "lanes.csv"), _read_hours(folder / "delays.csv", gaps=True)
    _check_reports(folder, lanes, delays)
    places = _read_places(folder / "places.csv")
    problems = []
    for mode in MODES:
        keys = [key for key in delays if key[1] == mode]
        if absent := [key for key in keys if key[:2] not in places]:
            raise TableError(f"{folder / 'places.csv'}: no row for {' '.join(absent[0][:2])}")
        if not keys:
            continue
        whole = _mode_problem(mode, (lanes, delays), places, rates)
        trusted = np.isin(whole.lane_class, TRUSTED)
        for kind, keep in (("general", ~trusted), ("trusted", trusted)):
            if keep.any():
                problems.append(replace(whole.chosen(keep), name=f"{mode}.{kind}"))
    return problems


def _read_hours(path: Path, gaps: bool = False) -> dict[GroupKey, Floats]:
    """Return numbers by lane group, day type and hour; with ``gaps`` an empty field, or row, is NaN."""
    found: dict[GroupKey, Floats] = {}
    seen: set[tuple[str, ...]] = set()
    for line, row in enumerate(read_table(path, LANE_COLUMNS), 2):
        where = f"{path}:{line}"
        mode, day_type = one_of(row["mode"], MODES, where), one_of(row["day_type"], DAY_TYPES, where)
        key = (row["crossing_id"], mode, one_of(row["lane_class"], CLASSES[mode], where))
        if (*key, day_type) in seen:
            raise TableError(f"{where}: {' '.join((*key, day_type))} is listed twice")
        seen.add((*key, day_type))
        table = found.setdefault(key, np.full((len(DAY_TYPES), len(HOUR_COLUMNS)), np.nan))
        table[DAY_TYPES.index(day_type)] = [
            np.nan if gaps and not row[name] else number(row[name], f"{where}, {name}")
            for name in HOUR_COLUMNS
        ]
    for key in found:
        if absent := [name for name in DAY_TYPES if not gaps and (*key, name) not in seen]:
            raise TableError(f"{path}: no row for {' '.join((*key, absent[0]))}")
    return found


def _check_reports(folder: Path, lanes: dict[GroupKey, Floats], delays: dict[GroupKey, Floats]) -> None:
    """Refuse delays that no lane stands behind: their mean, weighted by lane-hours, is undefined."""
    for key, delay in sorted(delays.items()):
        where, known = f"{folder / 'delays.csv'}: {' '.join(key)}", np.isfinite(delay)
        if key not in lanes:
            raise TableError(f"{where} reports delays but has no lanes")
        if not known.any():
            raise TableError(f"{where} reports no delay in any hour; leave its rows out")
        if not lanes[key][known].any():
            raise TableError(f"{where} reports delays but opens no lane in any hour that it reports")


def _read_places(path: Path) -> dict[tuple[str, str], tuple[float, float]]:
    """Return entries a day and cars within reach by (crossing, mode), both above 0."""
    columns = ("entries_per_day", "size_cars_per_day")
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for line, row in enumerate(read_table(path, ("crossing_id", "mode", *columns)), 2):
        where = f"{path}:{line}"
        entries, size = (number(row[name], f"{where}, {name}") for name in columns)
        if entries == 0.0 or size == 0.0:
            raise TableError(f"{where}: {columns[entries > 0.0]} must be above 0")
        found[row["crossing_id"], one_of(row["mode"], MODES, where)] = (entries, size)
    return found


def _mode_problem(
    mode: str,
    tables: tuple[dict[GroupKey, Floats], dict[GroupKey, Floats]],
    places: dict[tuple[str, str], tuple[float, float]],
    rates: dict[tuple[str, str], float],
) -> Problem:
    """Return the lane groups of a mode that report delays; their use counts the lanes beside them too."""
    lanes, delays = tables
    keys = [key for key in delays if key[1] == mode]
    work = {k: float((lanes[k] * DAYS).sum()) * rates[k[1], k[2]] / DAYS.sum() for k in lanes}
    crossing = np.array([key[0] for key in keys])
    station_work = np.array([sum(w for k, w in work.items() if k[:2] == key[:2]) for key in keys])
    entries = np.array([places[key[:2]][0] for key in keys])
    return Problem(
        name=mode,
        crossing=crossing,
        lane_class=np.array([key[2] for key in keys]),
        lanes=np.array([lanes[key] for key in keys]),
        delay_min=np.array([delays[key] for key in keys]),
        rate_per_lane_h=np.array([rates[key[1], key[2]] for key in keys]),
        entries_per_day=entries * np.array([work[key] for key in keys]) / station_work,
        station_per_day=entries,
        use=entries / station_work,
        size_cars_per_day=np.array([places[key[:2]][1] for key in keys]),
        fold=deal(crossing.tolist(), entries),
    )


def deal(place: Sequence[str], entries: Floats) -> NDArray[np.int64]:
    """Return the fold of each group: places sorted by entries, dealt like cards, back and forth."""
    volume: dict[str, float] = {}
    for name, value in zip(place, entries.tolist(), strict=True):
        volume[name] = max(volume.get(name, 0.0), value)
    order = sorted(volume, key=lambda name: (-volume[name], name))
    seats = [*range(FOLDS), *reversed(range(FOLDS))]
    of = {name: seats[i % len(seats)] for i, name in enumerate(order)}
    return np.array([of[name] for name in place])


def by_port(problem: Problem) -> Problem:
    """Return a problem whose folds hold out whole ports: the crossings of a town go together."""
    ports = [crossing[:PORT_DIGITS] for crossing in problem.crossing.tolist()]
    return replace(problem, fold=deal(ports, problem.station_per_day))
