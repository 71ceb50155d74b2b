"""Leniency and blocked lanes against exact chains, solved here as sparse linear equations.

The published target (T5) lets the rate change while an inspection runs; ours is decided when it starts.
The chain below is that of our rule: it gives a mean line of 15.98 where the published rule has 15.106.
The shares processed fast agree to 5e-5, because both rules serve the same load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.linalg import spsolve

from sim.border.leniency.table import LeniencyTable
from tests.fixtures.replicated_queue import REFUSED, Station, agrees, z_score

State = tuple[int, ...]
Moves = Callable[[State], Iterator[tuple[State, float]]]
DETECTION = {"slow": 0.05, "fast": 0.02}


def stationary(moves: Moves, origin: State) -> dict[State, float]:
    """Return the stationary probabilities of the chain that ``moves`` spans."""
    place, line = {origin: 0}, [origin]
    rows, columns, rates = [], [], []
    for state in line:
        for target, rate in moves(state):
            if target not in place:
                place[target] = len(place)
                line.append(target)
            rows += [place[target], place[state]]
            columns += [place[state]] * 2
            rates += [rate, -rate]
    n = len(line)
    # The last balance equation follows from the others; the sum of probabilities takes its place.
    balance = sparse.csr_matrix((rates, (rows, columns)), shape=(n, n)).tolil()
    balance[n - 1, :] = 1.0
    right = np.zeros(n)
    right[n - 1] = 1.0
    return dict(zip(line, spsolve(balance.tocsc(), right).tolist(), strict=True))


@dataclass(frozen=True)
class LenientQueue:
    """M/M/c whose services that begin with more than ``edge`` waiting are ``speed`` times as fast."""

    rate_per_h: float
    service_h: float
    lanes: int
    edge: int
    speed: float
    longest: int = 400

    def moves(self, state: State) -> Iterator[tuple[State, float]]:
        """Yield the moves from (busy, of these fast, waiting)."""
        busy, fast, line = state
        if busy < self.lanes:
            yield (busy + 1, fast, 0), self.rate_per_h
        elif line < self.longest:
            yield (busy, fast, line + 1), self.rate_per_h
        for of_fast, number, rate in ((1, fast, self.speed), (0, busy - fast, 1.0)):
            left = fast - of_fast
            after = (busy, left + (line - 1 > self.edge), line - 1) if line else (busy - 1, left, 0)
            if number:
                yield after, number * rate / self.service_h

    def solve(self) -> tuple[float, float]:
        """Return the mean number waiting and the share processed fast."""
        chain = stationary(self.moves, (0, 0, 0))
        line = sum(p * state[2] for state, p in chain.items())
        # Fast services end as often as they begin.
        fast = sum(p * state[1] for state, p in chain.items()) * self.speed / self.service_h
        return line, fast / self.rate_per_h


TARGET = LenientQueue(880.0, 1 / 80, 10, edge=20, speed=1.5)


def lenient_station(queue: LenientQueue, share: float = 1.0) -> Station:
    """Return the queue as a border; a load is sent to secondary for every one that is detected."""
    return Station(
        queue.rate_per_h, queue.lanes, service_h=queue.service_h, hours=330, warmup_h=25, bays=60,
        secondary_h=0.1, referral_prob=DETECTION["slow"] * share,
        leniency=LeniencyTable(
            edges=np.array([queue.edge / queue.lanes]),
            service_factor=np.array([1.0, 1 / queue.speed]),
            referral_factor=np.array([1.0, DETECTION["fast"] / DETECTION["slow"]]),
        ),
    )  # fmt: skip


def test_chain_of_the_congested_queue() -> None:
    line, fast = TARGET.solve()
    assert line == pytest.approx(15.99, abs=0.04)
    assert fast == pytest.approx(0.29557, abs=5e-5)
    plain, none = replace(TARGET, speed=1.0, rate_per_h=760.0).solve()
    assert plain == pytest.approx(15.6861, rel=1e-4)  # Erlang C
    assert none > 0.0


def test_congestion_shortens_service_and_cuts_detection() -> None:
    line, fast = TARGET.solve()
    detected = DETECTION["slow"] * (1 - fast) + DETECTION["fast"] * fast
    assert detected == pytest.approx(0.041133, abs=2e-6)
    station = lenient_station(TARGET)
    sums, _ = station.run(120)
    lines = sums["queue"] / station.counted_h
    assert agrees(lines, line, 0.02)
    assert agrees(sums["wait_h"] / sums["trips"] * 60, line / TARGET.rate_per_h * 60, 0.02)
    shares = sums["referred"] / sums["trips"]
    assert agrees(shares, detected, 0.01)
    # The rule that changes the rate while a service runs, and detection at its full share, are refused.
    assert abs(z_score(lines, 15.106)) > REFUSED
    assert abs(z_score(shares, DETECTION["slow"])) > REFUSED


def test_two_booths_more_raise_detection_only_under_leniency() -> None:
    more = replace(TARGET, lanes=12)
    _, fast = more.solve()
    detected = DETECTION["slow"] * (1 - fast) + DETECTION["fast"] * fast
    assert detected > 0.049
    sums, _ = lenient_station(more).run(120)
    assert agrees(sums["referred"] / sums["trips"], detected, 0.01)
    # Without leniency the booths change waits, not the share that is found.
    few, many = (
        replace(lenient_station(queue), leniency=None, rate_per_h=700.0).run(20)[0]
        for queue in (TARGET, more)
    )
    shares = [sums["referred"].sum() / sums["trips"].sum() for sums in (few, many)]
    assert shares[0] == pytest.approx(shares[1], rel=0.02)
    assert many["wait_h"].sum() < few["wait_h"].sum()


def test_an_edge_one_vehicle_off_is_refused() -> None:
    line, _ = TARGET.solve()
    station = lenient_station(replace(TARGET, edge=22))
    sums, _ = station.run(120)
    assert abs(z_score(sums["queue"] / station.counted_h, line)) > REFUSED


# ---- lanes that a full secondary holds --------------------------------------------------------


@dataclass(frozen=True)
class HeldLanes:
    """Primary M/M/c that sends ``share`` to a secondary with bays and a waiting room of limited size."""

    rate_per_h: float
    service_h: float
    lanes: int
    share: float
    bays: int
    room: int
    secondary_h: float
    longest: int = 150

    def moves(self, state: State) -> Iterator[tuple[State, float]]:
        """Yield the moves from (in service, held in a lane, waiting, in secondary)."""
        serving, held, line, inside = state
        if serving + held < self.lanes:
            yield (serving + 1, held, line, inside), self.rate_per_h
        elif line < self.longest:
            yield (serving, held, line + 1, inside), self.rate_per_h
        after = (serving, held, line - 1) if line else (serving - 1, held, 0)
        if serving:
            ends = serving / self.service_h
            yield (*after, inside), ends * (1 - self.share)
            full = inside == self.bays + self.room
            sent = (serving - 1, held + 1, line, inside) if full else (*after, inside + 1)
            yield sent, ends * self.share
        if inside:
            next_one = (serving + (line > 0), held - 1, max(line - 1, 0), inside)
            yield (
                next_one if held else (serving, 0, line, inside - 1),
                min(inside, self.bays) / self.secondary_h,
            )

    def solve(self) -> tuple[float, float, float]:
        """Return the mean numbers waiting for primary, held in lanes, and busy in bays."""
        chain = stationary(self.moves, (0, 0, 0, 0))
        means = [sum(p * number(state) for state, p in chain.items()) for number in self.numbers()]
        return means[0], means[1], means[2]

    def numbers(self) -> tuple[Callable[[State], float], ...]:
        """Return the numbers waiting, held and in bays as functions of a state."""
        return (lambda s: s[2], lambda s: s[1], lambda s: min(s[3], self.bays))

    def station(self, **change: Any) -> Station:
        """Return the same queue as a border."""
        return replace(
            Station(
                self.rate_per_h, self.lanes, service_h=self.service_h, hours=440, warmup_h=30, tail_h=10,
                referral_prob=self.share, bays=self.bays, secondary_h=self.secondary_h,
                waiting_room=self.room,
            ),
            **change,
        )  # fmt: skip


@pytest.mark.parametrize("room", [0, 1, 3])
def test_full_secondary_holds_lanes(room: int) -> None:
    queue = HeldLanes(54.0, 1 / 30, 3, share=0.25, bays=2, room=room, secondary_h=0.1)
    line, held, _ = queue.solve()
    station = queue.station()
    sums, secondary = station.run(200)
    assert agrees(sums["queue"] / station.counted_h, line, 0.04)
    assert agrees(sums["wait_h"] / sums["trips"], line / queue.rate_per_h, 0.04)
    assert agrees(sums["blocked_h"] / station.counted_h, held, 0.04)
    assert agrees(
        secondary["busy_h"] / station.counted_h, queue.rate_per_h * queue.share * queue.secondary_h, 0.02
    )


def test_a_room_of_another_size_is_refused() -> None:
    queue = HeldLanes(54.0, 1 / 30, 3, share=0.25, bays=2, room=1, secondary_h=0.1)
    line, held, _ = queue.solve()
    for wrong in (0, 2):
        station = queue.station(waiting_room=wrong)
        sums, _ = station.run(200)
        assert abs(z_score(sums["blocked_h"] / station.counted_h, held)) > REFUSED
        assert abs(z_score(sums["queue"] / station.counted_h, line)) > REFUSED
