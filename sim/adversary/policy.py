"""What every chooser must do: give shares and sizes, learn from own losses.

A chooser stands for one producer cluster before one kind of choice: route classes for its loads, or
suppliers for its orders. It sees the fate of what it sent itself, and what is announced to everybody.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sim.core.settings import Settings, quantity

RiskAt = Callable[[int, float], float]
"""``(alternative, time_h) -> share lost``: a risk, or a change of it."""


class AdversarySettings(Settings):
    """How producers choose between route classes and between suppliers."""

    kind: str
    choice_sensitivity: float = quantity(
        "1/1", "weight of the relative payoff of an alternative against its other attractions", ge=0
    )
    memory_days: float = quantity("d", "half-life of own experience with an alternative", gt=0)
    prior_loads: float = quantity("load", "own loads that the first opinion is worth", gt=0)
    loads_per_order: float = quantity(
        "load/order", "own loads that one own order counts for as experience", gt=0
    )
    habit_share: float = quantity("1/1", "share of last week's choice that is kept", ge=0, lt=1)
    size_elasticity: float = quantity("1/1", "elasticity of the size of a load to its perceived risk", le=0)
    size_limit: float = quantity("1/1", "most by which a load is larger or smaller than usual", ge=1)
    local_thinking: float = quantity(
        "1/1", "weight of what stands out less against what stands out more; 1 is none", gt=0, le=1
    )
    learning_rate: float = quantity("1/1", "step of the log of a share after a surprise of one load", ge=0)
    implicit_exploration: float = quantity(
        "1/1", "share added to the chance of a choice before its outcome is scaled up", ge=0
    )
    ceiling: float = quantity(
        "1/1", "largest multiple of its baseline share of mass that an alternative can take", ge=1
    )

    def for_orders(self) -> AdversarySettings:
        """Return the settings for the choice between suppliers: orders are few and large."""
        weight = self.loads_per_order
        return self.model_copy(
            update={"prior_loads": self.prior_loads / weight, "learning_rate": self.learning_rate * weight}
        )


@dataclass(frozen=True)
class Alternatives:
    """What there is to choose between; every sequence has one entry an alternative.

    Parameters
    ----------
    shares : sequence of float
        Share of choices in the calibrated baseline, adds up to 1.
    prior_risk : sequence of float
        Chance of loss that a cluster believes in at the start.
    gain_usd : sequence of float
        Value of one choice that goes through, USD2022; goes with its mass.
    cost_usd : sequence of float
        What one choice costs in any case, USD2022.
    announced : callable
        Change of the chance of loss that announced levers bring at a time.
    true_risk : callable
        Chance of loss at a time; only a policy with full information may ask.
    """

    shares: Sequence[float]
    prior_risk: Sequence[float]
    gain_usd: Sequence[float]
    cost_usd: Sequence[float]
    announced: RiskAt
    true_risk: RiskAt


@dataclass(frozen=True)
class ChoicePlan:
    """Shares of choices by alternative (add up to 1), and the size of each against its usual size."""

    shares: Sequence[float]
    sizes: Sequence[float]


class Chooser(Protocol):
    """Chooses between alternatives for one cluster.

    Parameters
    ----------
    settings : AdversarySettings
    alternatives : Alternatives
    """

    def __init__(self, settings: AdversarySettings, alternatives: Alternatives) -> None: ...

    def plan_at(self, time_h: float) -> ChoicePlan:
        """Return the plan at a time; the same object until it is revised."""
        ...

    def observe(self, alternative: int, lost: bool, time_h: float) -> None:
        """Take note of the fate of one own choice."""
        ...


def unit_sizes(alternatives: Alternatives) -> list[float]:
    """Return the usual size of every alternative."""
    return [1.0] * len(alternatives.shares)


def tilted(shares: Sequence[float], exponents: Sequence[float]) -> list[float]:
    """Return shares in proportion to ``share * exp(exponent)``, for exponents of any size."""
    # Only differences count: the largest that matters is taken out, so that no power overflows.
    top = max(x for share, x in zip(shares, exponents, strict=True) if share > 0.0)
    weights = [s * math.exp(x - top) if s > 0.0 else 0.0 for s, x in zip(shares, exponents, strict=True)]
    total = math.fsum(weights)
    return [weight / total for weight in weights]
