"""What a rule of leniency hands to the queue: factors by the number waiting per open lane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.border.queue.bounds import AMOUNT, POSITIVE, SHARE, checked
from sim.core.errors import TableError


@dataclass(frozen=True)
class LeniencyTable:
    """Factors of service time and of referral, decided when a service starts.

    Level k holds where the number waiting (arrived, turn not yet come, the starting one left out) is
    above k of the edges times the number of open lanes. One row serves all groups, or [G, ...] each.

    Parameters
    ----------
    edges : float, [K] or [G, K]
        Waiting vehicles per open lane, rising.
    service_factor : float, [K + 1] or [G, K + 1]
        Factor of the service time.
    referral_factor : float, [K + 1] or [G, K + 1]
        Share of referrals that are still made, 0..1. For a conveyance whose alarm is certain it is
        the chance that the alarm is followed.

    Raises
    ------
    TableError
        A shape does not match, an edge does not rise, or a factor is impossible.
    """

    edges: NDArray[Any]
    service_factor: NDArray[Any]
    referral_factor: NDArray[Any]

    def __post_init__(self) -> None:
        shape = np.shape(self.edges)
        if len(shape) not in (1, 2):
            raise TableError(f"leniency: edges: must have shape (K,) or (G, K), not {shape}")
        levels = (*shape[:-1], shape[-1] + 1)
        rules = {
            "edges": (shape, AMOUNT),
            "service_factor": (levels, POSITIVE),
            "referral_factor": (levels, SHARE),
        }
        for name, (expected, bounds) in rules.items():
            value = np.asarray(getattr(self, name), dtype=np.float64)
            object.__setattr__(self, name, checked(f"leniency: {name}", value, expected, bounds))
        if np.any(np.diff(self.edges) <= 0.0):
            raise TableError(f"leniency: edges: must rise from one to the next, not {self.edges.tolist()}")

    def check_groups(self, groups: int) -> None:
        """Raise a TableError unless there is one row for all or one for each of ``groups``."""
        rows = np.shape(self.edges)[:-1]
        if rows not in ((), (groups,)):
            raise TableError(f"leniency: edges: must have one row or {groups} rows, not {rows[0]}")


NO_LENIENCY = LeniencyTable(np.zeros(0), np.ones(1), np.ones(1))
