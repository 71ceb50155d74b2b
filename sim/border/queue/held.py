"""Groups that decide referral at the start of service: leniency, and lanes held by a full secondary.

Secondary serves in order of the end of primary, whoever is held. So the vehicle with ``room`` places
before it enters the waiting room when the one ``room`` turns ahead of it starts, and its lane is free
then: no list of events is needed, only the ends of primary in order. A lane whose vehicle goes to
secondary counts as free at infinity until that end is reached; no group looks beyond its own next one.

The line of a station (``exams``) has three parts: started, waiting for a bay (``head`` to ``mid``, in
order of the end of primary), and still in primary (from ``mid`` on, sorted by its end).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.border import state as st
from sim.border.queue.primary import line_up, open_up, part
from sim.border.queue.secondary import leave
from sim.border.queue.streams import compiled, inlined, one_work, open_uniform, words


@inlined
def own_line(state: Any, hour: Any, group: Any) -> Any:
    """Return the vehicles of one group in this hour."""
    size = group.waiting + group.fresh + group.enter
    return part(state.line, hour & 1, group.place, group.place + size)


@inlined
def open_lanes(state: Any, group: Any) -> Any:
    """Return the free times of the open lanes of one group, and the sentinel."""
    last = group.lane_at + group.lanes_max
    return state.free[last - group.lanes : last + 1]


@compiled
def prepare(state: Any, hour: Any, g: Any, entering: Any) -> Any:
    """Let the vehicles of one group line up and its lanes open."""
    group = state.groups[g]
    line_up(state, hour, group, entering, own_line(state, hour, group))
    open_up(open_lanes(state, group), hour)
    group.turn, group.level = 0, 0


@inlined
def come(line: Any, place: Any, time_h: Any) -> Any:
    """Return whether there is a vehicle in a place that has arrived by a time.

    So more than n wait behind place i if place i + n + 1 has: one look where a count would be a loop.
    """
    return place < line.work.size and line.arrival_h[place] <= time_h


@inlined
def beyond(edges: Any, level: Any, lanes: Any, size: Any) -> Any:
    """Return how many must wait to be beyond an edge; none are before the first, too many after the last."""
    if level < 0:
        return 0
    return int(min(edges[level] * lanes, float(size))) + 1 if level < edges.size else size


@inlined
def level_of(edges: Any, level: Any, lanes: Any, line: Any, i: Any, time_h: Any) -> Any:
    """Return the level of leniency when the vehicle in place ``i`` starts, from the last one on."""
    while level < edges.size and come(line, i + beyond(edges, level, lanes, line.work.size), time_h):
        level += 1
    while level > 0 and not come(line, i + beyond(edges, level - 1, lanes, line.work.size), time_h):
        level -= 1
    return level


@inlined
def take(lanes: Any, free_h: Any) -> Any:
    """Give away the lane that is free first; it is free again at ``free_h``."""
    for k in range(lanes.size - 1):
        lanes[k] = min(lanes[k + 1], max(lanes[k], free_h))


@inlined
def free_lane(lanes: Any, free_h: Any) -> Any:
    """Let one of the lanes that are held, counted as free at infinity, be free at ``free_h``."""
    place = lanes.size - 1
    while place > 0 and lanes[place - 1] > free_h:
        lanes[place] = lanes[place - 1]
        place -= 1
    lanes[place] = free_h


@inlined
def send(state: Any, g: Any, line: Any, i: Any, exam: Any) -> Any:
    """Fill the record of a vehicle that is sent to secondary."""
    group, slot = state.groups[g], -1 - line.ordinal[i]
    entity, visit = words(group.hours, np.uint64(int(line.arrival_h[i]))), line.ordinal[i]
    if slot >= 0:
        entity, visit = state.conveyances[slot].entity, 0
    exam.due_h, exam.slot, exam.row, exam.group = line.end_h[i], max(slot, -1), -1 - i, g
    law = state.stations[group.station]
    exam.work = one_work(words(state.bases[st.SECONDARY], entity), law, visit)
    exam.admitted_h = exam.start_h = exam.exit_h = math.nan


@inlined
def send_sorted(state: Any, g: Any, line: Any, i: Any, exams: Any, mid: Any) -> Any:
    """Put a vehicle into its place among those in primary, which begin at ``mid``; the last is new."""
    place = exams.size - 1
    while place > mid and exams[place - 1].due_h > line.end_h[i]:
        exams[place] = exams[place - 1]
        place -= 1
    send(state, g, line, i, exams[place])


@inlined
def next_end(exams: Any, g: Any, close: Any) -> Any:
    """Return when the first of the vehicles in primary that belong to a group ends it, at most ``close``."""
    for exam in exams:
        if exam.group == g:
            return min(exam.due_h, close)
    return close


@inlined
def take_turns(state: Any, hour: Any, g: Any, exams: Any, mid: Any, size: Any) -> Any:
    """Give turns until the hour ends or a lane of the group may become free; return the new ``size``.

    Written out like ``primary.serve``, and for its reasons.
    """
    group, base = state.groups[g], state.bases[st.REFERRAL]
    holds = state.stations[group.station].room >= 0
    line, lanes = own_line(state, hour, group), open_lanes(state, group)
    edges, slower, followed = state.edges[g], state.service_factor[g], state.referral_factor[g]
    stage_h, until = group.service_h / group.shape, next_end(exams[mid:size], g, hour + 1.0)
    i, level, since, key, size_of_line = group.turn, group.level, -1, np.uint64(0), line.work.size
    rise = beyond(edges, level, group.lanes, size_of_line)
    fall = beyond(edges, level - 1, group.lanes, size_of_line)
    earliest = lanes[0]
    while i < line.work.size:
        arrival = line.arrival_h[i]
        start = arrival if arrival > earliest else earliest  # noqa: FURB136
        if start >= until:
            break
        if start - arrival > line.patience_h[i]:
            line.start_h[i], line.end_h[i], line.way[i] = -1.0, earliest, 0
            i += 1
            continue
        if come(line, i + rise, start) or not come(line, i + fall, start):
            level = level_of(edges, level, group.lanes, line, i, start)
            rise = beyond(edges, level, group.lanes, size_of_line)
            fall = beyond(edges, level - 1, group.lanes, size_of_line)
        slot = -1 - line.ordinal[i]
        if slot < 0:
            if since != int(arrival):
                since = int(arrival)
                key = words(base, words(group.hours, np.uint64(since)))
            u, share = open_uniform(words(key, np.uint64(line.ordinal[i]))), group.referral_prob
        else:
            own = state.conveyances[slot]
            u, share = open_uniform(words(words(base, own.entity), np.uint64(0))), own.share
        referred = u < share * followed[level]
        end = start + line.work[i] * stage_h * slower[level]
        line.start_h[i], line.end_h[i], line.way[i] = start, end, 2 * level + referred
        held = holds and referred
        free_h = math.inf if held else end
        after = lanes[1]
        earliest = free_h if free_h < after else after  # noqa: FURB136
        for k in range(1, lanes.size - 1):
            here, after = after, lanes[k + 1]
            here = here if here > free_h else free_h  # noqa: FURB136
            lanes[k] = here if here < after else after  # noqa: FURB136
        if held:
            size += 1
            send_sorted(state, g, line, i, exams[:size], mid)
            until = min(until, end)
        i += 1
    lanes[0] = earliest
    group.turn, group.level = i, level
    return size


@compiled
def conclude(state: Any, hour: Any, g: Any) -> Any:
    """Count what one group did in the hour; return how many vehicles had their turn."""
    group, close = state.groups[g], hour + 1.0
    line, head = own_line(state, hour, group), group.turn
    stage_h, busy_h, queue = group.service_h / group.shape, 0.0, 0
    for i in range(head):
        spent = line.work[i] * stage_h * state.service_factor[g, line.way[i] >> 1]
        busy_h += spent if line.start_h[i] >= 0.0 else 0.0
    for i in range(head, line.work.size):
        queue += close - line.arrival_h[i] <= line.patience_h[i]
    rows = state.rows[hour]
    for sums in (state.week[g, rows.week], state.month[g, rows.month]):
        sums.busy_h += busy_h
        sums.lane_h += group.lanes
        sums.queue += queue
    size = line.work.size
    group.line_at, group.waiting, group.queue = group.place + head, size - head, queue
    return head


@compiled
def refer_decided(state: Any, g: Any, first: Any, line: Any, exams: Any) -> Any:
    """Note what was decided for vehicles from turn ``first`` on; return how many were sent on.

    Writes them to ``exams`` unless their station holds lanes: then they are there since their start.
    """
    holds, count = state.stations[state.groups[g].station].room >= 0, 0
    for i in range(line.ordinal.size):
        slot, referred = -1 - line.ordinal[i], line.way[i] & 1
        if slot >= 0:
            own = state.conveyances[slot]
            own.start_h, own.end_h, own.secondary_start_h = line.start_h[i], line.end_h[i], math.nan
            own.referred = referred > 0
            if not referred:
                leave(state, slot, line.end_h[i])
        if referred:
            if not holds:
                send(state, g, line, i, exams[count])
                exams[count].row = state.groups[g].row_at + first + i
            count += 1
    return count


@inlined
def admit_held(state: Any, exam: Any, admitted_h: Any) -> Any:
    """Let a vehicle leave its lane for secondary."""
    exam.admitted_h = admitted_h
    group, rows = state.groups[exam.group], state.rows[int(exam.due_h)]
    free_lane(state.free[group.lane_at : group.lane_at + group.lanes_max], admitted_h)
    # Conveyances are left out of what is counted by lane and hour.
    blocked_h = admitted_h - exam.due_h if exam.slot < 0 else 0.0
    for sums in (state.week[exam.group, rows.week], state.month[exam.group, rows.month]):
        sums.blocked_h += blocked_h


@inlined
def arrive_due(state: Any, station: Any, exams: Any, head: Any, mid: Any) -> Any:
    """Let the vehicle in place ``mid`` end primary: it is admitted if a place is free or will be."""
    ahead, exam = mid - head, exams[mid]
    if ahead < station.room:
        back = (station.ring_next + ahead) % station.room
        admit_held(state, exam, max(exam.due_h, state.ring[station.ring_at + back]))


@inlined
def begin(state: Any, hour: Any, s: Any, exams: Any, head: Any) -> Any:
    """Give bays to those who have ended primary, while the hour lasts; return the new ``head``.

    Each start frees a place of the waiting room for the first of those who are held.
    """
    station = state.stations[s]
    last = station.bay_at + station.bays_max
    bays = state.bay_free[last - station.bays : last + 1]
    stage_h = station.secondary_h / station.shape
    while head < exams.size:
        exam = exams[head]
        start = max(exam.due_h, bays[0])
        if start >= hour + 1.0:
            break
        service_h = exam.work * stage_h
        exam.start_h, exam.exit_h = start, start + service_h
        take(bays, exam.exit_h)
        sums = state.station_month[s, state.rows[int(exam.due_h)].month]
        sums.arrivals += 1
        sums.delayed += start > exam.due_h
        sums.wait_h += start - exam.due_h
        sums.busy_h += service_h
        if station.room > 0:
            state.ring[station.ring_at + station.ring_next] = start
            station.ring_next = (station.ring_next + 1) % station.room
        if head + station.room < exams.size:
            held = exams[head + station.room]
            admit_held(state, held, max(held.due_h, start))
        head += 1
    return head


@compiled
def hold(state: Any, hour: Any, s: Any, entering: Any, exams: Any, size: Any) -> Any:
    """Serve one station that holds lanes, and its groups; return how many started and how many remain.

    ``exams`` has room for all; its first ``size`` entries are those of the last hour.
    """
    station, close = state.stations[s], hour + 1.0
    last = station.bay_at + station.bays_max
    open_up(state.bay_free[last - station.bays : last + 1], hour)
    mid = station.due
    head = begin(state, hour, s, exams[:mid], 0)
    for g in state.order[station.first : station.last]:
        prepare(state, hour, g, entering)
    turn = station.first
    while turn < station.last or (mid < size and exams[mid].due_h < close):
        if turn < station.last:
            g = state.order[turn]
            turn += 1
        else:
            g = exams[mid].group
            arrive_due(state, station, exams, head, mid)
            mid += 1
            head = begin(state, hour, s, exams[:mid], head)
        size = take_turns(state, hour, g, exams, mid, size)
    station.due = mid - head
    state.station_month[s, state.rows[hour].month].bay_h += station.bays
    return head, size


@compiled
def settle_held(state: Any, exams: Any, head: Any) -> Any:
    """Tell conveyances and the trace about the first ``head`` vehicles, which started, and the others."""
    for i in range(exams.size):
        exam = exams[i]
        if exam.row < 0:
            exam.row = state.groups[exam.group].row_at - 1 - exam.row
        if i < head and exam.slot >= 0:
            state.conveyances[exam.slot].secondary_start_h = exam.start_h
            leave(state, exam.slot, exam.exit_h)
        if state.trace.size > 0:
            row = state.trace[exam.row]
            row.admitted_h, row.secondary_start_h, row.exit_h = exam.admitted_h, exam.start_h, exam.exit_h
