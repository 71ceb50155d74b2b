"""Small random borders that reach every rule: closing lanes, no lanes, patience, referral, few bays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.border.leniency.table import LeniencyTable
from sim.border.network import BorderQueue, HourInput, QueueSettings, Tracked, TrackedFate
from sim.core.draws import Draws, entity_id


@dataclass
class Case:
    """One border and all that comes to it."""

    settings: QueueSettings
    hours: Sequence[HourInput]
    tracked: Mapping[int, Tracked]
    draws: Draws

    def run(self, compiled: bool) -> tuple[BorderQueue, list[TrackedFate]]:
        """Advance through all hours; return the traced queue and the fates in order."""
        queue = BorderQueue(self.settings, self.draws, compiled=compiled, traced=True)
        fates = [
            fate
            for hour, now in enumerate(self.hours)
            for fate in queue.advance(hour, now, self.tracked.get(hour))
        ]
        return queue, fates


def random_case(
    seed: int, groups: int = 5, stations: int = 2, hours: int = 30, lanes_max: int = 20, tracked: int = 40
) -> Case:
    """Return a border with random lanes 0..``lanes_max`` by hour and injected conveyances."""
    rng = np.random.default_rng(seed)
    settings = QueueSettings(
        secondary_of=rng.integers(0, stations, groups),
        lanes_max=np.full(groups, lanes_max),
        service_shape=rng.integers(1, 6, groups),
        patience_h=np.where(rng.random(groups) < 0.3, np.inf, rng.uniform(0.02, 1.0, groups)),
        bays_max=np.full(stations, lanes_max),
        secondary_shape=rng.integers(1, 4, stations),
        hour_of_week=(np.arange(hours) + 5) % 168,
        month_of_hour=np.maximum(-1, np.arange(hours) // 7 - 1),
        n_months=hours // 7 + 1,
        entity=rng.integers(0, 2**63, groups, dtype=np.uint64),
    )
    inputs = [
        HourInput(
            rate_per_h=rng.uniform(0.0, 60.0, groups) * (rng.random(groups) < 0.9),
            service_h=rng.uniform(0.01, 0.3, groups),
            lanes=rng.integers(0, lanes_max + 1, groups),
            referral_share=rng.uniform(0.0, 0.5, groups),
            secondary_h=rng.uniform(0.1, 2.0, stations),
            bays=rng.integers(0, lanes_max + 1, stations),
        )
        for _ in range(hours)
    ]
    return Case(settings, inputs, _inject(rng, groups, hours, tracked), Draws(seed, 3))


def with_everything(
    case: Case, seed: int, rooms: bool = True, lenient: bool = True, phases: bool = True
) -> Case:
    """Return the case with leniency by group, waiting rooms of few places or none, hyperexponential times."""
    rng = np.random.default_rng((seed, 1))
    groups, stations = len(case.settings.lanes_max), len(case.settings.bays_max)
    change: dict[str, Any] = {}
    if rooms:
        change["waiting_room"] = rng.choice([0, 0, 1, 2, 5, np.inf], stations)
    if lenient:
        change["leniency"] = LeniencyTable(
            edges=np.sort(rng.uniform(0.0, 3.0, (groups, 3)), axis=1),
            service_factor=rng.uniform(0.3, 1.2, (groups, 4)),
            referral_factor=rng.uniform(0.0, 1.0, (groups, 4)),
        )
    if phases:
        for what, size in (("service", groups), ("secondary", stations)):
            scv = np.where(rng.permuted(np.arange(size) % 2), 1.0, rng.uniform(1.0, 20.0, size))
            change[f"{what}_scv"] = scv
            change[f"{what}_shape"] = np.where(scv > 1.0, 1, getattr(case.settings, f"{what}_shape"))
    return replace(case, settings=replace(case.settings, **change))


def _inject(rng: np.random.Generator, groups: int, hours: int, number: int) -> dict[int, Tracked]:
    hour_of = rng.integers(0, hours, number)
    return {
        int(hour): Tracked(
            group=rng.integers(0, groups, n),
            arrival_h=hour + rng.random(n),
            key=np.array([entity_id(9, "conveyance", hour * number + i) for i in range(n)], dtype=np.uint64),
            referral_share=rng.random(n),
            token=hour * number + np.arange(n),
        )
        for hour, n in zip(*np.unique(hour_of, return_counts=True), strict=True)
    }


def by_arrival(trace: NDArray[Any]) -> NDArray[Any]:
    """Return the rows of a trace by group and arrival."""
    return trace[np.lexsort((trace["arrival_h"], trace["group"]))]


def same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Return whether two structured arrays agree to the last bit, nan with nan."""
    return one.shape == other.shape and all(
        np.array_equal(one[name], other[name], equal_nan=one[name].dtype.kind == "f")
        for name in one.dtype.names or ()
    )
