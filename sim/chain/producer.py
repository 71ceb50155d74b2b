"""Producers: clusters that stock precursor, run batches in few labs, and keep product.

A cluster sends what it made in ``sim.chain.load``, where it also chooses a route. What it chooses between is
in ``sim.chain.parts.choices``, how it chooses in ``sim.adversary``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import simpy

from sim.chain.money import Treasury
from sim.chain.parts.context import StationContext
from sim.chain.parts.disruption import Disrupt
from sim.chain.parts.hazards import Stream, start_arrivals
from sim.chain.source import Order, Sources
from sim.core.calendar import DAYS_PER_YEAR, HOURS_PER_DAY
from sim.core.dials import Dial
from sim.core.draws import entity_id
from sim.core.settings import Settings, quantity
from sim.core.units import MG_PER_KG
from sim.ledger.accounts import (
    CONSUMED,
    LABS,
    OPENING_STOCK,
    ORIGIN,
    PRODUCED,
    STOCK_PRECURSOR,
    STOCK_PRODUCT,
)
from sim.ledger.postings import FENTANYL, PRECURSOR

RAIDS_DIAL = "producer.raids_per_year"


class ClusterSettings(Settings):
    """One producer cluster."""

    share: float = quantity("1/1", "share of all production", gt=0, le=1)
    labs: float = quantity("lab", "labs that can run at the same time", ge=1, multiple_of=1)


class ProducerSettings(Settings):
    """How every cluster orders and produces."""

    clusters: dict[str, ClusterSettings]
    precursor_kg_per_pure_kg: float = quantity(
        "kg/kg", "precursor used for one kilogram of pure product", gt=0
    )
    reorder_days: float = quantity("d", "cover of precursor at which an order is placed (s)", gt=0)
    order_up_to_days: float = quantity(
        "d", "cover that an order restores, stock and on order together (S)", gt=0
    )
    consignment_kg: float = quantity("kg", "largest single consignment of an order", gt=0)
    product_cover_days: float = quantity("d", "cover of product at which no new batch starts", gt=0)
    batch_days: float = quantity("d", "mean time of a batch", gt=0)
    batch_cv: float = quantity("1/1", "coefficient of variation of the time of a batch", gt=0)
    lab_utilization: float = quantity(
        "1/1", "share of lab time in use at the baseline, sets the batch size", gt=0, lt=1
    )
    raids_per_year: float = quantity("lab/year", "active labs raided a year, all clusters", ge=0)
    recovery_days: float = quantity("d", "mean time until a raided lab is replaced", gt=0)


def dials() -> list[Dial]:
    """Return the dial that producers read."""
    return [Dial(RAIDS_DIAL, "multiply", 0.0, 1e6, "lab/year", "active labs raided a year, all clusters")]


@dataclass(frozen=True)
class ProducerServices:
    """What clusters work with.

    ``recovery_factor`` returns the recovery time of a raided lab of a cluster over the usual one.
    """

    sources: Sources
    treasury: Treasury
    recovery_factor: Callable[[str], float]


class Producer:
    """One cluster: (s, S) stock of precursor, batches in labs, a stock of product.

    Parameters
    ----------
    pure_kg_per_year : float
        Product that the cluster ships in the calibrated baseline, kg pure a year.
    """

    def __init__(
        self,
        context: StationContext,
        name: str,
        settings: ProducerSettings,
        services: ProducerServices,
        pure_kg_per_year: float,
    ) -> None:
        self._context, self.name, self._settings = context, name, settings
        self._sources, self.treasury = services.sources, services.treasury
        self._recovery_factor = services.recovery_factor
        cluster = settings.clusters[name]
        self._daily_mg = pure_kg_per_year * MG_PER_KG / DAYS_PER_YEAR
        self._labs = simpy.PriorityResource(context.env, capacity=int(cluster.labs))
        batches_per_day = cluster.labs * settings.lab_utilization / settings.batch_days
        self._batch_mg = round(self._daily_mg / batches_per_day)
        account = context.ledger.account
        self.precursor, self.product = account(STOCK_PRECURSOR, name), account(STOCK_PRODUCT, name)
        self._in_labs, self._consumed = account(LABS, name), account(CONSUMED, name)
        self._produced = account(PRODUCED, name)
        self._on_order_mg = 0
        self._running_mg = 0
        self._labs_down = 0
        self._carry = 0.0
        self.entity = entity_id(0, f"cluster.{name}", 0)
        self._fill_stocks()
        context.env.process(self._review_daily())
        lab_share = cluster.labs / sum(c.labs for c in settings.clusters.values())
        self._start_raids(lab_share)

    def product_mg(self) -> int:
        """Return the product in stock, mg pure."""
        return self._context.ledger.balance(self.product, FENTANYL)

    def _fill_stocks(self) -> None:
        """Start half-way between s and S, so that the warm-up is short."""
        s, ledger = self._settings, self._context.ledger
        cover = 0.5 * (s.reorder_days + s.order_up_to_days)
        precursor = round(self._daily_mg * s.precursor_kg_per_pure_kg * cover)
        ledger.post(0.0, ledger.account(ORIGIN, OPENING_STOCK), self.precursor, PRECURSOR, precursor)
        product = round(self._daily_mg * s.product_cover_days)
        ledger.post(0.0, ledger.account(PRODUCED, OPENING_STOCK), self.product, FENTANYL, product)

    def _review_daily(self) -> Generator[Any, Any, None]:
        for day in range(self._context.calendar.total_days):
            self._order_precursor(day)
            self._start_batches(day)
            yield self._context.env.timeout(HOURS_PER_DAY)

    def _order_precursor(self, day: int) -> None:
        s = self._settings
        daily = self._daily_mg * s.precursor_kg_per_pure_kg
        position = self._context.ledger.balance(self.precursor, PRECURSOR) + self._on_order_mg
        if position > s.reorder_days * daily:
            return
        wanted = round(s.order_up_to_days * daily) - position
        affordable = self.treasury.capital(self.name)
        ordinal = 0
        while wanted > 0:
            mass = min(wanted, round(s.consignment_kg * MG_PER_KG))
            affordable -= self._sources.cost_cents(mass)
            if affordable < 0:
                return
            order = Order(self.name, entity_id(entity_id(self.entity, "day", day), "order", ordinal), mass)
            self._on_order_mg += mass
            self._context.env.process(self._await(order))
            wanted -= mass
            ordinal += 1

    def _await(self, order: Order) -> Generator[Any, Any, None]:
        yield self._context.env.process(self._sources.fill(order))
        self._on_order_mg -= order.mass_mg

    def _start_batches(self, day: int) -> None:
        target = self._settings.product_cover_days * self._daily_mg
        need = round(self._batch_mg * self._settings.precursor_kg_per_pure_kg)
        ordinal = 0
        while (
            self.product_mg() + self._running_mg < target
            and self._labs.count + len(self._labs.queue) < self._labs.capacity
            and self._context.ledger.balance(self.precursor, PRECURSOR) >= need
        ):
            self._context.ledger.post(self._context.env.now, self.precursor, self._in_labs, PRECURSOR, need)
            self._running_mg += self._batch_mg
            entity = entity_id(entity_id(self.entity, "day", day), "batch", ordinal)
            request = self._labs.request(priority=1)
            self._context.env.process(self._run_batch(request, entity, need))
            ordinal += 1

    def _run_batch(self, request: Any, entity: int, precursor_mg: int) -> Generator[Any, Any, None]:
        s, env, ledger = self._settings, self._context.env, self._context.ledger
        with request:
            yield request
            days = self._context.lognormal("producer.batch", entity, s.batch_days, s.batch_cv)
            yield env.timeout(days * HOURS_PER_DAY)
            exact = precursor_mg / s.precursor_kg_per_pure_kg + self._carry
            made = int(exact)
            self._carry = exact - made
            ledger.post(env.now, self._in_labs, self._consumed, PRECURSOR, precursor_mg)
            ledger.post(env.now, self._produced, self.product, FENTANYL, made)
            self._running_mg -= self._batch_mg

    def _start_raids(self, lab_share: float) -> None:
        raids = Stream(
            "raid", "producer.raid", self._settings.raids_per_year, RAIDS_DIAL, self.entity, lab_share
        )
        start_arrivals(self._context, raids, self._take_out)

    @property
    def labs(self) -> int:
        """Labs of the cluster, those that are down included."""
        return int(self._labs.capacity)

    def disrupt(self, entity: int) -> bool:
        """Take a lab out; return False when the one that the entity draws is down already."""
        if self._context.draws.uniform("lab.part", entity) * self.labs < self._labs_down:
            return False
        self._take_out(entity)
        return True

    def _take_out(self, entity: int) -> None:
        self._labs_down += 1
        self._context.env.process(self._recover(entity))

    def _recover(self, entity: int) -> Generator[Any, Any, None]:
        with self._labs.request(priority=0) as lost:
            yield lost
            usual_days = self._settings.recovery_days * self._recovery_factor(self.name)
            days = usual_days * self._context.draws.exponential("producer.recovery", entity)
            yield self._context.env.timeout(days * HOURS_PER_DAY)
        self._labs_down -= 1


def any_lab(context: StationContext, producers: Sequence[Producer]) -> Disrupt:
    """Return what hits one lab among those of all clusters, each with the same chance."""

    def disrupt(entity: int) -> bool:
        number = context.draws.choice("lab.hit", entity, [producer.labs for producer in producers])
        return producers[number].disrupt(entity)

    return disrupt
