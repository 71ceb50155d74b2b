"""Tables as CSV files of a folder that the user named."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.core.errors import StoreError

Rows = Sequence[Mapping[str, Any]]


@contextmanager
def named_folder(folder: Path) -> Iterator[None]:
    """Make a folder, and turn every error of the file system inside the block into a ``StoreError``."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StoreError(
            f"{folder}: cannot write here ({reason}); choose another folder with --out"
        ) from error


def write_csvs(folder: Path, tables: Mapping[str, Rows]) -> list[Path]:
    """Write each table that has rows as ``<name>.csv``, headed by the keys of its first row; return paths.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    paths = []
    with named_folder(folder):
        for name, rows in tables.items():
            if rows:
                paths.append(folder / f"{name}.csv")
                with paths[-1].open("w", encoding="utf-8", newline="") as file:
                    out = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                    out.writeheader()
                    out.writerows(rows)
    return paths
