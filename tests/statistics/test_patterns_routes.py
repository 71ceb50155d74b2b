"""Enforcement on one route and on every route, in the whole model, with and without an adversary that adapts.

RAND SOAR: Crawford and Reuter 1988 (N-2680), Reuter, Crawford and Cave 1988 (R-3594). NarcoLogic: Magliocca
et al. 2019, PNAS 116(16), 7784-7792. Every check is run on frozen routes as well, and must refuse them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from sim.core.shipped import compose_tree
from tests.fixtures.paired_runs import FOUR_MONTHS, Note, Values, above_zero, lever, values

ONE_ROUTE = {"between_ports.detection": 0.412}
OTHERS = {"border.targeting.sensitivity": 9.07, "mail.detection": 0.444}
EFFORTS = {"nothing": {}, "one": ONE_ROUTE, "others": OTHERS, "every": {**ONE_ROUTE, **OTHERS}}
"""Each raises the chance that a load is found to about a half on its routes, from .15 or so."""
STEADY_TARGETING = {"chain.intelligence.floor_share": 1.0}
"""Without what more seizures teach: the chance of detection is then the same half all the time."""
USD_PER_KG = compose_tree()["chain"]["market"]["wholesale_usd_per_kg"]["value"]
Duels = dict[str, Values]


def duels(kind: str, replications: int = 3) -> Duels:
    """Return the runs of every effort, of which nobody is told, against one adversary."""
    changes = {**FOUR_MONTHS, **STEADY_TARGETING, "adversary.kind": kind}
    return {
        name: values(replications, {**changes, "levers": {"effort": lever(moves)} if moves else {}})
        for name, moves in EFFORTS.items()
    }


def late(adversary: Mapping[str, Any], announced: bool) -> Duels:
    """Return December and January, the effort on one route having begun in October."""
    dates = {"calendar.start": "2021-12-01", "calendar.days": 62, "calendar.warmup_days": 75}
    changes = {**FOUR_MONTHS, **STEADY_TARGETING, **dates, **adversary}
    one = lever(ONE_ROUTE, announced, start="2021-10-01")
    return {
        "nothing": values(3, changes),
        "one": values(3, {**changes, "levers": {"effort": one}}),
    }


def routes_in_use(found: Values) -> np.ndarray:
    """Return the effective number of route classes, the inverse of Herfindahl's index of loads sent."""
    loads = np.array(
        [value for (name, place), value in found.items() if (name, place != "all") == ("loads_sent", True)]
    )
    return 1.0 / ((loads / loads.sum(axis=0)) ** 2).sum(axis=0)


def value_per_seizure(found: Values) -> np.ndarray:
    """Return pure kilograms a seized load."""
    return found["seized_pure_kg", "all"] / found["loads_seized", "all"]


def halves_do_less_than_the_whole(runs: Duels, note: Note) -> bool:
    """Two efforts, each alone, deny less than nine tenths of what they deny together."""
    before = runs["nothing"]["delivered_pure_kg", "all"]
    denied = {name: before - found["delivered_pure_kg", "all"] for name, found in runs.items()}
    above_zero(denied["one"], "denied by effort on one route, kg", note)
    above_zero(denied["every"], "denied by effort on every route, kg", note)
    return above_zero(
        0.9 * denied["every"] - denied["one"] - denied["others"], "0.9 whole - halves, kg", note
    )


def seizures_grow_as_their_value_falls(runs: Duels, note: Note) -> bool:
    few, many = runs["nothing"], runs["every"]
    dollars = [value_per_seizure(run) * run["price_index", "all"] * USD_PER_KG for run in (few, many)]
    above_zero(dollars[0] - dollars[1], "dollars less a seizure, at the price of the time", note)
    more = above_zero(many["loads_seized", "all"] - few["loads_seized", "all"], "more loads seized", note)
    return above_zero(value_per_seizure(few) - value_per_seizure(many), "kg less a seizure", note) and more


def routes_spread(runs: Duels, note: Note) -> bool:
    change = routes_in_use(runs["every"]) - routes_in_use(runs["nothing"])
    return above_zero(change, "more routes in use", note)


def effort_cuts_seizures_there(runs: Duels, note: Note) -> bool:
    place = ("seizure_events", "between_ports")
    return above_zero(runs["nothing"][place] - runs["one"][place], "fewer seizures where the effort is", note)


@pytest.fixture(scope="module")
def frozen() -> Duels:
    return duels("none")


@pytest.fixture(scope="module")
def learning() -> Duels:
    """Return an adversary that learns from its own losses alone."""
    return duels("logit")


def test_effort_on_a_few_routes_does_little(frozen: Duels, learning: Duels, record_property: Note) -> None:
    assert halves_do_less_than_the_whole(learning, record_property)
    assert not halves_do_less_than_the_whole(frozen, record_property)


def test_more_interdiction_seizes_more_and_smaller_loads(
    frozen: Duels, learning: Duels, record_property: Note
) -> None:
    assert seizures_grow_as_their_value_falls(learning, record_property)
    assert not seizures_grow_as_their_value_falls(frozen, record_property)


def test_more_interdiction_spreads_the_routes(frozen: Duels, learning: Duels, record_property: Note) -> None:
    assert routes_spread(learning, record_property)
    assert not routes_spread(frozen, record_property)


@pytest.mark.slow
def test_announced_effort_on_a_route_cuts_seizures_there(record_property: Note) -> None:
    """In the third and fourth month, when habit has given way."""
    assert effort_cuts_seizures_there(late({"adversary.kind": "logit"}, announced=True), record_property)
    assert not effort_cuts_seizures_there(late({}, announced=True), record_property)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["logit", "salience", "bandit"])
def test_effort_that_nobody_is_told_of_hardly_adds_seizures(kind: str, record_property: Note) -> None:
    """A finding: from own losses alone seizures there do not fall, but less than half of the rise is left."""
    there = ("seizure_events", "between_ports")
    frozen, learning = late({}, announced=False), late({"adversary.kind": kind}, announced=False)
    effort_cuts_seizures_there(learning, record_property)
    added = [runs["one"][there] - runs["nothing"][there] for runs in (frozen, learning)]
    assert above_zero(0.5 * added[0] - added[1], "half of the rise on frozen routes - rise", record_property)
    assert not above_zero(0.5 * added[0] - added[0], "the same on frozen routes", record_property)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["salience", "bandit"])
def test_routes_against_other_adversaries(kind: str, record_property: Note) -> None:
    runs = duels(kind)
    assert halves_do_less_than_the_whole(runs, record_property)
    assert seizures_grow_as_their_value_falls(runs, record_property)
    assert routes_spread(runs, record_property)
