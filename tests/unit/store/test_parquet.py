"""Tables on disk: same in, same out, same bytes; a torn or foreign file is named."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.errors import StoreError
from sim.store.columns import COLUMNS, REPLICATION_TABLES, checked
from sim.store.parquet import read_table, write_table
from tests.fixtures.made_up_world import MadeUpScenario, simulate

TABLES = simulate(MadeUpScenario(), seed=3, replication=2)


@pytest.mark.parametrize("name", REPLICATION_TABLES)
def test_a_table_comes_back_as_it_went(tmp_path, name):
    path = tmp_path / "it's a table.parquet"
    write_table(path, name, TABLES[name])
    back = read_table(name, [path])
    assert list(back) == [column.name for column in COLUMNS[name]]
    for column in COLUMNS[name]:
        np.testing.assert_array_equal(back[column.name], TABLES[name][column.name])
        assert back[column.name].dtype == (object if column.dtype == "str" else column.dtype)


def test_the_order_of_columns_is_the_declared_one_and_the_bytes_are_the_same(tmp_path):
    backwards = dict(reversed(TABLES["measures"].items()))
    write_table(tmp_path / "a.parquet", "measures", TABLES["measures"])
    write_table(tmp_path / "b.parquet", "measures", backwards)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_rows_follow_the_order_of_the_files(tmp_path):
    for number in (2, 0, 1):
        write_table(tmp_path / f"{number}", "postings", simulate(MadeUpScenario(), 3, number)["postings"])
    back = read_table("postings", [tmp_path / f"{number}" for number in (1, 2, 0)])
    assert back["replication"].tolist() == [1, 1, 2, 2, 0, 0]


def test_an_empty_table_keeps_its_types(tmp_path):
    empty = {column.name: np.array([]) for column in COLUMNS["postings"]}
    write_table(tmp_path / "e.parquet", "postings", empty)
    back = read_table("postings", [tmp_path / "e.parquet"])
    assert back["amount"].dtype == np.int64
    assert len(back["month"]) == 0


def test_no_other_file_is_left_beside_a_table(tmp_path):
    write_table(tmp_path / "a.parquet", "measures", TABLES["measures"])
    assert [p.name for p in tmp_path.iterdir()] == ["a.parquet"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": None}, "missing columns ['value'], undeclared columns []"),
        ({"crossing": np.ones(2)}, "missing columns [], undeclared columns ['crossing']"),
        ({"value": np.ones(3)}, "columns differ in length"),
    ],
)
def test_a_table_that_is_not_as_declared_is_refused(change, message):
    table = {k: v for k, v in {**TABLES["measures"], **change}.items() if v is not None}
    with pytest.raises(StoreError) as error:
        checked("measures", table)
    assert message in str(error.value)


def test_a_torn_file_is_named_among_many(tmp_path):
    paths = [tmp_path / f"{number}.parquet" for number in range(3)]
    for path in paths:
        write_table(path, "measures", TABLES["measures"])
    paths[1].write_bytes(paths[1].read_bytes()[:200])
    with pytest.raises(StoreError, match=r"1\.parquet: not a readable measures table") as error:
        read_table("measures", paths)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(StoreError, match=r"absent\.parquet"):
        read_table("measures", [tmp_path / "absent.parquet"])


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="file") as error:
        write_table(tmp_path / "file" / "a.parquet", "measures", TABLES["measures"])
    assert "\n" not in str(error.value)
