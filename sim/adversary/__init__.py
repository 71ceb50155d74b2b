"""Route policies of the smuggling side: one policy a file, chosen by ``adversary.kind``."""

from __future__ import annotations

from sim.adversary.fixed import FixedShares
from sim.adversary.logit import LogitChoice
from sim.adversary.policy import AdversarySettings, RoutePolicy

POLICIES: dict[str, type[RoutePolicy]] = {"none": FixedShares, "logit": LogitChoice}

__all__ = ["POLICIES", "AdversarySettings", "RoutePolicy"]
