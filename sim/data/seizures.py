"""CBP's monthly drug seizures become the fentanyl record that the baseline is fitted to."""

from __future__ import annotations

import re
from pathlib import Path

from sim.core.errors import TableError
from sim.data.official import (
    COUNT_MAX,
    FIRST_MONTH,
    MONTHS_A_YEAR,
    YEARS,
    OfficialFile,
    RebuildReport,
    Row,
    Tell,
    drafting,
    month_number,
    untold,
    write_table,
)
from sim.measures.official import FISCAL_YEAR, fiscal_months
from sim.report.numbers import counted

COLUMNS = (
    "FY", "Month (abbv)", "Component", "Region", "Land Filter", "Area of Responsibility", "Drug Type",
    "Count of Event", "Sum Qty (lbs)",
)  # fmt: skip
COMPONENTS = {"Office of Field Operations": "field_office", "U.S. Border Patrol": "sector"}
REGION, LAND, DRUG = "Southwest Border", "Land Only", "Fentanyl"
AREA = re.compile(r"(.+) (FIELD OFFICE|SECTOR)", re.IGNORECASE)
AREAS = {
    "field_office": ("el_paso", "laredo", "san_diego", "tucson"),
    "sector": (
        "big_bend", "del_rio", "el_centro", "el_paso", "laredo", "rio_grande_valley", "san_diego", "tucson",
        "yuma",
    ),
}  # fmt: skip
FISCAL = re.compile(r"(?:FY ?)?([0-9]{4})(?P<part> ?\(FYTD\))?", re.IGNORECASE)
"""``2022``, or ``2026 (FYTD)`` for the year in progress."""
POUNDS_MAX = 1_000_000
OUTPUT_COLUMNS = ("fiscal_year", "month", "component", "area", "events", "gross_lb")
RECORD = "cbp_fentanyl.csv"
POUND_DECIMALS = 4

Key = tuple[int, str, str, str]
Seizures = dict[Key, tuple[int, float]]


def read_fentanyl(path: Path, tell: Tell = untold) -> Seizures:
    """Return events and gross pounds by (fiscal year, month, component, area), land of the Southwest only.

    Every month in which the file reports anything has a row for every area: no seizure is 0. The last
    months of a year in progress (``FYTD``) in which nothing at all was seized are not over: no rows.

    Parameters
    ----------
    path : Path
    tell : callable
        Gets one line on the rows left aside, and one on each year that is not whole.
    """
    months: dict[tuple[int, str], bool] = {}
    areas: set[tuple[str, str]] = set()
    found: Seizures = {}
    in_progress: set[int] = set()
    file = OfficialFile(path, COLUMNS, "month, area and drug")
    for row in file:
        ours = (("Region", REGION), ("Land Filter", LAND))
        if any(row.one_of_ours(name, [label]) is None for name, label in ours):
            continue
        (year, month), place = _month(row, in_progress), _area(row)
        months[year, month] = months.get((year, month), False) or row.text("Count of Event") not in ("", "0")
        areas.add(place)
        if row.one_of_ours("Drug Type", [DRUG]):
            events = row.count("Count of Event")
            pounds = row.number("Sum Qty (lbs)", POUNDS_MAX)
            key = (year, month, *place)
            if row.first(key, {"Count of Event": events, "Sum Qty (lbs)": pounds}):
                found[key] = (events, pounds)
    if not found:
        raise TableError(f"{path}: no row of {DRUG!r} at {REGION!r}, {LAND!r}")
    tell(file.note())
    for year in sorted({year for year, _ in months}):
        own = sorted(month for y, month in months if y == year)
        while year in in_progress and own and not months[year, own[-1]]:
            tell(f"{own[-1]} is not over: no zeros are made of it")
            del months[year, own.pop()]
        if own and (year in in_progress or len(own) < MONTHS_A_YEAR):
            kind = "in progress" if year in in_progress else "not whole"
            tell(f"fiscal year {year} is {kind}: {len(own)} of {MONTHS_A_YEAR} months, {own[0]} to {own[-1]}")
    return {
        (*when, *where): found.get((*when, *where), (0, 0.0))
        for when in sorted(months)
        for where in sorted(areas)
    }


def _month(row: Row, in_progress: set[int]) -> tuple[int, str]:
    """Return fiscal year and month; note a year in progress."""
    match = FISCAL.fullmatch(row.text("FY"))
    if match is None or not YEARS[0] <= int(match[1]) <= YEARS[1]:
        raise TableError(
            f"{row.where('FY')}: {row.text('FY')!r} is no fiscal year; allowed: '2022' or '2026 (FYTD)'"
        )
    year = int(match[1])
    if match["part"]:
        in_progress.add(year)
    month = month_number(row.text("Month (abbv)"), row.where("Month (abbv)"))
    return year, f"{year - (month >= FIRST_MONTH):04d}-{month:02d}"


def _area(row: Row) -> tuple[str, str]:
    """Return component and area, which may be new but not nearly a known one."""
    component = COMPONENTS[row.label("Component", list(COMPONENTS))]
    text = row.text("Area of Responsibility")
    match = AREA.fullmatch(text)
    if match is None:
        raise TableError(f"{row.where('Area of Responsibility')}: {text!r} is no FIELD OFFICE or SECTOR")
    area = match[1].lower().replace(" ", "_")
    if area not in AREAS[component]:
        row.refuse_near("Area of Responsibility", area, AREAS[component])
    return component, area


def read_record(path: Path) -> Seizures:
    """Return the record that a folder has; nothing if it has none."""
    if not path.is_file():
        return {}
    rows: Seizures = {}
    for row in OfficialFile(path, OUTPUT_COLUMNS, "month and area"):
        year, month = row.count("fiscal_year", *YEARS), row.text("month")
        events, pounds = row.count("events"), row.number("gross_lb", COUNT_MAX)
        key = (year, month, row.text("component"), row.text("area"))
        row.first(key, {"events": events, "gross_lb": pounds})
        rows[key] = (events, pounds)
    return rows


def rebuild_seizures(cbp: Path, out: Path) -> RebuildReport:
    """Write ``cbp_fentanyl.csv`` from CBP's drug seizure statistics.

    A download never makes the record less: months and areas that it lacks stay, and a line says so.

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
    report = RebuildReport()
    notes: list[str] = []
    new, old = read_fentanyl(cbp, notes.append), read_record(out / RECORD)
    rows = dict(sorted((old | new).items()))
    table = [[*key, events, f"{pounds:.{POUND_DECIMALS}f}"] for key, (events, pounds) in rows.items()]
    with drafting(out) as draft:
        report.files.append(write_table(draft / RECORD, OUTPUT_COLUMNS, table))
    for year in sorted({key[0] for key in new}):
        ports = [value for key, value in rows.items() if key[0] == year and key[2] == "field_office"]
        events, pounds = sum(e for e, _ in ports), sum(p for _, p in ports)
        report.lines.append(
            f"fiscal year {year}: {events:,} fentanyl events, {pounds:,.0f} lb gross at land ports"
        )
    report.lines += notes
    if kept := set(old) - set(new):
        months = sorted({key[1] for key in kept})
        report.lines.append(
            f"kept of the record, because {cbp.name} lacks them: {counted(len(kept), 'row')} of "
            f"{counted(len(months), 'month')}, {months[0]} to {months[-1]}"
        )
    if changed := [k for k in set(old) & set(new) if _differ(old[k], new[k])]:
        report.lines.append(f"{counted(len(changed), 'row')} of the record with other numbers than before")
    if absent := len(set(fiscal_months()) - {key[1] for key in rows}):
        report.lines.append(
            f"the record lacks {counted(absent, 'month')} of fiscal year {FISCAL_YEAR}, "
            "which runs are compared with"
        )
    return report.moved(draft, out)


def _differ(one: tuple[int, float], other: tuple[int, float]) -> bool:
    return one[0] != other[0] or abs(one[1] - other[1]) >= 10.0**-POUND_DECIMALS
