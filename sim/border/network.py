"""The border as a network of queues: what goes in, what comes out, and the clockwork between.

A group is the lanes of one crossing, mode and lane class; a station is the secondary inspection of one
crossing and mode. ``BorderQueue.advance`` moves every group one hour ahead. Semantics:

* Arrivals are Poisson with a rate that is constant within the hour. The i-th *potential* arrival of a
  group in an hour owns its draws, so that a lane more or a driver less shifts nobody else's draws.
* Vehicles are served in order of arrival. A lane that closes on the hour finishes its vehicle.
* A driver whose wait would exceed its exponential patience reneges. Conveyances never do.
* A service is Erlang or hyperexponential; its mean is that of the hour in which it starts, and so is
  the share that is sent to secondary. There they queue in order of the end of primary.
* Leniency changes both by the number waiting at that moment. A driver who has lost patience is in
  line until its turn.
* A waiting room of limited size admits in order of the end of primary; who finds no place stays in
  its lane, which takes nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.border import state as st
from sim.border.leniency.table import LeniencyTable
from sim.border.queue import bounds as limits
from sim.border.queue.bounds import AMOUNT, COUNT, PATIENCE, POSITIVE, SHAPE, SHARE, Bounds, checked, index
from sim.core.calendar import HOURS_PER_WEEK
from sim.core.draws import Draws, compiled_available
from sim.core.errors import TableError

GROUP_INPUTS = ("rate_per_h", "service_h", "lanes", "referral_prob")
STATION_INPUTS = ("secondary_h", "bays")
NOBODY = np.zeros(0, st.ENTERING)


@dataclass(frozen=True)
class QueueSettings:
    """What does not change: G groups, S stations, H hours.

    Parameters
    ----------
    secondary_of : int, [G]
        Station of each group.
    lanes_max : int, [G]
    service_shape : int, [G]
        Erlang shape of primary, 1 is exponential.
    patience_h : float, [G]
        Mean of the exponential patience, h; infinity if nobody reneges.
    bays_max : int, [S]
    secondary_shape : int, [S]
    hour_of_week : int, [H]
    month_of_hour : int, [H]
        Index of the month, -1 for hours that are not counted.
    n_months : int
    entity : uint64, [G], optional
        Identity of each group for its draws; its index if left out.
    leniency : LeniencyTable, optional
    waiting_room : float, [S] or one number
        Vehicles that can wait for a bay outside their lanes; infinity is no limit.
    service_scv, secondary_scv : float, [G] and [S] or one number
        Squared coefficient of variation of hyperexponential times; 1 leaves the Erlang law.

    Raises
    ------
    TableError
        An array has the wrong shape or an impossible value.
    """

    secondary_of: NDArray[Any]
    lanes_max: NDArray[Any]
    service_shape: NDArray[Any]
    patience_h: NDArray[Any]
    bays_max: NDArray[Any]
    secondary_shape: NDArray[Any]
    hour_of_week: NDArray[Any]
    month_of_hour: NDArray[Any]
    n_months: int
    entity: NDArray[Any] | None = None
    leniency: LeniencyTable | None = None
    waiting_room: NDArray[Any] | float = np.inf
    service_scv: NDArray[Any] | float = 1.0
    secondary_scv: NDArray[Any] | float = 1.0

    def __post_init__(self) -> None:
        groups, stations = (np.size(self.lanes_max),), (np.size(self.bays_max),)
        hours = (np.size(self.hour_of_week),)
        rules = {
            "lanes_max": (groups, COUNT),
            "bays_max": (stations, COUNT),
            "secondary_of": (groups, index(*stations)),
            "service_shape": (groups, SHAPE),
            "secondary_shape": (stations, SHAPE),
            "service_scv": (groups, limits.SCV),
            "secondary_scv": (stations, limits.SCV),
            "waiting_room": (stations, limits.PLACES),
            "patience_h": (groups, PATIENCE),
            "hour_of_week": (hours, index(HOURS_PER_WEEK)),
            "month_of_hour": (hours, Bounds(-1, self.n_months - 1, whole=True)),
        }
        for name, (shape, bounds) in rules.items():
            value = np.full(shape, value) if isinstance(value := getattr(self, name), float) else value
            object.__setattr__(self, name, checked(f"border: {name}", value, shape, bounds))
        limits.check_law("border: service", self.service_shape, self.service_scv)
        limits.check_law("border: secondary", self.secondary_shape, self.secondary_scv)
        if self.entity is not None:
            checked("border: entity", self.entity, groups, COUNT)
        if self.leniency is not None:
            self.leniency.check_groups(*groups)

    def identity(self, group: int) -> int:
        """Return the identity that owns a group's draws."""
        return group if self.entity is None else int(self.entity[group])


@dataclass
class HourInput:
    """What one hour brings.

    Parameters
    ----------
    rate_per_h : float, [G]
        Potential arrivals per hour.
    service_h : float, [G]
        Mean time of primary, h.
    lanes : int, [G]
        Open lanes.
    referral_prob : float, [G]
        Share sent to secondary of those who start primary.
    secondary_h : float, [S]
        Mean time of secondary, h.
    bays : int, [S]
        Open bays.
    """

    rate_per_h: NDArray[Any]
    service_h: NDArray[Any]
    lanes: NDArray[Any]
    referral_prob: NDArray[Any]
    secondary_h: NDArray[Any]
    bays: NDArray[Any]

    def check(self, settings: QueueSettings, hour: int) -> None:
        """Raise a TableError that names the first impossible value."""
        groups, stations = settings.lanes_max.shape, settings.bays_max.shape
        rules = {
            "rate_per_h": (groups, AMOUNT),
            "service_h": (groups, POSITIVE),
            "lanes": (groups, COUNT),
            "referral_prob": (groups, SHARE),
            "secondary_h": (stations, POSITIVE),
            "bays": (stations, COUNT),
        }
        for name, (shape, bounds) in rules.items():
            checked(f"border hour {hour}: {name}", getattr(self, name), shape, bounds)
        for name, most in (("lanes", settings.lanes_max), ("bays", settings.bays_max)):
            over = np.flatnonzero(getattr(self, name) > most)
            if over.size:
                value, limit = getattr(self, name)[over[0]], most[over[0]]
                raise TableError(f"border hour {hour}: {name}[{over[0]}]: must be <= {limit}, not {value}")


@dataclass
class Tracked:
    """Conveyances that enter in one hour, in any order.

    Parameters
    ----------
    group : int, [N]
    arrival_h : float, [N]
        Time, h since the start, within the hour.
    key : uint64, [N]
        Identity (``entity_id``) that owns the draws: an injection shifts nobody else's.
    referral_prob : float, [N]
        Probability of being sent to secondary.
    token : int, [N]
        Returned with the fate.
    """

    group: NDArray[Any]
    arrival_h: NDArray[Any]
    key: NDArray[Any]
    referral_prob: NDArray[Any]
    token: NDArray[Any]

    def check(self, settings: QueueSettings, hour: int) -> None:
        """Raise a TableError that names the first impossible value."""
        shape, where = (np.size(self.group),), f"border hour {hour}: tracked"
        rules = {
            "group": index(len(settings.lanes_max)),
            "arrival_h": Bounds(hour, np.nextafter(hour + 1.0, hour)),
            "key": COUNT,
            "referral_prob": SHARE,
            "token": Bounds(-np.inf, whole=True),
        }
        for name, bounds in rules.items():
            checked(f"{where} {name}", getattr(self, name), shape, bounds)

    def rows(self) -> Iterator[tuple[int, float, int, float, int]]:
        """Yield group, time, identity, share and token of each conveyance."""
        columns = (self.group, self.arrival_h, self.key, self.referral_prob, self.token)
        yield from zip(*(np.asarray(column).tolist() for column in columns), strict=True)


@dataclass(frozen=True)
class TrackedFate:
    """What happened to a conveyance; times in h since the start, nan where it does not apply."""

    token: int
    start_h: float
    primary_end_h: float
    referred: bool
    secondary_start_h: float
    exit_h: float


@dataclass(frozen=True)
class BorderTotals:
    """Sums since the first counted hour.

    A vehicle counts in the hour of its arrival once it has taken its turn or reneged; ``busy_h``
    (service begun), ``lane_h`` and ``queue`` (waiting at the end of an hour) in the hour itself.
    Conveyances are left out of trips, waits and referrals: sums by lane and hour show lawful travel only.

    Attributes
    ----------
    week : structured, [G, 168]
        Fields of ``state.GROUP_SUM``: ``week["trips"]`` is an array [G, 168].
    month : structured, [G, n_months]
        The same by month.
    wait_bins : int64, [G, n_months, 241]
        Trips by minutes of wait; the last bin is four hours or more.
    station : structured, [S, n_months]
        Fields of ``state.STATION_SUM``, in the month of the end of primary.
    """

    week: NDArray[Any]
    month: NDArray[Any]
    wait_bins: NDArray[np.int64]
    station: NDArray[Any]


class BorderQueue:
    """All groups and stations of the border on one clock of hours.

    Parameters
    ----------
    settings : QueueSettings
    draws : Draws
    compiled : bool, optional
        Compiled kernel or NumPy fallback, identical results; what is installed decides if left out.
    traced : bool
        Keep one row a vehicle (``trace``): for tests and small borders only, it grows with time.
    """

    def __init__(
        self, settings: QueueSettings, draws: Draws, compiled: bool | None = None, traced: bool = False
    ) -> None:
        self.settings = settings
        self.hour = 0
        self._advance = _kernel(compiled_available() if compiled is None else compiled)
        self._state = st.new_state(settings, draws)
        self._traced = traced
        self._tokens: dict[int, int] = {}

    def advance(self, hour: int, now: HourInput, tracked: Tracked | None = None) -> list[TrackedFate]:
        """Simulate one hour and return the fates that were decided in it.

        Parameters
        ----------
        hour : int
            The next hour; the first is 0.
        now : HourInput
        tracked : Tracked, optional

        Returns
        -------
        list of TrackedFate
            Exits may lie after the hour. A conveyance that is sent to secondary is decided in the hour
            in which it starts there.

        Raises
        ------
        TableError
            An input is impossible. Nothing has changed then.
        ValueError
            ``hour`` is not the next one, or lies after the last of the settings.
        """
        if hour != self.hour or hour >= len(self.settings.hour_of_week):
            raise ValueError(f"hour {hour}: the next one is {self.hour} of {len(self.settings.hour_of_week)}")
        self._read(now)
        entering = self._enter(tracked)
        needed = 0
        while True:
            self._make_room(needed)
            needed = self._advance(self._state, hour, entering)
            if needed == 0:
                break
            if needed < 0:
                for slot in entering["slot"].tolist():
                    del self._tokens[slot]
                now.check(self.settings, hour)
        self.hour += 1
        return self._fates()

    @property
    def queue(self) -> NDArray[np.int64]:
        """Vehicles of each group that wait for primary at the end of the last hour, int64 [G]."""
        return self._state.groups["queue"].copy()

    @property
    def trace(self) -> NDArray[Any]:
        """One row a vehicle that had its turn, in order of hour, group and turn."""
        return self._state.trace[: self._state.counts[0]["rows"]].copy()

    def totals(self) -> BorderTotals:
        """Return the sums up to now."""
        state = self._state
        return BorderTotals(
            week=state.week[:, :-1].copy(),
            month=state.month[:, :-1].copy(),
            wait_bins=state.wait_bins[:, :-1].copy(),
            station=state.station_month[:, :-1].copy(),
        )

    def _read(self, now: HourInput) -> None:
        """Copy the inputs of the hour into the records; the kernel looks at their values."""
        for records, names in ((self._state.groups, GROUP_INPUTS), (self._state.stations, STATION_INPUTS)):
            for name in names:
                value, target = np.asarray(getattr(now, name)), records[name]
                if value.shape != target.shape or not np.can_cast(value.dtype, target.dtype, "same_kind"):
                    now.check(self.settings, self.hour)
                np.copyto(target, value, casting="same_kind")

    def _enter(self, tracked: Tracked | None) -> NDArray[Any]:
        """Give each conveyance a slot, sort them by group and time, and tell the groups."""
        groups = self._state.groups
        if tracked is None or not len(tracked.group):
            groups["enter"] = 0
            return NOBODY
        tracked.check(self.settings, self.hour)
        slots = list(islice((slot for slot in count() if slot not in self._tokens), len(tracked.group)))
        room = max(slots) + 1
        if room > len(self._state.decided):
            self._state = self._state._replace(
                conveyances=st.enlarged(self._state.conveyances, room),
                decided=st.enlarged(self._state.decided, room),
            )
        order = np.lexsort((tracked.arrival_h, tracked.group))
        own = self._state.conveyances
        own["entity"][slots] = np.asarray(tracked.key)[order]
        own["share"][slots] = np.asarray(tracked.referral_prob)[order]
        self._tokens.update(zip(slots, np.asarray(tracked.token)[order].tolist(), strict=True))
        groups["enter"] = np.bincount(tracked.group, minlength=len(groups))
        groups["enter_at"] = np.cumsum(groups["enter"]) - groups["enter"]
        entering = np.zeros(len(order), st.ENTERING)
        entering["arrival_h"], entering["slot"] = np.asarray(tracked.arrival_h)[order], slots
        return entering

    def _make_room(self, needed: int) -> None:
        """Let the line hold ``needed`` vehicles, and what follows it all that it may send on."""
        state, counts = self._state, self._state.counts[0]
        room = st.grown(state.line.work, needed)
        exams = int(counts["pending"]) + room
        rows = int(counts["rows"]) + room if self._traced else 0
        if room > state.line.work.shape[1] or exams > state.exams.shape[1] or rows > len(state.trace):
            self._state = state._replace(
                line=st.Line(*(st.enlarged(column, room) for column in state.line)),
                exams=st.enlarged(state.exams, exams),
                trace=st.enlarged(state.trace, rows),
            )

    def _fates(self) -> list[TrackedFate]:
        decided = self._state.decided[: self._state.counts[0]["decided"]].tolist()
        return [self._fate(slot) for slot in decided]

    def _fate(self, slot: int) -> TrackedFate:
        own = self._state.conveyances[slot]
        return TrackedFate(
            token=self._tokens.pop(slot),
            start_h=float(own["start_h"]),
            primary_end_h=float(own["end_h"]),
            referred=bool(own["referred"]),
            secondary_start_h=float(own["secondary_start_h"]),
            exit_h=float(own["exit_h"]),
        )


def _kernel(compiled: bool) -> Callable[[st.State, int, NDArray[Any]], int]:
    if compiled:
        from sim.border.queue import kernel

        return kernel.advance
    from sim.border.queue import fallback

    return fallback.advance
