"""The whole chain: nothing appears or vanishes, and a lever that does nothing changes nothing."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.border.ports import Ports
from sim.core.units import MG_PER_KG
from sim.ledger.postings import COMMODITIES, FENTANYL, PRECURSOR
from sim.scenario import load_scenario
from sim.world import World, simulate
from tests.fixtures.books import balance
from tests.fixtures.composed import SHORT, composed

YEARLONG = {"levers.port_staffing.size": 1000.0, "levers.chemical_outreach.size": 0.5}


def rows(outcome: Any) -> list[tuple[Any, ...]]:
    return list(zip(*outcome.postings.values(), strict=True))


@settings(max_examples=12)
@given(stop_h=st.floats(1.0, 75 * 24.0), replication=st.integers(0, 3))
def test_books_balance_at_any_time(stop_h: float, replication: int) -> None:
    world = World(load_scenario(composed(**SHORT)), seed=0, replication=replication)
    world.run(until_h=stop_h)
    ledger = world.ledger
    for commodity in range(len(COMMODITIES)):
        assert sum(ledger.balance(a, commodity) for a in range(len(ledger.names))) == 0


def test_fentanyl_is_somewhere() -> None:
    """Produced = in stock + on the way + delivered + consumed + seized, to the milligram."""
    world = World(load_scenario(composed(**SHORT)), seed=1, replication=0)
    world.run()
    ledger = world.ledger
    held = {name: balance(ledger, name, FENTANYL) for name in ledger.names}
    made = -sum(v for k, v in held.items() if k.startswith("produced."))
    assert made == sum(v for k, v in held.items() if not k.startswith("produced."))
    assert made > 100 * MG_PER_KG
    assert held["us.wholesale"] > 0


@pytest.mark.parametrize("adversary", ["none", "logit"])
def test_same_keys_same_world(adversary: str) -> None:
    scenario = load_scenario(composed(**SHORT, **{"adversary.kind": adversary}))
    assert rows(simulate(scenario, 3, 1)) == rows(simulate(scenario, 3, 1))
    assert rows(simulate(scenario, 3, 1)) != rows(simulate(scenario, 3, 2))
    assert rows(simulate(scenario, 4, 1)) != rows(simulate(scenario, 3, 1))


def test_levers_of_size_zero_equal_a_world_without_levers() -> None:
    with_levers = composed(**SHORT)
    without = composed(**SHORT, levers={})
    assert rows(simulate(load_scenario(with_levers), 1, 0)) == rows(simulate(load_scenario(without), 1, 0))


def test_levers_after_the_horizon_change_nothing() -> None:
    late = {f"levers.{name}.start": "2030-01-01" for name in ("port_staffing", "chemical_outreach")}
    plain = simulate(load_scenario(composed(**SHORT)), 1, 0)
    moved = simulate(load_scenario(composed(**SHORT, **YEARLONG, **late)), 1, 0)
    assert rows(plain) == rows(moved)


def test_a_lever_that_starts_inside_the_window_changes_nothing_before() -> None:
    """One world, one change: the first month is the same, the second is not."""
    start = {"levers.port_staffing.size": 3000.0, "levers.port_staffing.start": "2021-11-01"}
    plain = simulate(load_scenario(composed(**SHORT)), 1, 0).postings
    moved = simulate(load_scenario(composed(**SHORT, **start)), 1, 0).postings

    def month(table: dict[str, np.ndarray], name: str) -> list[tuple[Any, ...]]:
        return [row for row in zip(*table.values(), strict=True) if row[0] == name]

    assert month(plain, "2021-10") == month(moved, "2021-10")
    assert month(plain, "2021-11") != month(moved, "2021-11")


def test_a_change_of_money_shifts_no_draw_of_mass() -> None:
    """Seizing every transfer of one channel is a draw of its own: no consignment and no load feels it."""
    harder = {"chain.money.channels.crypto.seizure_prob": 1.0}
    # Without investigators: a seized transfer is a lead, and what a case strikes moves mass.
    nobody = {"chain.investigation.investigators": 0.0}
    plain = simulate(load_scenario(composed(**SHORT, **nobody)), 1, 0).postings
    moved = simulate(load_scenario(composed(**SHORT, **nobody, **harder)), 1, 0).postings

    def part(table: dict[str, np.ndarray], cash: bool) -> list[tuple[Any, ...]]:
        wanted = ("usd_cents",) if cash else ("precursor_mg", "fentanyl_mg", "gross_mg")
        return [row for row in zip(*table.values(), strict=True) if row[3] in wanted]

    assert part(plain, cash=False) == part(moved, cash=False)
    assert part(plain, cash=True) != part(moved, cash=True)


def test_product_is_precursor_over_the_ratio() -> None:
    """Every batch turns whole milligrams into whole milligrams, and carries what rounding leaves."""
    ratio = 1.7
    world = World(
        load_scenario(composed(**SHORT, **{"chain.producer.precursor_kg_per_pure_kg": ratio})), 1, 0
    )
    world.run()
    ledger, compared = world.ledger, 0
    for name in ("sinaloa", "cjng", "independents"):
        used = balance(ledger, f"consumed.{name}", PRECURSOR)
        made = -balance(ledger, f"produced.{name}", FENTANYL)
        assert abs(used / ratio - made) <= 1.0
        compared += made
    assert compared > 0


def test_gross_and_pure_of_a_load_take_the_same_way() -> None:
    """Whoever delivers or seizes the pure mass of a load has its gross mass too."""
    table = simulate(load_scenario(composed(**SHORT)), 1, 0).postings
    moved: dict[tuple[str, str, str], dict[str, int]] = {}
    for month, source, target, commodity, _, count in zip(*table.values(), strict=True):
        if source.startswith("load."):
            moved.setdefault((month, source, target), {})[commodity] = count
    assert moved
    assert all(way["fentanyl_mg"] == way["gross_mg"] for way in moved.values())


def test_who_cannot_pay_gets_nothing() -> None:
    """With next to no working capital precursor stays away; nobody goes into debt."""
    poor = {"chain.money.working_capital_musd": 0.0001}
    plain = simulate(load_scenario(composed(**SHORT)), 1, 0).postings
    short = simulate(load_scenario(composed(**SHORT, **poor)), 1, 0).postings

    def dispatched(table: dict[str, np.ndarray]) -> int:
        rows = zip(*table.values(), strict=True)
        return sum(row[4] for row in rows if row[3] == "precursor_mg" and row[2].startswith("transit."))

    assert dispatched(short) < 0.5 * dispatched(plain)


def test_a_finished_world_lets_go_of_its_memory() -> None:
    """A worker simulates many replications: none may keep the queues of the one before."""
    simulate(load_scenario(composed(**SHORT)), 1, 0)
    # By type: asking a dead weak proxy of another test for its class raises.
    assert not [thing for thing in gc.get_objects() if issubclass(type(thing), Ports)]
