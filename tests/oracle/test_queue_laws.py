"""Laws that hold for every queue, in every group of a border of many different groups."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.border.layers import Screens
from sim.border.leniency.table import LeniencyTable
from sim.border.network import BorderQueue, BorderTotals, HourInput, QueueSettings
from sim.core.draws import Draws, compiled_available
from tests.fixtures.replicated_queue import Station
from tests.unit.border.test_screening import mode

GROUPS, STATIONS, MONTHS, MONTH_H, WARMUP_H = 60, 20, 20, 150, 60


def varied(draws: Draws) -> tuple[QueueSettings, HourInput]:
    """Return groups of 1 to 34 lanes, loads .85 to .95 and Erlang shapes 1 to 6."""
    group = np.arange(GROUPS)
    lanes = np.linspace(1, 34, GROUPS).astype(int)
    load = 0.85 + 0.1 * draws.uniforms("load", group)
    service_h = 1 / (40 + 60 * draws.uniforms("speed", group))
    hours = WARMUP_H + MONTHS * MONTH_H
    settings = QueueSettings(
        secondary_of=group % STATIONS,
        lanes_max=lanes,
        service_shape=1 + group % 6,
        patience_h=np.full(GROUPS, np.inf),
        bays_max=np.full(STATIONS, 200),
        secondary_shape=np.full(STATIONS, 2),
        hour_of_week=np.arange(hours) % 168,
        month_of_hour=np.maximum(-1, (np.arange(hours) - WARMUP_H) // MONTH_H),
        n_months=MONTHS,
    )
    now = HourInput(
        rate_per_h=load * lanes / service_h,
        service_h=service_h,
        lanes=lanes,
        referral_prob=np.full(GROUPS, 0.02),
        secondary_h=np.full(STATIONS, 0.4),
        bays=np.full(STATIONS, 200),
    )
    return settings, now


CROWDED = LeniencyTable(
    edges=np.array([0.05, 0.4]),
    service_factor=np.array([1.0, 0.9, 0.8]),
    referral_factor=np.array([1.0, 0.7, 0.4]),
)


def everything_on(draws: Draws) -> tuple[QueueSettings, HourInput]:
    """Return the same groups with four layers, leniency and secondaries of few bays and little room."""
    settings, now = varied(draws)
    screens = [Screens(mode([0.3] * 4, [x, 2 * x, x, x]), "mode") for x in (0.003, 0.006, 0.01)]
    share = np.array([screens[g % 3].false_referral_prob(screens[g % 3].scanned_then) for g in range(GROUPS)])
    sent = np.bincount(settings.secondary_of, weights=share * now.rate_per_h, minlength=STATIONS)
    bays = np.ceil(sent * now.secondary_h / 0.9).astype(int)
    room = (np.arange(STATIONS) % 3).astype(float)
    settings = replace(settings, leniency=CROWDED, waiting_room=room)
    return settings, replace(now, referral_prob=share, bays=bays)


def little_z(line: NDArray[Any], rate_per_h: NDArray[Any], wait_h: NDArray[Any]) -> NDArray[Any]:
    """Return by group how many standard errors the line lies from rate x wait; months are the sample."""
    gap = line - rate_per_h * wait_h
    return gap.mean(axis=1) / (gap.std(axis=1, ddof=1) / np.sqrt(gap.shape[1]))


def advanced(settings: QueueSettings, now: HourInput) -> BorderTotals:
    """Return the sums of a border whose hours are all alike."""
    queue = BorderQueue(settings, Draws(6, 0))
    for hour in range(len(settings.hour_of_week)):
        queue.advance(hour, now)
    return queue.totals()


campaign = pytest.mark.skipif(not compiled_available(), reason="a campaign for the compiled queue")


@campaign
def test_little_in_every_group() -> None:
    settings, now = varied(Draws(5, 0))
    sums = advanced(settings, now).month
    line, rate, wait_h = sums["queue"] / MONTH_H, sums["trips"] / MONTH_H, sums["wait_h"] / sums["trips"]
    z = little_z(line, rate, wait_h)
    assert np.max(np.abs(z)) < 4.5
    assert abs(z.mean()) < 4 / np.sqrt(GROUPS)
    # The same law of servers: lanes busy = rate x mean service.
    busy = sums["busy_h"] / MONTH_H
    assert np.allclose(busy.mean(axis=1), (rate * now.service_h[:, None]).mean(axis=1), rtol=0.02)
    # A line that is one in ten longer is refused.
    assert np.max(np.abs(little_z(1.1 * line, rate, wait_h))) > 4.5


@campaign
def test_little_in_every_group_with_everything_on() -> None:
    settings, now = everything_on(Draws(5, 0))
    totals = advanced(settings, now)
    sums, station = totals.month, totals.station
    trips, line = sums["trips"], sums["queue"] / MONTH_H
    rate, wait_h = trips / MONTH_H, sums["wait_h"] / trips
    # Everything takes part in every group: lanes are held, and services are quick and lax.
    assert sums["blocked_h"].sum(axis=1).min() > 0
    assert np.all(sums["busy_h"].sum(axis=1) < 0.995 * trips.sum(axis=1) * now.service_h)
    assert np.all(sums["referred"].sum(axis=1) < 0.98 * trips.sum(axis=1) * now.referral_prob)
    z = little_z(line, rate, wait_h)
    assert np.max(np.abs(z)) < 4.5
    assert abs(z.mean()) < 4 / np.sqrt(GROUPS)
    # Bays busy = rate x mean examination.
    expected = station["arrivals"].sum(axis=1) * now.secondary_h
    assert np.allclose(station["busy_h"].sum(axis=1), expected, rtol=0.04)
    # Who is held is not in line: to count both is refused.
    assert np.max(little_z(line + sums["blocked_h"] / MONTH_H, rate, wait_h)) > 4.5
    assert np.max(np.abs(little_z(1.1 * line, rate, wait_h))) > 4.5


def test_nobody_waits_where_lanes_are_many() -> None:
    sums, _ = Station(100, 1000, service_h=0.3, hours=40, warmup_h=0, patience_h=0.5).run(5)
    assert sums["trips"].sum() > 10_000
    assert sums["wait_h"].sum() == sums["delayed"].sum() == sums["reneged"].sum() == sums["queue"].sum() == 0
    some, _ = Station(100, 32, service_h=0.3, hours=40, warmup_h=0, patience_h=0.5).run(5)
    assert some["delayed"].sum() > 0


@given(st.integers(0, 2**32), st.sampled_from([0.1, 1.0, np.inf]), st.floats(0.0, 1.0))
def test_everybody_who_comes_leaves(seed: int, patience_h: float, share: float) -> None:
    """A burst of 3 h at twice the capacity, and time to work it off."""
    rates = np.array([240.0] * 3 + [0.0] * 20)
    station = Station(
        rates, 6, service_h=0.05, hours=23, warmup_h=0, tail_h=0, patience_h=patience_h,
        referral_prob=share, bays=40, secondary_h=0.4, seed=seed,
    )  # fmt: skip
    primary, secondary = station.run(2)
    many, _ = replace(station, lanes=400).run(2)
    everybody = primary["trips"] + primary["reneged"]
    assert everybody.tolist() == (many["trips"] + many["reneged"]).tolist()  # the same arrivals
    assert primary["trips"].min() > 0
    assert secondary["arrivals"].tolist() == primary["referred"].tolist()
    assert np.all(primary["delayed"] <= primary["trips"])
    if patience_h == np.inf:
        assert primary["reneged"].sum() == 0


def test_backlog_empties() -> None:
    settings, now = varied(Draws(5, 0))
    queue = BorderQueue(settings, Draws(6, 0), traced=True)
    for hour in range(30):
        busy = 3.0 if hour < 4 else 0.0
        queue.advance(hour, replace(now, rate_per_h=busy * now.rate_per_h))
        if hour == 3:
            assert np.all(queue.queue > 0)
    assert queue.queue.sum() == 0
    assert not np.isnan(queue.trace["exit_h"]).any()
