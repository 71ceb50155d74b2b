"""Ports of entry: a load is announced for an hour ahead, rides in its queue, learns its fate at its exit."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest

from sim.border.ports import LoadFate, TrackedLoad
from sim.chain.parts.context import StationContext
from sim.chain.parts.journal import Journal, LoadNote
from sim.chain.port import PortsOfEntry
from sim.core.draws import entity_id
from sim.ledger.postings import ALARM
from sim.scenario import load_scenario
from tests.fixtures.books import moved
from tests.fixtures.composed import composed
from tests.fixtures.lone_station import empty_context

SCREENING = load_scenario(composed()).settings.border.screening
ROUTE = "laredo.passenger"
LOADS = 2000


class Border:
    """A border on which every load stays so long, with a fate that is given."""

    def __init__(self, stay_h: float, referred: bool, alarm: str) -> None:
        self.stay_h, self.referred, self.alarm = stay_h, referred, alarm
        self.seen: list[tuple[int, TrackedLoad]] = []

    def draw_group(self, office: str, mode: str, u: float) -> int:
        return int(u * 3)

    def draw_hour(self, group: int, first: int, u: float) -> int:
        return int(u * 24)

    def advance(self, hour: int, loads: list[TrackedLoad]) -> list[LoadFate]:
        self.seen += [(hour, load) for load in loads]
        return [
            LoadFate(load.token, self.referred, load.arrival_h + self.stay_h, self.alarm) for load in loads
        ]


class Crossing:
    """Loads that set out for a port at the same time."""

    def __init__(
        self, stay_h: float = 1.5, referred: bool = True, alarm: str = "scanner", days: int = 10
    ) -> None:
        bare = empty_context(days)
        self.journal = Journal()
        self.context = StationContext(
            bare.env, bare.draws, bare.ledger, bare.dials, bare.calendar, bare.leads, self.journal
        )
        self.border: Any = Border(stay_h, referred, alarm)
        self.ports = PortsOfEntry(self.context, self.border, SCREENING)
        self.exits: dict[int, tuple[bool, float]] = {}

    def send(self, start_h: float, number: int = LOADS, until_h: float = 240.0) -> Crossing:
        def cross(load: int) -> Generator[Any, Any, None]:
            yield self.context.env.timeout(start_h)
            self.journal.load_requested(load, LoadNote(start_h, ROUTE, 1))
            found = yield from self.ports.cross(load, "laredo", "passenger")
            self.exits[load] = (found, self.context.env.now)

        for ordinal in range(number):
            self.context.env.process(cross(entity_id(0, "load", ordinal)))
        self.context.env.run(until=until_h)
        self.context.ledger.check()
        return self

    def posted(self, source: str, target: str) -> int:
        return moved(self.context.ledger, ALARM, source, target)[0]


def test_a_load_is_known_to_the_border_before_its_hour_begins() -> None:
    """It sets out at 5.3 h, when the border has run to 6 h: it comes in one of the 24 hours from 7 h on."""
    crossing = Crossing().send(5.3)
    assert len(crossing.border.seen) == LOADS
    assert {hour for hour, _ in crossing.border.seen} == set(range(7, 31))
    assert all(hour <= load.arrival_h < hour + 1 for hour, load in crossing.border.seen)
    assert Counter(load.group for _, load in crossing.border.seen).keys() == {0, 1, 2}


def test_a_load_learns_its_fate_at_its_exit() -> None:
    crossing = Crossing(stay_h=2.25).send(5.3)
    arrivals = {load.entity: load.arrival_h for _, load in crossing.border.seen}
    assert crossing.exits.keys() == arrivals.keys()
    assert all(crossing.exits[load][1] == pytest.approx(arrivals[load] + 2.25) for load in arrivals)


def test_a_referred_load_is_found_with_the_chance_of_its_mode() -> None:
    """Within four standard errors; a search that always finds is refused."""
    share = SCREENING.modes["passenger"].find_prob
    found = sum(found for found, _ in Crossing().send(0.0).exits.values())
    assert 0.0 < share < 1.0
    assert abs(found / LOADS - share) < 4 * math.sqrt(share * (1 - share) / LOADS)
    assert found < LOADS


@pytest.mark.parametrize(
    ("referred", "alarm", "results"),
    [
        (True, "scanner", {"found", "cleared"}),
        (False, "scanner", {"overlooked"}),
        (False, "", {"passed"}),
    ],
)
def test_the_first_alarm_and_what_came_of_it_are_posted(
    referred: bool, alarm: str, results: set[str]
) -> None:
    crossing = Crossing(referred=referred, alarm=alarm).send(0.0)
    counts = {
        name: crossing.posted(f"alarm.scanner.{ROUTE}" if alarm else "screened.", f"{name}.")
        for name in ("found", "cleared", "overlooked", "passed")
    }
    assert {name for name, count in counts.items() if count} == results
    assert sum(counts.values()) == crossing.posted(f"screened.{ROUTE}", "") == LOADS
    assert counts["found"] == sum(found for found, _ in crossing.exits.values())
    assert {note.alarm for note in crossing.journal.loads.values()} == {alarm}


def test_a_load_for_an_hour_after_the_run_is_still_under_way_at_its_end() -> None:
    crossing = Crossing(days=1).send(10.0, until_h=24.0)
    assert 0 < len(crossing.border.seen) < LOADS
    assert max(hour for hour, _ in crossing.border.seen) == 23
    assert len(crossing.exits) < len(crossing.border.seen)
