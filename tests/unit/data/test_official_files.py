"""Whatever is wrong in an official file: the same for all five kinds of files, in one line."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.border.crossing import number
from sim.core.errors import TableError
from sim.data.counts import BTS_COLUMNS, TEXAS_COLUMNS, read_bts, read_texas
from sim.data.lanes import DELAY_FILE_COLUMNS, LANE_FILE_COLUMNS, read_delays, read_lane_hours
from sim.data.seizures import COLUMNS, read_fentanyl


@dataclass(frozen=True)
class Kind:
    """A kind of official file: its head, a good row, its reader, and what its columns are."""

    head: tuple[str, ...]
    row: tuple[str, ...]
    read: Callable[..., Any]
    numbers: tuple[str, ...]
    labels: tuple[str, ...]
    other: dict[str, str]

    def with_(self, **fields: str) -> tuple[str, ...]:
        """Return the good row with other fields, by the column's place ``at_<n>``."""
        return tuple(fields.get(f"at_{i}", text) for i, text in enumerate(self.row))

    def changed(self, column: str, text: str) -> tuple[str, ...]:
        return self.with_(**{f"at_{self.head.index(column)}": text})


KINDS = {
    "bts": Kind(
        BTS_COLUMNS,
        ("Laredo", "Texas", "2304", "US-Mexico Border", "Oct 2021", "Trucks", "50"),
        read_bts,
        ("Value",),
        ("Border", "Measure"),
        {"Measure": "Trains", "Border": "US-Canada Border"},
    ),
    "texas": Kind(
        TEXAS_COLUMNS,
        ("2021", "10", "Old Bridge", "Commercial Trucks", "50"),
        read_texas,
        ("Year", "Month", "Northbound Crossing"),
        ("Modes",),
        {"Modes": "Buses"},
    ),
    "lanes": Kind(
        LANE_FILE_COLUMNS,
        ("100101", "passenger", "standard", "weekday", "9", "50", "50", "2.5"),
        read_lane_hours,
        ("local_hour", "n_open", "n_total", "mean_lanes_incl_closed"),
        ("mode", "lane", "daytype"),
        {},
    ),
    "delays": Kind(
        DELAY_FILE_COLUMNS,
        ("100101", "passenger", "standard", "weekday", "9", "50", "12.5"),
        read_delays,
        ("local_hour", "n_open", "mean_delay"),
        ("mode", "lane", "daytype"),
        {},
    ),
    "cbp": Kind(
        COLUMNS,
        (
            "2022", "OCT", "Office of Field Operations", "Southwest Border", "Land Only",
            "SAN DIEGO FIELD OFFICE", "Fentanyl", "50", "1700.5",
        ),
        read_fentanyl,
        ("FY", "Count of Event", "Sum Qty (lbs)"),
        ("Region", "Land Filter", "Component", "Area of Responsibility", "Drug Type"),
        {"Region": "Northern Border", "Land Filter": "Other", "Drug Type": "Heroin"},
    ),
}  # fmt: skip
ALL = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
NUMBERS = [(name, column) for name, kind in KINDS.items() for column in kind.numbers]
LABELS = [(name, column) for name, kind in KINDS.items() for column in kind.labels]
OTHERS = [(name, column) for name, kind in KINDS.items() for column in kind.other]


def read(folder: Path, kind: Kind, *rows: tuple[str, ...], head: tuple[str, ...] = ()) -> tuple[str, str]:
    """Return what a file says, and what its reader tells of it."""
    path, told = folder / "file.csv", []
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head or kind.head, *rows])
    return repr(kind.read(path, told.append)), "\n".join(told)


def refused(folder: Path, kind: Kind, *rows: tuple[str, ...], head: tuple[str, ...] = ()) -> str:
    """Return the line of a refusal, which names the file."""
    with pytest.raises(TableError) as caught:
        read(folder, kind, *rows, head=head)
    assert str(caught.value).startswith(str(folder / "file.csv"))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("name", "column"), NUMBERS)
@pytest.mark.parametrize(
    "text", ["NaN", "inf", "-1", "1e999", "1e12", "12,5", "5_0", "0x10", "\u0665", "many"]
)
def test_what_is_no_number_within_bounds_is_refused(
    tmp_path: Path, name: str, column: str, text: str
) -> None:
    kind = KINDS[name]
    assert f"file.csv:2, {column}: {text!r}" in refused(tmp_path, kind, kind.changed(column, text))


@pytest.mark.parametrize(("name", "column"), [pair for pair in NUMBERS if pair[1] != "mean_delay"])
def test_an_empty_number_is_refused(tmp_path: Path, name: str, column: str) -> None:
    kind = KINDS[name]
    assert f"file.csv:2, {column}: ''" in refused(tmp_path, kind, kind.changed(column, ""))


@pytest.mark.parametrize(
    ("name", "column", "plain", "texts"),
    [
        ("bts", "Value", "20500", ["20,500", "20 500", " 20500 ", "20500.0", "+20500"]),
        ("texas", "Northbound Crossing", "1234567", ["1,234,567", "1\N{NO-BREAK SPACE}234\N{THIN SPACE}567"]),
        ("lanes", "n_total", "1000", ["1,000", "1e3"]),
        ("delays", "n_open", "1000", ["1,000"]),
        ("cbp", "Sum Qty (lbs)", "1700.5", ["1,700.50", "1 700.5"]),
    ],
)  # fmt: skip
def test_a_number_is_the_same_however_it_is_written(
    tmp_path: Path, name: str, column: str, plain: str, texts: list[str]
) -> None:
    kind = KINDS[name]
    wanted = read(tmp_path, kind, kind.changed(column, plain))
    assert [read(tmp_path, kind, kind.changed(column, text)) for text in texts] == [wanted] * len(texts)


@ALL
def test_a_row_that_comes_twice_counts_once_and_is_told(tmp_path: Path, kind: Kind) -> None:
    data, _ = read(tmp_path, kind, kind.row)
    again, told = read(tmp_path, kind, kind.row, kind.row)
    assert again == data
    assert "1 of 2 rows read; left aside: 1 identical to an earlier row" in told


@ALL
def test_a_key_with_two_values_is_refused_with_both_lines(tmp_path: Path, kind: Kind) -> None:
    column = kind.numbers[-1]
    line = refused(tmp_path, kind, kind.row, kind.changed(column, "3"))
    assert f"file.csv:3, {column}: 3" in line
    assert "but line 2 has" in line


@ALL
def test_files_put_together_are_read_once(tmp_path: Path, kind: Kind) -> None:
    data, _ = read(tmp_path, kind, kind.row)
    joined, told = read(tmp_path, kind, kind.row, kind.head, kind.row)
    assert joined == data
    assert "1 a repeated head" in told


@ALL
def test_blanks_and_case_do_not_matter(tmp_path: Path, kind: Kind) -> None:
    data, told = read(tmp_path, kind, kind.row)
    row = tuple(
        f" {text.upper() if name in kind.labels else text}\N{NO-BREAK SPACE} "
        for name, text in zip(kind.head, kind.row, strict=True)
    )
    head = tuple(name.lower().replace(" ", "_") for name in kind.head)
    assert read(tmp_path, kind, row, head=head) == (data, told)


@pytest.mark.parametrize(("name", "column"), LABELS)
def test_a_label_that_is_nearly_known_is_refused_with_the_known_one(
    tmp_path: Path, name: str, column: str
) -> None:
    kind = KINDS[name]
    right = kind.row[kind.head.index(column)]
    wrong = right.replace("DIEGO", "DIEG") if "DIEGO" in right else right[:-1] + "x"
    line = refused(tmp_path, kind, kind.changed(column, wrong))
    assert f"file.csv:2, {column}: " in line
    known = "san_diego" if "DIEGO" in right else right
    assert f"is nearly {known!r}" in line or f"(did you mean {known!r}?)" in line


@pytest.mark.parametrize(("name", "column"), OTHERS)
def test_rows_of_something_else_are_left_aside_and_counted(tmp_path: Path, name: str, column: str) -> None:
    kind = KINDS[name]
    data, _ = read(tmp_path, kind, kind.row)
    other = kind.changed(column, kind.other[column])
    found, told = read(tmp_path, kind, kind.row, other, other)
    assert found == data
    assert f"1 of 3 rows read; left aside: 2 {column} {kind.other[column]!r}" in told


@ALL
def test_a_row_has_as_many_fields_as_the_head(tmp_path: Path, kind: Kind) -> None:
    assert "file.csv:3: the row has more fields" in refused(tmp_path, kind, kind.row, (*kind.row, "700"))
    assert "file.csv:3: the row has fewer fields" in refused(tmp_path, kind, kind.row, kind.row[:-1])
    # A spreadsheet ends every row with the same empty columns.
    assert read(tmp_path, kind, (*kind.row, "", "")) == read(tmp_path, kind, kind.row)


@ALL
@pytest.mark.parametrize("other", [";", "\t"])
def test_fields_are_parted_by_commas(tmp_path: Path, kind: Kind, other: str) -> None:
    (tmp_path / "file.csv").write_text(f"{other.join(kind.head)}\n{other.join(kind.row)}\n")
    with pytest.raises(TableError, match=r"file\.csv: fields are parted by .*; save the file with commas"):
        kind.read(tmp_path / "file.csv")


@ALL
def test_a_column_is_there_once(tmp_path: Path, kind: Kind) -> None:
    first, last = kind.head[0], kind.head[-1]
    double = refused(tmp_path, kind, (*kind.row, kind.row[-1]), head=(*kind.head, last.upper()))
    assert f"column {last} comes twice" in double
    assert f"missing column {first}" in refused(tmp_path, kind, kind.row[1:], head=kind.head[1:])


@ALL
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_text_is_read_or_refused_in_one_line(tmp_path: Path, kind: Kind, data: st.DataObject) -> None:
    texts = st.one_of(st.text(max_size=12), st.sampled_from([*kind.row, "1,000", "2026 (FYTD)", "Oct-21"]))
    row = tuple(data.draw(texts) if data.draw(st.booleans()) else text for text in kind.row)
    try:
        read(tmp_path, kind, kind.row, row)
    except TableError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017


@given(st.integers(0, 10**12), st.integers(0, 99))
def test_a_comma_parts_thousands_and_a_point_decimals(whole: int, cents: int) -> None:
    for text in (
        f"{whole}.{cents:02d}",
        f"{whole:,}.{cents:02d}",
        f" {whole:,}.{cents:02d}".replace(",", " "),
    ):
        assert number(text, "here") == pytest.approx(whole + cents / 100)


@pytest.mark.parametrize(
    "text",
    [
        "Oct 2021", "OCT 2021", "October 2021", "Oct-21", "oct-2021", "10/01/2021", "10/1/2021",
        "10/01/2021 12:00:00 AM", "2021-10", "2021-10-01", "2021-10-01T00:00:00.000", "2021-10-01 00:00:00",
    ],
)  # fmt: skip
def test_every_date_of_bts_and_of_spreadsheets_is_the_month(tmp_path: Path, text: str) -> None:
    kind = KINDS["bts"]
    assert read(tmp_path, kind, kind.changed("Date", text)) == read(tmp_path, kind, kind.row)


@pytest.mark.parametrize(
    "text",
    [
        "", "2021", "21-Oct", "01/10/2021", "2021-13", "10/02/2021", "Oct 21 2021", "Oc 2021", "2021-10-02",
    ],
)  # fmt: skip
def test_a_date_that_is_no_month_is_refused_with_what_is_allowed(tmp_path: Path, text: str) -> None:
    kind = KINDS["bts"]
    line = refused(tmp_path, kind, kind.changed("Date", text))
    assert re.search(r"file\.csv:2, Date: unknown month '.*'; allowed: ", line)
