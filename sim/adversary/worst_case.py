"""Policy ``worst_case``: best response with full information, within what each alternative can carry.

The follower of a Stackelberg security game (Tambe 2011, Security and Game Theory, Cambridge): it knows
the chance of loss of the day and moves its mass to where least is lost, up to a stated multiple of the
usual mass. It bounds what a defender may count on. Its routes are never reported (``sim.measures``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

from sim.adversary.policy import AdversarySettings, Alternatives, ChoicePlan, unit_sizes
from sim.core.calendar import HOURS_PER_DAY

DIGITS = 9


class WorstCase:
    """Shares are the best response to the true risk, revised once a day."""

    def __init__(self, settings: AdversarySettings, alternatives: Alternatives) -> None:
        self._settings, self._alternatives = settings, alternatives
        self._sizes = unit_sizes(alternatives)
        self._plan = ChoicePlan(tuple(alternatives.shares), self._sizes)
        self._day = -1
        self._seen: list[float] = []

    def plan_at(self, time_h: float) -> ChoicePlan:
        """Return the plan of the day; it counts mass, so that small loads cannot hide from a ceiling."""
        day = int(time_h // HOURS_PER_DAY)
        if day > self._day:
            self._day = day
            there = self._alternatives
            # Rounding of a mean over lane groups is no reason to prefer one office to another.
            kept = [1.0 - round(there.true_risk(i, time_h), DIGITS) for i in range(len(there.shares))]
            if kept != self._seen:
                self._seen = kept
                usual = [share * gain for share, gain in zip(there.shares, there.gain_usd, strict=True)]
                mass = best_response(kept, usual, self._settings.ceiling)
                loads = [m / gain for m, gain in zip(mass, there.gain_usd, strict=True)]
                total = math.fsum(loads)
                self._plan = ChoicePlan([load / total for load in loads], self._sizes)
        return self._plan

    def observe(self, alternative: int, lost: bool, time_h: float) -> None:
        """Learn nothing: all is known."""


def best_response(payoffs: Sequence[float], usual: Sequence[float], ceiling: float) -> list[float]:
    """Return the shares with the largest payoff; equals are filled in proportion to the usual.

    Parameters
    ----------
    payoffs : sequence of float
        Payoff of one unit by alternative.
    usual : sequence of float
        Usual shares, up to a common factor.
    ceiling : float
        Largest multiple of its usual share that an alternative can take, at least 1.
    """
    total = math.fsum(usual)
    shares = [0.0 for _ in usual]
    left = 1.0
    best_first = sorted(range(len(usual)), key=lambda i: -payoffs[i])
    for _, equals in groupby(best_first, key=lambda i: payoffs[i]):
        group = list(equals)
        room = math.fsum(usual[i] for i in group) / total
        factor = min(ceiling, left / room) if room > 0.0 else 0.0
        for i in group:
            shares[i] = factor * usual[i] / total
        left = max(0.0, left - factor * room)
    return shares
