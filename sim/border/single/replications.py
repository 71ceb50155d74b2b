"""Replications of an invented crossing: each is a lane group of its own, all advance in one call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.border.layers import LAYERS
from sim.border.network import BorderQueue, HourInput, QueueSettings, Tracked
from sim.border.single.crossing import NAME, SingleCrossing
from sim.border.single.law import law
from sim.border.single.screening import HourlyScreening, screened
from sim.core.calendar import HOURS_PER_DAY, HOURS_PER_WEEK
from sim.core.draws import Draws, entity_id
from sim.core.errors import ConfigError
from sim.core.units import MINUTES_PER_HOUR
from sim.stats.intervals import mean_interval

TAIL_H = HOURS_PER_WEEK
"""Hours after the counted ones in which their vehicles leave; arrivals go on, because the line acts."""

EDGE = 0.01
"""Share of referrals by which two ways to date them may differ."""

GROWTH = 0.25
"""A line that grows is longer by this share in the second half of the counted days, and by a vehicle a lane.

Without such a floor one settled crossing in forty would be refused for what chance does to a short line.
"""


@dataclass(frozen=True)
class SmuggledLoad:
    """One load: replication, arrival in h, owner of its draws."""

    replication: int
    arrival_h: float
    entity: int


@dataclass(frozen=True)
class Counts:
    """What replications counted, R of them; H is the period of the border.

    Attributes
    ----------
    hours : structured, [R, H]
        Fields of ``state.GROUP_SUM`` by hour of the day or week.
    wait_bins : int64, [R, 241]
        Trips by minutes of wait.
    station : structured, [R]
        Fields of ``state.STATION_SUM``.
    loads : int64, [R]
        Loads that came in the counted hours.
    alarmed, overlooked, found : int64, [R, layers]
        Loads on which a layer of ``LAYERS`` was the first to alarm; of these, those that leniency let
        pass, and those that secondary found.
    lawful : int64, [R, layers]
        Others whom the layer sent to secondary.
    times : float64, [H]
        How often each hour of the period was counted, a replication.
    """

    hours: NDArray[Any]
    wait_bins: NDArray[np.int64]
    station: NDArray[Any]
    loads: NDArray[np.int64]
    alarmed: NDArray[np.int64]
    overlooked: NDArray[np.int64]
    found: NDArray[np.int64]
    lawful: NDArray[np.int64]
    times: NDArray[np.float64]

    @property
    def referred(self) -> NDArray[np.int64]:
        """Loads sent to secondary, int64 [R]."""
        return (self.alarmed - self.overlooked).sum(axis=1)


def queue_of(
    border: SingleCrossing, first: int, copies: int, hours: int, traced: bool = False
) -> BorderQueue:
    """Return the queue of replications ``first`` to ``first + copies``, before its first hour."""
    ones, everywhere = np.ones(copies, dtype=np.int64), np.ones(copies)
    secondary = border.secondary
    shape, scv = law(border.service_scv, border.service_shape)
    exam_shape, exam_scv = (1, 1.0) if secondary is None else law(secondary.scv, secondary.shape)
    hour = np.arange(hours)
    counted = (hour >= border.warmup_days * HOURS_PER_DAY) & (
        hour < (border.warmup_days + border.days) * HOURS_PER_DAY
    )
    room = secondary.waiting_room if secondary is not None else None
    return BorderQueue(
        QueueSettings(
            secondary_of=np.arange(copies),
            lanes_max=ones * int(border.by_hour("lanes").max()),
            service_shape=ones * shape,
            service_scv=scv,
            patience_h=everywhere
            * (np.inf if border.patience_min is None else border.patience_min / MINUTES_PER_HOUR),
            bays_max=ones * int(border.by_hour("bays").max()),
            secondary_shape=ones * exam_shape,
            secondary_scv=exam_scv,
            hour_of_week=hour % HOURS_PER_WEEK,
            month_of_hour=np.where(counted, 0, -1),
            n_months=1,
            entity=np.array([owner(first + copy) for copy in range(copies)], dtype=np.uint64),
            leniency=None if border.leniency is None else border.leniency.table(),
            waiting_room=np.inf if room is None else float(room),
        ),
        Draws(border.seed, 0),
        traced=traced,
    )


def owner(replication: int) -> int:
    """Return the owner of a replication's draws."""
    # A name of an earlier version: with another every crossing would draw anew.
    return entity_id(0, "own border", replication)


def hour_input(border: SingleCrossing, own: HourlyScreening, hour: int, copies: int) -> HourInput:
    """Return what one hour brings to every replication."""
    at, everywhere, ones = hour % border.period, np.ones(copies), np.ones(copies, dtype=np.int64)
    secondary = border.secondary
    return HourInput(
        rate_per_h=everywhere * border.by_hour("arrivals_per_h")[at],
        service_h=everywhere * own.service_h[at],
        lanes=ones * int(border.by_hour("lanes")[at]),
        referral_prob=everywhere * min(1.0, float(own.referral_prob[at])),
        secondary_h=everywhere * (1.0 if secondary is None else secondary.mean_min / MINUTES_PER_HOUR),
        bays=ones * int(border.by_hour("bays")[at]),
    )


def draw_loads(border: SingleCrossing, draws: Draws, replication: int, days: int) -> list[SmuggledLoad]:
    """Return the loads of a replication: Poisson a day, at hours in proportion to the traffic."""
    if border.loads is None or border.loads.per_day == 0:
        return []
    out = []
    rates = border.by_hour("arrivals_per_h").reshape(-1, HOURS_PER_DAY)
    for day in range(days):
        cumulated = np.concatenate([[0.0], np.cumsum(rates[day % len(rates)])])
        if cumulated[-1] == 0:
            continue
        entity, visit, reached = entity_id(owner(replication), "load day", day), 0, 0.0
        while (reached := reached + draws.exponential("load", entity, visit)) < border.loads.per_day:
            share = reached / border.loads.per_day * cumulated[-1]
            hour = min(float(np.interp(share, cumulated, np.arange(HOURS_PER_DAY + 1))), HOURS_PER_DAY - 1e-9)
            out.append(
                SmuggledLoad(replication, day * HOURS_PER_DAY + hour, entity_id(entity, "load", visit))
            )
            visit += 1
    return out


def replicate(border: SingleCrossing) -> Counts:
    """Simulate all replications and return what they counted.

    Raises
    ------
    ConfigError
        Vehicles still wait a week after the counted days, so their waits are not known; or the line grows
        during these days.
    """
    copies, draws, own = border.replications, Draws(border.seed, 0), screened(border)
    first = border.warmup_days * HOURS_PER_DAY
    last = first + border.days * HOURS_PER_DAY
    hours = last + TAIL_H
    loads = [load for r in range(copies) for load in draw_loads(border, draws, r, last // HOURS_PER_DAY)]
    alarms = [own.first_alarm(draws, x.entity, int(x.arrival_h) % border.period) for x in loads]
    coming: dict[int, list[int]] = {}
    for token, load in enumerate(loads):
        coming.setdefault(int(load.arrival_h), []).append(token)
    queue, referred = queue_of(border, 0, copies, hours), np.zeros(len(loads), dtype=bool)
    line = np.zeros((hours, copies), dtype=np.int64)
    for hour in range(hours):
        now = hour_input(border, own, hour, copies)
        for fate in queue.advance(hour, now, _tracked(loads, alarms, coming.get(hour, []))):
            referred[fate.token] = fate.referred
        line[hour] = queue.queue
    _check_left(border, queue)
    check_growth(border, line[first:last])
    totals = queue.totals()
    by_hour = _by_period(totals.week, border.period)
    owners = np.array([owner(r) for r in range(copies)], dtype=np.uint64)
    fates = list(zip(loads, alarms, referred.tolist(), strict=True))
    return Counts(
        hours=by_hour,
        wait_bins=totals.wait_bins[:, 0],
        station=totals.station[:, 0],
        lawful=own.split(draws, owners, by_hour["referred"]),
        times=np.bincount(np.arange(first, last) % border.period, minlength=border.period).astype(np.float64),
        **_tally(border, draws, [fate for fate in fates if fate[0].arrival_h >= first]),
    )


def _tally(
    border: SingleCrossing, draws: Draws, fates: list[tuple[SmuggledLoad, int, bool]]
) -> dict[str, NDArray[np.int64]]:
    """Count the loads of the counted days: all, and by the layer that alarmed."""
    out: dict[str, NDArray[np.int64]] = {
        name: np.zeros((border.replications, len(LAYERS)), np.int64)
        for name in ("alarmed", "overlooked", "found")
    }
    out["loads"] = np.zeros(border.replications, np.int64)
    for load, layer, referred in fates:
        at = load.replication, layer
        out["loads"][load.replication] += 1
        if layer < 0 or border.loads is None:
            continue
        found = referred and draws.uniform("find", load.entity) < border.loads.find_prob
        for name, true in (("alarmed", True), ("overlooked", not referred), ("found", found)):
            out[name][at] += true
    return out


def _tracked(loads: list[SmuggledLoad], alarms: list[int], tokens: list[int]) -> Tracked | None:
    if not tokens:
        return None
    return Tracked(
        group=np.array([loads[t].replication for t in tokens]),
        arrival_h=np.array([loads[t].arrival_h for t in tokens]),
        key=np.array([loads[t].entity for t in tokens], dtype=np.uint64),
        # The layers have spoken; leniency alone may let an alarm pass.
        referral_prob=np.array([float(alarms[t] >= 0) for t in tokens]),
        token=np.array(tokens),
    )


def _check_left(border: SingleCrossing, queue: BorderQueue) -> None:
    """Refuse to judge waits that are not over: the line would stand for the part that had its turn."""
    totals, a_week = queue.totals(), border.by_hour("arrivals_per_h").sum() * HOURS_PER_WEEK / border.period
    # First come, first served: a line shorter than a week of arrivals holds none of the counted ones.
    waiting = int(queue.queue.max())
    sent, examined = totals.month["referred"].sum(), totals.station["arrivals"].sum()
    # The two count by arrival and by end of primary; what differs at the edges is a few vehicles.
    unexamined = int(sent - examined)
    if waiting > a_week / 2 or unexamined > EDGE * sent + border.replications * border.by_hour("lanes").max():
        raise ConfigError(
            f"{NAME}: a week after the counted days {max(waiting, unexamined)} vehicles still wait, so their "
            "waits are not known; open more lanes or bays, or refer fewer"
        )


def check_growth(border: SingleCrossing, line: NDArray[np.int64]) -> None:
    """Refuse a line that is longer in the second half of the counted days than in the first.

    A full secondary that blocks lanes lets a line grow though lanes and bays would each suffice. Halves are
    whole days, or weeks where anything is given by the week; fewer than two of them tell nothing.

    Parameters
    ----------
    border : SingleCrossing
    line : ndarray of int64, shape (counted hours, R)
        Vehicles that wait for primary at the end of each hour.

    Raises
    ------
    ConfigError
        The growth is large (``GROWTH``) and the 95 % interval of its mean over replications lies above 0.
    """
    periods = len(line) // border.period
    half = periods // 2 * border.period
    if half == 0:
        return
    later = (periods - periods // 2) * border.period
    before, after = line[:half].mean(axis=0), line[later : later + half].mean(axis=0)
    lanes = border.by_hour("lanes").max()
    grown = after.mean() - before.mean()
    if grown > max(GROWTH * before.mean(), lanes) and mean_interval(after - before).low > 0.0:
        raise ConfigError(
            f"{NAME}: the line still grows, from {before.mean():.4g} vehicles in the first half of the "
            f"counted days to {after.mean():.4g} in the second; open more lanes or bays, refer fewer, or "
            "set more warmup_days where it only settles slowly"
        )


def _by_period(week: NDArray[Any], period: int) -> NDArray[Any]:
    """Return sums by hour of the week, added up to the period."""
    out = np.zeros((len(week), period), week.dtype)
    for name in week.dtype.names or ():
        out[name] = week[name].reshape(len(week), -1, period).sum(axis=1)
    return out
