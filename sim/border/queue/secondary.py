"""Secondary: who is sent there, and whose turn it is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.border import state as st
from sim.border.queue.primary import open_up
from sim.border.queue.streams import compiled, one_work, open_uniform, words


@compiled
def leave(state: Any, slot: Any, exit_h: Any) -> Any:
    """Note when a conveyance leaves the border."""
    state.conveyances[slot].exit_h = exit_h
    state.decided[state.counts[0].decided] = slot
    state.counts[0].decided += 1


@compiled
def refer(state: Any, group: Any, since: Any, line: Any, row: Any, exams: Any) -> Any:
    """Write those who are sent to secondary to ``exams``; return their number.

    All arrived in hour ``since`` and have rows of the trace from ``row`` on.
    """
    law, base = state.stations[group.station], state.bases[st.REFERRAL]
    anybody = words(group.hours, np.uint64(since))
    key = words(base, anybody)
    count = 0
    for i in range(line.ordinal.size):
        slot, entity, visit = -1 - line.ordinal[i], anybody, line.ordinal[i]
        if slot < 0:
            u = open_uniform(words(key, np.uint64(visit)))
            referred = (u < group.referral_prob) & (line.start_h[i] >= 0.0)
        else:
            own = state.conveyances[slot]
            entity, visit = own.entity, 0
            referred = open_uniform(words(words(base, entity), np.uint64(0))) < own.share
            own.start_h, own.end_h, own.secondary_start_h = line.start_h[i], line.end_h[i], math.nan
            own.referred = referred
            if not referred:
                leave(state, slot, line.end_h[i])
        if referred:
            exam = exams[count]
            exam.due_h, exam.slot, exam.row = line.end_h[i], max(slot, -1), row + i
            exam.work = one_work(words(state.bases[st.SECONDARY], entity), law, visit)
            count += 1
    return count


@compiled
def settle(exams: Any, mid: Any, hi: Any, spare: Any) -> Any:
    """Sort the vehicles of one group, from ``mid`` on, into the line of their station."""
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
        if old >= 0 and exams[old].due_h > spare[new].due_h:
            exams[old + new + 1] = exams[old]
            old -= 1
        else:
            exams[old + new + 1] = spare[new]
            new -= 1


@compiled
def secondary(state: Any, hour: Any, s: Any, exams: Any) -> Any:
    """Serve the line of one secondary station for an hour; return how many had their turn."""
    station, close = state.stations[s], hour + 1.0
    last = station.bay_at + station.bays_max
    bays = state.bay_free[last - station.bays : last + 1]
    open_up(bays, hour)
    stage_h = station.secondary_h / station.shape
    head = 0
    for exam in exams:
        start = max(exam.due_h, bays[0])
        if start >= close:
            break
        service_h = exam.work * stage_h
        end = start + service_h
        for k in range(bays.size - 1):
            bays[k] = min(bays[k + 1], max(bays[k], end))
        sums = state.station_month[s, state.rows[int(exam.due_h)].month]
        sums.arrivals += 1
        sums.delayed += start > exam.due_h
        sums.wait_h += start - exam.due_h
        sums.busy_h += service_h
        if exam.slot >= 0:
            state.conveyances[exam.slot].secondary_start_h = start
            leave(state, exam.slot, end)
        if state.trace.size > 0:
            state.trace[exam.row].secondary_start_h, state.trace[exam.row].exit_h = start, end
        head += 1
    state.station_month[s, state.rows[hour].month].bay_h += station.bays
    return head
