"""Monthly measures of many runs, added up by one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.core.errors import StoreError
from sim.store.parquet import database, quoted

EVERYWHERE = "all"


@dataclass(frozen=True)
class Sums:
    """Measures over all places, added up over the months of the window.

    Parameters
    ----------
    units : ndarray of int32, shape (units, 2)
        Parameter set and replication, sorted.
    present : ndarray of bool, shape (runs, units)
        Whether a run has this unit.
    total, count : ndarray of float64, shape (runs, units, measures)
        Sum and number of defined months; zero where nothing was reported.
    """

    units: np.ndarray
    present: np.ndarray
    total: np.ndarray
    count: np.ndarray


def read_sums(paths: Sequence[Path], measures: Sequence[str]) -> Sums:
    """Read measures of many runs.

    Parameters
    ----------
    paths : sequence of Path
        A ``measures.parquet`` a run.
    measures : sequence of str
        Names of measures.

    Raises
    ------
    StoreError
        A file is not a table of measures; its name is given.
    """
    names = ", ".join(f"('{quoted(name)}', {i})" for i, name in enumerate(measures))
    files = ", ".join(f"('{quoted(path)}', {i})" for i, path in enumerate(paths))
    rows = _rows(
        f"""
        SELECT f.number AS run, parameter_set, replication, coalesce(m.number, -1) AS measure,
               coalesce(sum(value) FILTER (isfinite(value)), 0.0) AS total,
               count(*) FILTER (isfinite(value))::DOUBLE AS count
        FROM {_files(paths)} t
        JOIN (VALUES {files}) f(filename, number) USING (filename)
        LEFT JOIN (VALUES {names}) m(measure, number) USING (measure)
        WHERE place = '{EVERYWHERE}' GROUP BY ALL
        """,
        paths,
    )
    pairs = np.stack([rows["parameter_set"], rows["replication"]], axis=1).astype(np.int32)
    units, unit = np.unique(pairs, axis=0, return_inverse=True)
    shape = len(paths), len(units), len(measures)
    total, count = np.zeros(shape), np.zeros(shape)
    wanted = rows["measure"] >= 0
    at = tuple(column[wanted] for column in (rows["run"], unit.reshape(-1), rows["measure"]))
    total[at], count[at] = rows["total"][wanted], rows["count"][wanted]
    present = np.zeros(shape[:2], dtype=bool)
    present[rows["run"], unit.reshape(-1)] = True
    return Sums(units, present, total, count)


def read_months(paths: Sequence[Path], measure: str) -> tuple[list[str], list[dict[int, np.ndarray]]]:
    """Return the months, and for each run the monthly values of a measure by replication.

    Only the central parameter set and the sum over places are read.

    Raises
    ------
    StoreError
        A file is not a table of measures; its name is given.
    """
    rows = _rows(
        f"""
        SELECT filename, replication, month, value FROM {_files(paths)}
        WHERE place = '{EVERYWHERE}' AND measure = '{quoted(measure)}' AND parameter_set = 0
        ORDER BY month
        """,
        paths,
    )
    months, month = np.unique(rows["month"].astype(str), return_inverse=True)
    found: list[dict[int, np.ndarray]] = []
    for path in paths:
        mine: dict[int, np.ndarray] = {}
        for i in np.flatnonzero(rows["filename"].astype(str) == str(path)):
            line = mine.setdefault(int(rows["replication"][i]), np.zeros(len(months)))
            line[month[i]] = rows["value"][i]
        found.append(mine)
    return months.tolist(), found


def _files(paths: Sequence[Path]) -> str:
    return "read_parquet([" + ", ".join(f"'{quoted(path)}'" for path in paths) + "], filename=true)"


def _rows(query: str, paths: Sequence[Path]) -> dict[str, np.ndarray]:
    import duckdb

    try:
        found: dict[str, Any] = database().execute(query).fetchnumpy()
        return dict(found)
    except duckdb.Error as error:
        for path in paths:
            try:
                database().execute(f"SELECT measure FROM {_files([path])}").fetchall()
            except duckdb.Error:
                raise StoreError(
                    f"{path}: not a readable table of measures; run this scenario again"
                ) from None
        raise StoreError(f"measures: {str(error).splitlines()[0]}") from error
