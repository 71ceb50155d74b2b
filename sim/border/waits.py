"""Quantiles of the wait from counts by whole minutes."""

from __future__ import annotations

import numpy as np

from sim.core.tables import ratio

LONG_WAIT_MIN = 60


def wait_quantile(bins: np.ndarray, level: float, delayed: np.ndarray) -> np.ndarray:
    """Return a quantile of the wait from counts by minute.

    Parameters
    ----------
    bins : ndarray of int64, shape (..., minutes)
        Trips by whole minutes of wait; the last bin is open.
    level : float
        Between 0 and 1.
    delayed : ndarray of int64, shape (...)
        Trips that waited at all: the others stand in the first bin with a wait of 0.

    Returns
    -------
    ndarray of float64, shape (...)
        Minutes, interpolated within the bin among those who waited; NaN without trips.
    """
    counts = bins.astype(np.float64)
    total = counts.sum(axis=-1)
    prompt = total - delayed
    counts[..., 0] -= prompt
    upto = np.cumsum(counts, axis=-1)
    target = level * total - prompt
    index = np.minimum((upto < target[..., None]).sum(axis=-1), bins.shape[-1] - 1)
    here = np.take_along_axis(counts, index[..., None], axis=-1)[..., 0]
    before = np.take_along_axis(upto, index[..., None], axis=-1)[..., 0] - here
    inside = np.where(target > 0, index + np.nan_to_num(ratio(target - before, here)), 0.0)
    return np.where(total > 0, inside, np.nan)
