"""Tables as CSV files of a folder that the user named."""

from __future__ import annotations

import csv
import errno
import os
import tempfile
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
        raise _refusal(folder, error) from error


def check_folder(folder: Path) -> None:
    """Refuse a folder that could not be written, before hours are spent on what shall stand in it.

    Nothing is made: what is tried is the folder, or the nearest one above it that exists.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    try:
        there = folder
        while not there.exists():
            there = there.parent
        if not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise _refusal(folder, error) from error


def _refusal(folder: Path, error: OSError) -> StoreError:
    reason = (error.strerror or str(error)).lower()
    return StoreError(f"{folder}: cannot write here ({reason}); choose another folder with --out")


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
