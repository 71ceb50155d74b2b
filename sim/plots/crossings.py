"""Border tables summed to what a map or a heat map shows: places, trips and trip-weighted waits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.report.numbers import minutes
from sim.report.theme import Table

NEAR_DEG = 0.03


@dataclass(frozen=True)
class MapPoint:
    """Crossings that a map cannot tell apart, summed.

    Parameters
    ----------
    names : tuple of str
        The crossings, most trips first.
    office : str
        Field office.
    lon, lat : float
        Degrees, of the crossing with most trips.
    trips : float
        Trips in the period shown.
    wait_min : float
        Mean wait weighted by trips, minutes.
    lines : tuple of str
        One line a crossing: name, trips, wait.
    """

    names: tuple[str, ...]
    office: str
    lon: float
    lat: float
    trips: float
    wait_min: float
    lines: tuple[str, ...]

    @property
    def town(self) -> str:
        """The part of the name before a dash or a bracket."""
        return self.names[0].split(" - ")[0].split(" (")[0]


def weighted_mean(value: np.ndarray, weight: np.ndarray) -> float:
    """Return the mean of the values that have weight; NaN where none has."""
    good = (weight > 0) & np.isfinite(value)
    total = float(weight[good].sum())
    return float((value[good] * weight[good]).sum() / total) if total > 0 else float("nan")


def spots_of(border_months: Table, places: Table, mode: str, factor: float) -> list[MapPoint]:
    """Return the places of one mode, most trips first.

    Parameters
    ----------
    border_months : Table
        Trips and waits a lane group and month.
    places : Table
        Columns ``crossing_id``, ``lon``, ``lat``; a crossing without a place is left out.
    mode : str
        ``passenger``, ``commercial`` or ``pedestrian``.
    factor : float
        From trips in the table to trips shown.
    """
    where = {
        str(c): (float(x), float(y))
        for c, x, y in zip(places["crossing_id"], places["lon"], places["lat"], strict=True)
    }
    ids = np.asarray(border_months["crossing_id"]).astype(str)
    rows = np.asarray(border_months["mode"]).astype(str) == mode
    trips = np.asarray(border_months["trips"], dtype=np.float64)
    waits = np.asarray(border_months["wait_min"], dtype=np.float64)
    singles = []
    for crossing in np.unique(ids[rows]):
        here = rows & (ids == crossing)
        first = int(np.argmax(here))
        total = float(trips[here].sum()) * factor
        if crossing in where and total > 0:
            name, office = str(border_months["crossing"][first]), str(border_months["office"][first])
            mean = weighted_mean(waits[here], trips[here])
            line = f"{name}: {total:,.0f} trips, mean wait {minutes(mean)} min"
            singles.append(MapPoint((name,), office, *where[crossing], total, mean, (line,)))
    return _merge(sorted(singles, key=lambda s: -s.trips))


def _merge(singles: list[MapPoint]) -> list[MapPoint]:
    merged: list[MapPoint] = []
    for spot in singles:
        for i, kept in enumerate(merged):
            if abs(spot.lon - kept.lon) < NEAR_DEG and abs(spot.lat - kept.lat) < NEAR_DEG:
                trips = kept.trips + spot.trips
                pair = np.array([kept.wait_min, spot.wait_min]), np.array([kept.trips, spot.trips])
                merged[i] = MapPoint(
                    kept.names + spot.names,
                    kept.office,
                    kept.lon,
                    kept.lat,
                    trips,
                    weighted_mean(*pair),
                    kept.lines + spot.lines,
                )
                break
        else:
            merged.append(spot)
    return sorted(merged, key=lambda s: -s.trips)


def hourly(border_hours: Table, mode: str) -> dict[str, np.ndarray]:
    """Return mean waits by crossing: float64 of shape (7, 24), minutes, Monday first.

    Lane classes are averaged by trips; an hour in which nobody crosses is NaN.
    """
    rows = np.asarray(border_hours["mode"]).astype(str) == mode
    names = np.asarray(border_hours["crossing"]).astype(str)
    hour = np.asarray(border_hours["hour_of_week"], dtype=np.int64)
    trips = np.asarray(border_hours["trips_per_h"], dtype=np.float64)
    waits = np.asarray(border_hours["wait_min"], dtype=np.float64)
    rows &= (trips > 0) & np.isfinite(waits)
    out = {}
    for name in np.unique(names[rows]):
        here = rows & (names == name)
        weight = np.bincount(hour[here], trips[here], 168)
        total = np.bincount(hour[here], trips[here] * waits[here], 168)
        with np.errstate(invalid="ignore", divide="ignore"):
            out[str(name)] = (total / weight).reshape(7, 24)
    return out


def hourly_trips(border_hours: Table, mode: str) -> dict[str, np.ndarray]:
    """Return trips an hour by crossing, float64 of shape (7, 24), Monday first."""
    rows = np.asarray(border_hours["mode"]).astype(str) == mode
    names = np.asarray(border_hours["crossing"]).astype(str)
    hour = np.asarray(border_hours["hour_of_week"], dtype=np.int64)
    trips = np.asarray(border_hours["trips_per_h"], dtype=np.float64)
    return {
        str(name): np.bincount(hour[here], trips[here], 168).reshape(7, 24)
        for name in np.unique(names[rows])
        for here in (rows & (names == name),)
    }
