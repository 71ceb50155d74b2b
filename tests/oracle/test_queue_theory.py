"""The border queue against exact queueing theory; each test also refuses a queue that is slightly wrong."""

from __future__ import annotations

from dataclasses import replace
from math import factorial

import pytest

from tests.fixtures.replicated_queue import REFUSED, Station, agrees, z_score


def erlang_c(load: float, servers: int) -> float:
    """Return the probability of waiting in M/M/c (Erlang 1917) for an offered load in erlangs."""
    blocked = 1.0
    for c in range(1, servers + 1):
        blocked = load * blocked / (c + load * blocked)
    return blocked / (1 - (load / servers) * (1 - blocked))


def test_formula_gives_the_published_values() -> None:
    assert erlang_c(70 / 80, 1) == pytest.approx(0.875)
    assert erlang_c(9.0, 10) == pytest.approx(0.66873, abs=5e-6)
    assert erlang_c(23.75, 25) == pytest.approx(0.72836, abs=5e-6)
    load, c = 3.0, 5
    direct = sum(load**k / factorial(k) for k in range(c))
    tail = load**c / factorial(c) * c / (c - load)
    assert erlang_c(load, c) == pytest.approx(tail / (direct + tail))


# arrivals per hour, lanes, copies, hours, tolerance, wait in seconds
PRIMARY = [
    (70, 1, 400, 160, 0.03, 315.0),
    (720, 10, 150, 80, 0.03, 30.09),
    (760, 10, 300, 80, 0.05, 74.30),
    (1900, 25, 120, 80, 0.05, 26.22),
]


@pytest.mark.parametrize(("rate", "lanes", "copies", "hours", "tolerance", "wait_s"), PRIMARY)
def test_erlang_c(rate: float, lanes: int, copies: int, hours: int, tolerance: float, wait_s: float) -> None:
    station = Station(rate, lanes, service_h=1 / 80, hours=hours, warmup_h=hours // 4)
    sums, _ = station.run(copies)
    assert agrees(sums["wait_h"] / sums["trips"] * 3600, wait_s, tolerance)
    assert agrees(sums["delayed"] / sums["trips"], erlang_c(rate / 80, lanes), tolerance)
    assert agrees(sums["busy_h"] / sums["lane_h"], rate / 80 / lanes, tolerance)
    # Little: vehicles that wait at the end of an hour, without looking at any vehicle's wait.
    assert agrees(sums["queue"] / station.counted_h, rate * wait_s / 3600, 2 * tolerance)


def test_erlang_c_refuses_a_service_that_is_2_percent_slower() -> None:
    rate, lanes, copies, hours, _, wait_s = PRIMARY[1]
    sums, _ = Station(rate, lanes, service_h=1.02 / 80, hours=hours, warmup_h=hours // 4).run(copies)
    assert z_score(sums["wait_h"] / sums["trips"] * 3600, wait_s) > REFUSED


def erlang_wait_min(shape: int) -> float:
    """Return the mean wait in M/G/1, Erlang service of mean 0.75 min, 70 arrivals/h (Pollaczek-Khinchine)."""
    rate_per_min, mean_min = 70 / 60, 0.75
    return rate_per_min * mean_min**2 * (1 + 1 / shape) / (2 * (1 - rate_per_min * mean_min))


@pytest.mark.parametrize("shape", [1, 2, 4, 16])
def test_pollaczek_khinchine(shape: int) -> None:
    sums, _ = Station(70, 1, service_h=0.75 / 60, hours=200, warmup_h=40, shape=shape).run(300)
    wait_min = sums["wait_h"] / sums["trips"] * 60
    assert agrees(wait_min, erlang_wait_min(shape), 0.03)
    other = 2 * shape if shape < 16 else 8
    assert abs(z_score(wait_min, erlang_wait_min(other))) > REFUSED


def test_formula_gives_the_published_waits() -> None:
    assert erlang_wait_min(1) == pytest.approx(5.25)
    assert erlang_wait_min(4) == pytest.approx(3.28125)


def test_jackson_tandem() -> None:
    """Departures of M/M/10 are Poisson, so secondary is M/M/18 with 4 % of the arrivals."""
    station = Station(
        720, 10, service_h=1 / 80, hours=230, warmup_h=20, referral_prob=0.04, bays=18, secondary_h=0.5
    )
    _, sums = station.run(150)
    assert erlang_c(14.4, 18) == pytest.approx(0.27896, abs=5e-6)
    assert agrees(sums["wait_h"] / sums["arrivals"] * 60, 2.325, 0.05)
    assert agrees(sums["delayed"] / sums["arrivals"], 0.27896, 0.03)
    assert agrees(sums["arrivals"] / station.counted_h, 28.8, 0.01)
    assert agrees(sums["busy_h"] / sums["bay_h"], 0.8, 0.01)
    _, sums = replace(station, secondary_h=0.51).run(150)
    assert z_score(sums["wait_h"] / sums["arrivals"] * 60, 2.325) > REFUSED
