"""Tables of a study as CSV files of one folder."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.core.errors import StoreError


def write_tables(folder: Path, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Path]:
    """Write each table that has rows; return the paths.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in tables.items():
            if rows:
                paths.append(folder / f"{name}.csv")
                with paths[-1].open("w", encoding="utf-8", newline="") as file:
                    out = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                    out.writeheader()
                    out.writerows(rows)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StoreError(
            f"{folder}: cannot write here ({reason}); choose another folder with --out"
        ) from error
    return paths


def columns(rows: Sequence[Any]) -> dict[str, np.ndarray]:
    """Return the fields of dataclass rows as columns of a table."""
    dicts = [asdict(row) if is_dataclass(row) and not isinstance(row, type) else dict(row) for row in rows]
    return {
        name: np.array(
            [row[name] for row in dicts], dtype=object if isinstance(dicts[0][name], str) else None
        )
        for name in (dicts[0] if dicts else ())
    }
