"""A table: one NumPy array per column, all of one length; a column and its unit; gaps in place of x / 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Table = dict[str, np.ndarray]
"""Column name to values."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
    dtype : str
        ``int32``, ``int64``, ``float64``, ``bool`` or ``str``.
    unit : str
        Unit of the values; empty for names, ``of the row`` where another column gives it.
    meaning : str
        One line.
    """

    name: str
    dtype: str
    unit: str
    meaning: str


def typed(column: Column, values: object) -> np.ndarray:
    """Return the values of a column in its declared type; text is one object per cell."""
    return np.asarray(values, dtype=object if column.dtype == "str" else column.dtype)


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return a ratio, NaN where the denominator is zero."""
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0)
