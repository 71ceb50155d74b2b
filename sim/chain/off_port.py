"""Routes without a queue: between the ports (patrols, checkpoints) and mail (parcel inspection)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from sim.chain.parts.context import Site
from sim.core.dials import Dial
from sim.core.settings import Settings, quantity


class UnqueuedSettings(Settings):
    """One route without a queue."""

    detection_share: float = quantity("1/1", "chance that a load is found", ge=0, le=1)
    passage_h: float = quantity("h", "mean time from the border to hand-over", gt=0)


def dials(settings: dict[str, UnqueuedSettings]) -> list[Dial]:
    """Return the dials that these routes read."""
    return [
        Dial(f"{name}.detection", "complement", 0.0, 1.0, "1/1", "chance that a load is found")
        for name in settings
    ]


class UnqueuedRoutes:
    """Decides the fate of loads that pass no port of entry."""

    def __init__(self, site: Site, settings: dict[str, UnqueuedSettings]) -> None:
        self._site = site
        self._settings = settings

    def cross(self, load: int, name: str) -> Generator[Any, Any, bool]:
        """Take a load across; return whether it was found."""
        route, site = self._settings[name], self._site
        yield site.env.timeout(route.passage_h * site.draws.exponential("unqueued.passage", load))
        return site.happens("unqueued.find", load, self.detection_now(name))

    def detection_now(self, name: str) -> float:
        """Return the chance that a load is found now."""
        return self._site.dials.value(
            f"{name}.detection", self._settings[name].detection_share, self._site.env.now
        )
