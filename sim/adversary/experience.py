"""Experience: what a cluster believes about the risk of each alternative from its own losses.

The belief is the mean of a Beta posterior whose evidence fades: ``(sum w lost + a) / (sum w + a + b)``,
with a weight ``w`` that halves over the memory. It is the experienced risk of NarcoLogic (Magliocca et
al. 2019, PNAS 116(16), 7784-7792), and the perceptual updating of the deterrence literature (Anwar and
Loughran 2011, Criminology 49(3), 667-698). What is announced to everybody moves the belief at once.
"""

from __future__ import annotations

import math

from sim.adversary.policy import AdversarySettings, Alternatives
from sim.core.calendar import HOURS_PER_DAY


class Experience:
    """Perceived risk by alternative.

    Parameters
    ----------
    settings : AdversarySettings
        ``prior_loads`` is ``a + b``, ``memory_days`` the half-life of the evidence.
    alternatives : Alternatives
        ``prior_risk`` is ``a / (a + b)``.
    """

    def __init__(self, settings: AdversarySettings, alternatives: Alternatives) -> None:
        self._settings, self._alternatives = settings, alternatives
        self._seen = [0.0 for _ in alternatives.shares]
        self._surprise = [0.0 for _ in alternatives.shares]
        self._seen_h = 0.0

    def expected(self, alternative: int, time_h: float) -> float:
        """Return the risk that is believed in without any experience: the prior and what is announced."""
        there = self._alternatives
        return there.prior_risk[alternative] + there.announced(alternative, time_h)

    def note(self, alternative: int, lost: float, time_h: float) -> None:
        """Add one own choice; evidence is kept as its surprise, so that news does not turn against it."""
        self._fade(time_h)
        self._seen[alternative] += 1.0
        self._surprise[alternative] += lost - self.expected(alternative, time_h)

    def risk(self, time_h: float) -> list[float]:
        """Return the perceived risk of every alternative, 0 to 1."""
        self._fade(time_h)
        weight = self._settings.prior_loads
        beliefs = [
            self.expected(i, time_h) + surprise / (weight + seen)
            for i, (surprise, seen) in enumerate(zip(self._surprise, self._seen, strict=True))
        ]
        return [min(max(belief, 0.0), 1.0) for belief in beliefs]

    def sizes(self, risk: list[float]) -> list[float]:
        """Return the size of a choice against its usual one: smaller where risk rose over the prior."""
        return [
            self._size(now, prior) for now, prior in zip(risk, self._alternatives.prior_risk, strict=True)
        ]

    def _size(self, risk: float, prior: float) -> float:
        most = math.log(self._settings.size_limit)
        if risk == prior:
            return 1.0
        if risk <= 0.0 or prior <= 0.0:
            change = math.copysign(math.inf, risk - prior)
        else:
            change = math.log(risk / prior)
        # An elasticity of zero means no answer, even to a risk that came from nothing.
        answer = self._settings.size_elasticity * change if self._settings.size_elasticity else 0.0
        return math.exp(min(max(answer, -most), most))

    def _fade(self, time_h: float) -> None:
        keep = 0.5 ** ((time_h - self._seen_h) / (self._settings.memory_days * HOURS_PER_DAY))
        self._seen_h = time_h
        self._seen = [seen * keep for seen in self._seen]
        self._surprise = [surprise * keep for surprise in self._surprise]
