"""Loads: finished product leaves a cluster's stock, takes a route class, and is caught or delivered."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.adversary import Chooser, Plan
from sim.chain.market import Market
from sim.chain.off_port import UnqueuedRoutes
from sim.chain.online import Online
from sim.chain.parts.context import Site
from sim.chain.parts.disruption import Parts
from sim.chain.parts.drift import Drift, DriftSize
from sim.chain.parts.journal import LoadNote
from sim.chain.parts.recorder import AGENCY_OF, FIELD_OPERATIONS
from sim.chain.port import PortsOfEntry
from sim.chain.producer import Producer
from sim.chain.route import MAIL, RouteClass, RouteSettings
from sim.core.calendar import HOURS_PER_YEAR
from sim.core.draws import siblings, word
from sim.core.settings import Positive, Settings, quantities, quantity
from sim.core.units import MG_PER_KG, to_cents
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
class Ways:
    """Where loads can go: the ports, the routes without a queue, the market behind them, and who drives."""

    ports: PortsOfEntry
    unqueued: UnqueuedRoutes
    market: Market
    online: Online
    crews: Parts


def crews(
    site: Site, settings: LoadSettings, cluster_share: Mapping[str, float], route_share: Mapping[str, float]
) -> Parts:
    """Return the smuggling cells by cluster and route class, as many as their share of the loads.

    The loads of a cell that is down are not sent. At the baseline some are down all the time: clusters
    plan for it, so that those that work send what was fitted.
    """
    count = {
        (cluster, route): max(1, round(settings.crews * of_cluster * of_route))
        for cluster, of_cluster in cluster_share.items()
        for route, of_route in route_share.items()
    }
    return Parts(site, "crew", count, settings.crew_recovery_days)


@dataclass(frozen=True)
class Drifts:
    """How intensity and mean weight of loads drift by place; all clusters share them."""

    intensity: Drift
    weight: Drift


def drifts(site: Site, route: RouteSettings, load: LoadSettings) -> Drifts:
    """Return the drifts of a replication."""
    return Drifts(
        Drift(site, "intensity", route.loads_per_year, DriftSize(route.drift_sd, route.drift_memory)),
        Drift(site, "weight", load.gross_kg, DriftSize(load.weight_drift_sd, load.weight_drift_memory)),
    )


@dataclass(frozen=True)
class Routing:
    """How one cluster chooses: its policy over the route classes, and the drifts that all share."""

    routes: Sequence[RouteClass]
    shares: Sequence[float]
    chooser: Chooser
    drifts: Drifts


class Shipper:
    """Sends the loads of one cluster.

    Potential loads are a Poisson process at ``peak_factor`` times the baseline; each owns its draws
    by its ordinal, and goes if its mark lies under the intensity of the moment. The number of loads makes
    up for their weight: a plan of smaller loads, or of routes of small loads, sends more of them.
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
        self._routes, self._chooser, self._drifts = routing.routes, routing.chooser, routing.drifts
        self._usual_shares = routing.shares
        self._seen_plan: Plan | None = None
        self._seen_month = -1
        self._usual_top = settings.peak_factor * settings.crews_up_share
        self._peak_per_h = settings.peak_factor * loads_per_year / HOURS_PER_YEAR
        site.env.process(self._send())

    def _send(self) -> Generator[Any, Any, None]:
        env, draws = self._site.env, self._site.draws
        family, ordinal = siblings(self._producer.entity, "load"), 0
        while self._peak_per_h > 0:
            load = word(family, ordinal)
            ordinal += 1
            yield env.timeout(draws.exponential("load.gap", load) / self._peak_per_h)
            plan = self._chooser.plan_at(env.now)
            weights, total = self._weights(plan)
            intensity = self._ways.market.supply_factor() * total / self._usual_top
            if draws.uniform("load.thin", load) < intensity:
                route = draws.choice("load.route", load, weights)
                env.process(self._carry(load, route, plan.sizes[route]))

    def _weights(self, plan: Plan) -> tuple[list[float], float]:
        """Return the intensity of every route class against the baseline's total, and their sum."""
        month = self._drifts.intensity.month(self._site.env.now)
        if plan is not self._seen_plan or month != self._seen_month:
            self._seen_plan, self._seen_month = plan, month
            level = self._mass(self._usual_shares, month) / self._mass(plan.shares, month)
            self._intensity = [
                share * self._drifts.intensity.factor(route.place, month) * level / size
                for route, share, size in zip(self._routes, plan.shares, plan.sizes, strict=True)
            ]
            self._total = sum(self._intensity)
        return self._intensity, self._total

    def _mass(self, shares: Sequence[float], month: int) -> float:
        """Return the gross weight (kg) that shares would send for each load of the baseline."""
        drifts, usual_kg = self._drifts, self._settings.gross_kg
        places = (route.place for route in self._routes)
        return math.fsum(
            share
            * drifts.intensity.factor(place, month)
            * usual_kg[place]
            * drifts.weight.factor(place, month)
            for share, place in zip(shares, places, strict=True)
        )

    def _carry(self, load: int, number: int, size: float) -> Generator[Any, Any, None]:
        site, s, route = self._site, self._settings, self._routes[number]
        ledger, env = site.ledger, site.env
        weight = self._drifts.weight
        mean_kg = s.gross_kg[route.place] * weight.factor(route.place, weight.month(env.now)) * size
        gross = round(site.lognormal("load.gross", load, mean_kg, s.gross_cv) * MG_PER_KG)
        powder = site.happens("load.form", load, s.powder_share)
        pure = round(gross * (s.powder_purity if powder else s.pill_purity))
        fee_cents = 0 if route.name == MAIL else to_cents(s.courier_fee_usd)
        site.journal.load_asked(load, LoadNote(env.now, route.name, pure))
        if route.name == MAIL and self._ways.online.blocks_sale(load):
            self._give_up(load, "unmet.online", gross)
            return
        if self._ways.crews.down_for_h((self._producer.name, route.name), load):
            self._give_up(load, "unmet.cell", gross)
            return
        short = pure > self._producer.product_mg()
        if short or not self._producer.treasury.can_pay(self._producer.name, fee_cents):
            self._give_up(load, "unmet.product" if short else "unmet.capital", gross)
            return
        on_way = ledger.account(f"load.{route.name}")
        ledger.post(env.now, self._producer.product, on_way, FENTANYL, pure)
        ledger.post(env.now, ledger.account("packed"), on_way, GROSS, gross)
        self._producer.treasury.pay(self._producer.name, "paid.couriers", fee_cents)
        yield env.timeout(s.plan_h + site.lognormal("load.travel", load, s.travel_h, s.travel_cv))
        if route.mode:
            caught = yield from self._ways.ports.cross(load, route.office, route.mode)
            seized = f"seized.port.{route.name}"
        else:
            caught = yield from self._ways.unqueued.cross(load, route.name)
            seized = f"seized.{route.name}"
        self._chooser.observe(number, caught, env.now)
        site.journal.load_ended(load, "seized" if caught else "delivered")
        target = ledger.account(seized if caught else "us.wholesale")
        ledger.post(env.now, on_way, target, FENTANYL, pure)
        ledger.post(env.now, on_way, target, GROSS, gross)
        if caught:
            site.leads.raise_lead("load_seizure", load)
            agency = FIELD_OPERATIONS if route.mode else AGENCY_OF[route.name]
            site.recorder.weigh(agency, route.place, GROSS, gross, load)
        else:
            self._producer.treasury.earn(self._producer.name, self._ways.market.revenue_cents(pure))

    def _give_up(self, load: int, why: str, gross_mg: int) -> None:
        """Post a load that is not sent, with what it lacked."""
        ledger = self._site.ledger
        now, asked = self._site.env.now, ledger.account("asked.load")
        ledger.post(now, asked, ledger.account(why), GROSS, gross_mg)
        self._site.journal.load_ended(load, why)
