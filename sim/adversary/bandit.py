"""Policy ``bandit``: exponential weights on own outcomes, without a model of risk.

EXP3-IX (Neu 2015, NeurIPS 28, 3168-3176; after Auer, Cesa-Bianchi, Freund and Schapire 2002, SIAM J.
Computing 32(1), 48-77): the outcome of a choice is divided by the chance of that choice, with a little
added so that rare alternatives do not jump; the log of a share grows by the sum. The calibrated shares
are the weights at the start, outcomes count against what was expected, and old ones fade. The shares are
the mixed strategy itself, so the policy needs no draw of its own.
"""

from __future__ import annotations

from sim.adversary.experience import Experience
from sim.adversary.policy import AdversarySettings, Alternatives, ChoicePlan, tilted, unit_sizes
from sim.core.calendar import HOURS_PER_DAY, HOURS_PER_WEEK


class BanditChoice:
    """Shares grow where choices ended better than expected; they are revised once a week."""

    def __init__(self, settings: AdversarySettings, alternatives: Alternatives) -> None:
        self._settings, self._alternatives = settings, alternatives
        self._experience = Experience(settings, alternatives)
        self._score = [0.0 for _ in alternatives.shares]
        self._plan = ChoicePlan(tuple(alternatives.shares), unit_sizes(alternatives))
        self._seen_h = 0.0
        self._week = 0

    def plan_at(self, time_h: float) -> ChoicePlan:
        """Return the plan of the week."""
        week = int(time_h // HOURS_PER_WEEK)
        if week > self._week:
            self._week = week
            self._fade(time_h)
            self._revise(time_h)
        return self._plan

    def observe(self, alternative: int, lost: bool, time_h: float) -> None:
        """Add one outcome, scaled up by the chance of the choice."""
        self._fade(time_h)
        better = self._experience.expected(alternative, time_h) - float(lost)
        chance = self._plan.shares[alternative]
        self._score[alternative] += better / (chance + self._settings.implicit_exploration)
        self._experience.note(alternative, float(lost), time_h)

    def _revise(self, time_h: float) -> None:
        s, there = self._settings, self._alternatives
        exponents = [
            s.learning_rate * score - s.choice_sensitivity * there.announced(i, time_h)
            for i, score in enumerate(self._score)
        ]
        sizes = self._experience.sizes(self._experience.risk(time_h))
        self._plan = ChoicePlan(tilted(there.shares, exponents), sizes)

    def _fade(self, time_h: float) -> None:
        keep = 0.5 ** ((time_h - self._seen_h) / (self._settings.memory_days * HOURS_PER_DAY))
        self._seen_h = time_h
        self._score = [score * keep for score in self._score]
