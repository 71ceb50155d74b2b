"""Replacement cost: what producers must spend to have again what was seized."""

from __future__ import annotations

import numpy as np

Rows = dict[tuple[str, str], np.ndarray]


def replacement_cost(rows: Rows) -> np.ndarray:
    """Return dollars by month, float64 of shape (months,).

    Precursor that was seized, and the precursor in loads that were seized, at the mean price that the run
    paid for precursor; and the mean courier fee of each load seized. Means are over the window, because a
    month pays for what it does not receive. Labour and labs are not priced in the model.

    Parameters
    ----------
    rows : dict
        Flows by measure and place, ``all`` included.
    """
    total = {measure: float(values.sum()) for (measure, place), values in rows.items() if place == "all"}
    price = _mean(total["inputs_paid_usd"] - total["courier_fees_usd"], total["precursor_bought_kg"])
    yield_ = _mean(total["precursor_used_kg"], total["produced_pure_kg"])
    fee = _mean(total["courier_fees_usd"], total["loads_sent"])
    precursor = rows["precursor_lost_kg", "all"] + yield_ * rows["seized_pure_kg", "all"]
    return np.asarray(price * precursor + fee * rows["loads_seized", "all"])


def _mean(part: float, whole: float) -> float:
    """Return a mean price, 0 where nothing was bought: nothing can be said of its price."""
    return part / whole if whole > 0 else 0.0
