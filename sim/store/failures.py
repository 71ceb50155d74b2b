"""Errors of disk and database turned into one line that says what to do."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.core.errors import StoreError

# EFBIG: a limit on the size of files, which batch systems set.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_TOLD = tuple(os.strerror(code) for code in _FULL)


def store_error(path: Path, error: Exception) -> StoreError:
    """Return the ``StoreError`` that explains a failed write or read of ``path``."""
    text = str(error)
    if getattr(error, "errno", None) in _FULL or any(told in text for told in _TOLD):
        return StoreError(
            f"{path}: the disk is full; finished replications are kept, free some space (or raise the quota) "
            "and run again"
        )
    if isinstance(error, OSError):
        reason = (error.strerror or text).lower()
        return StoreError(
            f"{path}: cannot write here ({reason}); set run.results to a folder that you may write to"
        )
    return StoreError(f"{path}: {text.splitlines()[0]}")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn every error of the file system or of DuckDB inside the block into a ``StoreError``."""
    import duckdb

    try:
        yield
    except (OSError, duckdb.Error) as error:
        raise store_error(path, error) from error
