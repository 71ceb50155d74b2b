"""Tables of a result: typed columns that survive CSV and frames, and cells that are only text in HTML."""

from __future__ import annotations

import csv
import io
import math
import re
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.errors import ConfigError
from sim.core.tables import Column
from sim.report.tables import DataTable, TextTable

COLUMNS = (
    Column("name", "str", "", "what it is"),
    Column("value", "float64", "kg", "how much"),
    Column("count", "int64", "1", "how many"),
    Column("kept", "bool", "", "whether it was kept"),
)
ROWS = [
    {"name": "one", "value": 0.1, "count": 3, "kept": True},
    {"name": 'an <b>other</b>, "quoted"', "value": math.nan, "count": -1, "kept": False},
]
some_rows = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
            "value": st.floats(allow_nan=False),
            "count": st.integers(-(2**63), 2**63 - 1),
            "kept": st.booleans(),
        }
    ),
    max_size=6,
)


def table() -> DataTable:
    return DataTable.of(COLUMNS, ROWS)


@given(some_rows)
def test_rows_come_back_as_they_were_given(rows: list[dict[str, str | float]]) -> None:
    made = DataTable.of(COLUMNS, rows)
    assert made.rows() == rows
    assert len(made) == len(rows)
    assert all(
        type(row[name]) is type(given[name]) for row, given in zip(made, rows, strict=True) for name in row
    )


@given(some_rows)
def test_numbers_of_a_csv_read_back_as_the_same_numbers(rows: list[dict[str, str | float]]) -> None:
    found = list(csv.DictReader(io.StringIO(DataTable.of(COLUMNS, rows).csv())))
    assert [row["name"] for row in found] == [row["name"] for row in rows]
    assert [float(row["value"]) for row in found] == [row["value"] for row in rows]
    assert [int(row["count"]) for row in found] == [row["count"] for row in rows]
    assert [row["kept"] == "True" for row in found] == [row["kept"] for row in rows]


@given(some_rows)
def test_frames_hold_the_same_values_in_the_same_types(rows: list[dict[str, str | float]]) -> None:
    made = DataTable.of(COLUMNS, rows)
    pandas, polars, arrow = made.df(), made.pl(), made.arrow()
    assert pandas.to_dict("records") == polars.to_dicts() == arrow.to_pylist() == rows
    assert [str(kind) for kind in pandas.dtypes][1:] == ["float64", "int64", "bool"]
    assert [str(kind) for kind in polars.dtypes] == ["String", "Float64", "Int64", "Boolean"]
    assert [str(kind) for kind in arrow.schema.types] == ["string", "double", "int64", "bool"]


def test_a_number_that_is_not_known_stays_a_number() -> None:
    assert math.isnan(table().df()["value"][1])
    assert table().pl()["value"].is_nan().to_list() == [False, True]
    assert table().pl()["value"].null_count() == table().arrow()["value"].null_count == 0


def test_text_has_one_type_in_a_table_with_and_without_rows() -> None:
    assert table().df()["name"].dtype == DataTable.of(COLUMNS, []).df()["name"].dtype
    assert DataTable.of(COLUMNS, []).pl().schema == table().pl().schema
    assert DataTable.of(COLUMNS, []).arrow().schema == table().arrow().schema


def test_a_frame_is_a_copy() -> None:
    made = table()
    frame = made.df()
    frame.loc[0, "value"] = 7.0
    assert made["value"][0] == 0.1


@pytest.mark.parametrize(("package", "method"), [("pandas", "df"), ("polars", "pl"), ("pyarrow", "arrow")])
def test_a_package_that_is_missing_is_one_line_with_its_remedy(
    package: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigError) as caught:
        getattr(table(), method)()
    expected = f"{package} is not installed; install it with: pip install 'chokepoint-sim[frames]'"
    assert str(caught.value) == expected


@pytest.mark.parametrize("row", [{"name": "one"}, {**ROWS[0], "more": 1}])
def test_a_row_with_other_columns_is_refused(row: dict[str, str | float]) -> None:
    with pytest.raises(ValueError, match=r"row has .* the table has \['count', 'kept', 'name', 'value'\]"):
        DataTable.of(COLUMNS, [ROWS[0], row])


@pytest.mark.parametrize("value", ["n/a", None])
def test_a_number_that_is_text_is_refused(value: str | None) -> None:
    with pytest.raises((ValueError, TypeError)):
        DataTable.of(COLUMNS, [{**ROWS[0], "count": value}])


def test_a_column_is_had_by_its_name() -> None:
    assert table()["count"].tolist() == [3, -1]
    with pytest.raises(KeyError, match="no column 'cost'; there are name, value, count, kept"):
        table()["cost"]


def test_a_notebook_shows_the_first_rows_and_says_how_many_more() -> None:
    html = DataTable.of(COLUMNS, ROWS * 15)._repr_html_()
    assert html.count("<tr>") == 1 + 20
    assert html.endswith("<p>10 more rows</p>")
    assert "more rows" not in table()._repr_html_()


def test_text_is_never_html() -> None:
    for html in (table()._repr_html_(), TextTable(["<i>"], [["<b>x</b>"]], title="<u>").html()):
        assert not {"<b>", "<i>", "<u>"} & {part + ">" for part in html.split(">")}
        assert "&lt;b&gt;" in html


def test_numbers_stand_to_the_right_and_text_to_the_left() -> None:
    html = TextTable(["name", "kg"], [["one", "1.00"]], left=("name",), title="Loads").html()
    assert re.search(
        r'<td style="text-align:left[^"]*">one</td><td style="text-align:right[^"]*">1.00</td>', html
    )
    assert "<caption>Loads</caption>" in html
    assert "<caption>" not in TextTable(["name"], []).html()


def test_columns_are_in_their_declared_types_whatever_rows_hold() -> None:
    made = DataTable.of(COLUMNS, [{"name": "one", "value": 1, "count": 2.0, "kept": 1}])
    assert [made[c.name].dtype for c in COLUMNS] == [np.dtype(kind) for kind in (object, "f8", "i8", bool)]
