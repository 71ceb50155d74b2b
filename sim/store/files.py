"""Files on disk: whole or absent, one writer per folder, every error of the disk in one line."""

from __future__ import annotations

import errno
import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.core.errors import StoreError

PART = ".part-"
"""Begins the name of a file that is being written."""
OTHER_RESULTS = "set run.results to a folder that you may write to"
OTHER_OUT = "choose another folder with --out"
# EFBIG: a limit on the size of files, which batch systems set.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_PHRASES = tuple(os.strerror(code) for code in _FULL)


def store_error(path: Path, error: Exception, remedy: str = OTHER_RESULTS) -> StoreError:
    """Return the ``StoreError`` that explains a failed write or read of ``path`` and names a remedy."""
    text = str(error)
    if getattr(error, "errno", None) in _FULL or any(phrase in text for phrase in _PHRASES):
        return StoreError(
            f"{path}: the disk is full; finished replications are kept, free some space (or raise the quota) "
            "and run again"
        )
    if isinstance(error, OSError):
        return StoreError(f"{path}: cannot write here ({(error.strerror or text).lower()}); {remedy}")
    return StoreError(f"{path}: {text.splitlines()[0]}")


@contextmanager
def writing(path: Path, remedy: str = OTHER_RESULTS) -> Iterator[None]:
    """Turn every error of the file system inside the block into a ``StoreError``."""
    try:
        yield
    except OSError as error:
        raise store_error(path, error, remedy) from error


@contextmanager
def replacing(path: Path, remedy: str = OTHER_RESULTS) -> Iterator[Path]:
    """Give another name to write under, and move the file to ``path`` when the block ends well.

    A reader meets the old file or the new one, never half of it. A missing folder is made.

    Raises
    ------
    StoreError
        The file cannot be written, or the disk is full. Nothing is left of it.
    """
    # Machines of a cluster may have the same process numbers.
    part = path.with_name(f"{PART}{path.name}.{uuid.uuid4().hex}")
    with writing(path, remedy):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes, remedy: str = OTHER_RESULTS) -> None:
    """Write a file in one step; errors are those of ``replacing``."""
    with replacing(path, remedy) as part:
        part.write_bytes(content)


def write_text(path: Path, text: str, remedy: str = OTHER_RESULTS) -> None:
    """Write a text file in one step, in UTF-8, lines as they are; errors are those of ``replacing``."""
    write_bytes(path, text.encode(), remedy)


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
            if there.is_symlink():
                raise OSError(errno.ELOOP, "a link that leads nowhere")
            there = there.parent
        if not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise store_error(path, error, OTHER_OUT.replace("folder", "file") if page else OTHER_OUT) from error


@contextmanager
def only_writer(results: Path, folder: Path, patience_s: float = 0.0) -> Iterator[None]:
    """Hold the lock of a run folder; the system frees it when the process ends, however it ends.

    Parameters
    ----------
    results : Path
        Results folder; locks live in its store, so that run folders hold results only.
    folder : Path
        The run folder to write.
    patience_s : float
        How long to wait for another writer, seconds.

    Raises
    ------
    StoreError
        Another process writes this folder now.
    """
    from filelock import FileLock, Timeout

    locks = results / ".store" / "locks"
    with writing(locks):
        locks.mkdir(parents=True, exist_ok=True)
        lock = FileLock(locks / f"{folder.parent.name}.{folder.name}.lock")
        try:
            lock.acquire(timeout=patience_s)
        except Timeout:
            raise StoreError(
                f"{folder}: another run is writing this folder; wait for it, or give run.results=OTHER_FOLDER"
            ) from None
    try:
        yield
    finally:
        lock.release()
