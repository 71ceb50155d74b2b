"""Disruption: parts of a network that are down for a time, and that cannot be hit twice meanwhile."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from sim.chain.parts.context import StationContext
from sim.core.calendar import HOURS_PER_DAY
from sim.ledger.accounts import ALREADY_DOWN, TOOK_EFFECT
from sim.ledger.postings import LEAD, Ledger

Disrupt = Callable[[int], bool]
"""Hits a part that the draws of an entity choose; returns whether it was not down already."""


def strike(ledger: Ledger, time_h: float, source: int, target: str, took_effect: bool) -> None:
    """Post a strike at a kind of target, from the account of what led to it to what came of it."""
    effect = ledger.account(TOOK_EFFECT if took_effect else ALREADY_DOWN, target)
    ledger.post(time_h, source, effect, LEAD, 1)


class RecoverableUnits:
    """Equal parts of one kind, such as smuggling cells; a part that is hit recovers in exponential time.

    Parameters
    ----------
    context : StationContext
    kind : str
        Owner of the draws.
    count : mapping of hashable to int
        Parts by group, such as route class.
    recovery_days : float
        Mean time until a part is replaced.
    """

    def __init__(
        self, context: StationContext, kind: str, count: Mapping[Any, int], recovery_days: float
    ) -> None:
        self._context, self._kind, self._recovery_days = context, kind, recovery_days
        self._count = count
        self._groups, self._weights = list(count), list(count.values())
        self._up_at: dict[tuple[Hashable, int], float] = {}

    def disrupt(self, entity: int) -> bool:
        """Hit one part of all, each with the same chance; return whether it was not down already."""
        draws, now = self._context.draws, self._context.env.now
        group = self._groups[draws.choice(f"{self._kind}.hit", entity, self._weights)]
        number = int(draws.uniform(f"{self._kind}.part", entity) * self._count[group])
        if self._up_at.get((group, number), 0.0) > now:
            return False
        days = self._recovery_days * draws.exponential(f"{self._kind}.recovery", entity)
        self._up_at[group, number] = now + days * HOURS_PER_DAY
        return True

    def down_for_h(self, group: Hashable, entity: int, visit: int = 0) -> float:
        """Return for how long the part that serves an entity stays down, h; 0 when it is up."""
        if not self._up_at:
            return 0.0
        number = math.floor(
            self._context.draws.uniform(f"{self._kind}.serves", entity, visit) * self._count[group]
        )
        return max(0.0, self._up_at.get((group, number), 0.0) - self._context.env.now)
