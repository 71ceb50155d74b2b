"""Outbound: what added hours find over the baseline, exactly 1 without them, with saturation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.border.crossing import OFFICES
from sim.border.officers import USES, Deployment
from sim.border.ports import Ports
from sim.chain.outbound import Outbound, OutboundSettings
from sim.measures.replication import run_replication
from sim.scenario import load_scenario
from tests.fixtures.composed import SHORT, composed
from tests.fixtures.lone_station import empty_context

BASE, SCALE = 300.0, 6000.0


class StaffedPorts(Ports):
    """Ports with given hours of one use, spread over the offices."""

    def __init__(self, hours: float, use: str = "outbound") -> None:
        table = np.zeros((len(USES), len(OFFICES)))
        table[USES.index(use)] = hours / len(OFFICES)
        self._given = Deployment(np.zeros(0), np.zeros(0), table, 0.0)

    def staffing(self, hour: int) -> Deployment:
        return self._given


def factor(hours: float, use: str = "outbound") -> float:
    how = OutboundSettings(base_h_per_day=BASE, scale_h_per_day=SCALE)
    return Outbound(empty_context(1), StaffedPorts(hours, use), how).factor()


def test_no_added_hours_are_the_baseline_to_the_last_bit() -> None:
    assert factor(0.0) == 1.0
    assert factor(5000.0, "primary") == 1.0


def test_exact_value() -> None:
    assert factor(700.0) == pytest.approx((1 - math.exp(-1000 / 6000)) / (1 - math.exp(-300 / 6000)))


@given(st.floats(1, 1e5), st.floats(1, 1e4))
def test_more_hours_find_more_and_ever_less_so(hours: float, step: float) -> None:
    most = 1.0 / -math.expm1(-BASE / SCALE)
    low, middle, high = (factor(hours + i * step) for i in range(3))
    assert 1.0 < low <= middle <= high <= most * (1 + 1e-12)
    assert high - middle <= middle - low + 1e-9


def _year(**levers: Any) -> dict[str, float]:
    tree = composed(**SHORT, **levers)
    table = run_replication(load_scenario(tree), 1, 0)["measures"]
    found = {name: (table["measure"] == name) & (table["place"] == "all") for name in ("firearms_lost",)}
    return {name: float(np.nansum(table["value"][rows])) for name, rows in found.items()}


def test_officers_for_outbound_teams_find_more_firearms_in_the_whole_world() -> None:
    plain = _year()["firearms_lost"]
    assert _year(**{"levers.southbound.size": 400.0})["firearms_lost"] > 2.0 * plain > 0.0
