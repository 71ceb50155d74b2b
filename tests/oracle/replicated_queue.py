"""One station copied many times: each copy is an independent replication, all advance in one call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.border.leniency.table import LeniencyTable
from sim.border.network import BorderQueue, HourInput, QueueSettings
from sim.core.draws import Draws

Floats = NDArray[np.float64]
REFUSED = 4.0
"""Standard errors: the seeds are fixed, so a test passes always or never."""


@dataclass
class Station:
    """A station of one group; rates and lanes are per hour, or one number for all hours.

    Arrivals of the first ``warmup_h`` and the last ``tail_h`` hours are not counted.
    """

    rate_per_h: Any
    lanes: Any
    service_h: float
    hours: int
    warmup_h: int
    tail_h: int = 10
    shape: int = 1
    patience_h: float = np.inf
    referral_share: float = 0.0
    bays: int = 1
    secondary_h: float = 1.0
    waiting_room: float = np.inf
    leniency: LeniencyTable | None = None
    seed: int = 2022

    @property
    def counted_h(self) -> int:
        """Hours whose arrivals are counted."""
        return self.hours - self.warmup_h - self.tail_h

    def run(self, copies: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Simulate copies from empty; return the sums of primary and of secondary, one entry a copy."""
        rates, lanes = (np.broadcast_to(x, self.hours) for x in (self.rate_per_h, self.lanes))
        hour_of = np.arange(self.hours)
        counted = (hour_of >= self.warmup_h) & (hour_of < self.hours - self.tail_h)
        ones, everywhere = np.ones(copies, dtype=int), np.ones(copies)
        queue = BorderQueue(
            QueueSettings(
                secondary_of=np.arange(copies),
                lanes_max=ones * int(lanes.max()),
                service_shape=ones * self.shape,
                patience_h=everywhere * self.patience_h,
                bays_max=ones * self.bays,
                secondary_shape=ones,
                hour_of_week=hour_of % 168,
                month_of_hour=np.where(counted, 0, -1),
                n_months=1,
                waiting_room=everywhere * self.waiting_room,
                leniency=self.leniency,
            ),
            Draws(self.seed, 0),
        )
        for hour in range(self.hours):
            now = HourInput(
                rate_per_h=everywhere * rates[hour],
                service_h=everywhere * self.service_h,
                lanes=ones * lanes[hour],
                referral_share=everywhere * self.referral_share,
                secondary_h=everywhere * self.secondary_h,
                bays=ones * self.bays,
            )
            queue.advance(hour, now)
        totals = queue.totals()
        return totals.month[:, 0], totals.station[:, 0]


def z_score(copies: Floats, exact: float) -> float:
    """Return how many standard errors the mean over copies lies from a theory."""
    return float((copies.mean() - exact) / (copies.std(ddof=1) / np.sqrt(len(copies))))


def agrees(copies: Floats, exact: float, tolerance: float) -> bool:
    """Return whether copies agree with a theory, within a relative tolerance that they can resolve."""
    error = copies.std(ddof=1) / np.sqrt(len(copies))
    assert error <= tolerance * exact / 2, (
        f"standard error {error / exact:.2%} cannot resolve {tolerance:.0%}"
    )
    return abs(z_score(copies, exact)) < REFUSED and abs(copies.mean() / exact - 1) < tolerance
