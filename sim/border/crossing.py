"""The crossings of the border, their lane groups and their traffic, read from ``conf/border/*.csv``.

A *lane group* is crossing x mode x lane class: one queue. A *station* is crossing x mode: its
volume, its booths and its secondary inspection. Both are kept in one stable order: crossings as in
``crossings.csv``, then ``MODES``, then ``CLASSES``.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from sim.core.calendar import DAY_TYPES, HOURS_PER_DAY
from sim.core.csv_table import number, one_of, read_table
from sim.core.errors import TableError

MODES = ("passenger", "commercial", "pedestrian")
CLASSES = MappingProxyType(
    {
        "passenger": ("standard", "ready", "sentri"),
        "commercial": ("standard", "fast"),
        "pedestrian": ("standard", "ready"),
    }
)
OFFICES = ("san_diego", "tucson", "el_paso", "laredo")
STATUSES = ("open", "closed", "merged")
MONTHS = 12
DEMAND_MIN = 0.1
HOUR_COLUMNS = tuple(f"h{hour:02d}" for hour in range(HOURS_PER_DAY))
CROSSING_COLUMNS = (
    "crossing_id", "name", "bts_port_code", "office", "texas_bridge", "lat_deg", "lon_deg", "time_zone",
    *(f"{mode}_lanes_max" for mode in MODES), "status", "merged_into",
)  # fmt: skip
LANE_COLUMNS = ("crossing_id", "mode", "lane_class", "day_type", *HOUR_COLUMNS)
VOLUME_COLUMNS = ("crossing_id", "mode", "source")
PROFILE_COLUMNS = ("mode", "lane_class", "day_type", *HOUR_COLUMNS)
DEMAND_COLUMNS = ("crossing_id", "mode", "lane_class", "demand_factor", "pace")


@dataclass(frozen=True)
class Crossing:
    """One land crossing; ``lanes_max`` is the number of booths by mode (``MODES``), 0 where none."""

    crossing_id: str
    name: str
    bts_port_code: str
    office: str
    texas_bridge: str
    lat_deg: float
    lon_deg: float
    time_zone: str
    lanes_max: tuple[int, int, int]
    status: str
    merged_into: str


@dataclass(frozen=True)
class Station:
    """Crossing x mode: the place of one traffic count and of one secondary inspection."""

    crossing: Crossing
    mode: str

    @property
    def lanes_max(self) -> int:
        """Booths of the mode, all lane classes together."""
        return self.crossing.lanes_max[MODES.index(self.mode)]


@dataclass(frozen=True)
class LaneGroup:
    """Crossing x mode x lane class: one queue. ``station`` is an index into ``BorderTables.stations``."""

    crossing: Crossing
    mode: str
    lane_class: str
    station: int

    @property
    def lanes_max(self) -> int:
        """Booths that the group could be given: those of its mode at the crossing."""
        return self.crossing.lanes_max[MODES.index(self.mode)]


@dataclass(frozen=True)
class BorderTables:
    """The border as data.

    Attributes
    ----------
    crossings : tuple of Crossing
        All crossings of the register, those without traffic included.
    stations, groups : tuple
        In stable order.
    lanes : ndarray
        Mean lanes open, closed times counted as 0, float64[group, day type, hour].
    volume : ndarray
        Entries counted by calendar month (0 = January), int64[station, 12].
    demand_factor : ndarray
        Potential arrivals over those of the fluid balance of ``sim.border.traffic``, float64[group].
    pace : ndarray
        Rate of a busy lane over what its class and crossing explain, float64[group].
    delay : ndarray
        Reported delay relative to its mean, pooled over crossings, float64[group, day type, hour].
    """

    crossings: tuple[Crossing, ...]
    stations: tuple[Station, ...]
    groups: tuple[LaneGroup, ...]
    lanes: NDArray[np.float64]
    volume: NDArray[np.int64]
    demand_factor: NDArray[np.float64]
    pace: NDArray[np.float64]
    delay: NDArray[np.float64]

    @cached_property
    def secondary_of(self) -> NDArray[np.int32]:
        """Station of each group, int32[group]."""
        return np.array([group.station for group in self.groups], dtype=np.int32)

    @cached_property
    def lanes_max(self) -> NDArray[np.int32]:
        """Most lanes a group could open, int32[group]."""
        return np.array([group.lanes_max for group in self.groups], dtype=np.int32)


def hours_of(row: dict[str, str], where: str) -> list[float]:
    """Return the 24 numbers of a row with ``HOUR_COLUMNS``, none below zero."""
    return [number(row[name], f"{where}, {name}") for name in HOUR_COLUMNS]


def load_crossings(path: Path) -> tuple[Crossing, ...]:
    """Return the register of crossings in file order."""
    rows = read_table(path, CROSSING_COLUMNS)
    ids = [row["crossing_id"] for row in rows]
    found: list[Crossing] = []
    for line, row in enumerate(rows, 2):
        where = f"{path}:{line}"
        if ids.count(row["crossing_id"]) > 1:
            raise TableError(f"{where}: crossing {row['crossing_id']!r} is listed twice")
        lanes = [int(number(row[f"{m}_lanes_max"], f"{where}, {m}_lanes_max", whole=True)) for m in MODES]
        status = one_of(row["status"], STATUSES, where)
        if status == "merged":
            one_of(row["merged_into"], ids, where)
        found.append(
            Crossing(
                row["crossing_id"],
                row["name"],
                row["bts_port_code"],
                one_of(row["office"], OFFICES, where),
                row["texas_bridge"],
                number(row["lat_deg"], f"{where}, lat_deg", low=-90.0),
                number(row["lon_deg"], f"{where}, lon_deg", low=-180.0),
                row["time_zone"],
                (lanes[0], lanes[1], lanes[2]),
                status,
                row["merged_into"],
            )
        )
    return tuple(found)


def load_lanes(path: Path, crossings: Sequence[Crossing]) -> dict[tuple[str, str, str], NDArray[np.float64]]:
    """Return mean lanes open by (crossing, mode, class), float64[day type, hour], in stable order."""
    ids = [crossing.crossing_id for crossing in crossings if crossing.status == "open"]
    found: dict[tuple[str, str, str], NDArray[np.float64]] = {}
    seen: set[tuple[str, ...]] = set()
    for line, row in enumerate(read_table(path, LANE_COLUMNS), 2):
        where = f"{path}:{line}"
        mode = one_of(row["mode"], MODES, where)
        lane_class = one_of(row["lane_class"], CLASSES[mode], where)
        key = (one_of(row["crossing_id"], ids, where), mode, lane_class)
        day_type = one_of(row["day_type"], DAY_TYPES, where)
        if (*key, day_type) in seen:
            raise TableError(f"{where}: {' '.join((*key, day_type))} is listed twice")
        seen.add((*key, day_type))
        table = found.setdefault(key, np.zeros((len(DAY_TYPES), HOURS_PER_DAY)))
        table[DAY_TYPES.index(day_type)] = hours_of(row, where)
    _check_days(path, ((*key, day_type) for key in found for day_type in DAY_TYPES), seen)
    _check_booths(path, crossings, found)
    order = [(c, mode, lane_class) for c in ids for mode in MODES for lane_class in CLASSES[mode]]
    return {key: found[key] for key in order if key in found}


def _check_days(path: Path, wanted: Iterable[tuple[str, ...]], seen: Container[tuple[str, ...]]) -> None:
    """Refuse a table that leaves out a kind of day: absent is not the same as closed."""
    for row in wanted:
        if row not in seen:
            raise TableError(
                f"{path}: no row for {' '.join(row)}; a day without any open lane has a row of 0"
            )


def _check_booths(
    path: Path, crossings: Sequence[Crossing], lanes: dict[tuple[str, str, str], NDArray[np.float64]]
) -> None:
    """Refuse groups that never open, more lanes than booths, and open crossings without lanes."""
    for key, table in lanes.items():
        if not table.any():
            raise TableError(f"{path}: {' '.join(key)} never opens a lane; leave the group out")
    for crossing in crossings:
        own = [key for key in lanes if key[0] == crossing.crossing_id]
        if crossing.status == "open" and not own:
            raise TableError(f"{path}: crossing {crossing.crossing_id} ({crossing.name}) has no lanes")
        for mode, booths in zip(MODES, crossing.lanes_max, strict=True):
            tables = [lanes[key] for key in own if key[1] == mode]
            most = float(np.sum(tables, axis=0).max()) if tables else 0.0
            if most > booths:
                raise TableError(
                    f"{path}: {crossing.crossing_id} opens {most:g} {mode} lanes in one hour, "
                    f"more than its physical maximum of {booths}"
                )


def load_volumes(path: Path, stations: Sequence[tuple[str, str]]) -> NDArray[np.int64]:
    """Return entries by station and calendar month (0 = January), int64[station, 12]."""
    rows = read_table(path, VOLUME_COLUMNS)
    months = [name for name in rows[0] if re.fullmatch(r"\d{4}-\d{2}", name)]
    if sorted(int(name[-2:]) for name in months) != list(range(1, MONTHS + 1)):
        raise TableError(f"{path}: needs one column a calendar month (YYYY-MM), it has {len(months)}")
    volume = np.full((len(stations), MONTHS), -1, dtype=np.int64)
    for line, row in enumerate(rows, 2):
        where = f"{path}:{line}"
        key = (row["crossing_id"], row["mode"])
        if key not in stations:
            raise TableError(f"{where}: {' '.join(key)} has traffic but no lanes in lanes.csv")
        if volume[stations.index(key)].max() >= 0:
            raise TableError(f"{where}: {' '.join(key)} is listed twice")
        for name in months:
            entries = number(row[name], f"{where}, {name}", whole=True)
            volume[stations.index(key), int(name[-2:]) - 1] = entries
    for key, counts in zip(stations, volume, strict=True):
        if counts.min() < 0 or counts.sum() == 0:
            raise TableError(f"{path}: {' '.join(key)} has lanes but no traffic; leave its lanes out")
    return volume


def load_delay(path: Path) -> dict[tuple[str, str], NDArray[np.float64]]:
    """Return the relative delay by (mode, class), float64[day type, hour]."""
    found: dict[tuple[str, str], NDArray[np.float64]] = {}
    seen: set[tuple[str, ...]] = set()
    for line, row in enumerate(read_table(path, PROFILE_COLUMNS), 2):
        where = f"{path}:{line}"
        mode = one_of(row["mode"], MODES, where)
        key = (mode, one_of(row["lane_class"], CLASSES[mode], where))
        day_type = one_of(row["day_type"], DAY_TYPES, where)
        if (*key, day_type) in seen:
            raise TableError(f"{where}: {' '.join((*key, day_type))} is listed twice")
        seen.add((*key, day_type))
        table = found.setdefault(key, np.ones((len(DAY_TYPES), HOURS_PER_DAY)))
        table[DAY_TYPES.index(day_type)] = hours_of(row, where)
    _check_days(path, ((*key, day_type) for key in found for day_type in DAY_TYPES), seen)
    return found


def load_demand(path: Path, groups: Sequence[tuple[str, str, str]]) -> NDArray[np.float64]:
    """Return the demand factor and the pace by group, float64[2, group]."""
    found = np.full((2, len(groups)), np.nan)
    for line, row in enumerate(read_table(path, DEMAND_COLUMNS), 2):
        key = (row["crossing_id"], row["mode"], row["lane_class"])
        if key not in groups:
            raise TableError(f"{path}:{line}: {' '.join(key)} is not a group of lanes.csv")
        if not np.isnan(found[0, groups.index(key)]):
            raise TableError(f"{path}:{line}: {' '.join(key)} is listed twice")
        for i, name in enumerate(DEMAND_COLUMNS[3:]):
            found[i, groups.index(key)] = number(row[name], f"{path}:{line}, {name}", low=DEMAND_MIN)
    missing = [key for key, value in zip(groups, found[0], strict=True) if np.isnan(value)]
    if missing:
        raise TableError(f"{path}: no row for {' '.join(missing[0])}")
    return found


def load_border(folder: Path) -> BorderTables:
    """Read and check the tables of a border.

    Parameters
    ----------
    folder : Path
        Holds ``crossings.csv``, ``lanes.csv``, ``volumes.csv``, ``delay_profile.csv`` and ``demand.csv``.

    Raises
    ------
    TableError
        A table is missing or a row is wrong; one line names the file, the row and what is allowed.
    """
    crossings = load_crossings(folder / "crossings.csv")
    by_id = {crossing.crossing_id: crossing for crossing in crossings}
    lanes = load_lanes(folder / "lanes.csv", crossings)
    keys = list(dict.fromkeys((key[0], key[1]) for key in lanes))
    delay = load_delay(folder / "delay_profile.csv")
    for _, mode, lane_class in lanes:
        if (mode, lane_class) not in delay:
            raise TableError(f"{folder / 'delay_profile.csv'}: no rows for {mode} {lane_class}")
    groups = tuple(LaneGroup(by_id[c], mode, cls, keys.index((c, mode))) for c, mode, cls in lanes)
    demand_factor, pace = load_demand(folder / "demand.csv", list(lanes))
    return BorderTables(
        crossings,
        tuple(Station(by_id[c], mode) for c, mode in keys),
        groups,
        np.array(list(lanes.values())),
        load_volumes(folder / "volumes.csv", keys),
        demand_factor,
        pace,
        np.array([delay[group.mode, group.lane_class] for group in groups]),
    )
