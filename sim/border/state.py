"""The arrays that a border queue lives in, shared by the compiled kernel and its fallback.

Vehicles before primary stand in columns, one group after another, in order of arrival. Two sides
alternate: hour ``h`` copies those still waiting from side ``(h - 1) % 2`` to side ``h % 2`` and appends
the arrivals of the hour, so that nobody moves within a side. Vehicles sent to secondary do the same in
``exams``, one station after another. Groups are G, stations S, hours H; times are hours since the start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.border.leniency.table import NO_LENIENCY
from sim.core.calendar import HOURS_PER_WEEK
from sim.core.draws import Draws, short_share, siblings

if TYPE_CHECKING:
    from sim.border.network import QueueSettings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Records = NDArray[Any]

STREAMS = ("arrival", "service", "patience", "referral", "secondary")
"""Decisions that draw; the kernels know them by position."""
ARRIVAL, SERVICE, PATIENCE, REFERRAL, SECONDARY = range(len(STREAMS))
WAIT_BINS = 241
"""Minutes 0..239, and one bin for four hours or more."""
SPARE = 2
"""Third side of ``exams``: room to sort."""

f8, i8, u8, flag = np.float64, np.int64, np.uint64, np.bool_

GROUP = np.dtype(
    [
        # What never changes.
        ("station", i8),
        ("hours", u8),  # state of which an hour picks the entity of the group in that hour
        ("shape", i8),
        ("short_share", f8),  # of services, in the short of two phases; `EVEN` where the law is Erlang
        ("patience_h", f8),
        ("lane_at", i8),  # where its lanes begin in `free`
        ("lanes_max", i8),
        ("levels", i8),  # of leniency, beyond the first
        (
            "decides",
            flag,
        ),  # referral is known at the start of service: leniency, or lanes that can be blocked
        # Inputs of the hour; see `network.HourInput`.
        ("rate_per_h", f8),
        ("service_h", f8),
        ("lanes", i8),
        ("referral_prob", f8),
        ("enter_at", i8),  # its conveyances in `entering`
        ("enter", i8),
        # Where its vehicles are.
        ("line_at", i8),  # those who wait since the last hour
        ("waiting", i8),
        ("place", i8),  # the line of this hour: they, and the fresh arrivals
        ("fresh", i8),
        ("queue", i8),  # those who wait and have not given up
        # Where a group that decides stands within the hour.
        ("turn", i8),  # whose turn it is, from `place` on
        ("level", i8),
        ("row_at", i8),  # its first row of the trace
    ]
)
STATION = np.dtype(
    [
        ("shape", i8),
        ("short_share", f8),
        ("bay_at", i8),
        ("bays_max", i8),
        ("first", i8),  # its groups in `order`
        ("last", i8),
        ("secondary_h", f8),
        ("bays", i8),
        ("exam_at", i8),
        ("pending", i8),
        ("due", i8),  # those of `pending` who have ended primary
        # A waiting room of limited size holds who does not fit in its lane.
        ("room", i8),  # places, -1 without limit
        ("ring_at", i8),  # its last starts in `ring`
        ("ring_next", i8),
    ]
)
EXAM = np.dtype(
    [
        ("due_h", f8),  # end of primary
        ("work", f8),  # stages of unit mean, summed
        ("slot", i8),  # of a conveyance, or -1
        ("row", i8),  # of the trace; below 0 the turn within the hour, -1 is the first
        # Where lanes can be blocked.
        ("group", i8),
        ("admitted_h", f8),
        ("start_h", f8),
        ("exit_h", f8),
    ]
)
"""A vehicle before secondary."""
CONVEYANCE = np.dtype(
    [
        ("entity", u8),
        ("share", f8),
        ("start_h", f8),
        ("end_h", f8),
        ("referred", flag),
        ("secondary_start_h", f8),
        ("exit_h", f8),
    ]
)
ENTERING = np.dtype([("arrival_h", f8), ("slot", i8)])
TRACE = np.dtype(
    [
        ("group", i8),
        ("arrival_h", f8),
        ("start_h", f8),
        ("end_h", f8),
        ("referred", flag),
        ("admitted_h", f8),  # when it left its lane for secondary
        ("secondary_start_h", f8),
        ("exit_h", f8),
    ]
)
"""One vehicle; nan for what did not happen: the start of a driver who reneged, an exit to come."""
ROWS = np.dtype([("week", i8), ("month", i8)])
"""Rows of the sums for an hour; -1, the last one, takes what is not counted."""
GROUP_SUM = np.dtype(
    [
        ("trips", i8),
        ("delayed", i8),  # trips that waited at all
        ("reneged", i8),
        ("referred", i8),
        ("wait_h", f8),
        ("wait_h2", f8),
        ("busy_h", f8),
        ("blocked_h", f8),  # lanes blocked by vehicles that have ended primary
        ("lane_h", i8),
        ("queue", i8),
    ]
)
STATION_SUM = np.dtype([("arrivals", i8), ("delayed", i8), ("wait_h", f8), ("busy_h", f8), ("bay_h", i8)])
COUNTS = np.dtype([("rows", i8), ("decided", i8), ("pending", i8)])
"""Rows of the trace; conveyances decided in this hour; vehicles before secondary."""


class Line(NamedTuple):
    """Vehicles before primary, by column."""

    arrival_h: Floats  # [2, capacity]
    work: Floats  # [2, capacity] stages of unit mean, summed
    patience_h: Floats  # [2, capacity]
    ordinal: Ints  # [2, capacity] place among the arrivals of its hour; -1 - slot of a conveyance
    start_h: Floats  # [2, capacity] -1 of a driver who reneged
    end_h: Floats  # [2, capacity]
    way: Ints  # [2, capacity] of groups that decide: twice the level of leniency, and 1 if referred


class State(NamedTuple):
    """All that one hour reads and writes."""

    groups: Records  # [G] GROUP
    stations: Records  # [S] STATION
    order: Ints  # [G] groups, those of one station side by side
    bases: NDArray[np.uint64]  # [STREAMS] states of which entities pick their keys
    rows: Records  # [H] ROWS
    counts: Records  # [1] COUNTS

    line: Line
    free: Floats  # sorted times at which lanes become free, infinity after the last lane of each group
    edges: Floats  # [G, levels] waiting vehicles per open lane above which leniency rises
    service_factor: Floats  # [G, levels + 1]
    referral_factor: Floats  # [G, levels + 1]

    exams: Records  # [3, capacity] EXAM
    bay_free: Floats
    ring: Floats  # the last starts of secondary, as many as its waiting room has places
    conveyances: Records  # [slots] CONVEYANCE
    decided: Ints  # [slots] those whose exit became known in this hour, in order
    trace: Records  # [capacity] TRACE, no capacity unless asked for

    week: Records  # [G, 168 + 1] GROUP_SUM
    month: Records  # [G, months + 1] GROUP_SUM
    wait_bins: Ints  # [G, months + 1, WAIT_BINS]
    station_month: Records  # [S, months + 1] STATION_SUM


def new_state(settings: QueueSettings, draws: Draws) -> State:
    """Return the empty border: every lane idle, nobody present, no capacity yet."""
    groups, free = _groups(settings)
    stations, bay_free, ring = _stations(settings)
    lenient = settings.leniency or NO_LENIENCY
    rows = np.zeros(len(settings.hour_of_week), ROWS)
    rows["week"] = np.where(settings.month_of_hour < 0, -1, settings.hour_of_week)
    rows["month"] = settings.month_of_hour
    by_month = settings.n_months + 1
    floats = np.zeros((2, 0))
    return State(
        groups=groups,
        stations=stations,
        order=np.argsort(settings.secondary_of, kind="stable").astype(i8),
        bases=np.array([draws.base(stream) for stream in STREAMS], dtype=u8),
        rows=rows,
        counts=np.zeros(1, COUNTS),
        line=Line(floats, floats, floats, floats.astype(i8), floats, floats, floats.astype(i8)),
        free=free,
        edges=_by_group(lenient.edges, groups),
        service_factor=_by_group(lenient.service_factor, groups),
        referral_factor=_by_group(lenient.referral_factor, groups),
        exams=np.zeros((3, 0), EXAM),
        bay_free=bay_free,
        ring=ring,
        conveyances=np.zeros(0, CONVEYANCE),
        decided=np.zeros(0, i8),
        trace=np.zeros(0, TRACE),
        week=np.zeros((len(groups), HOURS_PER_WEEK + 1), GROUP_SUM),
        month=np.zeros((len(groups), by_month), GROUP_SUM),
        wait_bins=np.zeros((len(groups), by_month, WAIT_BINS), i8),
        station_month=np.zeros((len(stations), by_month), STATION_SUM),
    )


def _groups(settings: QueueSettings) -> tuple[Records, Floats]:
    groups = np.zeros(len(settings.lanes_max), GROUP)
    groups["hours"] = [siblings(settings.identity(g), "hour") for g in range(len(groups))]
    groups["station"] = settings.secondary_of
    groups["shape"], groups["short_share"] = settings.service_shape, short_share(settings.service_scv)
    groups["patience_h"] = settings.patience_h
    groups["lanes_max"] = settings.lanes_max
    groups["lane_at"], free = _free_times(settings.lanes_max)
    groups["levels"] = 0 if settings.leniency is None else np.shape(settings.leniency.edges)[-1]
    groups["decides"] = (groups["levels"] > 0) | np.isfinite(settings.waiting_room)[settings.secondary_of]
    return groups, free


def _stations(settings: QueueSettings) -> tuple[Records, Floats, Floats]:
    stations = np.zeros(len(settings.bays_max), STATION)
    stations["shape"], stations["short_share"] = settings.secondary_shape, short_share(settings.secondary_scv)
    stations["bays_max"] = settings.bays_max
    stations["bay_at"], free = _free_times(settings.bays_max)
    stations["last"] = np.cumsum(np.bincount(settings.secondary_of, minlength=len(stations)))
    stations["first"][1:] = stations["last"][:-1]
    limited = np.isfinite(settings.waiting_room)
    stations["room"] = np.where(limited, settings.waiting_room, -1)
    places = np.where(limited, settings.waiting_room, 0).astype(i8)
    stations["ring_at"] = np.cumsum(places) - places
    return stations, free, np.zeros(places.sum())


def _by_group(table: Floats, groups: Records) -> Floats:
    """Return a row of a table of leniency for each group; one row serves all."""
    return np.array(np.broadcast_to(table, (len(groups), np.shape(table)[-1])), dtype=f8, order="C")


def _free_times(sizes: Ints) -> tuple[Ints, Floats]:
    """Return where each set of servers begins, and all their free times, each set with its sentinel."""
    ends = np.cumsum(sizes + 1)
    free = np.zeros(ends[-1] if len(ends) else 0)
    free[ends - 1] = np.inf
    return ends - sizes - 1, free


def grown(column: NDArray[Any], needed: int) -> int:
    """Return the capacity that a column should have to hold ``needed`` entries."""
    size = column.shape[-1]
    # Growing by half at least keeps the copying proportional to what is stored.
    return size if needed <= size else max(needed, size * 3 // 2)


def enlarged(column: NDArray[Any], needed: int) -> NDArray[Any]:
    """Return a column that holds at least ``needed`` entries along its last axis, with the same content."""
    size = column.shape[-1]
    if needed <= size:
        return column
    wider = np.zeros((*column.shape[:-1], grown(column, needed)), column.dtype)
    wider[..., :size] = column
    return wider
