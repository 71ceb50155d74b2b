"""The shipped configuration for tests that change a few keys."""

from __future__ import annotations

from typing import Any

from sim.core.shipped import baseline_tree

SHORT = {"calendar.days": 61, "calendar.warmup_days": 14, "border.model": "instant"}
"""Two months without queues: the chain alone, in a fraction of a second."""


def composed(**changes: Any) -> dict[str, Any]:
    """Return the shipped tree with dotted keys replaced: ``composed(**{"calendar.days": 30})``."""
    return baseline_tree(changes)
