"""Routes without a queue: between the ports (patrols, checkpoints) and mail (parcel inspection)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from sim.chain.parts.context import StationContext
from sim.core.dials import Dial
from sim.core.settings import Settings, quantity


class OffPortSettings(Settings):
    """One route without a queue."""

    detection_prob: float = quantity("1/1", "chance that a load is found", ge=0, le=1)
    passage_h: float = quantity("h", "mean time from the border to hand-over", gt=0)


def dials(settings: dict[str, OffPortSettings]) -> list[Dial]:
    """Return the dials that these routes read."""
    return [
        Dial(f"{name}.detection", "complement", 0.0, 1.0, "1/1", "chance that a load is found")
        for name in settings
    ]


class OffPortRoutes:
    """Decides the fate of loads that pass no port of entry."""

    def __init__(self, context: StationContext, settings: dict[str, OffPortSettings]) -> None:
        self._context = context
        self._settings = settings

    def cross(self, load: int, name: str) -> Generator[Any, Any, bool]:
        """Take a load across; return whether it was found."""
        route, context = self._settings[name], self._context
        # The names of draws are those of an earlier version: with others every run would draw anew.
        yield context.env.timeout(route.passage_h * context.draws.exponential("unqueued.passage", load))
        return context.happens("unqueued.find", load, self.detection_now(name))

    def detection_now(self, name: str) -> float:
        """Return the chance that a load is found now."""
        return self._context.dials.value(
            f"{name}.detection", self._settings[name].detection_prob, self._context.env.now
        )
