"""Policy ``logit``: multinomial logit on the relative payoff of each alternative.

The expected payoff of a choice is ``value * (1 - risk) - cost``. Relative to the value and against the
opinion at the start, its change is ``prior - risk`` (McFadden 1974, in Zarembka, Frontiers in
Econometrics, 105-142; its fixed point with beliefs that are true is the quantal response of McKelvey
and Palfrey 1995, Games and Economic Behavior 10, 6-38).
"""

from __future__ import annotations

from sim.adversary.weekly import WeeklyChooser


class LogitChoice(WeeklyChooser):
    """Shares move towards the alternatives on which less was lost than expected."""

    def advantage(self, risk: list[float]) -> list[float]:
        """Return how far the perceived risk fell below the prior."""
        return [prior - now for prior, now in zip(self._alternatives.prior_risk, risk, strict=True)]
