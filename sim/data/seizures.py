"""CBP's monthly drug seizures become the fentanyl record that the baseline is fitted to."""

from __future__ import annotations

import re
from pathlib import Path

from sim.border.crossing import number, one_of, read_table
from sim.core.errors import TableError
from sim.data.official import FIRST_MONTH, RebuildReport, month_number, whole, write_table

COLUMNS = (
    "FY", "Month (abbv)", "Component", "Region", "Land Filter", "Area of Responsibility", "Drug Type",
    "Count of Event", "Sum Qty (lbs)",
)  # fmt: skip
COMPONENTS = {"Office of Field Operations": "field_office", "U.S. Border Patrol": "sector"}
REGION, LAND, DRUG = "Southwest Border", "Land Only", "Fentanyl"
AREA = re.compile(r"(.+) (FIELD OFFICE|SECTOR)")
OUTPUT_COLUMNS = ("fiscal_year", "month", "component", "area", "events", "gross_lb")
POUND_DECIMALS = 4

Key = tuple[int, str, str, str]


def read_fentanyl(path: Path) -> dict[Key, tuple[int, float]]:
    """Return events and gross pounds by (fiscal year, month, component, area), land of the Southwest only.

    Every month in which the file reports anything has a row for every area: no seizure is 0.
    """
    months: set[tuple[int, str]] = set()
    areas: set[tuple[str, str]] = set()
    found: dict[Key, tuple[int, float]] = {}
    for line, row in enumerate(read_table(path, COLUMNS), 2):
        where = f"{path}:{line}"
        if row["Region"] != REGION or row["Land Filter"] != LAND:
            continue
        year = whole(row["FY"], f"{where}, FY")
        calendar_month = month_number(row["Month (abbv)"], where)
        month = f"{year - (calendar_month >= FIRST_MONTH):04d}-{calendar_month:02d}"
        component = COMPONENTS[one_of(row["Component"], list(COMPONENTS), where)]
        area = AREA.fullmatch(row["Area of Responsibility"])
        if area is None:
            raise TableError(f"{where}: area {row['Area of Responsibility']!r} is no FIELD OFFICE or SECTOR")
        name = area[1].lower().replace(" ", "_")
        months.add((year, month))
        areas.add((component, name))
        if row["Drug Type"] == DRUG:
            key = (year, month, component, name)
            events, pounds = found.get(key, (0, 0.0))
            events += whole(row["Count of Event"], f"{where}, Count of Event")
            found[key] = (events, pounds + number(row["Sum Qty (lbs)"], f"{where}, Sum Qty (lbs)"))
    if not found:
        raise TableError(f"{path}: no row of {DRUG!r} at {REGION!r}, {LAND!r}")
    return {
        (*when, *where): found.get((*when, *where), (0, 0.0))
        for when in sorted(months)
        for where in sorted(areas)
    }


def rebuild_seizures(cbp: Path, out: Path) -> RebuildReport:
    """Write ``cbp_fentanyl.csv`` from CBP's drug seizure statistics.

    Parameters
    ----------
    cbp : Path
        The official file, with the columns of ``COLUMNS``.
    out : Path
        Folder of the table.

    Raises
    ------
    TableError
        The file lacks a column or holds a month, component or area that is not known.
    """
    rows = read_fentanyl(cbp)
    table = [[*key, events, f"{pounds:.{POUND_DECIMALS}f}"] for key, (events, pounds) in rows.items()]
    report = RebuildReport(files=[write_table(out / "cbp_fentanyl.csv", OUTPUT_COLUMNS, table)])
    for year in sorted({key[0] for key in rows}):
        ports = [value for key, value in rows.items() if key[0] == year and key[2] == "field_office"]
        events, pounds = sum(e for e, _ in ports), sum(p for _, p in ports)
        report.lines.append(
            f"fiscal year {year}: {events:,} fentanyl events, {pounds:,.0f} lb gross at land ports"
        )
    return report
