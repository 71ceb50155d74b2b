"""A made-up border whose delays come from known parameters, to be found again by the fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.core.draws import Draws
from sim.study.border_fit.reports import DAYS, Problem, deal
from sim.study.border_fit.response import Parameters, demand
from sim.study.border_fit.weeks import Weeks

TRUE = Parameters(kappa=2.0, theta_min=30.0, pace=1.0, spread=0.3, size=0.6)
RANGES = {
    "kappa": (0.7, 5.0),
    "theta_min": (12.0, 80.0),
    "pace": (1.0, 1.0),
    "spread": (0.3, 0.3),
    "size": (0.0, 1.2),
    "ready": (1.0, 1.0),
}
CROSSINGS = 14


def profile() -> np.ndarray:
    """Return a relative delay with mean 1 and a peak in the afternoon, float64[3, 24]."""
    hour = np.arange(24)
    return np.tile(1.0 + 0.4 * np.cos(2 * np.pi * (hour - 15) / 24), (3, 1))


def problem(parameters: Parameters = TRUE, weeks: int = 6, rate_per_lane_h: float = 50.0) -> Problem:
    """Return crossings of two to five lanes, open all day, with the waits of the queue as reports."""
    count = np.arange(CROSSINGS)
    use = np.exp(0.25 * np.sin(2.1 * count))
    size = 8000.0 * np.exp(0.9 * np.cos(1.3 * count))
    lanes = np.tile((2.0 + count % 4)[:, None, None], (1, 3, 24))
    rate = np.full(CROSSINGS, rate_per_lane_h)
    entries = use * rate * (lanes * DAYS).sum(axis=(1, 2)) / DAYS.sum()
    names = np.array([f"10{i:02d}01" for i in count])
    made = Problem(
        name="passenger.general",
        crossing=names,
        lane_class=np.full(CROSSINGS, "standard"),
        lanes=lanes,
        delay_min=np.zeros(lanes.shape),
        rate_per_lane_h=rate,
        entries_per_day=entries,
        station_per_day=entries,
        use=use,
        size_cars_per_day=size,
        fold=deal(names.tolist(), entries),
    )
    shape = np.tile(profile(), (CROSSINGS, 1, 1))
    answer = Weeks(made, Draws(77, 0), weeks).answer(demand(made, shape, parameters))
    return replace(made, delay_min=answer.wait_min, entries_per_day=answer.entries_per_day)
