"""Dual use: the tables of lawful traffic do not tell where a load passed, not by a difference either."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from sim.border.leniency.table import LeniencyTable
from sim.border.network import BorderQueue, HourInput, QueueSettings, Tracked
from sim.core.calendar import Calendar
from sim.core.draws import Draws

HOURS = 48
LENIENCY = LeniencyTable(np.array([0.5]), np.array([1.0, 0.8]), np.array([1.0, 0.5]))
CALENDAR = Calendar(date(2021, 10, 1), HOURS // 24)


def totals(loads: int, compiled: bool | None, all_on: bool = False, lanes: int = 400) -> Any:
    """Two lane groups of one station for two days, with some loads an hour and room for everyone."""
    settings = QueueSettings(
        secondary_of=np.zeros(2, np.int32),
        lanes_max=np.full(2, 400, np.int32),
        service_shape=np.full(2, 4, np.int32),
        patience_h=np.full(2, 0.5),
        bays_max=np.full(1, 400, np.int32),
        secondary_shape=np.ones(1, np.int32),
        hour_of_week=CALENDAR.hour_of_week,
        month_of_hour=CALENDAR.month_of_hour,
        n_months=len(CALENDAR.month_names),
        leniency=LENIENCY if all_on else None,
        waiting_room=1.0 if all_on else np.inf,
    )
    queue = BorderQueue(settings, Draws(3, 0), compiled)
    for hour in range(HOURS):
        now = HourInput(
            rate_per_h=np.full(2, 120.0),
            service_h=np.full(2, 1 / 60),
            lanes=np.full(2, lanes, np.int32),
            referral_prob=np.full(2, 0.1),
            secondary_h=np.full(1, 0.3),
            bays=np.full(1, 400, np.int32),
        )
        tracked = Tracked(
            group=np.zeros(loads, np.int32),
            arrival_h=hour + (np.arange(loads) + 0.5) / max(1, loads),
            key=np.arange(loads, dtype=np.uint64) + np.uint64(1000 * hour),
            referral_prob=np.full(loads, 0.5),
            token=np.arange(loads) + 1000 * hour,
        )
        queue.advance(hour, now, tracked if loads else None)
    return queue.totals()


def same(one: Any, other: Any) -> bool:
    """Return whether the tables of lawful traffic agree to the last bit."""
    return np.array_equal(one.wait_bins, other.wait_bins) and all(
        np.array_equal(getattr(one, table)[name], getattr(other, table)[name])
        for table in ("week", "month")
        for name in ("trips", "delayed", "reneged", "referred", "wait_h", "blocked_h")
    )


@pytest.mark.parametrize("compiled", [None, False])
@pytest.mark.parametrize("all_on", [False, True])
def test_loads_leave_no_trace_where_nobody_waits(compiled: bool | None, all_on: bool) -> None:
    assert same(totals(0, compiled, all_on), totals(7, compiled, all_on))


@pytest.mark.parametrize("all_on", [False, True])
def test_comparison_refuses_a_load_that_takes_a_lane(all_on: bool) -> None:
    """Where lanes are few, a load makes others wait, and the tables cannot be the same."""
    assert not same(totals(0, None, all_on, lanes=3), totals(7, None, all_on, lanes=3))
