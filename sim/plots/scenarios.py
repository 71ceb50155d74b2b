"""One place in the order, one colour and one mark for each scenario, in every figure that shows several."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from sim.plots import theme

# Without any lever first, then from the source of precursor along the chain to the street, bundles last.
ORDER = (
    "baseline",
    "baseline_3y",
    "no_enforcement",
    "demand_growth",
    "source_control",
    "chemical_outreach",
    "outreach_source_control",
    "partner_units",
    "targeting",
    "scanning",
    "port_staffing",
    "surge",
    "staffing_scanning",
    "southbound",
    "staffing_southbound",
    "financial_crime_center",
    "investigators",
    "finance_investigators",
    "cyber",
    "hsi_strategy",
)
MARKS = ("circle", "diamond", "square", "triangle-up", "triangle-down")
_RANK = {name: i for i, name in enumerate(ORDER)}


def in_order(labels: Iterable[str]) -> list[str]:
    """Return labels in the one order of scenarios; those of one scenario, and strangers, keep theirs.

    A label is the name of a scenario, with what tells it from its like in brackets: ``scanning (size=60)``.
    """
    return sorted(dict.fromkeys(labels), key=lambda label: _RANK.get(_scenario(label), len(ORDER)))


def colour(label: str) -> str:
    """Return the colour of a label: that of its scenario, or one of its own with anything in brackets."""
    name = _scenario(label)
    if label == name and name in _RANK and name not in theme.SCENARIOS:
        return theme.SCENARIO_CYCLE[_RANK[name] % len(theme.SCENARIO_CYCLE)]
    return theme.scenario_colour(label)


def mark(label: str) -> str:
    """Return the shape that, with its colour, tells a label from the others."""
    if label in _RANK:
        return MARKS[_RANK[label] // len(theme.SCENARIO_CYCLE) % len(MARKS)]
    return MARKS[zlib.crc32(label.encode()) // len(theme.SCENARIO_CYCLE) % len(MARKS)]


def _scenario(label: str) -> str:
    return label.partition(" (")[0]
