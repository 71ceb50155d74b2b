"""Policy ``salience``: payoffs are weighed by what stands out, as in NarcoLogic.

Each alternative has two states: the load goes through (``gain - cost``), or it is lost (``- cost``).
A state stands out the more, the further its payoff lies from the mean of the other alternatives in that
state; the less salient state is weighed down by ``local_thinking`` (Bordalo, Gennaioli and Shleifer
2012, Quarterly J. Economics 127(3), 1243-1285). Magliocca et al. (2019, PNAS 116(16), 7784-7792) let
cocaine traffickers choose routes so.
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.adversary.policy import AdversarySettings, Alternatives
from sim.adversary.weekly import WeeklyChooser

ONE_DOLLAR = 1.0
"""Keeps the contrast of two payoffs near zero small; part of the formula of NarcoLogic."""


class SalienceChoice(WeeklyChooser):
    """Shares follow the salience payoff; where a loss stands out, risk counts for more."""

    def __init__(self, settings: AdversarySettings, alternatives: Alternatives) -> None:
        super().__init__(settings, alternatives)
        self._before = self._payoffs(alternatives.prior_risk)

    def advantage(self, risk: list[float]) -> list[float]:
        """Return the change of the salience payoff as a share of the value of a load."""
        now = self._payoffs(risk)
        gains = self._alternatives.gain_usd
        return [(new - old) / gain for new, old, gain in zip(now, self._before, gains, strict=True)]

    def _payoffs(self, risk: Sequence[float]) -> list[float]:
        there = self._alternatives
        return salience_payoffs(there.gain_usd, there.cost_usd, risk, self._settings.local_thinking)


def salience_payoffs(
    gains: Sequence[float], costs: Sequence[float], risk: Sequence[float], local_thinking: float
) -> list[float]:
    """Return the salience payoff of every alternative.

    Parameters
    ----------
    gains, costs : sequence of float
        Value and cost of a load by alternative, USD.
    risk : sequence of float
        Chance of loss.
    local_thinking : float
        Weight of the less salient state, of the interval (0, 1]; 1 gives the expected payoff.
    """
    through = [gain - cost for gain, cost in zip(gains, costs, strict=True)]
    lost = [-cost for cost in costs]
    payoffs = []
    for i, p in enumerate(risk):
        loss_stands_out = _contrast(lost, i) > _contrast(through, i)
        weight_lost = 1.0 if loss_stands_out else local_thinking
        weight_through = local_thinking if loss_stands_out else 1.0
        total = weight_through * (1.0 - p) + weight_lost * p
        payoffs.append((weight_through * (1.0 - p) * through[i] + weight_lost * p * lost[i]) / total)
    return payoffs


def _contrast(payoffs: Sequence[float], i: int) -> float:
    """Return how far a payoff stands out from the mean of the others, 0 to 1."""
    if len(payoffs) == 1:
        return 0.0
    others = (sum(payoffs) - payoffs[i]) / (len(payoffs) - 1)
    return abs(others - payoffs[i]) / (abs(others) + abs(payoffs[i]) + ONE_DOLLAR)
