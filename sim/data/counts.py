"""Monthly entries: of a port (Bureau of Transportation Statistics) and of a Texas bridge.

BTS file: *Border Crossing Entry Data*, one row a port, month and measure. Texas file: northbound
counts by bridge, one row a bridge, month and mode (counts of Customs and Border Protection).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sim.border.crossing import MODES
from sim.core.csv_table import one_of
from sim.core.errors import TableError
from sim.data.official import MONTHS_A_YEAR, YEARS, OfficialFile, Row, Tell, month_number, untold
from sim.measures.official import fiscal_months

BTS_COLUMNS = ("Port Name", "State", "Port Code", "Border", "Date", "Measure", "Value")
BTS_BORDER = "US-Mexico Border"
BTS_MEASURES = {"Personal Vehicles": "passenger", "Trucks": "commercial", "Pedestrians": "pedestrian"}
TEXAS_COLUMNS = ("Year", "Month", "Crossing", "Modes", "Northbound Crossing")
TEXAS_MODES = {
    "Passenger Vehicles": "passenger",
    "Commercial Trucks": "commercial",
    "Pedestrians/ Bicyclists": "pedestrian",
}
YSLETA, EL_PASO = "2401", "2402"
CENTURY, FIRST_OF_1900S = 100, 70

Month = str
Counts = dict[tuple[str, str], dict[Month, int]]


@dataclass(frozen=True)
class PortCounts:
    """Entries by (port code, mode) and month, with the name of each port."""

    counts: Counts
    names: dict[str, str]


def read_bts(path: Path, tell: Tell = untold) -> PortCounts:
    """Return the monthly entries of every US-Mexico port, all years of the file.

    Parameters
    ----------
    path : Path
    tell : callable
        Gets one line: rows read, rows left aside and why.

    Raises
    ------
    TableError
        A column is missing, a month or count is wrong, a month comes twice, no row is of the
        US-Mexico border, or Ysleta is still counted within El Paso.
    """
    counts: Counts = {}
    names: dict[str, str] = {}
    file = OfficialFile(path, BTS_COLUMNS, "port, month and measure")
    for row in file:
        if row.one_of_ours("Border", [BTS_BORDER]) is None:
            continue
        measure = row.one_of_ours("Measure", list(BTS_MEASURES))
        if measure is None:
            continue
        key, month = (row.text("Port Code"), BTS_MEASURES[measure]), _bts_month(row)
        entries = row.count("Value")
        if row.first((key, month), {"Value": entries}):
            names[key[0]] = row.text("Port Name")
            counts.setdefault(key, {})[month] = entries
    tell(file.note())
    months = fiscal_months()
    if not any(month in months for series in counts.values() for month in series):
        raise TableError(
            f"{path}: no {BTS_BORDER!r} row of {', '.join(BTS_MEASURES)} from {months[0]} to {months[-1]}"
        )
    both = [code for code in (YSLETA, EL_PASO) if any(m in months for m in counts.get((code, MODES[0]), {}))]
    if both == [EL_PASO]:
        raise TableError(
            f"{path}: El Paso ({EL_PASO}) still includes Ysleta ({YSLETA}); use a file from 2020 on"
        )
    return PortCounts(counts, names)


_DATES = (
    re.compile(r"(?P<name>[A-Za-z]+)[ -](?P<year>\d{4}|\d{2})"),  # BTS, and what Excel makes of it
    re.compile(r"(?P<month>\d{1,2})/0?1/(?P<year>\d{4})( 12:00(:00)? AM)?"),  # BTS until 2023
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})(-01([T ]00:00(:00(\.0+)?)?Z?)?)?"),  # the API
)


def _bts_month(row: Row) -> Month:
    """Return ``YYYY-MM`` of any date that BTS or Excel writes; the day, if any, is the first."""
    text, where = row.text("Date"), row.where("Date")
    for pattern in _DATES:
        if not (match := pattern.fullmatch(text)):
            continue
        found = match.groupdict()
        month = month_number(found["name"], where) if "name" in found else int(found["month"])
        year = int(found["year"])
        if year < CENTURY:
            year += 2000 if year < FIRST_OF_1900S else 1900
        if 1 <= month <= MONTHS_A_YEAR and YEARS[0] <= year <= YEARS[1]:
            return f"{year}-{month:02d}"
    raise TableError(
        f"{where}: unknown month {text!r}; allowed: 'Oct 2021', 'Oct-21', '2021-10-01' or '10/01/2021'"
    )


def read_texas(path: Path, tell: Tell = untold) -> Counts:
    """Return the northbound entries of every Texas bridge by (bridge, mode) and month; see ``read_bts``."""
    counts: Counts = {}
    file = OfficialFile(path, TEXAS_COLUMNS, "bridge, month and mode")
    for row in file:
        label = row.one_of_ours("Modes", list(TEXAS_MODES))
        if label is None:
            continue
        month = f"{row.count('Year', *YEARS)}-{row.count('Month', 1, MONTHS_A_YEAR):02d}"
        entries = row.count("Northbound Crossing")
        key = (row.text("Crossing"), TEXAS_MODES[label])
        if row.first((key, month), {"Northbound Crossing": entries}):
            counts.setdefault(key, {})[month] = entries
    if not counts:
        raise TableError(f"{path}: no row of {', '.join(TEXAS_MODES)}")
    tell(file.note())
    return counts


def year_of(counts: Counts, key: tuple[str, str], path_name: str) -> list[int]:
    """Return the fiscal year of one series, each month present.

    Raises
    ------
    TableError
        A month is missing.
    """
    series = counts.get(key, {})
    one_of(key[0], sorted({name for name, _ in counts}), path_name)
    absent = [month for month in fiscal_months() if month not in series]
    if absent:
        raise TableError(
            f"{path_name}: {key[0]} has no {key[1]} entries for {', '.join(absent)}; "
            "add a rule 'interpolated' to rules.csv"
        )
    return [series[month] for month in fiscal_months()]


def interpolate(series: dict[Month, int], months: tuple[Month, ...]) -> tuple[dict[Month, int], list[Month]]:
    """Fill missing months on the straight line between their nearest reported neighbours.

    A month between two reported ones gets their mean.

    Returns
    -------
    series : dict
        All of ``months``.
    filled : list of str
        The months that were missing.

    Raises
    ------
    TableError
        A missing month has no reported neighbour on one side.
    """
    reported = {_serial(month): value for month, value in series.items()}
    result, filled = dict(series), []
    for month in months:
        if month in series:
            continue
        at = _serial(month)
        before = max((s for s in reported if s < at), default=None)
        after = min((s for s in reported if s > at), default=None)
        if before is None or after is None:
            raise TableError(f"month {month} has no reported neighbour on both sides")
        slope = (reported[after] - reported[before]) / (after - before)
        result[month] = round(reported[before] + slope * (at - before))
        filled.append(month)
    return result, filled


def _serial(month: Month) -> int:
    return int(month[:4]) * MONTHS_A_YEAR + int(month[5:])
