"""Each further strike disrupts less, a network comes back, and what cases teach sharpens targeting.

MADTOR: An Agent-Based Model for Assessing the Resilience of Drug Trafficking Organizations to Law Enforcement
Interventions, 2024, JASSS 27(3) 3. What is struck is down until it recovers, and cannot be struck again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.fixtures.paired_runs import FOUR_MONTHS, Note, Values, above_zero, lever, values

RECOVERIES = (
    "chain.load.crew_recovery_days", "chain.producer.recovery_days", "chain.source.relation_recovery_days",
    "chain.transit.broker_recovery_days", "chain.money.recovery_days", "chain.firearms.ring_recovery_days",
    "chain.online.recovery_days",
)  # fmt: skip
AT_ONCE = dict.fromkeys(RECOVERIES, 1e-6)
NEVER = dict.fromkeys(RECOVERIES, 1e6)
TARGETING_WITHOUT_CASES = {"chain.intelligence.floor_share": 1.0}
DOSE = {"investigation.investigators": 600.0, "investigation.partner_leads_per_year": 2400.0}
"""Four times the investigators of today more, and leads from partners abroad that keep them busy."""


def doses(numbers: Sequence[int], pairs: int = 3, **changes: Any) -> list[Values]:
    """Return runs with so many doses of investigators."""
    levers = [
        {"levers": {"cases": lever({dial: n * amount for dial, amount in DOSE.items()})}} if n else {}
        for n in numbers
    ]
    return [values(pairs, {**FOUR_MONTHS, **changes, **one}) for one in levers]


def further_strikes_disrupt_less(note: Note, **changes: Any) -> bool:
    """Of the strikes that a second dose adds, a smaller share takes effect than of those of the first."""
    none, one, two = doses((0, 1, 2), **changes)
    struck, down = ("targets_struck", "all"), ("disruptions", "all")
    first = (one[down] - none[down]) / (one[struck] - none[struck])
    second = (two[down] - one[down]) / (two[struck] - one[struck])
    above_zero(first, "disruptions a strike of the first dose", note)
    above_zero(second, "disruptions a strike of the second dose", note)
    kg = [run["delivered_pure_kg", "all"] for run in (none, one, two)]
    above_zero(kg[0] - kg[1], "kg denied by the first dose", note)
    above_zero(2 * kg[1] - kg[0] - kg[2], "kg denied by the second dose - by the first", note)
    return above_zero(first - second, "fall", note)


def found_more(pairs: int, **changes: Any) -> np.ndarray:
    """Return by how much the share of loads found at ports grows, though nobody was added there."""
    few, many = (
        run["alarms_found", "all"] / run["loads_screened", "all"] for run in doses((0, 2), pairs, **changes)
    )
    return many - few


@pytest.mark.slow
def test_each_further_strike_disrupts_less(record_property: Note) -> None:
    assert further_strikes_disrupt_less(record_property)
    assert not further_strikes_disrupt_less(record_property, **AT_ONCE)


def test_cases_sharpen_targeting(record_property: Note) -> None:
    """Without the mechanism the share does not grow, and by the same pairs it grows less: no lucky draw."""
    taught = found_more(8)
    untaught = found_more(8, **TARGETING_WITHOUT_CASES)
    assert above_zero(taught, "growth of the share found at ports", record_property)
    assert above_zero(taught - untaught, "of it by what cases teach", record_property)
    assert not above_zero(untaught, "growth without it", record_property)
    assert above_zero(taught.mean() - untaught, "mean growth - growth without it", record_property)


def network_comes_back(note: Note, **changes: Any) -> bool:
    """Half a year after a crackdown of two months it sends as much as without one, to within a tenth."""
    crackdown = lever({dial: 2 * x for dial, x in DOSE.items()}, start="2021-10-01", end="2021-12-01")
    later = {"calendar.start": "2022-06-01", "calendar.days": 61, "calendar.warmup_days": 260}
    without, after = (
        values(3, {**FOUR_MONTHS, **later, **changes, "levers": levers})
        for levers in ({}, {"cases": crackdown})
    )
    sent = ("shipped_pure_kg", "all")
    return above_zero(after[sent] - 0.9 * without[sent], "sent after - 0.9 sent without, kg", note)


@pytest.mark.slow
def test_a_network_comes_back_after_a_crackdown(record_property: Note) -> None:
    assert network_comes_back(record_property)
    assert not network_comes_back(record_property, **NEVER)
