"""Tables as CSV files of a folder that the user named."""

from __future__ import annotations

import csv
import errno
import io
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.store.files import OTHER_OUT, store_error, write_text, writing

Rows = Sequence[Mapping[str, Any]]


@contextmanager
def named_folder(folder: Path) -> Iterator[None]:
    """Make a folder, and turn every error of the file system inside the block into a ``StoreError``."""
    with writing(folder, OTHER_OUT):
        folder.mkdir(parents=True, exist_ok=True)
        yield


def check_out(path: Path, page: bool = False) -> None:
    """Refuse a folder, or the file of a page, that could not be written after hours of simulation.

    Nothing is made: what is tried is the nearest folder above it that exists.

    Raises
    ------
    StoreError
        The folder or file cannot be written.
    """
    try:
        if page and path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        there = path.parent if page else path
        while not there.exists():
            there = there.parent
        if not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise store_error(path, error, OTHER_OUT.replace("folder", "file") if page else OTHER_OUT) from error


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
                text = io.StringIO()
                out = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
                out.writeheader()
                out.writerows(rows)
                paths.append(folder / f"{name}.csv")
                write_text(paths[-1], text.getvalue(), OTHER_OUT)
    return paths
