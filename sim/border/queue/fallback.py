"""The border queue without a compiler: NumPy draws, a heap of free lanes, the results of ``kernel``.

Used where no compiler can be installed, and a second implementation of the kernel that shares nothing
but the layout of its arrays. Draws, sums and sorting treat the whole border at once; only the turns are
given one after another. Floats are summed in the kernel's order (``cumsum`` adds one after another,
``sum`` does not), so that every sum agrees to the last bit.
"""

from __future__ import annotations

from heapq import heapreplace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.border import state as st
from sim.border.queue.fallback_held import Turns, Words, records, serve_deciding, settle_held, works
from sim.core.draws import erlang_of, open_uniform, words
from sim.core.units import MINUTES_PER_HOUR

BLOCK = 64
"""Gaps between arrivals that are drawn beyond those expected."""

Decided = list[tuple[int, bool, int]]
"""Station, whether secondary, slot of a conveyance that leaves the border."""


class Vehicles(NamedTuple):
    """Vehicles of the whole border, group after group, in order of arrival."""

    group: st.Ints
    arrival_h: st.Floats
    work: st.Floats
    patience_h: st.Floats
    ordinal: st.Ints

    def part(self, which: Any) -> Vehicles:
        """Return some of them."""
        return Vehicles(*(column[which] for column in self))

    def owners(self, state: st.State) -> tuple[Words, Words]:
        """Return the entity and the visit that each one's draws belong to."""
        since = self.arrival_h.astype(np.uint64)
        entity, visit = words(state.groups["hours"][self.group], since), self.ordinal.astype(np.uint64)
        tracked = self.ordinal < 0
        entity[tracked] = state.conveyances["entity"][-1 - self.ordinal[tracked]]
        visit[tracked] = 0
        return entity, visit


def spans(first: st.Ints, number: st.Ints) -> st.Ints:
    """Return the indices of runs that begin at ``first`` and have ``number`` members, run after run."""
    ends = np.cumsum(number)
    return np.repeat(first - ends + number, number) + np.arange(ends[-1] if len(ends) else 0)


def valid(groups: NDArray[Any], stations: NDArray[Any]) -> bool:
    """Return whether the inputs of the hour are possible."""
    possible = (groups["rate_per_h"] >= 0) & (groups["rate_per_h"] < np.inf)
    possible &= (groups["service_h"] > 0) & (groups["service_h"] < np.inf)
    possible &= (groups["referral_prob"] >= 0) & (groups["referral_prob"] <= 1)
    possible &= (groups["lanes"] >= 0) & (groups["lanes"] <= groups["lanes_max"])
    examined = (stations["secondary_h"] > 0) & (stations["secondary_h"] < np.inf)
    examined &= (stations["bays"] >= 0) & (stations["bays"] <= stations["bays_max"])
    return bool(possible.all() and examined.all())


def arrivals(state: st.State, hour: int) -> tuple[st.Ints, st.Ints, st.Floats]:
    """Return group, ordinal and time of the arrivals of the hour."""
    busy = np.flatnonzero(state.groups["rate_per_h"])
    rate_per_h = state.groups["rate_per_h"][busy]
    # Five standard deviations, and twice as many if that is not enough.
    size = BLOCK + (rate_per_h + 5.0 * np.sqrt(rate_per_h)).astype(np.int64)
    while True:
        entity = words(state.groups["hours"][busy], np.full(len(busy), hour, dtype=np.uint64))
        key = np.repeat(words(state.bases[st.ARRIVAL], entity), size)
        gaps = erlang_of(key, 1, spans(np.zeros_like(size), size).astype(np.uint64))
        with np.errstate(over="ignore"):  # the gap at the smallest of rates is infinite
            gaps *= np.repeat(1.0 / rate_per_h, size)
        ends = np.cumsum(size)
        times = [
            np.cumsum(np.concatenate([[float(hour)], gaps[end - n : end]]))[1:]
            for end, n in zip(ends, size, strict=True)
        ]
        number = np.array([np.searchsorted(t, hour + 1.0) for t in times], dtype=np.int64)
        if (number < size).all():
            break
        size *= 2
    time_h = np.concatenate([np.zeros(0), *(t[:n] for t, n in zip(times, number, strict=True))])
    return np.repeat(busy, number), spans(np.zeros_like(number), number), time_h


def line_up(state: st.State, hour: int, entering: NDArray[Any]) -> Vehicles:
    """Return those who wait and those who arrive, each group in order of arrival."""
    groups, before = state.groups, 1 - (hour & 1)
    old = spans(groups["line_at"], groups["waiting"])
    waiting = Vehicles(
        np.repeat(np.arange(len(groups)), groups["waiting"]),
        *(column[before, old] for column in state.line[:4]),
    )
    group, ordinal, arrival_h = arrivals(state, hour)
    tracked = np.repeat(np.arange(len(groups)), groups["enter"])
    new = Vehicles(
        np.concatenate([group, tracked]),
        np.concatenate([arrival_h, entering["arrival_h"]]),
        work=np.zeros(0),
        patience_h=np.zeros(0),
        ordinal=np.concatenate([ordinal, -1 - entering["slot"]]),
    )
    entity, visit = new.owners(state)
    work = works(words(state.bases[st.SERVICE], entity), groups, new.group, visit)
    patience_h = (
        erlang_of(words(state.bases[st.PATIENCE], entity), 1, visit) * groups["patience_h"][new.group]
    )
    patience_h[new.ordinal < 0] = np.inf
    new = new._replace(work=work, patience_h=patience_h)
    line = Vehicles(*(np.concatenate(columns) for columns in zip(waiting, new, strict=True)))
    # A stable sort keeps a conveyance behind those that arrived at its very time.
    return line.part(np.lexsort((line.arrival_h, np.argsort(state.order)[line.group])))


def serve(line: Vehicles, free: list[float], stage_h: float, close: float) -> tuple[list[float], list[float]]:
    """Give each vehicle its turn before the hour ``close``; return starts (-1 of who left) and ends."""
    starts, ends = [], []
    columns = (line.arrival_h.tolist(), line.work.tolist(), line.patience_h.tolist())
    for arrival, work, patience in zip(*columns, strict=True):
        start = max(arrival, free[0])
        if start >= close:
            break
        if start - arrival > patience:
            starts.append(-1.0)
            ends.append(free[0])
            continue
        end = start + work * stage_h
        starts.append(start)
        ends.append(end)
        heapreplace(free, end)
    return starts, ends


def serve_plain(state: st.State, hour: int, g: int, line: Vehicles, done: Turns) -> int:
    """Serve one group; return how many had their turn."""
    group = state.groups[g]
    last = group["lane_at"] + group["lanes_max"]
    lanes = state.free[last - group["lanes"] : last + 1]
    free = np.maximum(lanes, float(hour)).tolist()
    start, end = serve(line, free, float(group["service_h"] / group["shape"]), hour + 1.0)
    lanes[:] = sorted(free)
    done.start_h.extend(start)
    done.end_h.extend(end)
    done.factor.extend([1.0] * len(start))
    done.referred.extend([False] * len(start))
    return len(start)


def primary(state: st.State, hour: int, line: Vehicles) -> tuple[NDArray[np.bool_], Turns]:
    """Serve every group; return who had a turn, and what it brought."""
    groups, side = state.groups, hour & 1
    size = np.bincount(line.group, minlength=len(groups))
    at = np.zeros(len(groups), dtype=np.int64)
    at[state.order] = np.cumsum(size[state.order]) - size[state.order]
    turns, done = np.zeros(len(groups), dtype=np.int64), Turns([], [], [], [], [])
    for s, station in enumerate(state.stations):
        members = state.order[station["first"] : station["last"]]
        lines = {int(g): line.part(slice(at[g], at[g] + size[g])) for g in members}
        if groups["decides"][members].any():
            turns[members] = serve_deciding(state, hour, s, lines, done)
        else:
            turns[members] = [serve_plain(state, hour, g, own, done) for g, own in lines.items()]
    groups["line_at"], groups["waiting"] = at + turns, size - turns
    n = len(line.group)
    for column, values in zip(state.line[:4], line[1:], strict=True):
        column[side, :n] = values
    left_queue = np.arange(n) < (at + turns)[line.group]
    stage_h = (groups["service_h"] / groups["shape"])[line.group[left_queue]]
    worked = np.where(np.array(done.start_h) >= 0.0, line.work[left_queue] * stage_h * done.factor, 0.0)
    rest = line.part(~left_queue)
    groups["queue"] = np.bincount(
        rest.group[hour + 1.0 - rest.arrival_h <= rest.patience_h], minlength=len(groups)
    )
    groups["row_at"][state.order] = np.cumsum(turns[state.order]) - turns[state.order]
    for g in state.order.tolist():
        first = groups["row_at"][g]
        busy_h = total(worked[first : first + turns[g]])
        for sums in (state.week[g, state.rows[hour]["week"]], state.month[g, state.rows[hour]["month"]]):
            sums["busy_h"] += busy_h
            sums["lane_h"] += groups["lanes"][g]
            sums["queue"] += groups["queue"][g]
    groups["row_at"] += state.counts["rows"][0]
    return left_queue, done


def total(values: st.Floats) -> float:
    """Return the sum of values added one after another."""
    return float(np.cumsum(values)[-1]) if len(values) else 0.0


def refer(state: st.State, turn: Vehicles, start_h: st.Floats) -> NDArray[np.bool_]:
    """Return who is sent to secondary."""
    entity, visit = turn.owners(state)
    u = open_uniform(words(words(state.bases[st.REFERRAL], entity), visit))
    share, tracked = state.groups["referral_prob"][turn.group], turn.ordinal < 0
    share[tracked] = state.conveyances["share"][-1 - turn.ordinal[tracked]]
    return (u < share) & (start_h >= 0.0)


def count_up(state: st.State, turn: Vehicles, start_h: st.Floats, referred: NDArray[np.bool_]) -> None:
    """Count the lawful travellers that had their turn, by group and hour of arrival."""
    since = turn.arrival_h.astype(np.int64)
    lawful = turn.ordinal >= 0
    stayed = lawful & (start_h >= 0.0)
    wait_h = np.where(stayed, start_h - turn.arrival_h, 0.0)
    minute = np.minimum((wait_h * MINUTES_PER_HOUR).astype(np.int64), st.WAIT_BINS - 1)
    np.add.at(state.wait_bins, (turn.group, state.rows["month"][since], minute), stayed)
    first = np.flatnonzero(np.diff(since, prepend=-1) | np.diff(turn.group, prepend=-1))
    last = np.append(first[1:], len(since))
    columns: dict[str, Any] = {
        "trips": np.add.reduceat(stayed, first, dtype=np.int64),
        "delayed": np.add.reduceat(wait_h > 0.0, first, dtype=np.int64),
        "reneged": np.add.reduceat(lawful & ~stayed, first, dtype=np.int64),
        "referred": np.add.reduceat(lawful & referred, first, dtype=np.int64),
        "wait_h": [total(wait_h[a:b]) for a, b in zip(first, last, strict=True)],
        "wait_h2": [total(wait_h[a:b] * wait_h[a:b]) for a, b in zip(first, last, strict=True)],
    }
    rows = state.rows[since[first]]
    for name, values in columns.items():
        np.add.at(state.week[name], (turn.group[first], rows["week"]), values)
        np.add.at(state.month[name], (turn.group[first], rows["month"]), values)


def trace(
    state: st.State, turn: Vehicles, start_h: st.Floats, end_h: st.Floats, referred: NDArray[np.bool_]
) -> None:
    """Record the vehicles that had their turn; ``secondary`` completes those sent on."""
    first = int(state.counts["rows"][0])
    rows, stayed = state.trace[first : first + len(start_h)], start_h >= 0.0
    rows["group"], rows["arrival_h"], rows["referred"] = turn.group, turn.arrival_h, referred
    rows["start_h"], rows["end_h"] = np.where(stayed, start_h, np.nan), np.where(stayed, end_h, np.nan)
    rows["exit_h"], rows["secondary_start_h"] = np.where(referred, np.nan, rows["end_h"]), np.nan
    rows["admitted_h"] = np.where(referred, end_h, np.nan)
    state.counts["rows"] += len(rows)


def release(
    state: st.State, turn: Vehicles, start_h: st.Floats, end_h: st.Floats, referred: NDArray[np.bool_]
) -> Decided:
    """Note what happened to conveyances at primary; return those that leave the border."""
    tracked = turn.ordinal < 0
    slots = -1 - turn.ordinal[tracked]
    own = state.conveyances
    own["start_h"][slots], own["end_h"][slots] = start_h[tracked], end_h[tracked]
    own["exit_h"][slots], own["secondary_start_h"][slots] = end_h[tracked], np.nan
    own["referred"][slots] = referred[tracked]
    leaving = slots[~referred[tracked]]
    station = state.groups["station"][turn.group[tracked & ~referred]]
    return [(s, False, slot) for s, slot in zip(station.tolist(), leaving.tolist(), strict=True)]


def sent(state: st.State, turn: Vehicles, end_h: st.Floats, row: st.Ints) -> tuple[st.Ints, NDArray[Any]]:
    """Return the stations and the ``EXAM`` records of vehicles that are sent to secondary."""
    station = state.groups["station"][turn.group]
    entity, visit = turn.owners(state)
    exams = np.zeros(len(row), st.EXAM)
    exams["due_h"], exams["row"], exams["slot"] = end_h, row, np.maximum(-1 - turn.ordinal, -1)
    exams["work"] = works(words(state.bases[st.SECONDARY], entity), state.stations, station, visit)
    return station, exams


def secondary(state: st.State, hour: int, turns: Turns, station_of: st.Ints, exams: NDArray[Any]) -> Decided:
    """Serve every station; ``exams`` are those sent in this hour. Return conveyances that leave."""
    stations, before = state.stations, 1 - (hour & 1)
    old = np.where(stations["room"] < 0, stations["pending"], 0)
    held = [records(line) for _, _, line in turns.exams]
    for line in held:
        new = line["row"] < 0
        line["row"][new] = state.groups["row_at"][line["group"][new]] - 1 - line["row"][new]
    station_of = np.concatenate(
        [
            np.repeat(np.arange(len(stations)), old),
            station_of,
            *(np.full(len(line), s) for (s, *_), line in zip(turns.exams, held, strict=True)),
        ]
    )
    exams = np.concatenate([state.exams[before, spans(stations["exam_at"], old)], exams, *held])
    order = np.lexsort((exams["due_h"], station_of))
    exams = exams[order]
    state.exams[hour & 1, : len(exams)] = exams
    size = np.bincount(station_of, minlength=len(stations))
    started = {s: number for s, number, _ in turns.exams}
    decided: Decided = []
    for s, at in enumerate((np.cumsum(size) - size).tolist()):
        line = exams[at : at + size[s]]
        if s in started:
            head = started[s]
            settle_held(state, s, head, line, decided)
        else:
            rows = line[["due_h", "work", "slot", "row"]].tolist()
            head = examine(state, hour, s, rows, decided)
            state.station_month[s, state.rows[hour]["month"]]["bay_h"] += stations["bays"][s]
        stations["exam_at"][s], stations["pending"][s] = at + head, size[s] - head
    state.counts["pending"] = stations["pending"].sum()
    return decided


def examine(
    state: st.State, hour: int, s: int, exams: list[tuple[float, float, int, int]], decided: Decided
) -> int:
    """Give each vehicle of one station its turn until the end of the hour; return how many had it."""
    station = state.stations[s]
    last = station["bay_at"] + station["bays_max"]
    bays = state.bay_free[last - station["bays"] : last + 1]
    free = np.maximum(bays, float(hour)).tolist()
    stage_h = float(station["secondary_h"] / station["shape"])
    head = 0
    for due, work, slot, row in exams:
        start = max(due, free[0])
        if start >= hour + 1.0:
            break
        end = start + work * stage_h
        heapreplace(free, end)
        sums = state.station_month[s, state.rows[int(due)]["month"]]
        sums["arrivals"] += 1
        sums["delayed"] += start > due
        sums["wait_h"] += start - due
        sums["busy_h"] += work * stage_h
        if slot >= 0:
            state.conveyances[slot]["secondary_start_h"], state.conveyances[slot]["exit_h"] = start, end
            decided.append((s, True, slot))
        if state.trace.size:
            state.trace[row]["secondary_start_h"], state.trace[row]["exit_h"] = start, end
        head += 1
    bays[:] = sorted(free)
    return head


def advance(state: st.State, hour: int, entering: NDArray[Any]) -> int:
    """Advance every group and station from ``hour`` to the next: see ``kernel.advance``."""
    if not valid(state.groups, state.stations):
        return -1
    line = line_up(state, hour, entering)
    if len(line.group) > state.line.work.shape[1]:
        return len(line.group)
    left_queue, turns = primary(state, hour, line)
    start_h, end_h = np.array(turns.start_h), np.array(turns.end_h)
    turn = line.part(left_queue)
    decides = state.groups["decides"][turn.group]
    referred = np.where(decides, turns.referred, refer(state, turn, start_h)).astype(bool)
    rows = int(state.counts["rows"][0]) + np.arange(len(start_h))
    if len(start_h):
        count_up(state, turn, start_h, referred)
    if state.trace.size:
        trace(state, turn, start_h, end_h, referred)
    decided = release(state, turn, start_h, end_h, referred)
    on = referred & (state.stations["room"][state.groups["station"][turn.group]] < 0)
    decided += secondary(state, hour, turns, *sent(state, turn.part(on), end_h[on], rows[on]))
    slots = [slot for *_, slot in sorted(decided, key=lambda one: one[:2])]
    state.decided[: len(slots)] = slots
    state.counts["decided"] = len(slots)
    return 0
