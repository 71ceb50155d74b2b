"""Policy ``logit``: multinomial logit on the relative payoff of each route.

The expected payoff of a load on route r is ``value * (1 - risk_r) - cost_r``. Relative to the value
and against the opinion at the start, its change is ``prior_r - risk_r``; all that the model does not
know of a route (access, plaza, kin) stays in its calibrated share (McFadden 1974, alternative-specific
constants). Risk is the mean of a Beta posterior of own loads, discounted so that old loads fade, as in
the deterrence literature's perceptual updating (Anwar and Loughran 2011).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.adversary.policy import AdversarySettings
from sim.core.calendar import HOURS_PER_DAY, HOURS_PER_WEEK


class LogitChoice:
    """Shares move towards the routes on which own loads have been lost less than expected."""

    def __init__(
        self, settings: AdversarySettings, shares: Sequence[float], prior_risk: Sequence[float]
    ) -> None:
        self._settings = settings
        self._base = tuple(shares)
        self._prior = tuple(prior_risk)
        self._lost = [settings.prior_loads * risk for risk in prior_risk]
        self._sent = [settings.prior_loads for _ in prior_risk]
        self._shares = list(shares)
        self._seen_h = 0.0
        self._week = 0

    def shares_at(self, time_h: float) -> Sequence[float]:
        """Return the current shares; they are revised once a week."""
        week = int(time_h // HOURS_PER_WEEK)
        if week > self._week:
            self._fade(time_h)
            for _ in range(self._week, week):
                self._revise()
            self._week = week
        return self._shares

    def observe(self, route: int, intercepted: bool, time_h: float) -> None:
        """Add one own load to the experience with a route."""
        self._fade(time_h)
        self._sent[route] += 1.0
        self._lost[route] += float(intercepted)

    def risk(self) -> list[float]:
        """Return the perceived chance of interception by route."""
        return [lost / sent for lost, sent in zip(self._lost, self._sent, strict=True)]

    def _fade(self, time_h: float) -> None:
        """Let experience decay towards the prior, never below the prior's own weight."""
        half_life_h = self._settings.memory_days * HOURS_PER_DAY
        keep = 0.5 ** ((time_h - self._seen_h) / half_life_h)
        self._seen_h = time_h
        weight = self._settings.prior_loads
        for r, prior in enumerate(self._prior):
            self._sent[r] = weight + (self._sent[r] - weight) * keep
            self._lost[r] = weight * prior + (self._lost[r] - weight * prior) * keep

    def _revise(self) -> None:
        beta, habit = self._settings.choice_sensitivity, self._settings.habit_share
        pull = [
            base * math.exp(beta * (prior - risk))
            for base, prior, risk in zip(self._base, self._prior, self.risk(), strict=True)
        ]
        total = math.fsum(pull)
        self._shares = [
            habit * old + (1.0 - habit) * new / total for old, new in zip(self._shares, pull, strict=True)
        ]
