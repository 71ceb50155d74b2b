"""What every route policy must do: give shares, learn from own losses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sim.core.settings import Settings, quantity


class AdversarySettings(Settings):
    """How producers choose between route classes (field office x mode, between ports, mail)."""

    kind: str
    choice_sensitivity: float = quantity(
        "1/1", "weight of the relative payoff of a route against its other attractions", ge=0
    )
    memory_days: float = quantity("d", "half-life of own experience with a route", gt=0)
    prior_loads: float = quantity("load", "own loads that the first opinion on a route is worth", gt=0)
    habit_share: float = quantity("1/1", "share of last week's choice that is kept", ge=0, lt=1)


class RoutePolicy(Protocol):
    """Chooses route classes for one producer cluster; sees only that cluster's own loads.

    Parameters
    ----------
    settings : AdversarySettings
    shares : sequence of float
        Share of loads by route class in the calibrated baseline, adds up to 1.
    prior_risk : sequence of float
        Chance of interception by route class that the cluster believes at the start.
    """

    def __init__(
        self, settings: AdversarySettings, shares: Sequence[float], prior_risk: Sequence[float]
    ) -> None: ...

    def shares_at(self, time_h: float) -> Sequence[float]:
        """Return the share of loads by route class at a time, adds up to 1."""
        ...

    def observe(self, route: int, intercepted: bool, time_h: float) -> None:
        """Take note of the fate of one own load."""
        ...
