"""The shipped configuration as the command composes it, for tests that change a few keys."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

from sim.core.shipped import conf_folder, read_yaml, shipped_tree


@cache
def _shipped() -> dict[str, Any]:
    top = read_yaml(conf_folder() / "config.yaml")
    own = {key: value for key, value in top.items() if key not in ("defaults", "seed")}
    tree = copy.deepcopy(shipped_tree())
    tree["border"].update(own.pop("border"))
    return {**tree, **own, "name": "baseline"}


def composed(**changes: Any) -> dict[str, Any]:
    """Return the shipped tree with dotted keys replaced: ``composed(**{"calendar.days": 30})``."""
    tree = copy.deepcopy(_shipped())
    for path, value in changes.items():
        *parents, leaf = path.split(".")
        node = tree
        for key in parents:
            node = node[key]
        node[leaf] = value
    return tree


SHORT = {"calendar.days": 61, "calendar.warmup_days": 14, "border.model": "instant"}
"""Two months without queues: the chain alone, in a fraction of a second."""
