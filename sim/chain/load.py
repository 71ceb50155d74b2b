"""Loads: finished product leaves a cluster's stock, takes a route class, and is caught or delivered."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from sim.adversary import RoutePolicy
from sim.chain.market import Market
from sim.chain.port import PortsOfEntry
from sim.chain.producer import Producer
from sim.chain.route import MAIL, RouteClass, RouteDrift
from sim.chain.site import Site
from sim.chain.unqueued import UnqueuedRoutes
from sim.core.calendar import HOURS_PER_YEAR
from sim.core.draws import entity_id
from sim.core.settings import Positive, Settings, quantities, quantity
from sim.core.units import MG_PER_KG, to_cents
from sim.ledger.postings import FENTANYL, GROSS


class LoadSettings(Settings):
    """Weight, purity and cost of loads."""

    gross_kg: dict[str, Positive] = quantities("kg", "mean gross weight of a load by place")
    gross_cv: float = quantity("1/1", "coefficient of variation of the gross weight", gt=0)
    powder_share: float = quantity("1/1", "share of loads that are powder; the rest are pills", ge=0, le=1)
    powder_purity: float = quantity("1/1", "purity of powder", gt=0, le=1)
    pill_purity: float = quantity("1/1", "purity of pills by weight", gt=0, le=1)
    courier_fee_usd: float = quantity("USD2022/load", "pay of a courier", ge=0)
    plan_h: float = quantity("h", "time from planning to departure, at least one shift", ge=8)
    travel_h: float = quantity("h", "mean travel time from stock to the border", gt=0)
    travel_cv: float = quantity("1/1", "coefficient of variation of the travel time", gt=0)
    peak_factor: float = quantity("1/1", "largest intensity of loads against the baseline", ge=1)

    def mean_purity(self) -> float:
        """Return the mean purity of a load."""
        return self.powder_share * self.powder_purity + (1 - self.powder_share) * self.pill_purity


@dataclass(frozen=True)
class Ways:
    """Where loads can go: the ports, the routes without a queue, and the market behind them."""

    ports: PortsOfEntry
    unqueued: UnqueuedRoutes
    market: Market


@dataclass(frozen=True)
class Routing:
    """How one cluster chooses: its policy over the route classes, and the drift that all share."""

    routes: Sequence[RouteClass]
    policy: RoutePolicy
    drift: RouteDrift


class Shipper:
    """Sends the loads of one cluster.

    Potential loads are a Poisson process at ``peak_factor`` times the baseline; each owns its draws
    by its ordinal, and goes if its mark lies under the intensity of the moment.
    """

    def __init__(
        self,
        site: Site,
        settings: LoadSettings,
        producer: Producer,
        ways: Ways,
        routing: Routing,
        loads_per_year: float,
    ) -> None:
        self._site, self._settings = site, settings
        self._producer, self._ways = producer, ways
        self._routes, self._policy, self._drift = routing.routes, routing.policy, routing.drift
        self._peak_per_h = settings.peak_factor * loads_per_year / HOURS_PER_YEAR
        site.env.process(self._send())

    def _send(self) -> Generator[Any, Any, None]:
        env, draws = self._site.env, self._site.draws
        ordinal = 0
        while self._peak_per_h > 0:
            load = entity_id(self._producer.entity, "load", ordinal)
            ordinal += 1
            yield env.timeout(draws.exponential("load.gap", load) / self._peak_per_h)
            weights = self._weights()
            intensity = self._ways.market.supply_factor() * sum(weights) / self._settings.peak_factor
            if draws.uniform("load.thin", load) < intensity:
                route = draws.choice("load.route", load, weights)
                env.process(self._carry(load, route))

    def _weights(self) -> list[float]:
        now = self._site.env.now
        return [
            share * self._drift.factor(route.place, now)
            for share, route in zip(self._policy.shares_at(now), self._routes, strict=True)
        ]

    def _carry(self, load: int, number: int) -> Generator[Any, Any, None]:
        site, s, route = self._site, self._settings, self._routes[number]
        ledger, env = site.ledger, site.env
        gross = round(site.lognormal("load.gross", load, s.gross_kg[route.place], s.gross_cv) * MG_PER_KG)
        powder = site.happens("load.form", load, s.powder_share)
        pure = round(gross * (s.powder_purity if powder else s.pill_purity))
        if pure > self._producer.product_mg():
            return
        on_way = ledger.account(f"load.{route.name}")
        ledger.post(env.now, self._producer.product, on_way, FENTANYL, pure)
        ledger.post(env.now, ledger.account("packed"), on_way, GROSS, gross)
        if route.name != MAIL:
            self._producer.treasury.pay(self._producer.name, "paid.couriers", to_cents(s.courier_fee_usd))
        yield env.timeout(s.plan_h + site.lognormal("load.travel", load, s.travel_h, s.travel_cv))
        if route.mode:
            caught = yield env.process(self._ways.ports.cross(load, route.office, route.mode))
            seized = f"seized.port.{route.name}"
        else:
            caught = yield env.process(self._ways.unqueued.cross(load, route.name))
            seized = f"seized.{route.name}"
        self._policy.observe(number, caught, env.now)
        target = ledger.account(seized if caught else "us.wholesale")
        ledger.post(env.now, on_way, target, FENTANYL, pure)
        ledger.post(env.now, on_way, target, GROSS, gross)
        if not caught:
            self._producer.treasury.earn(self._producer.name, self._ways.market.revenue_cents(pure))
