"""A replication in one file: the same tables come back, the same bytes go in, no damage passes unseen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.core.errors import StoreError
from sim.core.tables import Table
from sim.store.archive import CorruptedError, is_whole, pack, unpack
from sim.store.columns import COLUMNS, REPLICATION_TABLES, checked
from tests.fixtures.made_up_world import MadeUpScenario, simulate

TABLES = {
    name: checked(name, table) for name, table in simulate(MadeUpScenario(), seed=3, replication=2).items()
}
ABOUT = "model/scenario/seed3/p0000_r00002"
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def same(one: Table, other: Table) -> bool:
    return list(one) == list(other) and all(
        one[name].dtype == other[name].dtype
        and np.array_equal(one[name], other[name], equal_nan=one[name].dtype.kind == "f")
        for name in one
    )


def outcome(path: Path, name: str) -> tuple[str, Table | None]:
    """Return the words of the error, or the table."""
    try:
        return "", unpack(path, name, ABOUT)
    except StoreError as error:
        return str(error), None


@pytest.mark.parametrize("name", REPLICATION_TABLES)
def test_tables_come_back_as_they_went(tmp_path: Path, name: str) -> None:
    path = tmp_path / "one.zip"
    path.write_bytes(pack(TABLES, ABOUT))
    assert same(unpack(path, name, ABOUT), TABLES[name])


@FEW
@given(
    rows=st.lists(
        st.tuples(
            st.text(max_size=5) | st.sampled_from(["all", "a\0", "a"]),
            st.floats(),
            st.integers(-(2**63), 2**63 - 1),
        ),
        max_size=600,
    )
)
def test_any_text_and_any_number_come_back(tmp_path: Path, rows: list[tuple[str, float, int]]) -> None:
    """Also more labels than a byte can number, empty text, text that ends in a null, nan and no rows."""
    labels = np.array([row[0] for row in rows], dtype=object)
    tables = dict(TABLES)
    for name, column, kind, place in (
        ("measures", "value", np.float64, 1),
        ("postings", "amount", np.int64, 2),
    ):
        tables[name] = {
            c.name: labels if c.dtype == "str" else np.zeros(len(rows), dtype=c.dtype) for c in COLUMNS[name]
        }
        tables[name][column] = np.array([row[place] for row in rows], dtype=kind)
    path = tmp_path / "any.zip"
    path.write_bytes(pack(tables, ABOUT))
    for name in ("measures", "postings"):
        assert same(unpack(path, name, ABOUT), tables[name])


def test_the_same_tables_give_the_same_bytes_whatever_the_order_of_columns() -> None:
    backwards = {name: dict(reversed(table.items())) for name, table in TABLES.items()}
    assert pack(backwards, ABOUT) == pack(TABLES, ABOUT)


def test_the_bytes_do_not_depend_on_which_texts_are_the_same_object() -> None:
    copies = {
        name: {
            key: np.array(["".join(list(text)) for text in values], dtype=object)
            if values.dtype == object
            else values
            for key, values in table.items()
        }
        for name, table in TABLES.items()
    }
    assert pack(copies, ABOUT) == pack(TABLES, ABOUT)


def test_a_file_that_was_cut_is_not_whole_wherever_it_was(tmp_path: Path) -> None:
    content = pack(TABLES, ABOUT)
    path = tmp_path / "cut.zip"
    for size in range(0, len(content), 37):
        path.write_bytes(content[:size])
        assert not is_whole(path, ABOUT), size
    path.write_bytes(content)
    assert is_whole(path, ABOUT)


def test_a_changed_byte_is_named_or_harmless_wherever_it_is(tmp_path: Path) -> None:
    """A changed date, say, harms nothing; a changed number never comes back."""
    content = pack(TABLES, ABOUT)
    path = tmp_path / "changed.zip"
    found = 0
    for place in range(0, len(content), 3):
        changed = bytearray(content)
        changed[place] ^= 1 << (place % 8)
        path.write_bytes(changed)
        is_whole(path, ABOUT)  # may say either, but must say it
        for name in REPLICATION_TABLES:
            told, table = outcome(path, name)
            if table is None:
                assert "corrupted" in told
                assert "\n" not in told
                found += 1
            else:
                assert same(table, TABLES[name]), place
    assert found > len(content) / 3 * 0.5


def test_any_value_of_any_byte_of_the_directory_is_told_without_an_error_of_zip(tmp_path: Path) -> None:
    """One bit there can ask for a version of zip that does not exist."""
    content = pack(TABLES, ABOUT)
    path = tmp_path / "directory.zip"
    begin = content.index(b"PK\1\2")
    for place in range(begin, len(content)):
        for value in (content[place] ^ 0x40, 0, 255):
            path.write_bytes(content[:place] + bytes([value]) + content[place + 1 :])
            assert is_whole(path, ABOUT) in (True, False)


def test_a_file_under_the_name_of_another_replication_is_found_out(tmp_path: Path) -> None:
    path = tmp_path / "copy.zip"
    path.write_bytes(pack(TABLES, ABOUT))
    other = ABOUT.replace("00002", "00003")
    assert not is_whole(path, other)
    with pytest.raises(CorruptedError):
        unpack(path, "measures", other)


def test_what_cannot_be_read_is_not_called_corrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder.zip").mkdir()
    for look in (lambda path: is_whole(path, ABOUT), lambda path: unpack(path, "measures", ABOUT)):
        with pytest.raises(StoreError, match=r"folder\.zip: cannot be read \(is a directory\)") as caught:
            look(tmp_path / "folder.zip")
        assert not isinstance(caught.value, CorruptedError)
    path = tmp_path / "whole.zip"
    path.write_bytes(pack(TABLES, ABOUT))

    def starved(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(np, "load", starved)
    with pytest.raises(MemoryError):
        unpack(path, "measures", ABOUT)


def test_a_table_that_is_not_as_declared_is_refused() -> None:
    with pytest.raises(StoreError, match="table measures: missing columns"):
        pack({**TABLES, "measures": {"value": np.ones(3)}}, ABOUT)
