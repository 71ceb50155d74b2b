"""What each of several switches contributes: effects, interactions and Shapley values of a full factorial.

Row ``m`` of a factorial is the setting whose bits say which switches are on: bit ``i`` of ``m`` is switch
``i``. All results are linear in the outcome, so they are worked out for every replication on its own.
"""

from __future__ import annotations

import numpy as np


def switches(rows: int) -> int:
    """Return how many switches a factorial of so many rows has.

    Raises
    ------
    ValueError
        The number of rows is no power of two.
    """
    count = rows.bit_length() - 1
    if rows < 2 or rows != 1 << count:
        raise ValueError(f"a full factorial of k switches has 2^k rows, not {rows}")
    return count


def dividends(values: np.ndarray) -> np.ndarray:
    """Return what every group of switches adds beyond all that its smaller groups add.

    Parameters
    ----------
    values : ndarray of float64, shape (2^k, ...)

    Returns
    -------
    ndarray of float64, shape (2^k, ...)
        Row 0 is the outcome without switches; the rows below any row's bits add up to that row's outcome.
        Harsanyi 1963, Int. Econ. Rev. 4(2), 194-220 (the Moebius transform).
    """
    found = np.array(values, dtype=np.float64)
    rows = np.arange(len(found))
    for i in range(switches(len(found))):
        on = rows[(rows >> i) & 1 == 1]
        found[on] -= found[on ^ (1 << i)]
    return found


def _sizes(rows: int) -> np.ndarray:
    return np.array([row.bit_count() for row in range(rows)])


def _weighted(parts: np.ndarray, members: int, weights: np.ndarray) -> np.ndarray:
    rows = np.arange(len(parts))
    holds = (rows & members) == members
    return np.asarray(np.tensordot(weights[holds], parts[holds], axes=(0, 0)))


def effects_alone(values: np.ndarray) -> np.ndarray:
    """Return the effect of each switch with all others off, shape (k, ...)."""
    return np.stack([values[1 << i] - values[0] for i in range(switches(len(values)))])


def on_top(values: np.ndarray) -> np.ndarray:
    """Return the effect of each switch with all others on, shape (k, ...)."""
    last = len(values) - 1
    return np.stack([values[last] - values[last ^ (1 << i)] for i in range(switches(len(values)))])


def main_effects(values: np.ndarray) -> np.ndarray:
    """Return the effect of each switch, averaged over all settings of the others, shape (k, ...)."""
    parts, weights = dividends(values), 2.0 ** (1.0 - _sizes(len(values)))
    return np.stack([_weighted(parts, 1 << i, weights) for i in range(switches(len(values)))])


def pair_interactions(values: np.ndarray) -> dict[tuple[int, int], np.ndarray]:
    """Return what two switches do together beyond the sum of both, averaged over the settings of the others.

    Returns
    -------
    dict of (int, int) to ndarray of float64, shape (...)
        For switches ``i < j``: the mean of ``y(both) - y(i) - y(j) + y(neither)``, without the factor of one
        half that some textbooks put before it.
    """
    parts, weights = dividends(values), 2.0 ** (2.0 - _sizes(len(values)))
    count = switches(len(values))
    return {
        (i, j): _weighted(parts, (1 << i) | (1 << j), weights)
        for i in range(count)
        for j in range(i + 1, count)
    }


def pair_sums(values: np.ndarray) -> dict[tuple[int, int], np.ndarray]:
    """Return the sum of what each of two switches does with the other off, over all settings of the rest.

    Half of the interaction is in either main effect, which averages over both settings of the other switch.
    """
    main = main_effects(values)
    return {(i, j): main[i] + main[j] - both for (i, j), both in pair_interactions(values).items()}


def shapley(values: np.ndarray) -> np.ndarray:
    """Return the share of the total effect that is due to each switch, shape (k, ...).

    The mean of a switch's effect over all orders in which the switches may be turned on; the shares add up
    to the effect of all together. Shapley 1953, Contributions to the Theory of Games II, 307-317.
    """
    parts, sizes = dividends(values), _sizes(len(values))
    weights = np.divide(1.0, sizes, out=np.zeros(len(sizes)), where=sizes > 0)
    return np.stack([_weighted(parts, 1 << i, weights) for i in range(switches(len(values)))])
