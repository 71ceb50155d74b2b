"""CBP's drug seizures become the fentanyl record; what is not understood is refused."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from sim.core.errors import TableError
from sim.data.seizures import COLUMNS, rebuild_seizures

ROWS = (
    "2022,OCT,Office of Field Operations,Southwest Border,Land Only,SAN DIEGO FIELD OFFICE,Fentanyl,5,10.5",
    "2022,OCT,Office of Field Operations,Southwest Border,Other,SAN DIEGO FIELD OFFICE,Fentanyl,1,99",
    "2022,SEP,Office of Field Operations,Southwest Border,Land Only,SAN DIEGO FIELD OFFICE,Heroin,2,3",
    "2022,SEP,U.S. Border Patrol,Southwest Border,Land Only,RIO GRANDE VALLEY SECTOR,Fentanyl,1,0.25",
)


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([",".join(COLUMNS), *rows, ""]))
    return path


def test_land_rows_of_fentanyl_by_month_and_area(tmp_path: Path) -> None:
    report = rebuild_seizures(write(tmp_path / "cbp.csv", *ROWS), tmp_path / "out")
    with report.files[0].open() as file:
        rows = [tuple(row.values()) for row in csv.DictReader(file)]
    assert rows == [
        ("2022", "2021-10", "field_office", "san_diego", "5", "10.5000"),
        ("2022", "2021-10", "sector", "rio_grande_valley", "0", "0.0000"),
        ("2022", "2022-09", "field_office", "san_diego", "0", "0.0000"),
        ("2022", "2022-09", "sector", "rio_grande_valley", "1", "0.2500"),
    ]
    assert report.lines == [
        "fiscal year 2022: 5 fentanyl events, 10 lb gross at land ports",
        "cbp.csv: 2 of 4 rows read; left aside: 1 Land Filter 'Other', 1 Drug Type 'Heroin'",
        "fiscal year 2022 is not whole: 2 of 12 months, 2021-10 to 2022-09",
        "the record lacks 10 months of fiscal year 2022, which runs are compared with",
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "2022,OKT,Office of Field Operations,Southwest Border,Land Only,TUCSON FIELD OFFICE,Fentanyl,1,1",
            "'OKT'",
        ),
        ("2022,OCT,Coast Guard,Southwest Border,Land Only,TUCSON FIELD OFFICE,Fentanyl,1,1", "'Coast Guard'"),
        ("2022,OCT,U.S. Border Patrol,Southwest Border,Land Only,TUCSON,Fentanyl,1,1", "'TUCSON'"),
        ("2022,OCT,U.S. Border Patrol,Southwest Border,Land Only,TUCSON SECTOR,Fentanyl,1,-1", "'-1'"),
        (
            "2022,OCT,U.S. Border Patrol,Southwest Border,Land Only,TUCSON SECTOR,Heroin,1,1",
            "no row of 'Fentanyl'",
        ),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str, message: str) -> None:
    path = write(tmp_path / "cbp.csv", row)
    with pytest.raises(TableError, match=message) as caught:
        rebuild_seizures(path, tmp_path / "out")
    assert str(path) in str(caught.value)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "cbp.csv"
    path.write_text("FY,Month (abbv),Component,Region,Land Filter\n2022,OCT,x,y,z\n")
    with pytest.raises(TableError, match="missing column Area of Responsibility, Drug Type, Count of Event"):
        rebuild_seizures(path, tmp_path / "out")
