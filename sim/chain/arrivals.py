"""Arrivals at a rate that may change from day to day, on draws that belong to each arrival."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import Any

from sim.chain.site import Site
from sim.core.calendar import DAYS_PER_YEAR, HOURS_PER_DAY
from sim.core.draws import entity_id


def arrivals(
    site: Site, kind: str, rate_per_year: Callable[[float], float], arrive: Callable[[int], None]
) -> Generator[Any, Any, None]:
    """Call ``arrive(entity)`` at the times of a Poisson process.

    The n-th arrival comes when the integral of the rate reaches the sum of n unit exponentials, so a higher
    rate brings the same arrivals earlier, and a rate that does not change moves none.

    Parameters
    ----------
    site : Site
    kind : str
        Owns the draws.
    rate_per_year : callable
        Rate at a time in hours; constant within a day.
    arrive : callable
    """
    env, ordinal = site.env, 0
    entity = entity_id(0, kind, ordinal)
    left = site.draws.exponential(f"{kind}.gap", entity)
    while True:
        rate_per_h = rate_per_year(env.now) / (DAYS_PER_YEAR * HOURS_PER_DAY)
        today_h = HOURS_PER_DAY * (math.floor(env.now / HOURS_PER_DAY) + 1) - env.now
        if left > rate_per_h * today_h:
            left -= rate_per_h * today_h
            yield env.timeout(today_h)
            continue
        yield env.timeout(left / rate_per_h)
        arrive(entity)
        ordinal += 1
        entity = entity_id(0, kind, ordinal)
        left = site.draws.exponential(f"{kind}.gap", entity)
