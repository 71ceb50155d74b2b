"""The border queue where arrivals and lanes change with time, and drivers renege.

Time of the papers is stretched so that rates and lanes, constant within an hour, follow the formulas.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from tests.fixtures.replicated_queue import REFUSED, Station, agrees, z_score

Floats = NDArray[np.float64]

CYCLE_H = 100
UNIT_H = CYCLE_H / (2 * np.pi)
"""Hours to a unit of time in Feldman et al. 2008: service and patience both have mean 1."""


def feldman(beta: float, cycles: int = 13, cycle_h: int = CYCLE_H) -> tuple[Station, float, float]:
    """Return the station, and its exact probability of delay and share who renege.

    Source: Feldman, Mandelbaum, Massey & Whitt, *Management Science* 54(2), 2008, example with
    arrivals 100 + 20 sin t and equal rates of service and abandonment. The number present is then
    Poisson, whatever the number of servers.
    """
    unit_h = cycle_h / (2 * np.pi)
    time = (np.arange(cycles * cycle_h) + 0.5) / unit_h
    present = 100 + 10 * (np.sin(time) - np.cos(time))
    lanes = np.ceil(present + beta * np.sqrt(present)).astype(int)
    rate = (100 + 20 * np.sin(time)) / unit_h
    station = Station(
        rate,
        lanes,
        service_h=unit_h,
        hours=len(time),
        warmup_h=2 * cycle_h,
        patience_h=unit_h,
        tail_h=cycle_h,
    )
    delay = stats.poisson.sf(lanes - 1, present)
    waiting = present * stats.poisson.sf(lanes - 2, present) - lanes * delay
    return station, float(np.average(delay, weights=rate)), float(waiting.mean() / unit_h / rate.mean())


def delayed_and_diverted(station: Station, copies: int = 400) -> tuple[Floats, Floats]:
    """Return the shares of arrivals that are delayed and that renege, one entry a copy."""
    sums, _ = station.run(copies)
    arrivals = sums["trips"] + sums["reneged"]
    return (sums["delayed"] + sums["reneged"]) / arrivals, sums["reneged"] / arrivals


@pytest.mark.parametrize(
    ("beta", "delay", "reneged", "tolerance", "copies"),
    [
        (0.0, 0.4934, 0.03742, 0.02, 400),
        (1.0, 0.1586, 0.00794, 0.02, 1200),
        (2.0, 0.02536, 0.00091, 0.08, 400),
    ],
)
def test_drivers_who_turn_away(
    beta: float, delay: float, reneged: float, tolerance: float, copies: int
) -> None:
    station, exact_delay, exact_reneged = feldman(beta)
    assert exact_delay == pytest.approx(delay, abs=2e-3)
    assert exact_reneged == pytest.approx(reneged, abs=1e-4)
    delays, diversions = delayed_and_diverted(station, copies)
    assert agrees(delays, exact_delay, tolerance)
    assert abs(z_score(diversions, exact_reneged)) < REFUSED


@pytest.mark.parametrize("patience", [0.8, 1.25])
def test_turning_away_refuses_another_patience(patience: float) -> None:
    station, exact_delay, exact_reneged = feldman(0.0)
    wrong = replace(station, patience_h=patience * UNIT_H)
    delays, diversions = delayed_and_diverted(wrong)
    assert abs(z_score(delays, exact_delay)) > REFUSED
    assert abs(z_score(diversions, exact_reneged)) > REFUSED


# ---- servers that finish their vehicle: the forward equation of our discipline ------------------

STEPS, LONGEST = 6, 150
"""Steps of the Runge-Kutta solution within an hour, and room for those who wait."""


def jennings(cycle_h: int = 30, target: float = 0.1) -> tuple[Floats, NDArray[np.int64], float]:
    """Return arrivals and servers by hour of one cycle, and hours to a unit of time.

    Source: Jennings, Mandelbaum, Massey & Whitt, *Management Science* 42(10), 1996: arrivals
    30 + 20 sin 5t, service of mean 1, servers for a ``target`` of the probability of delay.
    """
    unit_h = cycle_h * 5 / (2 * np.pi)
    time = (np.arange(cycle_h) + 0.5) / unit_h
    present = 30 + 20 / 26 * (np.sin(5 * time) - 5 * np.cos(5 * time))
    servers = np.ceil(present + 0.5 + stats.norm.isf(target) * np.sqrt(present)).astype(int)
    return (30 + 20 * np.sin(5 * time)) / unit_h, servers, unit_h


def derivative(p: Floats, rate: float, servers: int, mu: float) -> Floats:
    """Return dp/dt of the probability of (in service, waiting) with ``servers`` open."""
    change = np.zeros_like(p)
    busy = np.arange(p.shape[0])
    free = busy < servers
    change[1:][free[:-1]] += rate * p[:-1][free[:-1]]  # an arrival takes a free server
    change[:, 1:] += rate * np.where(free[:, None], 0.0, p[:, :-1])  # or waits
    done = mu * busy[:, None] * p
    next_one = ~free[:, None] & (busy[:, None] == servers)
    change[:, :-1] += np.where(next_one, done, 0.0)[:, 1:]  # a service ends and the next begins
    ends = np.where(next_one, np.where(np.arange(p.shape[1]) > 0, 0.0, done), done)
    change[:-1] += ends[1:]
    return change - rate * p - done


def change_servers(p: Floats, servers: int, preempt: bool) -> Floats:
    """Return the probabilities after the number of servers has changed."""
    p = p.copy()
    for busy in range(min(servers, p.shape[0] - 1)):  # those who wait move up
        p[busy + 1, :-1] += p[busy, 1:]
        p[busy, 1:] = 0.0
    if preempt:
        for busy in range(p.shape[0] - 1, servers, -1):
            p[busy - 1, 1:] += p[busy, :-1]
            p[busy] = 0.0
    return p


def forward(preempt: bool, cycle_h: int = 30, target: float = 0.1) -> tuple[float, float]:
    """Return the probability of delay of an arrival and the mean number waiting at the ends of hours."""
    delays, lines = by_hour(preempt, cycle_h, target)
    return float(np.average(delays, weights=jennings(cycle_h)[0])), float(lines.mean())


def by_hour(preempt: bool, cycle_h: int, target: float) -> tuple[Floats, Floats]:
    """Return the same hour by hour of the cycle."""
    rates, servers, unit_h = jennings(cycle_h, target)
    p = np.zeros((servers.max() + 1, LONGEST))
    p[0, 0] = 1.0
    delays, lines = np.zeros(len(rates)), np.zeros(len(rates))
    for _ in range(16):
        for hour, (rate, s) in enumerate(zip(rates, servers, strict=True)):
            p = change_servers(p, s, preempt)
            delays[hour] = 0.0
            for _ in range(STEPS):
                k = [derivative(p, rate, s, 1 / unit_h)]
                for weight in (0.5, 0.5, 1.0):
                    k.append(derivative(p + weight / STEPS * k[-1], rate, s, 1 / unit_h))
                before = p[s:].sum()
                p = p + (k[0] + 2 * k[1] + 2 * k[2] + k[3]) / (6 * STEPS)
                delays[hour] += (before + p[s:].sum()) / (2 * STEPS)
            lines[hour] = (p.sum(axis=0) * np.arange(p.shape[1])).sum()
    assert p.sum() == pytest.approx(1.0, abs=1e-6)
    return delays, lines


@pytest.mark.parametrize(
    ("target", "fewest", "most", "delay", "least", "largest", "line"),
    [
        (0.10, 34, 42, 0.1115, 0.0989, 0.1261, 0.4188),
        (0.25, 31, 39, 0.3054, 0.2853, 0.3328, 1.9306),
    ],
)
def test_equation_gives_the_published_values(
    target: float, fewest: int, most: int, delay: float, least: float, largest: float, line: float
) -> None:
    """The published servers leave at once; they change at any time, so hours must be short."""
    _, servers, _ = jennings(60, target)
    delays, lines = by_hour(True, 60, target)
    assert (servers.min(), servers.max()) == (fewest, most)
    found = (delays.mean(), delays.min(), delays.max(), lines.mean())
    assert found == pytest.approx((delay, least, largest, line), rel=0.015)


def test_servers_that_finish_their_vehicle() -> None:
    (delay, line), (_, published_line) = forward(preempt=False), forward(preempt=True)
    rates, servers, unit_h = jennings()
    cycles, warmup = 115, 14
    station = Station(
        np.tile(rates, cycles), np.tile(servers, cycles), service_h=unit_h,
        hours=cycles * len(rates), warmup_h=warmup * len(rates), tail_h=len(rates),
    )  # fmt: skip
    sums, _ = station.run(2000)
    assert agrees(sums["delayed"] / sums["trips"], delay, 0.03)
    lines = sums["queue"] / station.counted_h
    assert agrees(lines, line, 0.04)
    assert abs(z_score(lines, published_line)) > REFUSED
