"""Loads: finished product leaves a cluster's stock, takes a route class, and is caught or delivered.

A cluster chooses the route class of a load in ``Shipper``, by the shares of its policy (``sim.adversary``).
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from sim.adversary import ChoicePlan, Chooser
from sim.chain.market import Market
from sim.chain.off_port import OffPortRoutes
from sim.chain.online import Online
from sim.chain.parts.context import StationContext
from sim.chain.parts.disruption import RecoverableUnits
from sim.chain.parts.drift import Drift, DriftSize
from sim.chain.parts.journal import LoadNote
from sim.chain.parts.observation import AGENCY_OF, FIELD_OPERATIONS
from sim.chain.port import PortsOfEntry
from sim.chain.producer import Producer
from sim.chain.route import MAIL, RouteClass, RouteSettings, baseline_shares, route_classes
from sim.core.calendar import HOURS_PER_YEAR
from sim.core.draws import siblings, word
from sim.core.settings import Positive, Settings, quantities, quantity
from sim.core.units import MG_PER_KG, to_cents
from sim.ledger.accounts import (
    LOAD,
    LOADS_ASKED,
    LOADS_UNMET,
    PACKED,
    PAID_COURIERS,
    SEIZED,
    SEIZED_PORT,
    WHOLESALE,
)
from sim.ledger.postings import FENTANYL, GROSS


class LoadSettings(Settings):
    """Weight, purity and cost of loads."""

    gross_kg: dict[str, Positive] = quantities("kg", "mean gross weight of a load by place")
    gross_cv: float = quantity("1/1", "coefficient of variation of the gross weight", gt=0)
    weight_drift_sd: float = quantity("1/1", "standard deviation of the log of a place's mean weight", ge=0)
    weight_drift_memory: float = quantity("1/1", "correlation of that log by month", ge=0, lt=1)
    powder_share: float = quantity("1/1", "share of loads that are powder; the rest are pills", ge=0, le=1)
    powder_purity: float = quantity("1/1", "purity of powder", gt=0, le=1)
    pill_purity: float = quantity("1/1", "purity of pills by weight", gt=0, le=1)
    courier_fee_usd: float = quantity("USD2022/load", "pay of a courier", ge=0)
    plan_h: float = quantity("h", "time from planning to departure, at least one shift", ge=8)
    travel_h: float = quantity("h", "mean travel time from stock to the border", gt=0)
    travel_cv: float = quantity("1/1", "coefficient of variation of the travel time", gt=0)
    peak_factor: float = quantity("1/1", "largest intensity of loads against the baseline", ge=1)
    crews: float = quantity("crew", "smuggling cells of all clusters together", ge=1, multiple_of=1)
    crew_recovery_days: float = quantity("d", "mean time until a disrupted cell is replaced", gt=0)
    crews_up_share: float = quantity("1/1", "share of cells that work at the baseline", gt=0, le=1)

    def mean_purity(self) -> float:
        """Return the mean purity of a load."""
        return self.powder_share * self.powder_purity + (1 - self.powder_share) * self.pill_purity


@dataclass(frozen=True)
class Destinations:
    """Where loads can go: the ports, the routes without a queue, the market behind them, and who drives."""

    ports: PortsOfEntry
    off_port: OffPortRoutes
    market: Market
    online: Online
    crews: RecoverableUnits


def crews(
    context: StationContext, settings: LoadSettings, route: RouteSettings, cluster_share: Mapping[str, float]
) -> RecoverableUnits:
    """Return the smuggling cells by cluster and route class, as many as their share of the loads.

    The loads of a cell that is down are not sent. At the baseline some are down all the time: clusters
    plan for it, so that those that work send what was fitted.
    """
    routes = zip(route_classes(route), baseline_shares(route), strict=True)
    count = {
        (cluster, place.name): max(1, round(settings.crews * of_cluster * of_route))
        for (cluster, of_cluster), (place, of_route) in product(cluster_share.items(), routes)
    }
    return RecoverableUnits(context, "crew", count, settings.crew_recovery_days)


@dataclass(frozen=True)
class Drifts:
    """How intensity and mean weight of loads drift by place; all clusters share them."""

    intensity: Drift
    weight: Drift


def drifts(context: StationContext, route: RouteSettings, load: LoadSettings) -> Drifts:
    """Return the drifts of a replication."""
    return Drifts(
        Drift(context, "intensity", route.loads_per_year, DriftSize(route.drift_sd, route.drift_memory)),
        Drift(context, "weight", load.gross_kg, DriftSize(load.weight_drift_sd, load.weight_drift_memory)),
    )


@dataclass(frozen=True)
class Routing:
    """How one cluster chooses: its policy over the route classes, and the drifts that all share."""

    routes: Sequence[RouteClass]
    shares: Sequence[float]
    chooser: Chooser
    drifts: Drifts


@dataclass(frozen=True)
class Load:
    """One load that is asked for.

    Parameters
    ----------
    entity : int
        Owner of its draws.
    number : int
        Number of its route class among the alternatives of the cluster.
    route : RouteClass
    gross_mg, pure_mg : int
    fee_cents : int
        Pay of its courier.
    """

    entity: int
    number: int
    route: RouteClass
    gross_mg: int
    pure_mg: int
    fee_cents: int


class Shipper:
    """Sends the loads of one cluster.

    Potential loads are a Poisson process at ``peak_factor`` times the baseline; each owns its draws
    by its ordinal, and goes if its mark lies under the intensity of the moment. The number of loads makes
    up for their weight: a plan of smaller loads, or of routes of small loads, sends more of them.
    """

    def __init__(
        self,
        context: StationContext,
        settings: LoadSettings,
        producer: Producer,
        destinations: Destinations,
        routing: Routing,
        loads_per_year: float,
    ) -> None:
        self._context, self._settings = context, settings
        self._producer, self._destinations = producer, destinations
        self._routes, self._chooser, self._drifts = routing.routes, routing.chooser, routing.drifts
        self._usual_shares = routing.shares
        self._seen_plan: ChoicePlan | None = None
        self._seen_month = -1
        self._usual_top = settings.peak_factor * settings.crews_up_share
        self._peak_per_h = settings.peak_factor * loads_per_year / HOURS_PER_YEAR
        account = context.ledger.account
        self._packed, self._couriers = account(PACKED), account(PAID_COURIERS)
        self._asked, self._wholesale = account(LOADS_ASKED), account(WHOLESALE)
        context.env.process(self._send())

    def _send(self) -> Generator[Any, Any, None]:
        """Send every potential load that the intensity of the moment lets go, by the plan of the cluster."""
        env, draws = self._context.env, self._context.draws
        family, ordinal = siblings(self._producer.entity, "load"), 0
        while self._peak_per_h > 0:
            entity = word(family, ordinal)
            ordinal += 1
            yield env.timeout(draws.exponential("load.gap", entity) / self._peak_per_h)
            plan = self._chooser.plan_at(env.now)
            by_route, total = self._intensities(plan)
            intensity = self._destinations.market.supply_factor() * total / self._usual_top
            if draws.uniform("load.thin", entity) < intensity:
                number = draws.choice("load.route", entity, by_route)
                env.process(self._carry(self._pack(entity, number, plan.sizes[number])))

    def _intensities(self, plan: ChoicePlan) -> tuple[list[float], float]:
        """Return the intensity of every route class against the baseline's total, and their sum."""
        month = self._drifts.intensity.month(self._context.env.now)
        if plan is not self._seen_plan or month != self._seen_month:
            self._seen_plan, self._seen_month = plan, month
            level = self._mass_kg(self._usual_shares, month) / self._mass_kg(plan.shares, month)
            self._by_route = [
                share * self._drifts.intensity.factor(route.place, month) * level / size
                for route, share, size in zip(self._routes, plan.shares, plan.sizes, strict=True)
            ]
            self._total = sum(self._by_route)
        return self._by_route, self._total

    def _mass_kg(self, shares: Sequence[float], month: int) -> float:
        """Return the gross weight that shares would send for each load of the baseline."""
        drifts, usual_kg = self._drifts, self._settings.gross_kg
        places = (route.place for route in self._routes)
        return math.fsum(
            share
            * drifts.intensity.factor(place, month)
            * usual_kg[place]
            * drifts.weight.factor(place, month)
            for share, place in zip(shares, places, strict=True)
        )

    def _pack(self, entity: int, number: int, size: float) -> Load:
        """Return a load of a route class, ``size`` times as heavy as usual."""
        s, context, route, drift = self._settings, self._context, self._routes[number], self._drifts.weight
        mean_kg = s.gross_kg[route.place] * drift.factor(route.place, drift.month(context.env.now)) * size
        gross = round(context.lognormal("load.gross", entity, mean_kg, s.gross_cv) * MG_PER_KG)
        purity = s.powder_purity if context.happens("load.form", entity, s.powder_share) else s.pill_purity
        fee_cents = 0 if route.name == MAIL else to_cents(s.courier_fee_usd)
        return Load(entity, number, route, gross, round(gross * purity), fee_cents)

    def _carry(self, load: Load) -> Generator[Any, Any, None]:
        """Take a load from the stock of the cluster to the market, or to where it is found."""
        context, s = self._context, self._settings
        context.journal.load_requested(load.entity, LoadNote(context.env.now, load.route.name, load.pure_mg))
        if lacking := self._lacking(load):
            unmet = context.ledger.account(LOADS_UNMET, lacking)
            context.ledger.post(context.env.now, self._asked, unmet, GROSS, load.gross_mg)
            context.journal.load_ended(load.entity, context.ledger.names[unmet])
            return
        on_way = self._depart(load)
        yield context.env.timeout(
            s.plan_h + context.lognormal("load.travel", load.entity, s.travel_h, s.travel_cv)
        )
        caught = yield from self._cross(load)
        self._chooser.observe(load.number, caught, context.env.now)
        self._end(load, on_way, caught)

    def _lacking(self, load: Load) -> str:
        """Return what a load lacks to be sent, a reason of ``LOADS_UNMET``; empty when it goes."""
        cluster, route, destinations = self._producer, load.route.name, self._destinations
        if route == MAIL and destinations.online.blocks_sale(load.entity):
            return "online"
        if destinations.crews.down_for_h((cluster.name, route), load.entity):
            return "cell"
        if load.pure_mg > cluster.product_mg():
            return "product"
        return "" if cluster.treasury.can_pay(cluster.name, load.fee_cents) else "capital"

    def _depart(self, load: Load) -> int:
        """Take a load out of the stock and pay its courier; return the account of what is on its way."""
        ledger, now, cluster = self._context.ledger, self._context.env.now, self._producer
        on_way = ledger.account(LOAD, load.route.name)
        ledger.post(now, cluster.product, on_way, FENTANYL, load.pure_mg)
        ledger.post(now, self._packed, on_way, GROSS, load.gross_mg)
        cluster.treasury.pay(cluster.name, self._couriers, load.fee_cents)
        return on_way

    def _cross(self, load: Load) -> Generator[Any, Any, bool]:
        """Take a load across the border; return whether it was found."""
        if load.route.mode:
            return (
                yield from self._destinations.ports.cross(load.entity, load.route.office, load.route.mode)
            )
        return (yield from self._destinations.off_port.cross(load.entity, load.route.name))

    def _end(self, load: Load, on_way: int, caught: bool) -> None:
        """Deliver a load and earn its price, or have it seized, which is recorded and makes a lead."""
        context, ledger, now, route = self._context, self._context.ledger, self._context.env.now, load.route
        context.journal.load_ended(load.entity, "seized" if caught else "delivered")
        seized = SEIZED_PORT if route.mode else SEIZED
        target = ledger.account(seized, route.name) if caught else self._wholesale
        ledger.post(now, on_way, target, FENTANYL, load.pure_mg)
        ledger.post(now, on_way, target, GROSS, load.gross_mg)
        if caught:
            context.leads.raise_lead("load_seizure", load.entity)
            agency = FIELD_OPERATIONS if route.mode else AGENCY_OF[route.name]
            context.recorder.weigh(agency, route.place, GROSS, load.gross_mg, load.entity)
        else:
            self._producer.treasury.earn(
                self._producer.name, self._destinations.market.revenue_cents(load.pure_mg)
            )
