"""Policy ``none``: the calibrated shares and sizes, whatever happens.

The frozen case against which adaptation is measured, as in the Simulation of Adaptive Response (Crawford
and Reuter 1988, RAND N-2680; Reuter, Crawford and Cave 1988, RAND R-3594).
"""

from __future__ import annotations

from sim.adversary.policy import AdversarySettings, Alternatives, ChoicePlan, unit_sizes


class FixedShares:
    """Alternatives keep their calibrated share."""

    def __init__(self, settings: AdversarySettings, alternatives: Alternatives) -> None:
        self._plan = ChoicePlan(tuple(alternatives.shares), unit_sizes(alternatives))

    def plan_at(self, time_h: float) -> ChoicePlan:
        """Return the calibrated shares."""
        return self._plan

    def observe(self, alternative: int, lost: bool, time_h: float) -> None:
        """Learn nothing."""
