"""One writer a run folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.core.errors import StoreError
from sim.store.failures import writing


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
