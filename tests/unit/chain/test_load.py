"""Loads: how many go, by which route, how heavy, what they lack, and what becomes of each."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest

from sim.adversary import ChoicePlan
from sim.chain.load import Destinations, Drifts, Load, LoadSettings, Routing, Shipper, crews
from sim.chain.off_port import OffPortRoutes, OffPortSettings
from sim.chain.parts.drift import Drift, DriftSize
from sim.chain.parts.journal import Journal
from sim.chain.route import RouteSettings, baseline_shares, route_classes
from sim.core.calendar import DAYS_PER_YEAR, HOURS_PER_DAY
from sim.core.draws import entity_id
from sim.core.units import MG_PER_KG
from sim.ledger.accounts import CAPITAL, ENDOWMENT, PRODUCED, STOCK_PRODUCT
from sim.ledger.postings import CASH, FENTANYL, GROSS
from tests.fixtures.books import balance, moved
from tests.fixtures.lone_station import empty_context, leads_raised

PER_YEAR = 4000.0
RULES: dict[str, Any] = {
    "gross_kg": {"laredo": 8.0, "between_ports": 4.0, "mail": 0.5},
    "gross_cv": 0.5,
    "weight_drift_sd": 0.0,
    "weight_drift_memory": 0.0,
    "powder_share": 0.4,
    "powder_purity": 0.5,
    "pill_purity": 0.1,
    "courier_fee_usd": 1000.0,
    "plan_h": 48.0,
    "travel_h": 30.0,
    "travel_cv": 0.5,
    "peak_factor": 4.0,
    "crews": 40.0,
    "crew_recovery_days": 30.0,
    "crews_up_share": 1.0,
}
ROUTE = RouteSettings(
    loads_per_year={"laredo": 60.0, "between_ports": 30.0, "mail": 10.0},
    mode_share={"passenger": 0.5, "commercial": 0.5},
    drift_sd=0.0,
    drift_memory=0.0,
)
OFF_PORT = {name: OffPortSettings(detection_prob=0.0, passage_h=1.0) for name in ("between_ports", "mail")}


class Ports:
    """Ports of entry that find every load, or none, at once."""

    def __init__(self, finds: bool) -> None:
        self.finds = finds

    def cross(self, load: int, office: str, mode: str) -> Generator[Any, Any, bool]:
        return self.finds
        yield


class Market:
    """A market with a price that does not move."""

    def __init__(self, supply: float) -> None:
        self.supply = supply

    def supply_factor(self) -> float:
        return self.supply

    def revenue_cents(self, pure_mg: int) -> int:
        return pure_mg // 1000


class Platforms:
    """Platforms that sell, or do not."""

    def __init__(self, blocks: bool) -> None:
        self.blocks = blocks

    def blocks_sale(self, load: int) -> bool:
        return self.blocks


class Purse:
    """A treasury that pays as long as there is money, and books what comes in."""

    def __init__(self, context: Any, cents: int) -> None:
        self.context, self.earned = context, 0
        self.capital = context.ledger.account(CAPITAL, "one")
        context.ledger.post(0.0, context.ledger.account(ENDOWMENT), self.capital, CASH, cents)

    def can_pay(self, cluster: str, cents: int) -> bool:
        return cents <= self.context.ledger.balance(self.capital, CASH)

    def pay(self, cluster: str, payee: int, cents: int) -> None:
        self.context.ledger.post(self.context.env.now, self.capital, payee, CASH, cents)

    def earn(self, cluster: str, cents: int) -> None:
        self.earned += cents


class Cluster:
    """A producer with a stock of product."""

    name, entity = "one", 7

    def __init__(self, context: Any, stock_kg: float, cents: int) -> None:
        self.context, self.treasury = context, Purse(context, cents)
        self.product = context.ledger.account(STOCK_PRODUCT, "one")
        made = context.ledger.account(PRODUCED, "one")
        context.ledger.post(0.0, made, self.product, FENTANYL, round(stock_kg * MG_PER_KG))

    def product_mg(self) -> int:
        return int(self.context.ledger.balance(self.product, FENTANYL))


class Fixed:
    """A policy with one plan, and the fates that it was told."""

    def __init__(self, plan: ChoicePlan) -> None:
        self.plan = plan
        self.fates: list[tuple[int, bool]] = []

    def plan_at(self, time_h: float) -> ChoicePlan:
        return self.plan

    def observe(self, alternative: int, lost: bool, time_h: float) -> None:
        self.fates.append((alternative, lost))


class Yard:
    """The loads of one cluster over a year, in a world made of stubs."""

    def __init__(
        self,
        plan: ChoicePlan | None = None,
        finds: bool = False,
        supply: float = 1.0,
        blocks: bool = False,
        stock_kg: float = 1e6,
        cents: int = 10**12,
        per_year: float = PER_YEAR,
        **rules: Any,
    ) -> None:
        bare = empty_context(400)
        self.journal = Journal()
        self.context = replace(bare, journal=self.journal)
        settings = LoadSettings(**(RULES | rules))
        self.routes, self.shares = route_classes(ROUTE), baseline_shares(ROUTE)
        self.chooser = Fixed(plan or ChoicePlan(self.shares, [1.0] * len(self.shares)))
        still = DriftSize(0.0, 0.0)
        drifts = Drifts(
            Drift(self.context, "intensity", ROUTE.loads_per_year, still),
            Drift(self.context, "weight", settings.gross_kg, still),
        )
        self.cells = crews(self.context, settings, ROUTE, {"one": 1.0})
        off_port = OffPortRoutes(self.context, OFF_PORT)
        stubs: Any = (Ports(finds), off_port, Market(supply), Platforms(blocks), self.cells)
        cluster: Any = Cluster(self.context, stock_kg, cents)
        routing = Routing(self.routes, self.shares, self.chooser, drifts)
        self.cluster = cluster
        self.shipper = Shipper(self.context, settings, cluster, Destinations(*stubs), routing, per_year)

    def run(self, days: float = DAYS_PER_YEAR) -> Yard:
        self.context.env.run(until=days * HOURS_PER_DAY)
        self.context.ledger.check()
        return self

    def fates(self) -> Counter[str]:
        return Counter(note.fate for note in self.journal.loads.values())

    def share_of(self, route: str) -> float:
        notes = self.journal.loads.values()
        return sum(note.route == route for note in notes) / len(notes)


def off_by(count: int, expected: float) -> float:
    """Return how far a Poisson count lies from its mean, in standard errors."""
    return abs(count - expected) / math.sqrt(expected)


@pytest.mark.parametrize(("supply", "up"), [(1.0, 1.0), (0.5, 1.0), (3.0, 1.0), (1.0, 0.8)])
def test_as_many_loads_go_as_baseline_and_market_say(supply: float, up: float) -> None:
    """Thinned from the peak, within four standard errors; clusters make up for cells that are down."""
    asked = len(Yard(supply=supply, crews_up_share=up).run().journal.loads)
    assert off_by(asked, PER_YEAR * supply / up) < 4.0
    assert (supply, up) == (1.0, 1.0) or off_by(asked, PER_YEAR) > 4.0


def test_a_dearer_market_sends_the_loads_of_before_and_more() -> None:
    before, after = (set(Yard(supply=supply).run(60).journal.loads) for supply in (1.0, 1.5))
    assert before < after


def test_routes_are_taken_in_the_shares_of_the_plan() -> None:
    yard = Yard().run()
    for route, share in zip(yard.routes, yard.shares, strict=True):
        error = math.sqrt(share * (1.0 - share) / len(yard.journal.loads))
        assert abs(yard.share_of(route.name) - share) < 4.0 * error


def test_a_plan_of_lighter_loads_sends_more_of_them() -> None:
    """The plan keeps the gross weight of the baseline: all by mail, 5.9 kg a load become 0.5 kg."""
    plan = ChoicePlan([0.0, 0.0, 0.0, 1.0], [1.0] * 4)
    usual_kg = 0.6 * 8.0 + 0.3 * 4.0 + 0.1 * 0.5
    yard = Yard(plan=plan, per_year=200.0, peak_factor=30.0).run()
    assert yard.share_of("mail") == 1.0
    assert off_by(len(yard.journal.loads), 200.0 * usual_kg / 0.5) < 4.0
    halves = Yard(plan=ChoicePlan(yard.shares, [0.5] * 4), per_year=1000.0).run()
    assert off_by(len(halves.journal.loads), 2000.0) < 4.0


def packed(yard: Yard, size: float = 1.0, number: int = 0) -> list[Load]:
    return [yard.shipper._pack(entity_id(9, "load", i), number, size) for i in range(8000)]


@pytest.mark.parametrize(("number", "size", "mean_kg"), [(0, 1.0, 8.0), (0, 0.5, 4.0), (3, 1.0, 0.5)])
def test_weight_is_lognormal_with_the_mean_of_its_place(number: int, size: float, mean_kg: float) -> None:
    kg = [load.gross_mg / MG_PER_KG for load in packed(Yard(), size, number)]
    mean = sum(kg) / len(kg)
    sd = math.sqrt(sum((x - mean) ** 2 for x in kg) / len(kg))
    assert mean == pytest.approx(mean_kg, abs=4 * 0.5 * mean_kg / math.sqrt(len(kg)))
    assert sd == pytest.approx(0.5 * mean_kg, rel=0.08)
    middle = sorted(kg)[len(kg) // 2]
    assert middle == pytest.approx(mean_kg / math.sqrt(1 + 0.25), rel=0.03)


def test_a_load_is_powder_or_pills_and_nothing_between() -> None:
    loads = packed(Yard())
    purity = Counter(round(load.pure_mg / load.gross_mg, 6) for load in loads)
    assert set(purity) == {0.5, 0.1}
    assert purity[0.5] / len(loads) == pytest.approx(0.4, abs=4 * math.sqrt(0.24 / len(loads)))
    assert LoadSettings(**RULES).mean_purity() == pytest.approx(0.4 * 0.5 + 0.6 * 0.1)


def test_a_courier_is_paid_for_every_load_but_mail() -> None:
    yard = Yard(per_year=300.0).run()
    by_hand = sum(note.route != "mail" for note in yard.journal.loads.values())
    assert by_hand < len(yard.journal.loads)
    assert balance(yard.context.ledger, "paid.couriers", CASH) == by_hand * 100_000


@pytest.mark.parametrize("finds", [True, False])
def test_every_milligram_that_leaves_is_on_its_way_seized_or_sold(finds: bool) -> None:
    yard = Yard(finds=finds).run()
    ledger, notes = yard.context.ledger, yard.journal.loads.values()
    for route in yard.routes:
        own = [note for note in notes if note.route == route.name]
        by_fate = {
            fate: sum(n.pure_mg for n in own if n.fate == fate) for fate in ("on_way", "delivered", "seized")
        }
        load = f"load.{route.name}"
        seized = f"seized.port.{route.name}" if route.mode else f"seized.{route.name}"
        assert sum(by_fate.values()) == moved(ledger, FENTANYL, "stock.", load)[0]
        assert balance(ledger, load, FENTANYL) == by_fate["on_way"] > 0
        assert balance(ledger, seized, FENTANYL) == by_fate["seized"]
        assert moved(ledger, FENTANYL, load, "us.wholesale")[0] == by_fate["delivered"]
        assert (by_fate["seized"] > 0) is (finds and bool(route.mode))
    assert moved(ledger, GROSS, "packed", "load.")[1] == len(yard.journal.loads)
    assert leads_raised(yard.context, "load_seizure") == yard.fates()["seized"]


def test_only_what_is_delivered_earns() -> None:
    found, through = Yard(finds=True, per_year=200.0).run(), Yard(per_year=200.0).run()
    for yard in (found, through):
        sold = [note for note in yard.journal.loads.values() if note.fate == "delivered"]
        assert yard.cluster.treasury.earned == sum(note.pure_mg // 1000 for note in sold)
    assert found.cluster.treasury.earned < 0.6 * through.cluster.treasury.earned


def test_a_cluster_learns_the_fate_of_each_load_that_arrived() -> None:
    yard = Yard(finds=True).run()
    fates = yard.fates()
    assert len(yard.chooser.fates) == fates["seized"] + fates["delivered"]
    assert {(i, lost) for i, lost in yard.chooser.fates} == {(0, True), (1, True), (2, False), (3, False)}


def test_a_load_travels_after_its_plan() -> None:
    """Nothing arrives within 48 hours; then it takes 30 hours on average, and off the ports an hour more."""
    yard = Yard(per_year=1000.0)
    yard.run(2.0)
    assert set(yard.fates()) == {"on_way"}
    yard.run()
    on_way = yard.fates()["on_way"]
    expected = 1000.0 / DAYS_PER_YEAR / HOURS_PER_DAY * (48.0 + 30.0 + 0.4)
    assert off_by(on_way, expected) < 4.0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"stock_kg": 5.0}, "product"), ({"cents": 10**6}, "capital"), ({"blocks": True}, "online")],
)
def test_what_is_not_sent_says_what_it_lacked(changes: dict[str, Any], reason: str) -> None:
    yard = Yard(**changes).run()
    fates = yard.fates()
    unmet = {fate for fate in fates if fate.startswith("unmet.")}
    assert unmet == {f"unmet.{reason}"}
    assert moved(yard.context.ledger, GROSS, "asked.load", f"unmet.{reason}")[1] == fates[f"unmet.{reason}"]
    routes = {note.route for note in yard.journal.loads.values() if note.fate == f"unmet.{reason}"}
    every = {route.name for route in yard.routes}
    assert routes == {"product": every, "capital": every - {"mail"}, "online": {"mail"}}[reason]


def test_a_cluster_that_has_all_it_needs_sends_every_load() -> None:
    assert Yard().run(60).fates().keys() == {"on_way", "delivered"}


def test_a_cell_that_is_down_sends_no_load_of_its_cluster_and_route() -> None:
    yard = Yard(crew_recovery_days=1e6)
    struck = sum(yard.cells.disrupt(entity) for entity in range(2000))
    assert struck == sum(max(1, round(40.0 * share)) for share in yard.shares)
    assert set(yard.run(30).fates()) == {"unmet.cell"}
