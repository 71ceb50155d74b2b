"""Adversaries in the whole chain: they move shares and sizes, and nobody's draws."""

from __future__ import annotations

from typing import Any

import pytest

from sim.adversary import POLICIES
from sim.ledger.postings import FENTANYL
from sim.scenario import load_scenario
from sim.world import World
from tests.fixtures.composed import SHORT, composed

HALF_YEAR = {"calendar.days": 182, "calendar.warmup_days": 28, "border.model": "instant"}
NEVER_MOVES = {
    "adversary.choice_sensitivity": 0.0,
    "adversary.size_elasticity": 0.0,
    "adversary.learning_rate": 0.0,
    "adversary.ceiling": 1.0,
}


def patrols(announced: bool, dial: str = "between_ports.detection") -> dict[str, Any]:
    """Return a lever that adds half a chance of detection on one route, from the first day on."""
    record = {"unit": "unit", "status": "derived", "source": "a test"}
    days = {"value": 0, "unit": "d", "status": "derived", "source": "a test"}
    usd = {"value": 0, "unit": "USD2022/(unit year)", "status": "derived", "source": "a test"}
    per_unit = {"value": 0.5, "unit": "dial/unit", "status": "derived", "source": "a test"}
    return {
        "title": "Patrols", "strategy": "a test", "unit": "unit", "size": 1.0,
        "max_size": {"value": 1, **record}, "start": None, "end": None, "announced": announced,
        "lead_time_days": days, "ramp_days": days, "cost_usd_per_unit_year": usd,
        "moves": {"more": {"dial": dial, "per_unit": per_unit}},
    }  # fmt: skip


def flows(changes: dict[str, Any]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return mass (mg) and count of fentanyl and precursor by pair of accounts, to the end of a run."""
    world = World(load_scenario(composed(**changes)), 1, 0)
    world.run()
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    names = world.ledger.names
    for (_, source, target, commodity), (amount, count) in world.ledger._sums.items():
        if commodity <= FENTANYL:
            key = names[source], names[target]
            mass, number = sums.get(key, (0, 0))
            sums[key] = mass + amount, number + count
    return sums


def share_of(route: str, sums: dict[tuple[str, str], tuple[int, int]]) -> float:
    """Return the share of loads that took a route."""
    loads = {target: number for (_, target), (_, number) in sums.items() if target.startswith("load.")}
    return loads.get(f"load.{route}", 0) / sum(loads.values())


@pytest.mark.parametrize("kind", sorted(POLICIES))
def test_an_adversary_that_does_not_answer_is_none(kind: str) -> None:
    """Bit by bit: the same loads and orders on the same draws, whatever the rule."""
    assert flows({**SHORT, **NEVER_MOVES, "adversary.kind": kind}) == flows(SHORT)


def test_none_reads_no_number_of_the_others() -> None:
    others = {
        "adversary.choice_sensitivity": 40.0,
        "adversary.size_elasticity": -1.0,
        "adversary.ceiling": 5.0,
    }
    assert flows({**SHORT, **others}) == flows(SHORT)


@pytest.fixture(scope="module")
def hit() -> dict[str, dict[tuple[str, str], tuple[int, int]]]:
    """Return half a year with patrols nobody was told of, by policy."""
    return {
        kind: flows({**HALF_YEAR, "levers": {"patrols": patrols(False)}, "adversary.kind": kind})
        for kind in POLICIES
    }


@pytest.mark.parametrize("kind", sorted(set(POLICIES) - {"none"}))
def test_every_adversary_leaves_a_route_that_is_hit(kind: str, hit: dict[str, Any]) -> None:
    """And delivers more than if it had stayed: displacement takes part of the effect back."""
    assert share_of("between_ports", hit[kind]) < 0.8 * share_of("between_ports", hit["none"])

    def delivered_share(sums: dict[tuple[str, str], tuple[int, int]]) -> float:
        out = [(target, mass) for (source, target), (mass, _) in sums.items() if source.startswith("load.")]
        return sum(mass for target, mass in out if target == "us.wholesale") / sum(mass for _, mass in out)

    assert delivered_share(hit[kind]) > delivered_share(hit["none"])


def test_the_worst_case_takes_most_of_the_effect_back(hit: dict[str, Any]) -> None:
    assert share_of("between_ports", hit["worst_case"]) == 0.0


@pytest.mark.parametrize("kind", sorted(POLICIES))
def test_the_number_of_loads_makes_up_for_their_weight(kind: str, hit: dict[str, Any]) -> None:
    """What is sent stays the same mass wherever it goes; prices move it by a few per cent."""

    def sent(sums: dict[tuple[str, str], tuple[int, int]]) -> int:
        return sum(mass for (_, target), (mass, _) in sums.items() if target.startswith("load."))

    assert sent(hit[kind]) == pytest.approx(sent(hit["none"]), rel=0.1)


@pytest.mark.parametrize("kind", ["logit", "salience", "bandit"])
def test_news_moves_loads_before_losses_do(kind: str) -> None:
    """Three weeks in: who was told has left the route further than who has to find out."""
    days = {
        "calendar.days": 21, "calendar.warmup_days": 7, "border.model": "instant", "adversary.kind": kind,
        "adversary.size_elasticity": 0.0,
    }  # fmt: skip
    told, untold = (
        share_of("between_ports", flows({**days, "levers": {"patrols": patrols(announced)}}))
        for announced in (True, False)
    )
    assert told < untold


def test_smaller_loads_go_in_larger_number() -> None:
    """The elasticity alone, shares frozen: loads on the hit route shrink, and more of them go."""
    changes = {**HALF_YEAR, "levers": {"patrols": patrols(True)}, "adversary.kind": "logit"}
    frozen = {**changes, "adversary.choice_sensitivity": 0.0}
    small, usual = (
        flows({**frozen, "adversary.size_elasticity": -0.5}),
        flows({**frozen, "adversary.size_elasticity": 0.0}),
    )
    key = next(key for key in usual if key[1] == "load.between_ports")
    assert small[key][1] > 1.5 * usual[key][1]
    assert small[key][0] / small[key][1] < 0.7 * usual[key][0] / usual[key][1]


def orders_from(name: str, sums: dict[tuple[str, str], tuple[int, int]]) -> float:
    """Return the share of orders that a supplier filled."""
    filled = {key: number for key, (_, number) in sums.items() if key[1].startswith("transit.")}
    return sum(n for (source, _), n in filled.items() if source == f"origin.{name}") / sum(filled.values())


def test_buyers_leave_a_supplier_that_refuses() -> None:
    refusing = {
        **HALF_YEAR,
        "calendar.days": 365,
        "levers": {"refusing": patrols(False, "source.asia_china.refusal")},
    }
    share = {
        kind: orders_from("asia_china", flows({**refusing, "adversary.kind": kind})) for kind in POLICIES
    }
    assert all(share[kind] < share["none"] - 0.1 for kind in share if kind != "none"), share
