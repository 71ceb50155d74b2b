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


def row(year: str, month: str = "OCT", events: str = "5", area: str = "SAN DIEGO FIELD OFFICE") -> str:
    return (
        f"{year},{month},Office of Field Operations,Southwest Border,Land Only,{area},Fentanyl,{events},10.5"
    )


def record(folder: Path) -> dict[tuple[str, str], str]:
    with (folder / "cbp_fentanyl.csv").open() as file:
        return {(row["month"], row["area"]): row["events"] for row in csv.DictReader(file)}


def test_a_download_never_makes_the_record_less(tmp_path: Path) -> None:
    rebuild_seizures(
        write(tmp_path / "old.csv", row("2022"), row("2022", area="LAREDO FIELD OFFICE")), tmp_path
    )
    first = record(tmp_path)
    report = rebuild_seizures(write(tmp_path / "new.csv", row("2024", events="7")), tmp_path)
    assert record(tmp_path) == first | {("2023-10", "san_diego"): "7"}
    assert (
        "kept of the record, because new.csv lacks them: 2 rows of 1 month, 2021-10 to 2021-10"
        in report.lines
    )


def test_a_download_with_one_area_keeps_the_others(tmp_path: Path) -> None:
    rebuild_seizures(
        write(tmp_path / "old.csv", row("2022"), row("2022", area="LAREDO FIELD OFFICE")), tmp_path
    )
    report = rebuild_seizures(write(tmp_path / "new.csv", row("2022", events="9")), tmp_path)
    assert record(tmp_path) == {("2021-10", "laredo"): "5", ("2021-10", "san_diego"): "9"}
    assert "1 row of the record with other numbers than before" in report.lines


def test_the_same_download_again_changes_no_byte(tmp_path: Path) -> None:
    path = write(tmp_path / "cbp.csv", *ROWS)
    before = rebuild_seizures(path, tmp_path).files[0].read_bytes()
    report = rebuild_seizures(path, tmp_path)
    assert report.files[0].read_bytes() == before
    assert not any("kept" in line or "other numbers" in line for line in report.lines)


def test_a_damaged_record_is_refused_and_stays(tmp_path: Path) -> None:
    (tmp_path / "cbp_fentanyl.csv").write_text(
        "fiscal_year,month,component,area,events,gross_lb\n2022,2021-10,sector,yuma,nan,1\n"
    )
    with pytest.raises(TableError, match=r"cbp_fentanyl\.csv:2, events: 'nan' is not a number"):
        rebuild_seizures(write(tmp_path / "cbp.csv", *ROWS), tmp_path)
    assert "nan" in (tmp_path / "cbp_fentanyl.csv").read_text()


@pytest.mark.parametrize("year", ["2026 (FYTD)", "2026(fytd)", " FY2026  (FYTD) "])
def test_months_of_the_year_in_progress_that_are_not_over_are_no_zeros(tmp_path: Path, year: str) -> None:
    rows = [row(year), row(year, "NOV", "0"), row(year, "DEC"), row(year, "JAN", "0"), row(year, "FEB", "0")]
    report = rebuild_seizures(write(tmp_path / "cbp.csv", *rows), tmp_path)
    assert record(tmp_path) == {
        ("2025-10", "san_diego"): "5",
        ("2025-11", "san_diego"): "0",
        ("2025-12", "san_diego"): "5",
    }
    assert "2026-01 is not over: no zeros are made of it" in report.lines
    assert "fiscal year 2026 is in progress: 3 of 12 months, 2025-10 to 2025-12" in report.lines


def test_a_year_in_progress_and_its_whole_are_one_year(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"cbp\.csv:3, Count of Event: 6, but line 2 has 5"):
        rebuild_seizures(write(tmp_path / "cbp.csv", row("2025 (FYTD)"), row("2025", events="6")), tmp_path)


@pytest.mark.parametrize("year", ["26", "2026 (YTD)", "20266", "1022"])
def test_what_is_no_fiscal_year_is_refused(tmp_path: Path, year: str) -> None:
    with pytest.raises(TableError, match=r"cbp\.csv:2, FY: .* is no fiscal year; allowed: '2022' or"):
        rebuild_seizures(write(tmp_path / "cbp.csv", row(year)), tmp_path)
