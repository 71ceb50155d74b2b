"""The tables of one replication in one file: a zip under Zstandard, with an npz of columns for each table.

Only the store reads these files, thousands of times, so they are made for speed: text columns are
numbers into a list of labels, and runs of the same label are coded once. Run folders, which people
and their programs read, hold parquet. A truncated file has no directory, which is at the end of a zip;
a changed byte does not match the checksum of its member; and the zip's comment says which replication
it is, so that a file under the name of another is found out.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import BinaryIO

import numpy as np

if sys.version_info >= (3, 14):
    import zipfile
else:
    from backports.zstd import zipfile

from sim.core.errors import StoreError
from sim.core.tables import Table
from sim.store.columns import COLUMNS, REPLICATION_TABLES, checked, typed

# Higher levels take half as long again and save 6 %.
_LEVEL = 1
_LABELS = ".labels"


class CorruptedError(StoreError):
    """A stored file that can be read is not as it was written."""


def pack(tables: dict[str, Table], about: str) -> bytes:
    """Return the content of a file; the same tables and versions of packages give the same bytes.

    Parameters
    ----------
    tables : dict of str to Table
        One table for each of ``REPLICATION_TABLES``.
    about : str
        Which replication this is.

    Raises
    ------
    StoreError
        A table is not as declared.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.comment = about.encode()
        for name in REPLICATION_TABLES:
            # A ZipInfo of its own has no date of today.
            member, columns = zipfile.ZipInfo(_member(name)), _npz(checked(name, tables[name]))
            archive.writestr(member, columns, zipfile.ZIP_ZSTANDARD, _LEVEL)
    return content.getvalue()


def is_whole(path: Path, about: str) -> bool:
    """Tell whether a file is there to its end, and of this replication; its tables are not read.

    Raises
    ------
    StoreError
        There is something that cannot be read.
    """
    try:
        file = path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _unreadable(path, error) from error
    with file:
        try:
            return _members(file, about) == [_member(name) for name in REPLICATION_TABLES]
        except Exception:
            # A changed byte in the directory of a zip has many ways to upset its reader.
            return False


def _members(file: BinaryIO, about: str) -> list[str]:
    with zipfile.ZipFile(file) as archive:
        return archive.namelist() if archive.comment == about.encode() else []


def unpack(path: Path, name: str, about: str) -> Table:
    """Return one table of a replication.

    Raises
    ------
    CorruptedError
        The file is not as it was written.
    StoreError
        The file is missing or cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise StoreError(f"{path}: this replication is not in the store; run again") from None
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        return _table(content, name, about)
    except MemoryError:
        raise
    except Exception as error:
        # A changed byte upsets zip, Zstandard, npz or JSON, each with an error of its own.
        raise CorruptedError(f"{path}: the file is corrupted; delete it and run again") from error


def _table(content: bytes, name: str, about: str) -> Table:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if archive.comment != about.encode():
            raise ValueError("another replication")
        member = archive.read(_member(name))
    with np.load(io.BytesIO(member), allow_pickle=False) as arrays:
        return {column.name: typed(column, _values(arrays, column.name)) for column in COLUMNS[name]}


def _unreadable(path: Path, error: OSError) -> StoreError:
    reason = (error.strerror or str(error)).lower()
    return StoreError(f"{path}: cannot be read ({reason}); fix that, or set run.results to another folder")


def _member(name: str) -> str:
    return f"{name}.npz"


def _npz(table: Table) -> bytes:
    arrays: dict[str, np.ndarray] = {}
    for name, values in table.items():
        if values.dtype == object:
            arrays[name], arrays[name + _LABELS] = _coded(values)
        else:
            arrays[name] = values
    content = io.BytesIO()
    np.savez(content, **arrays)  # type: ignore[arg-type]
    return content.getvalue()


def _coded(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return text as numbers of labels, and the labels as JSON."""
    begin = np.flatnonzero(np.append(True, values[1:] != values[:-1]))[: len(values)]
    heads = values[begin].tolist()
    labels = list(dict.fromkeys(heads))
    number = {label: i for i, label in enumerate(labels)}
    kind = np.min_scalar_type(len(labels))
    codes = np.fromiter((number[head] for head in heads), dtype=kind, count=len(heads))
    header = np.frombuffer(json.dumps(labels).encode(), dtype=np.uint8)
    return np.repeat(codes, np.diff(np.append(begin, len(values)))), header


def _values(arrays: dict[str, np.ndarray], name: str) -> np.ndarray:
    if name + _LABELS not in arrays:
        return arrays[name]
    labels = np.array(json.loads(arrays[name + _LABELS].tobytes()), dtype=object)
    return labels[arrays[name]]
