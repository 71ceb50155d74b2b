"""The border queue, compiled: every group advances one hour in one call.

No event list is needed. Starts of a first-come-first-served queue never decrease, so it is enough to
keep, sorted, the times at which lanes become free. The next vehicle (arrival a, service S) starts at
max(a, earliest time), and its end takes the place of that time. The insertion into the sorted times
has no branch:

    free[k] = min(free[k + 1], max(free[k], end))

Lanes change on the hour. A lane that closes finishes its vehicle; a lane that opens counts from the
hour on. All lanes of a group, closed ones too, stay in the sorted times, and **the open ones are the
last**: with c lanes open, the c-th largest time is when fewer than c vehicles are in service.

A driver whose wait would exceed its patience never takes a lane. Its turn decides that, and those who
joined are served exactly as in the queue that lets a driver leave at the end of its patience.

The recursion is that of Ebert et al., *J. Stat. Softw.* 95(5), 2020. Separate short passes beat one
long loop: the draws and the choice of lanes then run on vector units. ``twin`` is the readable model
of the same queue.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.border import state as st
from sim.core import draws
from sim.core.units import MINUTES_PER_HOUR

compiled = draws.compiler(__file__, st.__file__)
words = compiled(draws.words)
open_uniform = compiled(draws.open_uniform)
log_parts = compiled(draws.log_parts)
log_of_parts = compiled(draws.log_of_parts)

GAPS = 64
"""Gaps between arrivals are drawn by blocks of so many."""


@compiled
def erlang(key: Any, shape: Any, first: Any, out: Any) -> Any:
    """Fill ``out`` with sums of ``shape`` unit exponentials: those of the visits from ``first`` on."""
    step = np.uint64(shape)
    start = np.uint64(first) * step
    for i in range(out.size):
        out[i] = open_uniform(words(key, start + np.uint64(i) * step))
    for stage in range(1, shape):
        for i in range(out.size):
            out[i] *= open_uniform(words(key, start + np.uint64(i) * step + np.uint64(stage)))
    for i in range(out.size):
        mantissa, exponent = log_parts(out[i])
        out[i] = -log_of_parts(mantissa, exponent)


@compiled
def arrive(key: Any, hour: Any, rate_per_h: Any, out: Any) -> Any:
    """Write the arrival times of one hour into ``out``; return their number, -1 if they do not fit."""
    if rate_per_h == 0.0:
        return 0
    mean_gap = 1.0 / rate_per_h
    time = float(hour)
    end = hour + 1.0
    for n in range(0, out.size - GAPS + 1, GAPS):
        block = out[n : n + GAPS]
        erlang(key, 1, n, block)
        for i in range(GAPS):
            time += block[i] * mean_gap
            if time >= end:
                return n + i
            block[i] = time
    return -1


@compiled
def valid(groups: Any, stations: Any) -> Any:
    """Return whether the inputs of the hour are possible."""
    for group in groups:
        rate, share = group.rate_per_h, group.referral_share
        possible = 0.0 <= rate < math.inf and 0.0 < group.service_h < math.inf and 0.0 <= share <= 1.0
        if not (possible and 0 <= group.lanes <= group.lanes_max):
            return False
    for station in stations:
        if not (0.0 < station.secondary_h < math.inf and 0 <= station.bays <= station.bays_max):
            return False
    return True


@compiled
def copy(source: Any, target: Any) -> Any:
    """Copy one column of a line."""
    for i in range(source.size):
        target[i] = source[i]


@compiled
def admit(state: Any, hour: Any) -> Any:
    """Line up those who wait and the arrivals of the hour; return the capacity that is missing, or 0.

    Changes nothing but the side of this hour, so that it can be called again after growing.
    """
    side, before, room = hour & 1, 1 - (hour & 1), state.work.shape[1]
    place = 0
    for g in state.order:
        group = state.groups[g]
        old, old_end, new = group.line_at, group.line_at + group.waiting, place + group.waiting
        if new + group.enter + GAPS > room:
            return new + group.enter + GAPS
        copy(state.arrival_h[before, old:old_end], state.arrival_h[side, place:new])
        copy(state.work[before, old:old_end], state.work[side, place:new])
        copy(state.patience_h[before, old:old_end], state.patience_h[side, place:new])
        copy(state.ordinal[before, old:old_end], state.ordinal[side, place:new])
        key = words(state.bases[st.ARRIVAL], words(group.hours, np.uint64(hour)))
        fresh = arrive(key, hour, group.rate_per_h, state.arrival_h[side, new : room - group.enter])
        if fresh < 0:
            return 2 * room
        group.place, group.fresh = place, fresh
        place = new + fresh + group.enter
    return 0


@compiled
def draw(bases: Any, entity: Any, group: Any, work: Any, patience_h: Any, ordinal: Any) -> Any:
    """Draw the service and the patience of the arrivals of the hour, and number them."""
    erlang(words(bases[st.SERVICE], entity), group.shape, 0, work)
    if group.patience_h < math.inf:
        erlang(words(bases[st.PATIENCE], entity), 1, 0, patience_h)
    for i in range(ordinal.size):
        patience_h[i] = patience_h[i] * group.patience_h if group.patience_h < math.inf else math.inf
        ordinal[i] = i


@compiled
def insert(arrival_h: Any, work: Any, patience_h: Any, ordinal: Any, size: Any, time_h: Any) -> Any:
    """Make room for a conveyance behind those of the first ``size`` vehicles that arrived by ``time_h``."""
    place = size
    while place > 0 and arrival_h[place - 1] > time_h:
        arrival_h[place], work[place] = arrival_h[place - 1], work[place - 1]
        patience_h[place], ordinal[place] = patience_h[place - 1], ordinal[place - 1]
        place -= 1
    return place


@compiled
def serve(
    arrival_h: Any, work: Any, patience_h: Any, start_h: Any, end_h: Any, free: Any, stage_h: Any, close: Any
) -> Any:
    """Give each vehicle its turn before the hour ``close``; return how many had it.

    ``free`` are the open lanes and the sentinel. The earliest time is carried in a register: through
    memory it would wait for the vector stores of the vehicle before.
    """
    earliest = free[0]
    for i in range(work.size):
        start = arrival_h[i] if arrival_h[i] > earliest else earliest
        if start >= close:
            free[0] = earliest
            return i
        stays = start - arrival_h[i] <= patience_h[i]
        # A driver who turns away puts back the time that it found.
        end = start + work[i] * stage_h if stays else earliest
        start_h[i] = start if stays else -1.0
        end_h[i] = end
        after = free[1]
        earliest = end if end < after else after
        for k in range(1, free.size - 1):
            here, after = after, free[k + 1]
            here = here if here > end else end
            free[k] = here if here < after else after
    free[0] = earliest
    return work.size


@compiled
def open_up(lanes: Any, hour: Any) -> Any:
    """Let no open lane be free before the hour began; the last entry is the sentinel."""
    for k in range(lanes.size - 1):
        lanes[k] = max(lanes[k], float(hour))


@compiled
def line_up(state: Any, hour: Any, group: Any, entering: Any) -> Any:
    """Draw for the arrivals of one group and let its conveyances join; return the length of the line."""
    side, lo, new, size = hour & 1, group.place, group.waiting, group.waiting + group.fresh
    hi = lo + size + group.enter
    arrival_h, work = state.arrival_h[side, lo:hi], state.work[side, lo:hi]
    patience_h, ordinal = state.patience_h[side, lo:hi], state.ordinal[side, lo:hi]
    entity = words(group.hours, np.uint64(hour))
    draw(state.bases, entity, group, work[new:size], patience_h[new:size], ordinal[new:size])
    for conveyance in entering[group.enter_at : group.enter_at + group.enter]:
        place = insert(arrival_h, work, patience_h, ordinal, size, conveyance.arrival_h)
        arrival_h[place], patience_h[place] = conveyance.arrival_h, math.inf
        ordinal[place] = -1 - conveyance.slot
        key = words(state.bases[st.SERVICE], state.conveyances[conveyance.slot].entity)
        erlang(key, group.shape, 0, work[place : place + 1])
        size += 1
    return size


@compiled
def primary(state: Any, hour: Any, g: Any, entering: Any) -> Any:
    """Serve one group for an hour; return how many vehicles had their turn."""
    group, side = state.groups[g], hour & 1
    size = line_up(state, hour, group, entering)
    lo, hi = group.place, group.place + size
    arrival_h, work, patience_h = (
        state.arrival_h[side, lo:hi],
        state.work[side, lo:hi],
        state.patience_h[side, lo:hi],
    )
    start_h, end_h = state.start_h[side, lo:hi], state.end_h[side, lo:hi]
    last = group.lane_at + group.lanes_max
    lanes = state.free[last - group.lanes : last + 1]
    open_up(lanes, hour)
    stage_h, close = group.service_h / group.shape, hour + 1.0
    head = serve(arrival_h, work, patience_h, start_h, end_h, lanes, stage_h, close)
    busy_h = 0.0
    for i in range(head):
        busy_h += work[i] * stage_h if start_h[i] >= 0.0 else 0.0
    queue = 0
    for i in range(head, size):
        queue += close - arrival_h[i] <= patience_h[i]
    rows = state.rows[hour]
    for sums in (state.week[g, rows.week], state.month[g, rows.month]):
        sums.busy_h += busy_h
        sums.lane_h += group.lanes
        sums.queue += queue
    group.line_at, group.waiting, group.queue = lo + head, size - head, queue
    return head


@compiled
def tally(arrival_h: Any, start_h: Any, bins: Any) -> Any:
    """Return trips, sum of waits and sum of their squares; add the minutes of each wait to ``bins``."""
    trips = 0
    wait = wait2 = 0.0
    for i in range(start_h.size):
        stayed = start_h[i] >= 0.0
        wait_h = start_h[i] - arrival_h[i] if stayed else 0.0
        trips += stayed
        wait += wait_h
        wait2 += wait_h * wait_h
        bins[min(int(wait_h * MINUTES_PER_HOUR), st.WAIT_BINS - 1)] += stayed
    return trips, wait, wait2


@compiled
def trace(rows: Any, first: Any, g: Any, arrival_h: Any, start_h: Any, end_h: Any) -> Any:
    """Record vehicles that had their turn, from row ``first`` on; `refer` completes those it sends on."""
    for i in range(start_h.size):
        row, stayed = rows[first + i], start_h[i] >= 0.0
        row.group, row.arrival_h = g, arrival_h[i]
        row.start_h = start_h[i] if stayed else math.nan
        row.end_h = end_h[i] if stayed else math.nan
        row.exit_h, row.secondary_start_h, row.referred = row.end_h, math.nan, False


@compiled
def leave(state: Any, slot: Any, exit_h: Any) -> Any:
    """Note when a conveyance leaves the border."""
    state.conveyances[slot].exit_h = exit_h
    state.decided[state.counts[0].decided] = slot
    state.counts[0].decided += 1


@compiled
def send(bases: Any, shape: Any, entity: Any, visit: Any, exam: Any, due_h: Any, slot: Any, row: Any) -> Any:
    """Enter a vehicle in the line of secondary."""
    key, step = words(bases[st.SECONDARY], entity), np.uint64(visit) * np.uint64(shape)
    product = 1.0
    for stage in range(shape):
        product *= open_uniform(words(key, step + np.uint64(stage)))
    mantissa, exponent = log_parts(product)
    exam.work = -log_of_parts(mantissa, exponent)
    exam.due_h, exam.slot, exam.row = due_h, slot, row


@compiled
def refer(state: Any, side: Any, group: Any, since: Any, first: Any, last: Any, row: Any, at: Any) -> Any:
    """Send some of the vehicles that arrived in hour ``since`` to secondary.

    They stand in places ``first`` to ``last`` and have rows of the trace from ``row`` on. Returns the
    end of the line of secondary, which began to grow at ``at``.
    """
    ordinal = state.ordinal[side, first:last]
    start_h, end_h = state.start_h[side, first:last], state.end_h[side, first:last]
    shape, base = state.stations[group.station].shape, state.bases[st.REFERRAL]
    entity = words(group.hours, np.uint64(since))
    key = words(base, entity)
    for i in range(ordinal.size):
        if ordinal[i] >= 0:
            luck = open_uniform(words(key, np.uint64(ordinal[i])))
            if (luck < group.referral_share) & (start_h[i] >= 0.0):
                send(state.bases, shape, entity, ordinal[i], state.exams[side, at], end_h[i], -1, row + i)
                at += 1
            continue
        slot = -1 - ordinal[i]
        own = state.conveyances[slot]
        own.start_h, own.end_h, own.secondary_start_h = start_h[i], end_h[i], math.nan
        own.referred = open_uniform(words(words(base, own.entity), np.uint64(0))) < own.share
        if own.referred:
            send(state.bases, shape, own.entity, 0, state.exams[side, at], end_h[i], slot, row + i)
            at += 1
        else:
            leave(state, slot, end_h[i])
    return at


@compiled
def count_up(state: Any, hour: Any, g: Any, head: Any, at: Any) -> Any:
    """Count the vehicles that had their turn, one arrival hour after another, and refer some of them.

    Returns the end of the line of secondary, which began to grow at ``at``.
    """
    group, side = state.groups[g], hour & 1
    row, lo, hi = state.counts[0].rows, group.line_at - head, group.line_at
    arrival_h, start_h = state.arrival_h[side], state.start_h[side]
    if state.trace.size > 0:
        trace(state.trace, row, g, arrival_h[lo:hi], start_h[lo:hi], state.end_h[side, lo:hi])
        state.counts[0].rows += head
    first, begin = lo, at
    while first < hi:
        since = int(arrival_h[first])
        last = hi if since == hour else first + 1
        while last < hi and arrival_h[last] < since + 1:
            last += 1
        rows = state.rows[since]
        trips, wait, wait2 = tally(arrival_h[first:last], start_h[first:last], state.wait_bins[g, rows.month])
        before = at
        at = refer(state, side, group, since, first, last, row + first - lo, at)
        for sums in (state.week[g, rows.week], state.month[g, rows.month]):
            sums.trips += trips
            sums.diverted += last - first - trips
            sums.referred += at - before
            sums.wait_h += wait
            sums.wait_h2 += wait2
        first = last
    if state.trace.size > 0:
        for exam in state.exams[side, begin:at]:
            state.trace[exam.row].referred, state.trace[exam.row].exit_h = True, math.nan
    return at


@compiled
def settle(exams: Any, spare: Any, lo: Any, mid: Any, hi: Any) -> Any:
    """Sort the vehicles of one group, from ``mid`` on, into the line of their station, from ``lo`` on."""
    for i in range(mid, hi):
        # Ends of primary are nearly sorted: only those in service at the same time change places.
        spare[0], place = exams[i], i
        while place > mid and exams[place - 1].due_h > spare[0].due_h:
            exams[place] = exams[place - 1]
            place -= 1
        exams[place] = spare[0]
    for i in range(mid, hi):
        spare[i - mid] = exams[i]
    old, new = mid - 1, hi - mid - 1
    while new >= 0:
        if old >= lo and exams[old].due_h > spare[new].due_h:
            exams[old + new + 1] = exams[old]
            old -= 1
        else:
            exams[old + new + 1] = spare[new]
            new -= 1


@compiled
def secondary(state: Any, hour: Any, s: Any, lo: Any, hi: Any) -> Any:
    """Serve the line of one secondary station, places ``lo`` to ``hi``, until the end of the hour."""
    station = state.stations[s]
    exams = state.exams[hour & 1, lo:hi]
    last = station.bay_at + station.bays_max
    bays = state.bay_free[last - station.bays : last + 1]
    open_up(bays, hour)
    stage_h, close = station.secondary_h / station.shape, hour + 1.0
    head = 0
    for exam in exams:
        start = max(exam.due_h, bays[0])
        if start >= close:
            break
        service = exam.work * stage_h
        end = start + service
        for k in range(bays.size - 1):
            bays[k] = min(bays[k + 1], max(bays[k], end))
        sums = state.station_month[s, state.rows[int(exam.due_h)].month]
        sums.arrivals += 1
        sums.wait_h += start - exam.due_h
        sums.busy_h += service
        if exam.slot >= 0:
            state.conveyances[exam.slot].secondary_start_h = start
            leave(state, exam.slot, end)
        if state.trace.size > 0:
            row = state.trace[exam.row]
            row.secondary_start_h, row.exit_h = start, end
        head += 1
    state.station_month[s, state.rows[hour].month].bay_h += station.bays
    station.exam_at, station.pending = lo + head, hi - lo - head
    state.counts[0].pending += hi - lo - head


@compiled
def advance(state: Any, hour: Any, entering: Any) -> Any:
    """Advance every group and station from ``hour`` to the next.

    Parameters
    ----------
    state : State
        Trace and exams must have room for every vehicle that fits in the line.
    hour : int
    entering : ENTERING
        Slots of conveyances that arrive in this hour, sorted by group and time.

    Returns
    -------
    int
        0 if done; -1 if an input is impossible; otherwise the capacity that the line needs. Nothing
        has changed in the last two cases.
    """
    if not valid(state.groups, state.stations):
        return -1
    needed = admit(state, hour)
    if needed > 0:
        return needed
    state.counts[0].decided = 0
    state.counts[0].pending = 0
    line, before = state.exams[hour & 1], state.exams[1 - (hour & 1)]
    at = 0
    for s in range(state.stations.size):
        station = state.stations[s]
        lo = at
        for place in range(station.exam_at, station.exam_at + station.pending):
            line[at] = before[place]
            at += 1
        for g in state.order[station.first : station.last]:
            head, mid = primary(state, hour, g, entering), at
            at = count_up(state, hour, g, head, mid)
            settle(line, state.exams[st.SPARE], lo, mid, at)
        secondary(state, hour, s, lo, at)
    return 0
