"""Routes without a port: a load is found with the chance of the moment, after an exponential passage."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from sim.chain.off_port import OffPortRoutes, OffPortSettings, dials
from sim.core.calendar import HOURS_PER_DAY
from sim.core.draws import entity_id
from tests.fixtures.lone_station import empty_context

SETTINGS = {
    "between_ports": OffPortSettings(detection_prob=0.2, passage_h=12.0),
    "mail": OffPortSettings(detection_prob=0.1, passage_h=72.0),
}
LOADS = 4000


def crossed(name: str, moves: Sequence[tuple[str, float]] = ()) -> list[tuple[bool, float]]:
    """Return fate and time of arrival (h) of loads that all set out at the start."""
    context = empty_context(400, dials(SETTINGS), moves)
    routes, fates = OffPortRoutes(context, SETTINGS), []

    def cross(load: int):  # type: ignore[no-untyped-def]
        found = yield from routes.cross(load, name)
        fates.append((found, context.env.now))

    for number in range(LOADS):
        context.env.process(cross(entity_id(0, "load", number)))
    context.env.run(until=400 * HOURS_PER_DAY)
    return fates


def off_by(fates: list[tuple[bool, float]], share: float) -> float:
    """Return how far the share found lies from a chance, in standard errors."""
    found = sum(was_found for was_found, _ in fates) / LOADS
    return abs(found - share) / math.sqrt(share * (1.0 - share) / LOADS)


@pytest.mark.parametrize(("name", "other"), [("between_ports", "mail"), ("mail", "between_ports")])
def test_loads_are_found_at_the_rate_of_their_own_route(name: str, other: str) -> None:
    fates = crossed(name)
    assert len(fates) == LOADS
    assert off_by(fates, SETTINGS[name].detection_prob) < 4.0
    assert off_by(fates, SETTINGS[other].detection_prob) > 4.0


def test_a_lever_finds_part_of_what_passed_before() -> None:
    """Half of the eighty per cent that passed are found as well: 0.2 becomes 0.6, on one route alone."""
    half = [("between_ports.detection", 0.5)]
    assert off_by(crossed("between_ports", half), 0.6) < 4.0
    assert crossed("mail", half) == crossed("mail")


def test_passage_is_exponential() -> None:
    """Mean and standard deviation are the same, within four standard errors of each."""
    hours = [time for _, time in crossed("mail")]
    mean = sum(hours) / LOADS
    sd = math.sqrt(sum((h - mean) ** 2 for h in hours) / LOADS)
    assert mean == pytest.approx(72.0, abs=4 * 72.0 / math.sqrt(LOADS))
    assert sd == pytest.approx(72.0, abs=4 * 72.0 * math.sqrt(2.0 / LOADS))


def test_who_is_found_does_not_depend_on_the_time_of_passage() -> None:
    fates = crossed("between_ports")
    late = [found for found, time in fates if time > 12.0]
    share = sum(late) / len(late)
    assert share == pytest.approx(0.2, abs=4 * math.sqrt(0.16 / len(late)))
