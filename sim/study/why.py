"""Why did it change: two runs on the same draws, compared load by load and case by case.

Entities have the same identity in both runs, so a load that is sent in one and not in the other, or caught
in one and delivered in the other, can be named with the mechanism that made the difference. What leaves
this module is summed by route class and month; single loads stay in memory (the dual-use rule).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np

from sim.border.layers import RANDOM
from sim.chain.journal import CaseNote, Journal, LoadNote
from sim.core.calendar import Calendar
from sim.core.units import MG_PER_KG
from sim.scenario import Scenario
from sim.study.batch import refuse_unreported
from sim.world import World

ABSENT = "not sent"
LOAD, CASE = "load", "case"
MECHANISMS = {
    "displacement": "another route class",
    "supply": "more or fewer loads sent",
    "load_size": "another weight",
    "stock_out": "no product in stock",
    "capital": "no capital",
    "disruption": "a disrupted cell or platform",
    "targeting": "targeting alert",
    "scanning": "scanner",
    "screening": "canine or officer",
    "staffing": "examined by added officers",
    "leniency": "alarm overlooked in a long line",
    "detection": "found or missed off the ports, or at the search",
    "investigation": "case taken up, left to go stale, or ended otherwise",
    "timing": "under way when the window ended",
}
_OF_ALARM = {"targeting": "targeting", "scanner": "scanning", RANDOM: "staffing"}
_OF_UNMET = {"unmet.product": "stock_out", "unmet.capital": "capital"}


@dataclass(frozen=True)
class Flip:
    """Fates that differ between two runs, summed.

    Parameters
    ----------
    kind : str
        ``load`` or ``case``.
    month : str
        Month in which the load was asked for or the lead raised.
    place : str
        Route class in the second run (in the first when it was not sent), or kind of lead.
    before, after : str
        Fate in the first and in the second run.
    mechanism : str
        A key of ``MECHANISMS``.
    count : float
        Loads or cases, a replication.
    delivered_kg : float
        Pure kilograms delivered in the second run less the first, a replication.
    """

    kind: str
    month: str
    place: str
    before: str
    after: str
    mechanism: str
    count: float
    delivered_kg: float


@dataclass(frozen=True)
class Why:
    """The flips of all replications, means over them.

    ``first`` is the first flip of each replication; ``effect_kg`` (float64, one a replication) what the
    second run delivers more, and ``by_mechanism`` the same by mechanism: they add up to it exactly.
    """

    names: tuple[str, str]
    flips: tuple[Flip, ...]
    first: tuple[Flip, ...]
    effect_kg: np.ndarray
    by_mechanism: dict[str, np.ndarray]


@dataclass(frozen=True)
class Pairs:
    """How many pairs of runs, on which draws, by how many processes."""

    seed: int
    replications: int
    workers: int


def mechanism_of(before: LoadNote | None, after: LoadNote | None) -> str | None:
    """Return what made the fates of one load differ, None when they do not."""
    if before is None or after is None:
        return "supply"
    fates = (before.fate, after.fate)
    for fate in fates:
        if fate.startswith("unmet.") and fates[0] != fates[1]:
            return _OF_UNMET.get(fate, "disruption")
    if before.route != after.route:
        return "displacement"
    if fates[0] == fates[1]:
        changed = fates[0] == "delivered" and before.pure_mg != after.pure_mg
        return "load_size" if changed else None
    if "on_way" in fates:
        return "timing"
    if before.alarm != after.alarm:
        caught = before if before.fate == "seized" else after
        return _OF_ALARM.get(caught.alarm, "screening")
    return "leniency" if before.alarm else "detection"


def compare(before: Journal, after: Journal, calendar: Calendar) -> list[Flip]:
    """Return every difference of fate in the window, one a load or case, in the order of time.

    Parameters
    ----------
    before, after : Journal
        Of the two runs of a pair: same seed and replication.
    calendar : Calendar
    """
    found: list[tuple[float, int, Flip]] = []
    for time_h, flip in (
        *_load_flips(before, after, calendar),
        *_case_flips(before, after, calendar),
    ):
        found.append((time_h, len(found), flip))
    return [flip for _, _, flip in sorted(found)]


def _load_flips(before: Journal, after: Journal, calendar: Calendar) -> Iterator[tuple[float, Flip]]:
    for entity in before.loads.keys() | after.loads.keys():
        old, new = before.loads.get(entity), after.loads.get(entity)
        mechanism = mechanism_of(old, new)
        shown = new or old
        assert shown is not None
        month = _month(calendar, shown.time_h)
        if mechanism is None or not month:
            continue
        gained = (_delivered_mg(new) - _delivered_mg(old)) / MG_PER_KG
        yield shown.time_h, Flip(LOAD, month, shown.route, _fate(old), _fate(new), mechanism, 1.0, gained)


def _case_flips(before: Journal, after: Journal, calendar: Calendar) -> Iterator[tuple[float, Flip]]:
    for key in before.cases.keys() | after.cases.keys():
        old, new = before.cases.get(key), after.cases.get(key)
        shown = new or old
        assert shown is not None
        month = _month(calendar, shown.time_h)
        if _fate(old) == _fate(new) or not month:
            continue
        yield shown.time_h, Flip(CASE, month, shown.kind, _fate(old), _fate(new), "investigation", 1.0, 0.0)


def _month(calendar: Calendar, time_h: float) -> str:
    """Return the month of a time, empty in the warm-up."""
    index = int(calendar.month_index(np.array([time_h]))[0])
    return calendar.month_names[index] if index >= 0 else ""


def _fate(note: LoadNote | CaseNote | None) -> str:
    return ABSENT if note is None else note.fate


def _delivered_mg(note: LoadNote | None) -> int:
    return note.pure_mg if note is not None and note.fate == "delivered" else 0


def pair(before: Scenario, after: Scenario, seed: int, replication: int) -> list[Flip]:
    """Simulate one replication of both scenarios and return the differences, one a load or case."""
    journals = []
    for scenario in (before, after):
        journal = Journal()
        World(scenario, seed, replication, journal).run()
        journals.append(journal)
    return compare(journals[0], journals[1], after.calendar)


def explain(before: Scenario, after: Scenario, plan: Pairs, on_done: Callable[[int], None]) -> Why:
    """Compare two scenarios over replications on common random numbers.

    Parameters
    ----------
    before, after : Scenario
        With the same calendar.
    plan : Pairs
    on_done : callable
        Told how many replications are done.

    Returns
    -------
    Why

    Raises
    ------
    ConfigError
        An adversary's choices are never reported.
    """
    for scenario in (before, after):
        refuse_unreported(
            scenario, "why", "sim study effect SCENARIO --adversaries worst_case tells what it delivers"
        )
    work = partial(pair, before, after, plan.seed)
    pairs = []
    if plan.workers == 1 or plan.replications == 1:
        for number in range(plan.replications):
            pairs.append(work(number))
            on_done(len(pairs))
    else:
        with ProcessPoolExecutor(
            min(plan.workers, plan.replications), mp_context=get_context("spawn")
        ) as pool:
            for flips in pool.map(work, range(plan.replications)):
                pairs.append(flips)
                on_done(len(pairs))
    return summed((before.name, after.name), pairs)


def summed(names: tuple[str, str], pairs: list[list[Flip]]) -> Why:
    """Sum single flips over the replications of a study."""
    sums: dict[tuple[str, str, str, str, str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    by_mechanism = {name: np.zeros(len(pairs)) for name in MECHANISMS}
    for number, flips in enumerate(pairs):
        for flip in flips:
            key = (flip.kind, flip.month, flip.place, flip.before, flip.after, flip.mechanism)
            sums[key][0] += flip.count / len(pairs)
            sums[key][1] += flip.delivered_kg / len(pairs)
            by_mechanism[flip.mechanism][number] += flip.delivered_kg
    rows = tuple(Flip(*key, count, kg) for key, (count, kg) in sorted(sums.items()))
    effect = np.sum(list(by_mechanism.values()), axis=0)
    return Why(names, rows, tuple(flips[0] for flips in pairs if flips), effect, by_mechanism)
