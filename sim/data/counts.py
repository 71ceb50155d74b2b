"""Monthly entries: of a port (Bureau of Transportation Statistics) and of a Texas bridge.

BTS file: *Border Crossing Entry Data*, one row a port, month and measure. Texas file: northbound
counts by bridge, one row a bridge, month and mode (counts of Customs and Border Protection).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sim.border.crossing import MODES, one_of, read_table
from sim.core.errors import TableError
from sim.data.official import MONTHS_A_YEAR, month_number, whole
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

Month = str
Counts = dict[tuple[str, str], dict[Month, int]]


@dataclass(frozen=True)
class PortCounts:
    """Entries by (port code, mode) and month, with the name of each port."""

    counts: Counts
    names: dict[str, str]


def read_bts(path: Path) -> PortCounts:
    """Return the monthly entries of every US-Mexico port, all years of the file.

    Raises
    ------
    TableError
        A column is missing, a month or count is wrong, no row is of the US-Mexico border, or
        Ysleta is still counted within El Paso.
    """
    counts: Counts = {}
    names: dict[str, str] = {}
    for line, row in enumerate(read_table(path, BTS_COLUMNS), 2):
        mode = BTS_MEASURES.get(row["Measure"])
        if mode is None or row["Border"] != BTS_BORDER:
            continue
        where = f"{path}:{line}"
        month = _bts_month(row["Date"], where)
        names[row["Port Code"]] = row["Port Name"]
        counts.setdefault((row["Port Code"], mode), {})[month] = whole(row["Value"], f"{where}, Value")
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


def _bts_month(text: str, where: str) -> Month:
    """Return ``YYYY-MM`` of ``Oct 2021`` or of the older ``10/01/2021 12:00:00 AM``."""
    if match := re.fullmatch(r"([A-Za-z]+) (\d{4})", text):
        return f"{match[2]}-{month_number(match[1], where):02d}"
    match = re.match(r"(\d{2})/\d{2}/(\d{4})\b", text)
    if match and 1 <= int(match[1]) <= MONTHS_A_YEAR:
        return f"{match[2]}-{match[1]}"
    raise TableError(f"{where}: unknown month {text!r}; allowed: 'Oct 2021' or '10/01/2021'")


def read_texas(path: Path) -> Counts:
    """Return the northbound entries of every Texas bridge by (bridge, mode) and month."""
    counts: Counts = {}
    for line, row in enumerate(read_table(path, TEXAS_COLUMNS), 2):
        mode = TEXAS_MODES.get(row["Modes"])
        if mode is None:
            continue
        where = f"{path}:{line}"
        month = whole(row["Month"], f"{where}, Month")
        if not 1 <= month <= MONTHS_A_YEAR:
            raise TableError(f"{where}: unknown month {row['Month']!r}; allowed: 1 to {MONTHS_A_YEAR}")
        name = f"{whole(row['Year'], f'{where}, Year'):04d}-{month:02d}"
        entries = whole(row["Northbound Crossing"], f"{where}, Northbound Crossing")
        counts.setdefault((row["Crossing"], mode), {})[name] = entries
    if not counts:
        raise TableError(f"{path}: no row of {', '.join(TEXAS_MODES)}")
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
