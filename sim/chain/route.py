"""Route classes: field office x mode, between ports, mail; and how much each carries at the baseline."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.core.settings import NotNegative, Settings, Share, quantities, quantity

BETWEEN_PORTS = "between_ports"
MAIL = "mail"


class RouteSettings(Settings):
    """Baseline loads by place, and how far their intensity drifts."""

    loads_per_year: dict[str, NotNegative] = quantities(
        "load/year", "loads sent by field office, between ports and mail"
    )
    mode_share: dict[str, Share] = quantities("1/1", "share of a field office's loads by mode")
    drift_sd: float = quantity("1/1", "standard deviation of the log of a place's monthly intensity", ge=0)
    drift_memory: float = quantity("1/1", "correlation of that log from one month to the next", ge=0, lt=1)


@dataclass(frozen=True)
class RouteClass:
    """A route class; ``office`` and ``mode`` are empty off the ports."""

    name: str
    place: str
    office: str
    mode: str


def route_classes(settings: RouteSettings) -> list[RouteClass]:
    """Return all route classes in a fixed order."""
    routes = []
    for place in settings.loads_per_year:
        if place in (BETWEEN_PORTS, MAIL):
            routes.append(RouteClass(place, place, "", ""))
        else:
            routes += [RouteClass(f"{place}.{mode}", place, place, mode) for mode in settings.mode_share]
    return routes


def baseline_shares(settings: RouteSettings) -> list[float]:
    """Return the share of loads by route class, in the order of ``route_classes``."""
    modes = math.fsum(settings.mode_share.values())
    loads = [
        settings.loads_per_year[r.place] * (settings.mode_share[r.mode] / modes if r.mode else 1.0)
        for r in route_classes(settings)
    ]
    total = math.fsum(loads)
    # A world without loads is a limit like any other: shares of nothing are none.
    return [x / total if total > 0.0 else 0.0 for x in loads]
