"""Tables of a study as CSV: what is written, what is left out, and a folder that refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.core.errors import StoreError
from sim.store.csv_tables import write_csvs


def test_tables_with_rows_are_written_under_their_names(tmp_path: Path) -> None:
    tables = {"effects": [{"a": 1, "b": "x, y"}, {"a": 2, "b": ""}], "places": []}
    (path,) = write_csvs(tmp_path / "new" / "folder", tables)
    assert path == tmp_path / "new" / "folder" / "effects.csv"
    assert path.read_bytes() == b'a,b\n1,"x, y"\n2,\n'
    assert [found.name for found in path.parent.iterdir()] == ["effects.csv"]


def test_a_folder_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match=r"cannot write here .*; choose another folder with --out") as error:
        write_csvs(tmp_path / "taken", {"effects": [{"a": 1}]})
    assert "\n" not in str(error.value)
