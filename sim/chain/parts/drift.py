"""Drift: slow change by place that no source explains, as an AR(1) process on the log scale."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from sim.chain.parts.context import StationContext
from sim.core.calendar import HOURS_PER_MONTH
from sim.core.draws import entity_id


@dataclass(frozen=True)
class DriftSize:
    """Standard deviation of the log, and its correlation from one month to the next."""

    sd: float
    memory: float


class Drift:
    """A factor of mean one for every place and month of a run, stationary from its first month.

    Parameters
    ----------
    context : StationContext
    name : str
        What drifts; it owns the draws.
    places : iterable of str
    size : DriftSize
    """

    def __init__(self, context: StationContext, name: str, places: Iterable[str], size: DriftSize) -> None:
        months = 2 + int(context.calendar.total_hours // HOURS_PER_MONTH)
        fresh = math.sqrt(1.0 - size.memory**2)
        self._factor: dict[str, list[float]] = {}
        for place in places:
            entity = entity_id(0, f"{name}.{place}", 0)
            level = context.draws.normal("drift", entity, 0)
            path = []
            for month in range(1, months + 1):
                path.append(math.exp(size.sd * level - 0.5 * size.sd**2))
                level = size.memory * level + fresh * context.draws.normal("drift", entity, month)
            self._factor[place] = path

    def month(self, time_h: float) -> int:
        """Return the month of the drift at a time, 0-based from the start of the run."""
        return int(time_h // HOURS_PER_MONTH)

    def factor(self, place: str, month: int) -> float:
        """Return the factor of a place in a month of the drift."""
        return self._factor[place][month]
