"""Policy ``none``: the calibrated shares, whatever happens."""

from __future__ import annotations

from collections.abc import Sequence

from sim.adversary.policy import AdversarySettings


class FixedShares:
    """Routes keep their calibrated share of loads."""

    def __init__(
        self, settings: AdversarySettings, shares: Sequence[float], prior_risk: Sequence[float]
    ) -> None:
        self._shares = tuple(shares)

    def shares_at(self, time_h: float) -> Sequence[float]:
        """Return the calibrated shares."""
        return self._shares

    def observe(self, route: int, intercepted: bool, time_h: float) -> None:
        """Learn nothing."""
