"""Policies of the smuggling side: one policy a file, chosen by ``adversary.kind``."""

from __future__ import annotations

from sim.adversary.bandit import BanditChoice
from sim.adversary.fixed import FixedShares
from sim.adversary.logit import LogitChoice
from sim.adversary.policy import AdversarySettings, Alternatives, ChoicePlan, Chooser
from sim.adversary.salience import SalienceChoice
from sim.adversary.worst_case import WorstCase

POLICIES: dict[str, type[Chooser]] = {
    "none": FixedShares,
    "logit": LogitChoice,
    "salience": SalienceChoice,
    "bandit": BanditChoice,
    "worst_case": WorstCase,
}

__all__ = [
    "POLICIES",
    "AdversarySettings",
    "Alternatives",
    "ChoicePlan",
    "Chooser",
]
