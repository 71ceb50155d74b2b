"""One place in the order, one colour and one mark for each scenario, in every figure that shows several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sim.report import theme

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
Look = tuple[str, str]
"""A colour and a mark."""
_RANK = {name: i for i, name in enumerate(ORDER)}


def in_order(labels: Iterable[str]) -> list[str]:
    """Return labels in the one order of scenarios; those of one scenario, and strangers, keep theirs.

    A label is the name of a scenario, with what tells it from its like in brackets: ``scanning (size=60)``.
    """
    return sorted(dict.fromkeys(labels), key=lambda label: _RANK.get(label.partition(" (")[0], len(ORDER)))


def looks(labels: Iterable[str]) -> dict[str, Look]:
    """Return colour and mark of each label of a panel; no two look alike while there are looks left.

    Shipped scenarios have the same ones in every figure. All others, such as the points of a sweep, take
    what is free in their order: a colour that nobody wears, or else one with another mark.
    """
    ordered = in_order(labels)
    found = {label: _own(label) for label in ordered if label in _RANK}
    worn, hues = set(found.values()), Counter(hue for hue, _ in found.values())
    free = [(hue, mark) for mark in MARKS for hue in theme.SCENARIO_CYCLE]
    for label in ordered:
        if label not in found:
            found[label] = min(free, key=lambda look: (look in worn, hues[look[0]]))
            worn.add(found[label])
            hues[found[label][0]] += 1
    return {label: found[label] for label in ordered}


def _own(name: str) -> Look:
    """Return the look of a shipped scenario."""
    marks = MARKS[_RANK[name] // len(theme.SCENARIO_CYCLE) % len(MARKS)]
    hue = theme.SCENARIO_CYCLE[_RANK[name] % len(theme.SCENARIO_CYCLE)]
    return theme.SCENARIOS.get(name, hue), marks
