"""Fates that differ between two runs with common random numbers, load by load and case by case.

Entities have the same identity in both runs, so a load that is sent in one and not in the other, or caught
in one and delivered in the other, can be named with the mechanism that made the difference. What leaves
this module is summed by route class and month; single loads stay in memory (the dual-use rule).

Orders, consignments and takedowns are in no journal: what a lever changes upstream is seen first in the
loads and cases that follow from it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from math import inf

import numpy as np

from sim.border.layers import RANDOM
from sim.chain.parts.journal import CaseNote, Journal, LoadNote
from sim.core.calendar import Calendar
from sim.core.units import MG_PER_KG
from sim.ledger.accounts import LOADS_UNMET
from sim.scenario import Scenario
from sim.world import World

LOAD, CASE = "load", "case"
ABSENT = {LOAD: "not sent", CASE: "not raised"}
WARMUP = "warm-up"
"""Stands for the month of what differs before the window; it is in no sum."""
MECHANISMS = {
    "displacement": "loads that changed route class",
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
    "timing": "under way when the window began or ended",
}
Key = tuple[str, int]
_OF_ALARM = {"targeting": "targeting", "scanner": "scanning", RANDOM: "staffing"}
_OF_UNMET = {LOADS_UNMET("product"): "stock_out", LOADS_UNMET("capital"): "capital"}


@dataclass(frozen=True)
class ChangedFate:
    """Fates that differ between two runs, summed.

    Parameters
    ----------
    kind : str
        ``load`` or ``case``.
    month : str
        Month in which the records of the two runs first differ; when that was in the warm-up, the month of
        delivery, or ``WARMUP`` for what was not delivered in the window of either.
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


def mechanism_of(before: LoadNote | None, after: LoadNote | None) -> str | None:
    """Return what made the fates of one load differ, None when they do not."""
    if before is None or after is None:
        return "supply"
    fates = (before.fate, after.fate)
    for fate in fates:
        if LOADS_UNMET.match(fate) and fates[0] != fates[1]:
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


class History(Journal):
    """A journal that also notes the time of each entry: the clock is that of its world.

    ``entries`` lists, by load and by case, times (h) and what was entered then.
    """

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[Key, list[tuple[float, str]]] = defaultdict(list)
        self.clock: Callable[[], float] = lambda: 0.0

    def load_requested(self, entity: int, note: LoadNote) -> None:
        """Open the note of a load."""
        super().load_requested(entity, note)
        self._enter((LOAD, entity), f"{note.route} {note.pure_mg}")

    def load_alarmed(self, entity: int, layer: str) -> None:
        """Note the layer that alarmed first."""
        super().load_alarmed(entity, layer)
        self._enter((LOAD, entity), layer)

    def load_ended(self, entity: int, fate: str) -> None:
        """Note the fate of a load."""
        super().load_ended(entity, fate)
        self._enter((LOAD, entity), fate)

    def lead_raised(self, entity: int, kind: str, time_h: float) -> None:
        """Open the note of a lead."""
        super().lead_raised(entity, kind, time_h)
        self._enter((kind, entity), "open")

    def lead_ended(self, entity: int, kind: str, fate: str) -> None:
        """Note the fate of a lead."""
        super().lead_ended(entity, kind, fate)
        self._enter((kind, entity), fate)

    def _enter(self, key: Key, what: str) -> None:
        self.entries[key].append((self.clock(), what))


def parted_h(before: History, after: History, key: Key) -> float:
    """Return when the records of one load or case first differ, in hours; infinity when they never do."""
    nothing = (inf, "")
    for old, new in zip_longest(before.entries[key], after.entries[key], fillvalue=nothing):
        if old != new:
            return min(old[0], new[0])
    return inf


def compare(before: History, after: History, calendar: Calendar) -> list[ChangedFate]:
    """Return every difference of fate, one a load or case, in the order in which the records part.

    Parameters
    ----------
    before, after : History
        Of the two runs of a pair: same seed and replication.
    calendar : Calendar
    """
    found = [*_load_flips(before, after, calendar), *_case_flips(before, after, calendar)]
    # A seizure and the lead that it raises bear the same time: the load came first.
    found.sort(key=lambda one: (one[0], one[2].kind != LOAD, one[1]))
    return [flip for _, _, flip in found]


def _load_flips(
    before: History, after: History, calendar: Calendar
) -> Iterator[tuple[float, Key, ChangedFate]]:
    for entity in before.loads.keys() | after.loads.keys():
        key = (LOAD, entity)
        old, new = before.loads.get(entity), after.loads.get(entity)
        months = [_delivery_month(journal, entity, calendar) for journal in (before, after)]
        old_mg, new_mg = (
            note.pure_mg if note and month else 0 for note, month in zip((old, new), months, strict=True)
        )
        mechanism = mechanism_of(old, new) or ("timing" if old_mg != new_mg else None)
        if mechanism is None:
            continue
        time_h = parted_h(before, after, key)
        month = _month(calendar, time_h) or months[1] or months[0] or WARMUP
        shown = new or old
        assert shown is not None
        fates = _fate(old, LOAD), _fate(new, LOAD)
        gained = (new_mg - old_mg) / MG_PER_KG
        yield time_h, key, ChangedFate(LOAD, month, shown.route, *fates, mechanism, 1.0, gained)


def _case_flips(
    before: History, after: History, calendar: Calendar
) -> Iterator[tuple[float, Key, ChangedFate]]:
    for key in before.cases.keys() | after.cases.keys():
        fates = _fate(before.cases.get(key), CASE), _fate(after.cases.get(key), CASE)
        if fates[0] != fates[1]:
            time_h = parted_h(before, after, key)
            month = _month(calendar, time_h) or WARMUP
            yield time_h, key, ChangedFate(CASE, month, key[0], *fates, "investigation", 1.0, 0.0)


def _month(calendar: Calendar, time_h: float) -> str:
    """Return the month of a time, empty in the warm-up."""
    index = int(calendar.month_index(np.array([time_h]))[0])
    return calendar.month_names[index] if index >= 0 else ""


def _delivery_month(journal: History, entity: int, calendar: Calendar) -> str:
    """Return the month of the window in which a load was delivered, empty when it was not."""
    note = journal.loads.get(entity)
    delivered = note is not None and note.fate == "delivered"
    return _month(calendar, journal.entries[LOAD, entity][-1][0]) if delivered else ""


def _fate(note: LoadNote | CaseNote | None, kind: str) -> str:
    return ABSENT[kind] if note is None else note.fate


def history(scenario: Scenario, seed: int, replication: int) -> History:
    """Simulate one replication and return what became of each load and case, and when."""
    journal = History()
    world = World(scenario, seed, replication, journal)
    journal.clock = lambda: float(world.env.now)
    world.run()
    return journal


def pair(before: Scenario, after: Scenario, seed: int, replication: int) -> list[ChangedFate]:
    """Simulate one replication of both scenarios and return the differences, one a load or case."""
    journals = [history(scenario, seed, replication) for scenario in (before, after)]
    return compare(journals[0], journals[1], after.calendar)
