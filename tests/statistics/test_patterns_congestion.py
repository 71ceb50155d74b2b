"""Booths that are added raise detection where officers are lenient under long lines, and nowhere else.

The whole model with its queues, two weeks of December. Loads are ten times as many and a tenth as heavy, so
that two weeks have some hundred alarms on loads; added officers open lanes and examine nobody.
"""

from __future__ import annotations

from typing import Any

import pytest

from sim.core.shipped import compose_tree
from tests.fixtures.paired_runs import Note, above_zero, values

pytestmark = pytest.mark.slow  # whole runs: minutes on a busy machine

CHAIN = compose_tree()["chain"]
TWO_WEEKS: dict[str, Any] = {
    "calendar.start": "2021-12-01", "calendar.days": 14, "calendar.warmup_days": 7,
    "border.officers.primary_share": 1.0, "border.officers.bays_growth_max": 1.0,
    "chain.load.courier_fee_usd": CHAIN["load"]["courier_fee_usd"]["value"] / 10,
}  # fmt: skip
TWO_WEEKS |= {
    f"chain.route.loads_per_year.{place}": 10 * record["value"]
    for place, record in CHAIN["route"]["loads_per_year"].items()
}
TWO_WEEKS |= {
    f"chain.load.gross_kg.{place}": record["value"] / 10
    for place, record in CHAIN["load"]["gross_kg"].items()
}
BOOTHS = {"levers.port_staffing.size": 1000.0}


def booths_raise_detection(kind: str, note: Note, replications: int = 3) -> bool:
    rule = {"border.leniency.kind": kind}
    few, many = (values(replications, {**TWO_WEEKS, **rule, **booths}) for booths in ({}, BOOTHS))
    found = [run["alarms_found", "all"] / run["loads_screened", "all"] for run in (few, many)]
    waits = [run["minutes_waited", "all"] / run["trips", "all"] for run in (few, many)]
    assert above_zero(waits[0] - waits[1], f"{kind}: minutes less wait", note)
    return above_zero(found[1] - found[0], f"{kind}: growth of the share of loads found", note)


def test_booths_raise_detection_only_under_leniency(record_property: Note) -> None:
    assert booths_raise_detection("threshold", record_property)
    assert not booths_raise_detection("none", record_property)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["behavioural", "optimal"])
def test_booths_raise_detection_under_other_rules(kind: str, record_property: Note) -> None:
    assert booths_raise_detection(kind, record_property)
