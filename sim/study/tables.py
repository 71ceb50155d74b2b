"""Rows of a study as the columns that its figures read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

import numpy as np


def columns(rows: Sequence[Any]) -> dict[str, np.ndarray]:
    """Return the fields of dataclass rows as columns of a table."""
    dicts = [asdict(row) if is_dataclass(row) and not isinstance(row, type) else dict(row) for row in rows]
    return {
        name: np.array(
            [row[name] for row in dicts], dtype=object if isinstance(dicts[0][name], str) else None
        )
        for name in (dicts[0] if dicts else ())
    }
