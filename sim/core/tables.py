"""A table: one NumPy array per column, all of one length; and the division that leaves gaps."""

from __future__ import annotations

import numpy as np

Table = dict[str, np.ndarray]
"""Column name to values."""


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return a ratio, NaN where the denominator is zero."""
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0)
