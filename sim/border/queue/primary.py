"""Primary: who arrives, who waits, whose turn it is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.border import state as st
from sim.border.queue.streams import GAPS, arrive, compiled, erlang, inlined, one_work, words, works
from sim.core.units import MINUTES_PER_HOUR


@inlined
def part(line: Any, side: Any, lo: Any, hi: Any) -> Any:
    """Return the vehicles in places ``lo`` to ``hi`` of one side."""
    return st.Line(
        line.arrival_h[side, lo:hi],
        line.work[side, lo:hi],
        line.patience_h[side, lo:hi],
        line.ordinal[side, lo:hi],
        line.start_h[side, lo:hi],
        line.end_h[side, lo:hi],
        line.way[side, lo:hi],
    )


@compiled
def copy(source: Any, target: Any) -> Any:
    """Copy those who wait, column by column."""
    for i in range(source.work.size):
        target.arrival_h[i] = source.arrival_h[i]
    for i in range(source.work.size):
        target.work[i] = source.work[i]
    for i in range(source.work.size):
        target.patience_h[i] = source.patience_h[i]
    for i in range(source.work.size):
        target.ordinal[i] = source.ordinal[i]


@compiled
def admit(state: Any, hour: Any) -> Any:
    """Line up those who wait and the arrivals of the hour; return the capacity that is missing, or 0.

    Changes nothing but the side of this hour, so that it can be called again after growing.
    """
    side, before, room = hour & 1, 1 - (hour & 1), state.line.work.shape[1]
    place = 0
    for g in state.order:
        group = state.groups[g]
        new = place + group.waiting
        if new + group.enter + GAPS > room:
            return new + group.enter + GAPS
        old = part(state.line, before, group.line_at, group.line_at + group.waiting)
        copy(old, part(state.line, side, place, new))
        key = words(state.bases[st.ARRIVAL], words(group.hours, np.uint64(hour)))
        fresh = arrive(key, hour, group.rate_per_h, state.line.arrival_h[side, new : room - group.enter])
        if fresh < 0:
            return 2 * room
        group.place, group.fresh = place, fresh
        place = new + fresh + group.enter
    return 0


@compiled
def draw(bases: Any, entity: Any, group: Any, line: Any) -> Any:
    """Draw the service and the patience of the arrivals of the hour, and number them."""
    works(words(bases[st.SERVICE], entity), group, line.work)
    if group.patience_h < math.inf:
        erlang(words(bases[st.PATIENCE], entity), 1, 0, line.patience_h)
    for i in range(line.ordinal.size):
        drawn = line.patience_h[i] * group.patience_h
        line.patience_h[i] = drawn if group.patience_h < math.inf else math.inf
        line.ordinal[i] = i


@compiled
def insert(line: Any, size: Any, time_h: Any) -> Any:
    """Make room behind those of the first ``size`` vehicles that arrived by ``time_h``; return the place."""
    place = size
    while place > 0 and line.arrival_h[place - 1] > time_h:
        line.arrival_h[place], line.work[place] = line.arrival_h[place - 1], line.work[place - 1]
        line.patience_h[place], line.ordinal[place] = line.patience_h[place - 1], line.ordinal[place - 1]
        place -= 1
    return place


@compiled
def line_up(state: Any, hour: Any, group: Any, entering: Any, line: Any) -> Any:
    """Draw for the arrivals of one group and let its conveyances join."""
    size = group.waiting + group.fresh
    new = group.place + group.waiting
    entity = words(group.hours, np.uint64(hour))
    draw(state.bases, entity, group, part(state.line, hour & 1, new, new + group.fresh))
    for conveyance in entering[group.enter_at : group.enter_at + group.enter]:
        place = insert(line, size, conveyance.arrival_h)
        line.arrival_h[place], line.patience_h[place] = conveyance.arrival_h, math.inf
        line.ordinal[place] = -1 - conveyance.slot
        key = words(state.bases[st.SERVICE], state.conveyances[conveyance.slot].entity)
        line.work[place] = one_work(key, group, 0)
        size += 1


@compiled
def serve(line: Any, lanes: Any, stage_h: Any, close: Any) -> Any:
    """Give each vehicle its turn before the hour ``close``; return how many had it.

    ``lanes`` are the free times of the open lanes and the sentinel. The earliest one is carried in a
    register: through memory it would wait for the vector stores of the vehicle before.
    """
    earliest = lanes[0]
    for i in range(line.work.size):
        arrival = line.arrival_h[i]
        start = arrival if arrival > earliest else earliest  # noqa: FURB136 (`max` looks for nan)
        if start >= close:
            lanes[0] = earliest
            return i
        stays = start - arrival <= line.patience_h[i]
        # A driver who reneges puts back the time that it found.
        end = start + line.work[i] * stage_h if stays else earliest
        line.start_h[i] = start if stays else -1.0
        line.end_h[i] = end
        after = lanes[1]
        earliest = end if end < after else after  # noqa: FURB136
        for k in range(1, lanes.size - 1):
            here, after = after, lanes[k + 1]
            here = here if here > end else end  # noqa: FURB136
            lanes[k] = here if here < after else after  # noqa: FURB136
    lanes[0] = earliest
    return line.work.size


@compiled
def open_up(lanes: Any, hour: Any) -> Any:
    """Let no open lane be free before the hour began; the last entry is the sentinel."""
    for k in range(lanes.size - 1):
        lanes[k] = max(lanes[k], float(hour))


@compiled
def primary(state: Any, hour: Any, g: Any, entering: Any) -> Any:
    """Serve one group for an hour; return how many vehicles had their turn."""
    group, close = state.groups[g], hour + 1.0
    size = group.waiting + group.fresh + group.enter
    line = part(state.line, hour & 1, group.place, group.place + size)
    line_up(state, hour, group, entering, line)
    last = group.lane_at + group.lanes_max
    lanes = state.free[last - group.lanes : last + 1]
    open_up(lanes, hour)
    stage_h = group.service_h / group.shape
    head = serve(line, lanes, stage_h, close)
    busy_h = 0.0
    for i in range(head):
        busy_h += line.work[i] * stage_h if line.start_h[i] >= 0.0 else 0.0
    queue = 0
    for i in range(head, size):
        queue += close - line.arrival_h[i] <= line.patience_h[i]
    rows = state.rows[hour]
    for sums in (state.week[g, rows.week], state.month[g, rows.month]):
        sums.busy_h += busy_h
        sums.lane_h += group.lanes
        sums.queue += queue
    group.line_at, group.waiting, group.queue = group.place + head, size - head, queue
    return head


@compiled
def tally(line: Any, bins: Any, conveyances: Any) -> Any:
    """Count lawful travellers and their minutes of wait in ``bins``; conveyances are never counted.

    Returns
    -------
    seen, trips, delayed : int
        Those who came, who stayed, who waited.
    wait_h, wait_h2 : float
        Sums of waits and of their squares.
    hidden : int
        Conveyances that were sent to secondary.
    """
    seen = trips = delayed = hidden = 0
    wait = wait2 = 0.0
    for i in range(line.work.size):
        lawful = line.ordinal[i] >= 0
        stayed = lawful & (line.start_h[i] >= 0.0)
        wait_h = line.start_h[i] - line.arrival_h[i] if stayed else 0.0
        seen += lawful
        trips += stayed
        delayed += wait_h > 0.0
        wait += wait_h
        wait2 += wait_h * wait_h
        bins[min(int(wait_h * MINUTES_PER_HOUR), st.WAIT_BINS - 1)] += stayed
        if not lawful:
            hidden += conveyances[-1 - line.ordinal[i]].referred
    return seen, trips, delayed, wait, wait2, hidden
