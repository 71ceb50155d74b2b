"""Outbound inspection: teams that look into southbound traffic for cash and firearms, at random.

Southbound vehicles are no part of the inbound queues (``docs/model.md``); what counts is the effort. The
chance that a conveyance is found grows with team-hours and saturates, ``1 - exp(-hours / scale)``, over
that of today's hours: factor 1 at the baseline.
"""

from __future__ import annotations

import math

from sim.border.officers import USES
from sim.border.ports import Ports
from sim.chain.parts.context import StationContext
from sim.core.settings import Settings, quantity


class OutboundSettings(Settings):
    """Hours of outbound teams today, and how fast more hours tell less."""

    base_h_per_day: float = quantity("h/day", "officer-hours of outbound teams at the baseline", gt=0)
    scale_h_per_day: float = quantity(
        "h/day", "officer-hours at which the find rate reaches 63 % of its most", gt=0
    )


class Outbound:
    """How much more is found southbound than at the baseline, by the officers there now."""

    def __init__(self, context: StationContext, ports: Ports, settings: OutboundSettings) -> None:
        self._context, self._ports, self._settings = context, ports, settings

    def factor(self) -> float:
        """Return the chance of a find over that of the baseline."""
        s = self._settings
        hours = self._ports.staffing(int(self._context.env.now)).hours[USES.index("outbound")].sum()
        if hours == 0.0:
            return 1.0
        now, then = (
            -math.expm1(-h / s.scale_h_per_day) for h in (s.base_h_per_day + hours, s.base_h_per_day)
        )
        return now / then
