"""Choices: what producers choose between, routes and suppliers, as their policy sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from sim.adversary import Alternatives
from sim.border.ports import Ports
from sim.border.screening import ScreeningSettings
from sim.chain.load import LoadSettings
from sim.chain.market import MarketSettings
from sim.chain.off_port import OffPortRoutes, OffPortSettings
from sim.chain.producer import ProducerSettings
from sim.chain.route import MAIL, RouteClass, RouteSettings, baseline_shares, route_classes
from sim.chain.source import SourceSettings, refusal_at
from sim.chain.transit import TradeLanes
from sim.core.dials import DialBoard

InForce = Callable[[float], bool]
"""Tells whether a lever that is announced to everybody is in force at a time."""


class ChoiceSettings(Protocol):
    """The settings of the chain that give a choice its worth and its risk."""

    source: SourceSettings
    producer: ProducerSettings
    load: LoadSettings
    route: RouteSettings
    off_port: dict[str, OffPortSettings]
    market: MarketSettings


def alternatives(
    shares: Sequence[float],
    worth_usd: tuple[Sequence[float], Sequence[float]],
    prior_risk: Sequence[float],
    true_risk: Callable[[int, float], float],
    in_force: InForce,
) -> Alternatives:
    """Return alternatives of which everybody knows the true risk while an announced lever is in force.

    Parameters
    ----------
    worth_usd : pair of sequences of float
        Gain and cost by alternative.
    """

    def announced(i: int, time_h: float) -> float:
        return true_risk(i, time_h) - prior_risk[i] if in_force(time_h) else 0.0

    return Alternatives(shares, prior_risk, *worth_usd, announced, true_risk)


def route_alternatives(
    parts: ChoiceSettings,
    screening: ScreeningSettings,
    dials: DialBoard,
    ports: Ports,
    off_port: OffPortRoutes,
) -> Alternatives:
    """Return the route classes; a load is lost if it is found. First beliefs are the settings."""
    routes = route_classes(parts.route)

    def true_risk(i: int, time_h: float) -> float:
        route = routes[i]
        if route.mode:
            return ports.detection_now(route.office, route.mode, int(time_h))
        return off_port.detection_now(route.name)

    prior = [
        screening.detection_prob(route.mode) if route.mode else parts.off_port[route.name].detection_prob
        for route in routes
    ]
    in_force = partial(dials.announced, ("border.", *(f"{name}." for name in parts.off_port)))
    return alternatives(baseline_shares(parts.route), route_worth(parts, routes), prior, true_risk, in_force)


def route_worth(parts: ChoiceSettings, routes: Sequence[RouteClass]) -> tuple[list[float], list[float]]:
    """Return the wholesale value of a load of usual size, and its courier fee, by route class, USD2022."""
    price = parts.market.wholesale_usd_per_kg * parts.load.mean_purity()
    gains = [parts.load.gross_kg[route.place] * price for route in routes]
    return gains, [0.0 if route.name == MAIL else parts.load.courier_fee_usd for route in routes]


def supplier_alternatives(parts: ChoiceSettings, dials: DialBoard, lanes: TradeLanes) -> Alternatives:
    """Return the suppliers; an order is lost if it is refused or stopped on its way."""
    sellers = parts.source.suppliers
    names = list(sellers)

    def true_risk(i: int, time_h: float) -> float:
        refused = refusal_at(parts.source, dials, names[i], time_h)
        return 1.0 - (1.0 - refused) * (1.0 - lanes.loss_share(names[i]))

    value = parts.market.wholesale_usd_per_kg / parts.producer.precursor_kg_per_pure_kg
    worth = [value] * len(names), [seller.price_usd_per_kg for seller in sellers.values()]
    prior = [true_risk(i, 0.0) for i in range(len(names))]
    in_force = partial(dials.announced, ("source.", "gateway."))
    return alternatives(
        [seller.order_share for seller in sellers.values()], worth, prior, true_risk, in_force
    )
