"""The rules of ``held`` without a compiler: lists, a heap of ends of primary, one vehicle at a time."""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf, nan
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.border import state as st
from sim.core.draws import EVEN, erlang_of, hyperexponential_of, open_uniform, words

if TYPE_CHECKING:
    from sim.border.queue.fallback import Decided, Vehicles

Words = NDArray[np.uint64]


@dataclass
class Exam:
    """A vehicle on its way to a bay; times in h, nan before they are known."""

    due_h: float
    work: float
    slot: int
    row: int
    group: int
    admitted_h: float = nan
    start_h: float = nan
    exit_h: float = nan


@dataclass
class DecidingGroup:
    """One group in one hour: whose turn it is, and what was decided."""

    arrival_h: list[float]
    work: list[float]
    patience_h: list[float]
    u: list[float]
    share: list[float]
    free: list[float]
    lanes: int
    stage_h: float
    edges: list[float]
    service_factor: list[float]
    referral_factor: list[float]
    starts: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    referred: list[bool] = field(default_factory=list)
    held_until: list[float] = field(default_factory=list)  # ends of primary of lanes that may be held
    exam_work: list[float] = field(default_factory=list)
    slots: list[int] = field(default_factory=list)
    seen: int = 0

    def turns(self, close: float, send: Callable[[int, float], None] | None) -> None:
        """Give turns until the hour ends or a held lane may become free.

        Parameters
        ----------
        close : float
        send : callable, optional
            Takes the turn and the end of primary of a vehicle that may be held in its lane.
        """
        while self.lanes and len(self.starts) < len(self.arrival_h):
            i, first = len(self.starts), len(self.free) - self.lanes
            start = max(self.arrival_h[i], self.free[first])
            if start >= min([close, *self.held_until]):
                return
            if start - self.arrival_h[i] > self.patience_h[i]:
                self._note(-1.0, self.free[first], 0, False)
                continue
            while self.seen < len(self.arrival_h) and self.arrival_h[self.seen] <= start:
                self.seen += 1
            waiting = max(self.seen - i - 1, 0)
            level = sum(waiting > edge * self.lanes for edge in self.edges)
            end = start + self.work[i] * self.stage_h * self.service_factor[level]
            referred = self.u[i] < self.share[i] * self.referral_factor[level]
            held = referred and send is not None
            del self.free[first]
            insort(self.free, inf if held else end)
            self._note(start, end, level, referred)
            if held and send is not None:
                insort(self.held_until, end)
                send(i, end)

    def _note(self, start: float, end: float, level: int, referred: bool) -> None:
        self.starts.append(start)
        self.ends.append(end)
        self.levels.append(level)
        self.referred.append(referred)

    def release(self, admitted_h: float) -> None:
        """Let a held lane be free from a time on."""
        self.free.pop()
        insort(self.free, admitted_h)


class HoldingStation:
    """Secondary with a waiting room of limited size, and the groups whose lanes it may hold."""

    def __init__(self, state: st.State, hour: int, s: int, groups: dict[int, DecidingGroup]) -> None:
        self.state, self.hour, self.s, self.groups = state, hour, s, groups
        self.record = state.stations[s]
        first, number = int(self.record["exam_at"]), int(self.record["pending"])
        exams = [Exam(*row) for row in state.exams[1 - (hour & 1), first : first + number].tolist()]
        due = int(self.record["due"])
        self.line, self.begun = deque(exams[:due]), list[Exam]()
        self.in_primary: list[tuple[float, int, Exam]] = []
        self.sent = 0
        for exam in exams[due:]:
            self._push(exam)
            insort(groups[exam.group].held_until, exam.due_h)
        self.room = int(self.record["room"])
        ring = slice(self.record["ring_at"], self.record["ring_at"] + self.room)
        at = int(self.record["ring_next"])
        self.last_starts = deque(np.roll(state.ring[ring], -at).tolist(), maxlen=self.room)
        last = int(self.record["bay_at"] + self.record["bays_max"])
        self._bays = state.bay_free[last - int(self.record["bays"]) : last]
        self.bays = np.maximum(self._bays, float(hour)).tolist()

    def _push(self, exam: Exam) -> None:
        heappush(self.in_primary, (exam.due_h, self.sent, exam))
        self.sent += 1

    def turns(self, g: int) -> None:
        """Give turns in one group; who is sent to secondary stays in its lane for now."""
        group, slots = self.groups[g], self.groups[g].slots

        def send(i: int, end_h: float) -> None:
            self._push(Exam(end_h, group.exam_work[i], slots[i], -1 - i, g))

        group.turns(self.hour + 1.0, send)

    def run(self) -> list[Exam]:
        """Serve the hour; return those who started, those who wait, and those still in primary."""
        close = self.hour + 1.0
        self._begin()
        for g in self.groups:
            self.turns(g)
        while self.in_primary and self.in_primary[0][0] < close:
            _, _, exam = heappop(self.in_primary)
            self.groups[exam.group].held_until.remove(exam.due_h)
            if len(self.line) < self.room:
                self._admit(exam, max(exam.due_h, self.last_starts[len(self.line)]))
            self.line.append(exam)
            self._begin()
            self.turns(exam.group)
        self._bays[:] = self.bays
        self.state.ring[self.record["ring_at"] : self.record["ring_at"] + self.room] = self.last_starts
        self.record["ring_next"] = 0
        self.record["due"] = len(self.line)
        self.state.station_month[self.s, self.state.rows[self.hour]["month"]]["bay_h"] += self.record["bays"]
        return [*self.begun, *self.line, *(exam for *_, exam in sorted(self.in_primary))]

    def _begin(self) -> None:
        """Give bays to those who have ended primary, while the hour lasts."""
        stage_h = float(self.record["secondary_h"] / self.record["shape"])
        while self.line and self.bays:
            exam = self.line[0]
            start = max(exam.due_h, self.bays[0])
            if start >= self.hour + 1.0:
                return
            self.line.popleft()
            self.begun.append(exam)
            service_h = exam.work * stage_h
            exam.start_h, exam.exit_h = start, start + service_h
            del self.bays[0]
            insort(self.bays, exam.exit_h)
            self.last_starts.append(start)
            sums = self.state.station_month[self.s, self.state.rows[int(exam.due_h)]["month"]]
            sums["arrivals"] += 1
            sums["delayed"] += start > exam.due_h
            sums["wait_h"] += start - exam.due_h
            sums["busy_h"] += service_h
            held = [exam, *self.line][self.room :]
            if held:
                self._admit(held[0], max(held[0].due_h, start))

    def _admit(self, exam: Exam, admitted_h: float) -> None:
        exam.admitted_h = admitted_h
        self.groups[exam.group].release(admitted_h)
        rows = self.state.rows[int(exam.due_h)]
        for sums in (self.state.week[exam.group, rows["week"]], self.state.month[exam.group, rows["month"]]):
            sums["blocked_h"] += admitted_h - exam.due_h if exam.slot < 0 else 0.0


def records(exams: Sequence[Exam]) -> NDArray[Any]:
    """Return exams as ``EXAM`` records."""
    names = st.EXAM.names or ()
    return np.array([tuple(getattr(exam, name) for name in names) for exam in exams], dtype=st.EXAM)


class Turns(NamedTuple):
    """What the turns of an hour brought, one entry a vehicle that had its turn."""

    start_h: list[float]
    end_h: list[float]
    factor: list[float]
    referred: list[bool]  # of groups that decide
    exams: list[tuple[int, int, list[Exam]]]  # station that holds lanes, how many started, its line


def works(key: Words, laws: NDArray[Any], of: st.Ints, visit: Words) -> st.Floats:
    """Return the services of vehicles; ``of`` are the places of their records of a group or station."""
    out, shape, share = np.zeros(len(key)), laws["shape"][of], laws["short_share"][of]
    for k in np.unique(shape).tolist():
        same = shape == k
        out[same] = erlang_of(key[same], k, visit[same])
    phases = share > EVEN
    if phases.any():
        out[phases] = hyperexponential_of(key[phases], share[phases], visit[phases])
    return out


def deciding_group(state: st.State, hour: int, g: int, line: Vehicles) -> DecidingGroup:
    """Return a group that decides at the start of service, with its draws."""
    group = state.groups[g]
    entity, visit = line.owners(state)
    share = np.full(len(entity), float(group["referral_prob"]))
    tracked = line.ordinal < 0
    share[tracked] = state.conveyances["share"][-1 - line.ordinal[tracked]]
    station = np.full(len(entity), group["station"])
    last, lanes = group["lane_at"] + group["lanes_max"], int(group["lanes"])
    free = state.free[group["lane_at"] : last].copy()
    free[len(free) - lanes :] = np.maximum(free[len(free) - lanes :], float(hour))
    return DecidingGroup(
        arrival_h=line.arrival_h.tolist(),
        work=line.work.tolist(),
        patience_h=line.patience_h.tolist(),
        u=open_uniform(words(words(state.bases[st.REFERRAL], entity), visit)).tolist(),
        share=share.tolist(),
        free=free.tolist(),
        lanes=lanes,
        stage_h=float(group["service_h"] / group["shape"]),
        edges=state.edges[g].tolist(),
        service_factor=state.service_factor[g].tolist(),
        referral_factor=state.referral_factor[g].tolist(),
        exam_work=works(words(state.bases[st.SECONDARY], entity), state.stations, station, visit).tolist(),
        slots=np.maximum(-1 - line.ordinal, -1).tolist(),
    )


def serve_deciding(state: st.State, hour: int, s: int, lines: dict[int, Vehicles], done: Turns) -> list[int]:
    """Serve the groups of one station that decide; return how many of each had their turn."""
    groups = {g: deciding_group(state, hour, g, line) for g, line in lines.items()}
    if state.stations["room"][s] >= 0:
        station = HoldingStation(state, hour, s, groups)
        exams = station.run()
        done.exams.append((s, len(station.begun), exams))
    for g, group in groups.items():
        if state.stations["room"][s] < 0:
            group.turns(hour + 1.0, None)
        at = state.groups["lane_at"][g]
        state.free[at : at + len(group.free)] = group.free
        done.start_h.extend(group.starts)
        done.end_h.extend(group.ends)
        done.factor.extend(group.service_factor[level] for level in group.levels)
        done.referred.extend(group.referred)
    return [len(group.starts) for group in groups.values()]


def settle_held(state: st.State, s: int, head: int, line: NDArray[Any], decided: Decided) -> None:
    """Tell conveyances and the trace about a station that holds lanes; the first ``head`` started."""
    begun = line[:head][line["slot"][:head] >= 0]
    state.conveyances["secondary_start_h"][begun["slot"]] = begun["start_h"]
    state.conveyances["exit_h"][begun["slot"]] = begun["exit_h"]
    decided.extend((s, True, slot) for slot in begun["slot"].tolist())
    if state.trace.size:
        rows = line["row"]
        state.trace["admitted_h"][rows], state.trace["exit_h"][rows] = line["admitted_h"], line["exit_h"]
        state.trace["secondary_start_h"][rows] = line["start_h"]
