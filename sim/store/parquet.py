"""Parquet from NumPy columns and back, without pandas.

One DuckDB thread and a declared order of columns give the same bytes for the same table.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.errors import StoreError
from sim.core.tables import Table
from sim.store.columns import COLUMNS, Column, checked, typed
from sim.store.files import replacing, store_error

if TYPE_CHECKING:
    import duckdb

_SQL_TYPE = {"int32": "INTEGER", "int64": "BIGINT", "float64": "DOUBLE", "str": "VARCHAR"}


@functools.cache
def database() -> duckdb.DuckDBPyConnection:
    """Return the database of this process: in memory, one thread, nothing fetched from the network."""
    import duckdb

    # Threads change the order of sums and rows; extensions would be fetched from the network.
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return duckdb.connect(":memory:", config=settings)


def write_table(path: Path, name: str, table: Table) -> None:
    """Write a declared table to ``path`` in one step.

    Raises
    ------
    StoreError
        The table is not as declared, the folder cannot be written or the disk is full.
    """
    import duckdb

    rows = checked(name, table)
    select = ", ".join(f'"{c.name}"::{_SQL_TYPE[c.dtype]} AS "{c.name}"' for c in COLUMNS[name])
    connection = database()
    try:
        with replacing(path) as part:
            connection.register("rows", rows)
            connection.execute(
                f"COPY (SELECT {select} FROM rows) TO '{quoted(part)}' (FORMAT parquet, COMPRESSION zstd)"
            )
    except duckdb.Error as error:
        raise store_error(path, error) from error
    finally:
        connection.unregister("rows")


def read_table(name: str, paths: Sequence[Path]) -> Table:
    """Read one declared table from files, rows in the order of ``paths``.

    Raises
    ------
    StoreError
        A file is missing or corrupted (its name is given), or lacks a declared column.
    """
    import duckdb

    if not paths:
        return {c.name: typed(c, np.array([])) for c in COLUMNS[name]}
    columns = ", ".join(f'"{c.name}"' for c in COLUMNS[name])
    files = ", ".join(f"'{quoted(path)}'" for path in paths)
    try:
        found: dict[str, Any] = (
            database().execute(f"SELECT {columns} FROM read_parquet([{files}])").fetchnumpy()
        )
    except duckdb.Error as error:
        if len(paths) > 1:
            for path in paths:
                read_table(name, [path])
        raise StoreError(
            f"{paths[0]}: not a readable {name} table ({str(error).splitlines()[0]}); "
            "delete the file and run again"
        ) from error
    return {c.name: _plain(c, found[c.name]) for c in COLUMNS[name]}


def _plain(column: Column, values: np.ndarray) -> np.ndarray:
    if isinstance(values, np.ma.MaskedArray):
        values = values.filled(np.nan if column.dtype == "float64" else "")
    return typed(column, values)


def quoted(path: Path | str) -> str:
    """Return text for the inside of a quoted string of SQL."""
    return str(path).replace("'", "''")
