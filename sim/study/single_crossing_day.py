"""One day of an invented crossing, minute by minute: who waits, who is served, who is sent on."""

from __future__ import annotations

import numpy as np

from sim.border.single.crossing import SingleCrossing
from sim.border.single.replications import hour_input, queue_of
from sim.border.single.screening import screened
from sim.core.calendar import HOURS_PER_DAY
from sim.core.tables import Table
from sim.core.units import MINUTES_PER_HOUR

STEP_MIN = 10
LEAVE_H = HOURS_PER_DAY
"""Hours simulated after the day, in which those who came late on it are served."""


def day_of(border: SingleCrossing, day: int = 0, replication: int = 0) -> Table:
    """Return one day by steps of ten minutes, without loads.

    Parameters
    ----------
    border : SingleCrossing
    day : int
        Day after the warm-up; day 0 is a Monday where the warm-up is whole weeks.
    replication : int

    Returns
    -------
    dict of ndarray, shape (144,)
        ``minute`` of the day, and at that time ``lanes`` open, ``busy`` lanes, ``blocked`` lanes whose
        vehicle has ended primary and finds secondary full, ``queue`` waiting for them, ``secondary`` vehicles
        waiting or examined there; ``referred`` in the ten minutes that begin then.
    """
    first = (border.warmup_days + day) * HOURS_PER_DAY
    hours = first + HOURS_PER_DAY + LEAVE_H
    crossing, own = queue_of(border, replication, 1, hours, traced=True), screened(border)
    for hour in range(hours):
        crossing.advance(hour, hour_input(border, own, hour, 1))
    trace = crossing.trace[np.isfinite(crossing.trace["start_h"])]
    sent = trace[trace["referred"]]
    minute = np.arange(0, HOURS_PER_DAY * int(MINUTES_PER_HOUR), STEP_MIN)
    at = first + minute / MINUTES_PER_HOUR

    def inside(since: np.ndarray, until: np.ndarray) -> np.ndarray:
        """Count those who have come and not gone at each time; an end that is not known is later."""
        gone = np.searchsorted(np.sort(until[np.isfinite(until)]), at, side="right")
        return np.searchsorted(np.sort(since[np.isfinite(since)]), at, side="right") - gone

    edges = np.append(at, at[-1] + STEP_MIN / MINUTES_PER_HOUR)
    return {
        "minute": minute,
        "lanes": np.array([border.by_hour("lanes")[int(t) % border.period] for t in at]),
        "busy": inside(trace["start_h"], trace["end_h"]),
        "blocked": inside(sent["end_h"], sent["admitted_h"]),
        "queue": inside(trace["arrival_h"], trace["start_h"]),
        "secondary": inside(sent["admitted_h"], sent["exit_h"]),
        "referred": np.histogram(sent["end_h"], edges)[0],
    }
