"""What there is to choose between: worth, risk, news, and which fates a buyer learns."""

from __future__ import annotations

from typing import Any

import pytest

from sim.adversary import POLICIES, Alternatives
from sim.adversary.fixed import FixedShares
from sim.chain.parts.choices import alternatives, route_worth
from sim.chain.route import route_classes
from sim.scenario import load_scenario
from sim.world import World
from tests.fixtures.composed import SHORT, composed

ORDERS, ROUTES = 4, 14


class Watched(FixedShares):
    """The policy ``none``, with notes of what it was shown."""

    def __init__(self, settings: Any, there: Alternatives) -> None:
        super().__init__(settings, there)
        self.there = there
        self.fates: list[tuple[int, bool]] = []

    def observe(self, alternative: int, lost: bool, time_h: float) -> None:
        self.fates.append((alternative, lost))


def watched(monkeypatch: pytest.MonkeyPatch, run: bool = True, **changes: Any) -> list[Watched]:
    """Return the choosers of a short run, after it or before its start."""
    seen: list[Watched] = []

    def watch(settings: Any, there: Alternatives) -> Watched:
        seen.append(Watched(settings, there))
        return seen[-1]

    monkeypatch.setitem(POLICIES, "none", watch)
    world = World(load_scenario(composed(**SHORT, **changes)), 1, 0)
    if run:
        world.run()
    return seen


def of_size(choosers: list[Watched], size: int) -> list[Watched]:
    return [chooser for chooser in choosers if len(chooser.there.shares) == size]


def test_the_worth_of_a_load_goes_with_its_weight() -> None:
    chain = load_scenario(composed()).settings.chain
    routes = route_classes(chain.route)
    gains, costs = route_worth(chain, routes)
    by_name = {route.name: (gain, cost) for route, gain, cost in zip(routes, gains, costs, strict=True)}
    assert by_name["tucson.passenger"][0] / by_name["mail"][0] == pytest.approx(8.14 / 0.5)
    assert by_name["mail"][1] == 0.0
    assert by_name["laredo.commercial"][1] == chain.load.courier_fee_usd


def test_news_is_the_change_of_the_true_risk_while_somebody_tells() -> None:
    there = alternatives([1.0], ([1.0], [0.0]), [0.1], lambda i, time_h: 0.4, lambda time_h: time_h >= 5.0)
    assert there.announced(0, 4.0) == 0.0
    assert there.announced(0, 5.0) == pytest.approx(0.3)


def test_every_cluster_has_a_chooser_of_its_own_for_routes_and_for_orders(monkeypatch: Any) -> None:
    choosers = watched(monkeypatch)
    clusters = load_scenario(composed()).settings.chain.producer.clusters
    assert len(of_size(choosers, ORDERS)) == len(of_size(choosers, ROUTES)) == len(clusters)
    assert all(chooser.fates for chooser in choosers)


def test_beliefs_start_at_the_risk_of_the_baseline(monkeypatch: Any) -> None:
    choosers = watched(monkeypatch, run=False)
    orders = of_size(choosers, ORDERS)[0].there
    assert orders.prior_risk[0] > 0.02  # refusals of asia_china, and what gateways stop besides
    for there in (chooser.there for chooser in choosers):
        for i, prior in enumerate(there.prior_risk):
            assert there.true_risk(i, 0.0) == pytest.approx(prior)


def test_an_order_teaches_more_than_a_load() -> None:
    shipped = load_scenario(composed()).settings.adversary
    assert shipped.for_orders().prior_loads == shipped.prior_loads / shipped.loads_per_order
    assert shipped.for_orders().learning_rate == shipped.learning_rate * shipped.loads_per_order


def test_a_buyer_learns_of_refusals_and_of_what_arrived(monkeypatch: Any) -> None:
    refuses = {"chain.source.suppliers.asia_china.refusal_prob": 1.0}
    fates = [fate for chooser in of_size(watched(monkeypatch, **refuses), ORDERS) for fate in chooser.fates]
    assert {lost for seller, lost in fates if seller == 0} == {True}
    assert False in {lost for seller, lost in fates if seller > 0}


def test_a_buyer_without_money_learns_nothing(monkeypatch: Any) -> None:
    """An order that nobody could pay for says nothing about a seller who did not refuse."""
    suppliers = "chain.source.suppliers.asia_china"
    dear = {f"{suppliers}.price_usd_per_kg": 1e9, f"{suppliers}.refusal_prob": 0.0}
    fates = [fate for chooser in of_size(watched(monkeypatch, **dear), ORDERS) for fate in chooser.fates]
    assert not [fate for fate in fates if fate[0] == 0]
