"""Route classes: field office x mode, between ports, mail; and how much each carries at the baseline."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.chain.site import Site
from sim.core.calendar import DAYS_PER_YEAR, HOURS_PER_DAY
from sim.core.draws import entity_id
from sim.core.settings import NotNegative, Settings, Share, quantities, quantity

BETWEEN_PORTS = "between_ports"
MAIL = "mail"


class RouteSettings(Settings):
    """Baseline loads by place and the drift of their mix."""

    loads_per_year: dict[str, NotNegative] = quantities(
        "load/year", "loads sent by field office, between ports and mail"
    )
    mode_share: dict[str, Share] = quantities("1/1", "share of a field office's loads by mode")
    drift_cv: float = quantity("1/1", "standard deviation of the log of a place's monthly intensity", ge=0)
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
    return [x / total for x in loads]


class RouteDrift:
    """Slow change of the mix that no source explains: AR(1) on the log intensity of a place, by month.

    Its mean is one, so that the baseline keeps its level. Fitted on the spread of CBP's monthly
    events by field office.
    """

    def __init__(self, site: Site, settings: RouteSettings) -> None:
        self._places = list(settings.loads_per_year)
        months = 1 + int(site.calendar.total_days // (DAYS_PER_YEAR / 12))
        sd, memory = settings.drift_cv, settings.drift_memory
        self._factor: dict[str, list[float]] = {}
        for place in self._places:
            entity = entity_id(0, f"drift.{place}", 0)
            level, path = 0.0, []
            for month in range(months + 1):
                z = site.draws.normal("route.drift", entity, month)
                level = sd * z if month == 0 else memory * level + sd * math.sqrt(1 - memory**2) * z
                path.append(math.exp(level - 0.5 * sd**2))
            self._factor[place] = path

    def factor(self, place: str, time_h: float) -> float:
        """Return the factor on a place's intensity at a time."""
        path = self._factor[place]
        month = int(time_h // (HOURS_PER_DAY * DAYS_PER_YEAR / 12))
        return path[min(month, len(path) - 1)]
