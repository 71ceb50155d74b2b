"""Small choices for the tests of the adversaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sim.adversary import AdversarySettings, Alternatives
from sim.core.settings import is_record
from sim.core.shipped import conf_folder, read_yaml

WEEK_H = 168.0
FOR_EVER_DAYS = 1e12


def settings(**changes: Any) -> AdversarySettings:
    """Return the shipped settings with some changed."""
    tree = read_yaml(conf_folder() / "adversary" / "none.yaml")
    shipped = {key: float(node["value"]) if is_record(node) else node for key, node in tree.items()}
    return AdversarySettings.model_validate(shipped | changes)


def choice(
    shares: Sequence[float],
    prior_risk: Sequence[float],
    gain_usd: Sequence[float] | None = None,
    cost_usd: Sequence[float] | None = None,
    announced: Callable[[int, float], float] = lambda i, time_h: 0.0,
    true_risk: Callable[[int, float], float] | None = None,
) -> Alternatives:
    """Return alternatives of equal worth without news, unless told otherwise."""
    size = len(shares)
    return Alternatives(
        shares,
        prior_risk,
        gain_usd or [1000.0] * size,
        cost_usd or [10.0] * size,
        announced,
        true_risk or (lambda i, time_h: prior_risk[i]),
    )
