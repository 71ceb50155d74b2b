"""Forecast: half a recorded year predicts the other half, which tests the whole calibration.

October to March are fitted, April to September predicted by place and month. The share of recorded
figures inside the 90 % intervals should be near 90 %, and the intervals no wider than they must be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.run.plan import Replications
from sim.run.pool import OnProgress, silent
from sim.scenario import Scenario
from sim.study.calibration.record import FISCAL_MONTHS, PLACES, ObservedYear
from sim.study.calibration.sets import draw_sets, simulate_sets

LEVEL = 0.90
"""What the intervals of the forecast promise: this probability to hold a recorded figure."""
QUANTITIES = ("events", "pounds")


@dataclass(frozen=True)
class Forecast:
    """How well half a year predicts the other half.

    Parameters
    ----------
    low, high : ndarray of float64, shape (2, places, 6)
        90 % intervals of ``QUANTITIES`` by place and month, April to September.
    recorded : ndarray of float64, same shape
    """

    low: np.ndarray
    high: np.ndarray
    recorded: np.ndarray

    @property
    def inside(self) -> np.ndarray:
        """Which recorded figures lie inside their interval, bool (2, places, 6)."""
        return np.asarray((self.recorded >= self.low) & (self.recorded <= self.high))

    @property
    def width(self) -> np.ndarray:
        """Median width of the intervals over the mean recorded figure of the place, float64 (2,)."""
        mean = np.maximum(self.recorded.mean(axis=2, keepdims=True), 1e-9)
        return np.asarray(np.median((self.high - self.low) / mean, axis=(1, 2)))


def forecast(
    scenario: Scenario,
    record: ObservedYear,
    candidates: int,
    replications: Replications,
    on_progress: OnProgress = silent,
) -> Forecast:
    """Fit October to March, predict April to September by place and month."""
    half = FISCAL_MONTHS // 2
    sets = draw_sets(scenario, record, slice(0, half), candidates, replications.seed)
    simulated = simulate_sets(scenario, sets, replications, on_progress)
    second = np.stack([s[..., half:].reshape(-1, len(PLACES), half) for s in simulated])
    low, high = np.quantile(second, [0.05, 0.95], axis=1)
    return Forecast(low, high, np.stack([record.events[:, half:], record.weight_lb[:, half:]]))
