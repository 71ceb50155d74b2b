"""Traffic: who arrives when, how many lanes are open, how fast a lane works.

Counts are monthly and per crossing and mode; everything finer is shape. A station's month is split
over its lane groups, day types and hours in proportion to

    class rate x lane-hours of the day type x lanes(hour) exp(tilt (delay(hour) - 1)),

so that the month is preserved exactly. ``delay`` is the pooled relative delay of ``delay_profile.csv``:
an input that makes peak hours busier than open lanes alone, not a result.

Where peak hours ask for more than open lanes can do, drivers renege, and more must come than are
counted. Potential arrivals are the counted entries times the factor f of a group and month that
solves the fluid balance

    sum over hours of min(f x entries, lanes x rate) = counted entries of the month,

times ``demand_factor``, the small rest that chance adds, calibrated with the queue itself.

Capacity: mean throughput per open lane-hour contains idle time, so a lane that never idles works
faster than its class throughput r. With u = volume / sum(lane-hours x r) of a crossing and mode, and
its size s = traffic within reach (weight exp(-distance / size_km)) over that of the largest place,

    rate = r x capacity_ratio x pace x max(u, min_utilization)^spread / s^spare,

raised until volume <= max_utilization x lane-hours x rate for the crossing and mode over the year, and until
each lane group has at most ``month_max_utilization`` in its busiest month. ``spread`` 0 gives every crossing
the rate of its class, 1 its own throughput; below ``min_utilization`` idle time, not slow lanes, explains a
low throughput; ``spare`` says how much more room small places have (reported delays grow with the size of the
place). ``pace`` (of ``demand.csv``) is what the delay reported at a group itself adds to that; groups without
a report have 1. Capacity follows the counts of the months as far as ``season`` says: lanes by month of fiscal
year 2022 are not published, and a port is manned for the traffic that it expects.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.border.crossing import CLASSES, MODES, BorderTables
from sim.core.calendar import DAY_TYPES, DAYS_PER_YEAR, HOURS_PER_DAY, HOURS_PER_WEEK, Calendar
from sim.core.draws import Draws, entity_id
from sim.core.errors import ConfigError, TableError
from sim.core.settings import Settings, quantity
from sim.core.shipped import conf_folder, read_yaml
from sim.core.units import MINUTES_PER_HOUR

DAYS_OF_WEEK = np.array([5.0, 1.0, 1.0])
"""Days a week of each of ``DAY_TYPES``."""
DAYS_OF_MONTH = np.array([31.0, 28.25, 31.0, 30.0, 31.0, 30.0, 31.0, 31.0, 30.0, 31.0, 30.0, 31.0])
EARTH_RADIUS_KM = 6371.0
FULL = 0.99
"""Share of its capacity that a group can be asked to use in a month; beyond it waits know no bound."""
BISECTIONS = 50
SEASON_MIN = 0.1
FIGURES = 9
"""Decimals kept in sums of lanes: more are rounding noise that could open a lane beyond the last booth."""


class LaneTraffic(Settings):
    """One lane class of a mode."""

    rate_per_lane_h: float = quantity(
        "entry/(lane h)", "mean throughput of an open lane, idle time in it", gt=0
    )
    capacity_ratio: float = quantity("1/1", "rate of a lane that never idles over its mean throughput", gt=0)


class ModeTraffic(Settings):
    """One mode of travel."""

    lanes: dict[str, LaneTraffic]
    spread: float = quantity("1/1", "how far a crossing's rate follows its own throughput", ge=0, le=1)
    spare: float = quantity("1/1", "exponent of the size of a place in its spare capacity", ge=0, le=1)
    delay_tilt: float = quantity("1/1", "how much busier hours of long delay are than their lanes", ge=0)
    patience_min: float = quantity("min", "mean of the wait after which a driver reneges", gt=0)
    service_shape: float = quantity("1/1", "Erlang shape of the inspection time", ge=1, multiple_of=1)
    season: float = quantity(
        "1/1", "how far capacity follows the counts of the months: 0 not at all, 1 in proportion", ge=0, le=1
    )


class TrafficSettings(Settings):
    """Traffic by mode."""

    modes: dict[str, ModeTraffic]
    max_utilization: float = quantity(
        "1/1", "highest utilization of a crossing and mode over the year", gt=0, lt=1
    )
    month_max_utilization: float = quantity(
        "1/1", "highest utilization of a lane group in its busiest month", gt=0, lt=1
    )
    min_utilization: float = quantity(
        "1/1", "use of lanes below which a crossing counts as idle, not slow", gt=0, le=1
    )
    size_km: float = quantity("km", "distance over which traffic counts towards the size of a place", gt=0)


class Traffic:
    """Arrivals and lanes of every group by the hour.

    Parameters
    ----------
    tables : BorderTables
    calendar : Calendar
    draws : Draws
        Realise fractional lanes; arrivals themselves are drawn by the queue.
    settings : TrafficSettings

    Attributes
    ----------
    service_h : ndarray
        Mean time of primary, float64[group], h.
    patience_h : ndarray
        Mean patience, float64[group], h.
    service_shape : ndarray
        Erlang shape of primary, int32[group].
    utilization : ndarray
        Volume over capacity by station, float64[station].
    entries_per_h : ndarray
        Mean entries that join, over a year, float64[group, day type, hour], 1/h.

    Raises
    ------
    ConfigError
        A mode or lane class of the tables has no settings, or a shape is not whole.
    TableError
        A group has traffic and no lanes.
    """

    def __init__(
        self, tables: BorderTables, calendar: Calendar, draws: Draws, settings: TrafficSettings
    ) -> None:
        _check_settings(tables, settings)
        self.tables, self.calendar = tables, calendar
        self._draws = draws
        station = tables.secondary_of
        modes = [settings.modes[group.mode] for group in tables.groups]
        classes = [mode.lanes[group.lane_class] for mode, group in zip(modes, tables.groups, strict=True)]
        rate = np.array([lane.rate_per_lane_h for lane in classes])
        tilt = np.array([mode.delay_tilt for mode in modes])[:, None, None]
        self.patience_h = np.array([mode.patience_min for mode in modes]) / MINUTES_PER_HOUR
        self.service_shape = np.array([int(mode.service_shape) for mode in modes], dtype=np.int32)
        self._weight = _weights(tables, rate, tilt)
        capacity = rate * np.array([lane.capacity_ratio for lane in classes]) * tables.pace
        size = _sizes(tables, settings.size_km)[station]
        capacity = capacity / size ** np.array([mode.spare for mode in modes])
        spread = np.array([mode.spread for mode in modes])
        self.utilization, per_lane_h = _fit_capacity(tables, rate, capacity, spread, settings)
        self.service_h = 1.0 / per_lane_h
        self._service_of_month = self.service_h / _seasons(tables, settings)
        weekly = _over(station, np.einsum("gdh,d->g", self._weight, DAYS_OF_WEEK))
        hours_a_year = DAYS_PER_YEAR * HOURS_PER_DAY
        weeks = hours_a_year / HOURS_PER_WEEK
        self.entries_per_h = self._weight * (tables.volume.sum(axis=1) / weekly / weeks)[station, None, None]
        self._entities = np.array(
            [entity_id(0, f"station {s.crossing.crossing_id} {s.mode}", 0) for s in tables.stations],
            dtype=np.uint64,
        )
        first = np.flatnonzero(np.diff(station, prepend=-1))
        self._first = first[station]
        self._months: dict[tuple[int, int], tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        self._month_max_load = settings.month_max_utilization
        self._day, self._u = -1, np.zeros((0, 0))

    def service_in_hour_h(self, hour: int) -> NDArray[np.float64]:
        """Return the mean time of primary in hour ``hour`` of the run, float64[group], h."""
        return self._month(self.calendar.date_of(hour))[1]

    def rate_per_h(self, hour: int) -> NDArray[np.float64]:
        """Return potential arrivals per hour in hour ``hour`` of the run, float64[group]."""
        return self._in_hour(hour)[0]

    def entries_in_hour(self, hour: int) -> NDArray[np.float64]:
        """Return the share of the month's count that falls in hour ``hour`` of the run, float64[group]."""
        return self._in_hour(hour)[1]

    def _in_hour(self, hour: int) -> NDArray[np.float64]:
        day, hour_of_day = divmod(hour, HOURS_PER_DAY)
        return self._month(self.calendar.date_of(hour))[0][self.calendar.day_type_of_day[day], hour_of_day]

    def _month(self, today: date) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what a month asks of the lanes, and how fast they work.

        Potential arrivals and entries per hour, float64[day type, hour, 2, group]; mean time of primary,
        float64[group], h, short enough for the month's own number of weekends.
        """
        key = (today.year, today.month)
        if key not in self._months:
            first_weekday, length = monthrange(*key)
            weekdays = (first_weekday + np.arange(length)) % 7
            days = np.bincount(np.maximum(0, weekdays - 4), minlength=len(DAY_TYPES)).astype(float)
            station = self.tables.secondary_of
            whole = _over(station, np.einsum("gdh,d->g", self._weight, days))
            counts = self.tables.volume[:, today.month - 1].astype(float)
            scale = np.divide(counts, whole, out=np.zeros_like(whole), where=whole > 0.0)[station]
            entries = self._weight * scale[:, None, None]
            service_h = self._service_of_month[today.month - 1]
            demand_h = np.einsum("gdh,d->g", entries, days) * service_h
            utilization = demand_h / np.einsum("gdh,d->g", self.tables.lanes, days)
            service_h = service_h / np.maximum(1.0, utilization / self._month_max_load)
            capacity = self.tables.lanes / service_h[:, None, None]
            factor = fluid_factor(entries, capacity, days) * self.tables.demand_factor
            both = np.array([entries * factor[:, None, None], entries])
            self._months[key] = np.ascontiguousarray(both.transpose(2, 3, 0, 1)), service_h
        return self._months[key]

    def lanes(self, hour: int, added: NDArray[np.float64] | None = None) -> NDArray[np.int32]:
        """Return open lanes in hour ``hour`` of the run, int32[group].

        One uniform draw a station and hour rounds the cumulated mean of its groups, so that each
        group keeps its mean and the station never opens more than the mean rounded up.

        Parameters
        ----------
        hour : int
        added : ndarray, optional
            Mean lanes added by a lever, float64[group]; what exceeds the booths is not opened.
        """
        day, hour_of_day = divmod(hour, HOURS_PER_DAY)
        if day != self._day:
            hours = np.arange(day * HOURS_PER_DAY, (day + 1) * HOURS_PER_DAY, dtype=np.uint64)
            self._day = day
            self._u = self._draws.uniforms("lanes_open", self._entities[None, :], hours[:, None])
        mean = self.tables.lanes[:, self.calendar.day_type_of_day[day], hour_of_day]
        if added is not None:
            mean = mean + added
        upto = np.cumsum(mean)
        before = np.concatenate(([0.0], upto))[self._first]
        upto = np.minimum(np.round(upto - before, FIGURES), self.tables.lanes_max)
        previous = np.concatenate(([0.0], upto[:-1]))
        previous[self._first == np.arange(len(mean))] = 0.0
        u = self._u[hour_of_day][self.tables.secondary_of]
        return (np.floor(upto + u) - np.floor(previous + u)).astype(np.int32)

    def hour_profile(self, group: int) -> NDArray[np.float64]:
        """Return the share of a week's entries of a group in one hour of one day, float64[day type, hour].

        Five weekdays, a Saturday and a Sunday add up to 1; a conveyance that is bound to a day
        uses the row of its day type.
        """
        weight = self._weight[group]
        return weight / float(DAYS_OF_WEEK @ weight.sum(axis=1))

    def entries_per_year(self) -> NDArray[np.float64]:
        """Return expected entries a year, float64[group]."""
        weeks = DAYS_PER_YEAR * HOURS_PER_DAY / HOURS_PER_WEEK
        return np.einsum("gdh,d->g", self.entries_per_h, DAYS_OF_WEEK) * weeks


def fluid_factor(
    entries: NDArray[np.float64], capacity: NDArray[np.float64], days: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how many must arrive per counted entry when drivers renege in hours beyond capacity.

    Parameters
    ----------
    entries, capacity : ndarray
        Counted entries and what open lanes can do, per hour, float64[group, day type, hour].
    days : ndarray
        Days of each type, float64[day type].

    Returns
    -------
    ndarray
        At least 1, float64[group]. A group asked for more than ``FULL`` of its capacity is given the
        factor of ``FULL``.
    """

    def served(factor: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.einsum("gdh,d->g", np.minimum(entries * factor[:, None, None], capacity), days)

    room = np.einsum("gdh,d->g", np.where(entries > 0.0, capacity, 0.0), days)
    target = np.minimum(np.einsum("gdh,d->g", entries, days), FULL * room)
    ratio = np.divide(capacity, entries, out=np.ones_like(capacity), where=entries > 0.0)
    low = np.ones(len(entries))
    high = np.maximum(1.0, ratio.max(axis=(1, 2)))
    for _ in range(BISECTIONS):
        middle = (low + high) / 2.0
        short = served(middle) < target
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return np.where(served(np.ones(len(entries))) >= target, 1.0, high)


def _check_settings(tables: BorderTables, settings: TrafficSettings) -> None:
    """Refuse settings that leave out a mode or a class."""
    for mode in MODES:
        if mode not in settings.modes:
            raise ConfigError(f"border.traffic.modes: no settings for {mode!r}; needed: {', '.join(MODES)}")
        own = settings.modes[mode]
        missing = [name for name in CLASSES[mode] if name not in own.lanes]
        if missing:
            raise ConfigError(f"border.traffic.modes.{mode}.lanes: no settings for {', '.join(missing)}")
    for group, lanes in zip(tables.groups, tables.lanes, strict=True):
        if not lanes.any():
            raise TableError(
                f"{group.crossing.crossing_id} {group.mode} {group.lane_class}: traffic but no lanes"
            )


def _over(station: NDArray[np.int32], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add up values of groups by station."""
    return np.bincount(station, weights=values).astype(np.float64)


def _weights(
    tables: BorderTables, rate: NDArray[np.float64], tilt: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return unscaled entries, float64[group, day type, hour]: none where no lane is open."""
    shape = tables.lanes * np.exp(tilt * (tables.delay - 1.0))
    total = shape.sum(axis=2, keepdims=True)
    share = np.divide(shape, total, out=np.zeros_like(shape), where=total > 0.0)
    return share * (rate[:, None] * tables.lanes.sum(axis=2))[:, :, None]


def _fit_capacity(
    tables: BorderTables,
    rate: NDArray[np.float64],
    capacity: NDArray[np.float64],
    spread: NDArray[np.float64],
    settings: TrafficSettings,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the load of each station and the entries per lane-hour of each group."""
    station = tables.secondary_of
    lane_h = tables.lanes.sum(axis=2) @ DAYS_OF_WEEK * (DAYS_PER_YEAR / DAYS_OF_WEEK.sum())
    volume = tables.volume.sum(axis=1)
    use = volume / _over(station, lane_h * rate)
    per_lane_h = capacity * np.maximum(use, settings.min_utilization)[station] ** spread
    utilization = volume / _over(station, lane_h * per_lane_h)
    per_lane_h = per_lane_h * np.maximum(1.0, utilization / settings.max_utilization)[station]
    busiest = (_relative_months(tables)[station] / _seasons(tables, settings).T).max(axis=1)
    month_load = busiest * use[station] * rate / per_lane_h
    per_lane_h = per_lane_h * np.maximum(1.0, month_load / settings.month_max_utilization)
    return volume / _over(station, lane_h * per_lane_h), per_lane_h


def _relative_months(tables: BorderTables) -> NDArray[np.float64]:
    """Return entries a day of each month over the year's, float64[station, month]."""
    volume = tables.volume.sum(axis=1, keepdims=True)
    return np.asarray(tables.volume / DAYS_OF_MONTH * DAYS_PER_YEAR / volume)


def _seasons(tables: BorderTables, settings: TrafficSettings) -> NDArray[np.float64]:
    """Return the capacity of a lane in each month over the year's, float64[month, group]."""
    power = np.array([settings.modes[station.mode].season for station in tables.stations])
    months = np.maximum(_relative_months(tables), SEASON_MIN) ** power[:, None]
    return np.ascontiguousarray(months[tables.secondary_of].T)


def _sizes(tables: BorderTables, size_km: float) -> NDArray[np.float64]:
    """Return traffic within reach of each station over that of the largest of its mode, float64[station]."""
    lat, lon = np.radians([[s.crossing.lat_deg, s.crossing.lon_deg] for s in tables.stations]).T
    north = lat[:, None] - lat[None, :]
    east = (lon[:, None] - lon[None, :]) * np.cos((lat[:, None] + lat[None, :]) / 2.0)
    distance_km = EARTH_RADIUS_KM * np.hypot(north, east)
    mode = np.array([MODES.index(s.mode) for s in tables.stations])
    same = mode[:, None] == mode[None, :]
    reach = (same * np.exp(-distance_km / size_km)) @ tables.volume.sum(axis=1)
    largest = np.array([reach[mode == m].max(initial=0.0) for m in range(len(MODES))])
    return reach / largest[mode]


def class_rates(path: Path | None = None) -> dict[tuple[str, str], float]:
    """Return entries per open lane-hour by (mode, class) of traffic settings, by default the shipped ones."""
    modes = read_yaml(path or conf_folder() / "border" / "traffic.yaml")["modes"]
    return {
        (mode, lane_class): float(modes[mode]["lanes"][lane_class]["rate_per_lane_h"]["value"])
        for mode in MODES
        for lane_class in CLASSES[mode]
    }
