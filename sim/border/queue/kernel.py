"""One hour of the whole border, compiled."""

from __future__ import annotations

import math
from typing import Any

from sim.border import state as st
from sim.border.queue.held import conclude, hold, prepare, refer_decided, settle_held, take_turns
from sim.border.queue.primary import admit, part, primary, tally
from sim.border.queue.secondary import refer, secondary, settle
from sim.border.queue.streams import compiled


@compiled
def valid(groups: Any, stations: Any) -> Any:
    """Return whether the inputs of the hour are possible."""
    for group in groups:
        rate, share = group.rate_per_h, group.referral_prob
        possible = 0.0 <= rate < math.inf and 0.0 < group.service_h < math.inf and 0.0 <= share <= 1.0
        if not (possible and 0 <= group.lanes <= group.lanes_max):
            return False
    for station in stations:
        if not (0.0 < station.secondary_h < math.inf and 0 <= station.bays <= station.bays_max):
            return False
    return True


@compiled
def trace(rows: Any, first: Any, g: Any, line: Any) -> Any:
    """Record vehicles that had their turn, from row ``first`` on."""
    for i in range(line.work.size):
        row, stayed = rows[first + i], line.start_h[i] >= 0.0
        row.group, row.arrival_h = g, line.arrival_h[i]
        row.start_h = line.start_h[i] if stayed else math.nan
        row.end_h = line.end_h[i] if stayed else math.nan
        row.exit_h, row.secondary_start_h, row.referred = row.end_h, math.nan, False
        row.admitted_h = math.nan


@compiled
def count_up(state: Any, hour: Any, g: Any, head: Any, exams: Any) -> Any:
    """Count the vehicles that had their turn, one arrival hour after another.

    Writes those who are sent to secondary to ``exams`` and returns their number.
    """
    group, side, row = state.groups[g], hour & 1, state.counts[0].rows
    lo, hi = group.line_at - head, group.line_at
    first, sent = lo, 0
    group.row_at = row
    while first < hi:
        since = int(state.line.arrival_h[side, first])
        last = hi if since == hour else first + 1
        while last < hi and state.line.arrival_h[side, last] < since + 1:
            last += 1
        line, rows = part(state.line, side, first, last), state.rows[since]
        if group.decides:
            referred = refer_decided(state, g, first - lo, line, exams[sent:])
        else:
            referred = refer(state, group, since, line, row + first - lo, exams[sent:])
        sent += referred
        bins = state.wait_bins[g, rows.month]
        seen, trips, delayed, wait_h, wait_h2, hidden = tally(line, bins, state.conveyances)
        for sums in (state.week[g, rows.week], state.month[g, rows.month]):
            sums.trips += trips
            sums.delayed += delayed
            sums.reneged += seen - trips
            sums.referred += referred - hidden
            sums.wait_h += wait_h
            sums.wait_h2 += wait_h2
        first = last
    if state.trace.size > 0:
        trace(state.trace, row, g, part(state.line, side, lo, hi))
        if state.stations[group.station].room >= 0:
            for i in range(head):
                state.trace[row + i].referred = (state.line.way[side, lo + i] & 1) > 0
        else:
            for exam in exams[:sent]:
                state.trace[exam.row].referred, state.trace[exam.row].exit_h = True, math.nan
                state.trace[exam.row].admitted_h = exam.due_h
        state.counts[0].rows += head
    return sent


@compiled
def one_hour(state: Any, hour: Any, g: Any, entering: Any, exams: Any) -> Any:
    """Serve one group whose station holds no lanes; return how many vehicles had their turn."""
    if not state.groups[g].decides:
        return primary(state, hour, g, entering)
    prepare(state, hour, g, entering)
    take_turns(state, hour, g, exams, 0, 0)
    return conclude(state, hour, g)


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
    state.counts[0].decided, state.counts[0].pending = 0, 0
    before, lo = state.exams[1 - (hour & 1)], 0
    for s in range(state.stations.size):
        station, exams, size = state.stations[s], state.exams[hour & 1, lo:], state.stations[s].pending
        for i in range(size):
            exams[i] = before[station.exam_at + i]
        if station.room >= 0:
            head, size = hold(state, hour, s, entering, exams, size)
            for g in state.order[station.first : station.last]:
                count_up(state, hour, g, conclude(state, hour, g), exams[size:])
            settle_held(state, exams[:size], head)
        else:
            for g in state.order[station.first : station.last]:
                turns = one_hour(state, hour, g, entering, exams)
                sent = count_up(state, hour, g, turns, exams[size:])
                settle(exams, size, size + sent, state.exams[st.SPARE])
                size += sent
            head = secondary(state, hour, s, exams[:size])
        station.exam_at, station.pending = lo + head, size - head
        state.counts[0].pending += size - head
        lo += size
    return 0
