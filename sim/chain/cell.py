"""Cells: interchangeable units of the other side, of which a disruption puts one out of action for a time.

A relation to a supplier, a crew on a trade lane, a smuggling crew, a laundering account: what they have in
common is that there are several, that whoever works with one that is down must wait or go elsewhere,
and that striking one that is down already changes nothing. So each further strike disrupts less.
"""

from __future__ import annotations

from collections.abc import Mapping

from sim.chain.site import Site
from sim.core.calendar import HOURS_PER_DAY
from sim.core.draws import entity_id
from sim.core.settings import Settings, quantity


class CellSettings(Settings):
    """How many units there are, and how long one stays down."""

    units: float = quantity("unit", "interchangeable units of each place", ge=1, multiple_of=1)
    recovery_days: float = quantity("d", "mean time until a disrupted unit works again", gt=0)


class Cells:
    """Units by place, and until when each is down.

    Parameters
    ----------
    site : Site
    name : str
        What they are; it owns the draws.
    weights : mapping of str to float
        How often a disruption falls on each place.
    settings : CellSettings
    """

    def __init__(self, site: Site, name: str, weights: Mapping[str, float], settings: CellSettings) -> None:
        self._site, self._name, self._settings = site, name, settings
        self._places, self._weights = list(weights), list(weights.values())
        self._first = {place: i * int(settings.units) for i, place in enumerate(weights)}
        self._until_h = [0.0] * (len(weights) * int(settings.units))

    def disrupt(self, entity: int) -> bool:
        """Strike a unit drawn by an entity; return False when it was down already."""
        draws, now = self._site.draws, self._site.env.now
        place = self._places[draws.choice(f"{self._name}.struck", entity, self._weights)]
        unit = self._unit(place, entity)
        if self._until_h[unit] > now:
            return False
        days = self._settings.recovery_days * draws.exponential(f"{self._name}.recovery", entity)
        self._until_h[unit] = now + days * HOURS_PER_DAY
        return True

    def back_h(self, place: str, entity: int, visit: int = 0) -> float:
        """Return when the unit that an entity works with is back: a time in the past when it is not down."""
        return self._until_h[self._unit(place, entity, visit)]

    def is_down(self, place: str, entity: int, visit: int = 0) -> bool:
        """Return whether the unit that an entity works with is down now."""
        return self.back_h(place, entity, visit) > self._site.env.now

    def down_share(self) -> float:
        """Return the share of units that are down now."""
        now = self._site.env.now
        return sum(until > now for until in self._until_h) / len(self._until_h)

    def _unit(self, place: str, entity: int, visit: int = 0) -> int:
        u = self._site.draws.uniform(f"{self._name}.unit", entity_id(entity, place, 0), visit)
        return self._first[place] + int(u * self._settings.units)
