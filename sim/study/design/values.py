"""Values inside evidence ranges, and shares of a group that must go on adding up to one."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from sim.core.errors import ConfigError
from sim.core.settings import EvidenceRow, validated
from sim.scenario import Scenario, ScenarioSettings, share_groups, with_values

# A range that spans more than this factor is drawn on a log scale.
_WIDE = 3.0


def between(row: EvidenceRow, u: float) -> float:
    """Return the value at a share ``u`` of a number's range, on a log scale where the range is wide."""
    # Rounding may end a last digit beyond the range.
    if row.low > 0 and row.high / row.low > _WIDE:
        return float(min(row.low * (row.high / row.low) ** u, row.high))
    return float(min(row.low + (row.high - row.low) * u, row.high))


def is_whole(path: str) -> bool:
    """Tell whether the settings take whole numbers alone at a configuration path."""
    node: Any = ScenarioSettings
    field = None
    for part in path.split("."):
        if isinstance(node, type) and issubclass(node, BaseModel):
            field = node.model_fields.get(part)
            node = field.annotation if field else None
        elif typing.get_origin(node) is dict:
            node = typing.get_args(node)[1]
    return field is not None and any(getattr(rule, "multiple_of", None) for rule in field.metadata)


def balanced(values: Mapping[str, Any], chosen: Mapping[str, float]) -> dict[str, float]:
    """Return chosen values together with what keeps every group of shares at a sum of one.

    Shares that were not chosen give and take in proportion. Where the chosen ones leave them nothing,
    or are the whole group, the chosen ones are divided by their sum.

    Parameters
    ----------
    values : mapping
        Tree of plain values of a scenario.
    chosen : mapping of str to float
        Configuration path to value.
    """
    changed = dict(chosen)
    for group in share_groups(values).values():
        mine = {path: chosen[path] for path in group if path in chosen}
        rest = {path: share for path, share in group.items() if path not in chosen}
        if not mine:
            continue
        taken, left = sum(mine.values()), sum(rest.values())
        if left > 0 and taken < 1.0:
            changed.update({path: share * (1.0 - taken) / left for path, share in rest.items()})
        elif taken > 0:
            changed.update({path: share / taken for path, share in mine.items()})
            changed.update(dict.fromkeys(rest, 0.0))
    return changed


def varied(scenario: Scenario, chosen: Mapping[str, float]) -> Scenario:
    """Return a scenario with other values, shares balanced.

    Raises
    ------
    ConfigError
        The settings refuse the values.
    """
    values = with_values(scenario.values, balanced(scenario.values, chosen))
    return Scenario(validated(ScenarioSettings, values, ""), values, scenario.evidence)


def variant(scenario: Scenario, path: str, value: float) -> Scenario | None:
    """Return the scenario with one number changed, shares balanced; None where the settings refuse it."""
    try:
        return varied(scenario, {path: value})
    except ConfigError:
        return None


def without_queues(scenario: Scenario, chosen: Mapping[str, float]) -> Scenario:
    """Return a scenario with other values and without queues: they change no fate of a load."""
    values = with_values(scenario.values, chosen)
    values["border"]["model"] = "instant"
    return Scenario(validated(ScenarioSettings, values, ""), values, scenario.evidence)
