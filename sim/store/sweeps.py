"""The record of a sweep read back, as it was written or not at all."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

from sim.core.errors import StoreError
from sim.store.runs import MANIFEST, SWEEP

_COLUMNS = {"number", "label", "scenario", "folder"}


def read_sweep(folder: Path) -> tuple[list[dict[str, str]], dict[str, str]]:
    """Return the points of a sweep that have results, and its failed replications with their reasons.

    Parameters
    ----------
    folder : Path
        Folder of the record.

    Returns
    -------
    rows : list of dict
        Rows of ``points.csv`` as they were written, in order.
    failed : dict
        Reason by the name of a replication.

    Raises
    ------
    StoreError
        Table or manifest cannot be read, or the table is not the one of the manifest.
    """
    path = folder / SWEEP
    try:
        content = path.read_bytes()
        about = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        wanted, failed = about["files"][SWEEP], dict(about.get("failed", {}))
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise StoreError(f"{folder / MANIFEST}: not the manifest of a sweep; run the sweep again") from error
    if hashlib.sha256(content).hexdigest() != wanted:
        raise StoreError(f"{path}: the file is not as it was written; run the sweep again")
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), restval=""))
    except (UnicodeDecodeError, csv.Error) as error:
        raise StoreError(f"{path}: not the table of a sweep; run the sweep again") from error
    if rows and not set(rows[0]) >= _COLUMNS:
        raise StoreError(f"{path}: not the table of a sweep, it needs {', '.join(sorted(_COLUMNS))}")
    return rows, failed
