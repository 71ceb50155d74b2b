"""The rules of the border queue, one by one, on cases that can be followed by hand."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.border.network import BorderQueue, HourInput, QueueSettings, Tracked
from sim.core.draws import Draws, compiled_available

ENGINES = [pytest.param(False, id="fallback")]
if compiled_available():
    ENGINES.append(pytest.param(True, id="kernel"))
everywhere = pytest.mark.parametrize("compiled", ENGINES)


def settings(groups: int = 1, lanes_max: int = 4, hours: int = 60, **change: Any) -> QueueSettings:
    values: dict[str, Any] = {
        "secondary_of": np.zeros(groups, int),
        "lanes_max": np.full(groups, lanes_max),
        "service_shape": np.full(groups, 16),
        "patience_h": np.full(groups, np.inf),
        "bays_max": np.full(1, 4),
        "secondary_shape": np.full(1, 16),
        "hour_of_week": np.arange(hours) % 168,
        "month_of_hour": np.zeros(hours, int),
        "n_months": 1,
    }
    return QueueSettings(**{**values, **change})


def now(
    lanes: int, rate: float = 0.0, service_h: float = 0.1, share: float = 0.0, groups: int = 1, bays: int = 4
) -> HourInput:
    return HourInput(
        rate_per_h=np.full(groups, rate),
        service_h=np.full(groups, service_h),
        lanes=np.full(groups, lanes),
        referral_prob=np.full(groups, share),
        secondary_h=np.full(1, 0.5),
        bays=np.full(1, bays),
    )


def loads(times: list[float], share: float = 0.0) -> Tracked:
    n = len(times)
    return Tracked(
        np.zeros(n, int), np.array(times), np.arange(n, dtype=np.uint64), np.full(n, share), np.arange(n)
    )


@everywhere
def test_a_closing_lane_finishes_its_vehicle_and_takes_no_more(compiled: bool) -> None:
    queue = BorderQueue(settings(), Draws(1, 0), compiled)
    first = queue.advance(0, now(lanes=2, service_h=5.0), loads([0.1, 0.2, 0.3, 0.4]))
    assert [fate.start_h for fate in first] == [0.1, 0.2]
    ends = sorted(fate.primary_end_h for fate in first)
    fates = [fate for hour in range(1, 30) for fate in queue.advance(hour, now(lanes=1, service_h=5.0))]
    # Only one of two is open: the third vehicle waits for both, the fourth for the third.
    assert fates[0].start_h == ends[1]
    assert fates[1].start_h == fates[0].primary_end_h


@everywhere
def test_a_lane_that_opens_again_while_its_vehicle_is_there_is_not_free(compiled: bool) -> None:
    queue = BorderQueue(settings(), Draws(1, 0), compiled)
    ends = sorted(f.primary_end_h for f in queue.advance(0, now(2, service_h=5.0), loads([0.1, 0.2, 0.3])))
    queue.advance(1, now(1, service_h=5.0))
    later = [fate for hour in range(2, 30) for fate in queue.advance(hour, now(2, service_h=5.0))]
    assert [fate.start_h for fate in later] == [ends[0]]


@everywhere
def test_all_who_wait_move_up_when_lanes_open(compiled: bool) -> None:
    queue = BorderQueue(settings(), Draws(1, 0), compiled)
    assert queue.advance(0, now(lanes=0), loads([0.1, 0.2, 0.3])) == []
    assert queue.queue.tolist() == [3]
    assert [fate.start_h for fate in queue.advance(1, now(lanes=4))] == [1.0, 1.0, 1.0]
    assert queue.totals().month["queue"].tolist() == [[3]]
    assert queue.totals().month["lane_h"].tolist() == [[4]]


@everywhere
def test_conveyances_may_come_in_any_order_and_at_one_time(compiled: bool) -> None:
    queue = BorderQueue(settings(lanes_max=1), Draws(1, 0), compiled)
    fates = queue.advance(0, now(1, service_h=0.01), loads([0.7, 0.5, 0.5, 0.0]))
    assert [fate.token for fate in fates] == [3, 1, 2, 0]
    assert fates[2].start_h == fates[1].primary_end_h


@everywhere
def test_secondary_serves_in_order_of_the_end_of_primary_over_all_groups(compiled: bool) -> None:
    queue = BorderQueue(settings(groups=3, service_shape=np.full(3, 1)), Draws(2, 0), compiled, traced=True)
    for hour in range(24):
        queue.advance(
            hour, now(4, rate=20.0 if hour < 20 else 0.0, service_h=0.3, share=0.2, groups=3, bays=2)
        )
    sent = queue.trace[queue.trace["referred"]]
    served = np.sort(sent[~np.isnan(sent["secondary_start_h"])], order="end_h")
    assert len(served) > 80
    assert len(np.unique(served["group"])) == 3
    assert np.all(np.diff(served["secondary_start_h"]) >= 0)
    assert np.all(served["secondary_start_h"] >= served["end_h"])


@everywhere
def test_one_lane_more_or_one_load_more_shifts_nobody(compiled: bool) -> None:
    def arrivals(lanes: int, tracked: Tracked | None) -> NDArray[Any]:
        queue = BorderQueue(settings(patience_h=np.full(1, 0.2)), Draws(3, 0), compiled, traced=True)
        for hour in range(12):
            queue.advance(hour, now(lanes, rate=30.0), tracked if hour == 2 else None)
        return np.sort(queue.trace, order="arrival_h")

    few, many = arrivals(2, None), arrivals(4, loads([2.5]))
    many = many[many["arrival_h"] != 2.5]
    both = min(len(few), len(many)) - 20
    assert np.array_equal(few["arrival_h"][:both], many["arrival_h"][:both])
    few, many = few[:both], many[:both]
    served = ~np.isnan(few["start_h"]) & ~np.isnan(many["start_h"])
    assert 0 < np.isnan(few["start_h"]).sum() > np.isnan(many["start_h"]).sum()
    # The service is the vehicle's own; only the rounding of its start differs.
    work = [(t["end_h"] - t["start_h"])[served] for t in (few, many)]
    assert np.max(np.abs(work[0] - work[1])) < 1e-13


@everywhere
def test_groups_keep_their_luck_when_others_come_and_go(compiled: bool) -> None:
    def waits(entity: list[int]) -> list[float]:
        n = len(entity)
        queue = BorderQueue(settings(groups=n, entity=np.array(entity)), Draws(4, 0), compiled)
        for hour in range(6):
            queue.advance(hour, now(2, rate=25.0, groups=n))
        return dict(zip(entity, queue.totals().month["wait_h"][:, 0].tolist(), strict=True))

    assert waits([5, 9]).items() <= waits([9, 7, 5]).items()


@everywhere
def test_warm_up_is_not_counted(compiled: bool) -> None:
    month = np.repeat([-1, 0], [10, 50])
    warm = BorderQueue(settings(month_of_hour=month), Draws(5, 0), compiled)
    for hour in range(10):
        warm.advance(hour, now(1, rate=20.0, share=0.3))
    totals = warm.totals()
    assert all(totals.month[name].sum() == 0 for name in totals.month.dtype.names)
    assert all(totals.week[name].sum() == 0 for name in totals.week.dtype.names)
    assert totals.wait_bins.sum() == 0
    assert totals.station["arrivals"].sum() == 0
    assert warm.queue.sum() > 0  # they wait all the same


@everywhere
def test_no_traffic_is_no_trouble(compiled: bool) -> None:
    queue = BorderQueue(settings(groups=3, lanes_max=0, bays_max=np.zeros(1, int)), Draws(6, 0), compiled)
    for hour in range(3):
        assert queue.advance(hour, now(0, groups=3, bays=0)) == []
    assert queue.totals().month["trips"].sum() == 0


@everywhere
def test_memory_is_flat_in_the_horizon(compiled: bool) -> None:
    inputs = now(4, rate=20.0, share=0.04, groups=4)
    BorderQueue(settings(groups=4), Draws(7, 0), compiled).advance(
        0, inputs
    )  # compiles before it is measured
    tracemalloc.start()
    queue = BorderQueue(settings(groups=4, hours=400), Draws(7, 0), compiled)
    used = []
    for first in (0, 200):
        for hour in range(first, first + 200):
            queue.advance(hour, inputs, loads([hour + 0.5, hour + 0.7], share=0.5))
        used.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert used[1] < 1.02 * used[0]
