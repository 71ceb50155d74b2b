"""The world of one replication: builds the stations on one clock, runs them, closes the books.

Order of same-time events (SimPy serves them in the order in which they were scheduled):

1. hour  0      opening stocks, capital and price; then every hour
2. full hour    the border advances to the next full hour, with the loads announced for it
3. exit time    a load leaves the port of entry; its fate is posted and its sender takes note
4. day          clusters review precursor, start batches; levers are paid for; officer-hours
5. week         the market clears and sets the price; clusters send proceeds home
6. any time     dispatches, arrivals, batches, raids, transfers

Stations that act at the same instant touch different accounts, except the market and deliveries,
whose order is that of their events.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass
from functools import partial

import numpy as np
import simpy

from sim.adversary import POLICIES, Alternatives
from sim.border.crossing import BorderTables, load_border
from sim.border.network import BorderTotals
from sim.border.ports import Ports
from sim.chain.firearms import Firearms
from sim.chain.gateway import Gateway
from sim.chain.intelligence import Intelligence
from sim.chain.investigation import Investigators
from sim.chain.load import Routing, Shipper, Ways, crews, drifts
from sim.chain.market import Market
from sim.chain.money import Treasury
from sim.chain.off_port import UnqueuedRoutes
from sim.chain.online import Online
from sim.chain.outbound import Outbound
from sim.chain.parts.choices import alternatives, route_worth, supplier_alternatives
from sim.chain.parts.context import Site
from sim.chain.parts.disruption import Disrupt, Parts
from sim.chain.parts.duty import OfficerDuty
from sim.chain.parts.journal import NO_JOURNAL, Journal
from sim.chain.parts.leads import Leads
from sim.chain.parts.programme import Programmes, daily_cost_usd
from sim.chain.parts.recorder import Recorder
from sim.chain.parts.triggers import Triggers
from sim.chain.port import PortsOfEntry
from sim.chain.producer import Means, Producer, any_lab
from sim.chain.route import RouteClass, baseline_shares, route_classes
from sim.chain.source import Sources
from sim.chain.transit import TradeLanes
from sim.core.draws import Draws
from sim.core.shipped import conf_folder
from sim.core.tables import Table
from sim.disclosure import WITHHELD, without_choices
from sim.ledger.postings import Ledger
from sim.levers import in_order, size_at
from sim.scenario import Scenario


@dataclass(frozen=True)
class Outcome:
    """What one replication leaves: sums of postings, readings of levels, counts of the border.

    ``gauges`` maps a name to float64 arrays (time in hours, value); ``border`` is None when the
    queues were not simulated; ``week_hours`` counts how
    often each hour of the week occurs in the window, ``posted`` the postings of the whole run.
    """

    postings: Table
    gauges: dict[str, tuple[np.ndarray, np.ndarray]]
    border: BorderTotals | None
    tables: BorderTables
    week_hours: np.ndarray
    posted: int


class World:
    """One replication of a scenario, ready to run.

    Parameters
    ----------
    scenario : Scenario
        Validated input, at the parameter set to be run.
    seed, replication : int
        Keys of every random draw.
    journal : Journal
        Takes down single fates, for the comparison of two runs.
    """

    def __init__(
        self, scenario: Scenario, seed: int, replication: int, journal: Journal = NO_JOURNAL
    ) -> None:
        s = scenario.settings
        self._hides_choices = s.adversary.kind in WITHHELD
        self.calendar = scenario.calendar
        draws = Draws(seed, replication)
        self.ledger = Ledger(self.calendar.month_of_hour)
        self.env = simpy.Environment()
        leads = Leads(self.env, self.ledger)
        self.recorder = Recorder(self.env, self.ledger, draws, s.chain.observation)
        leads.call(self.recorder.lead)
        board = scenario.board(draws)
        site = Site(self.env, draws, self.ledger, board, self.calendar, leads, journal, self.recorder)
        self._watch_triggers(site, scenario)
        self.ports = Ports(
            s.border.model, load_border(conf_folder() / "border"), s.border, site.dials, site.calendar, draws
        )
        shares = {name: cluster.share for name, cluster in s.chain.producer.clusters.items()}
        outbound = Outbound(site, self.ports, s.chain.outbound)
        treasury = Treasury(site, s.chain.money, shares, outbound.factor)
        firearms = Firearms(site, s.chain.firearms, outbound, shares)
        online = Online(site, s.chain.online)
        intelligence = Intelligence(site, s.chain.intelligence)
        leads.call(intelligence.lead)
        self.ports.listen(intelligence.factor)
        lanes = TradeLanes(site, s.chain.transit, Gateway(site, s.chain.gateway, intelligence.factor))
        policy, told = POLICIES[s.adversary.kind], partial(site.dials.told, ("source.", "gateway."))
        suppliers = supplier_alternatives(s.chain, site.dials, lanes, told)
        buyers = {name: policy(s.adversary.for_orders(), suppliers) for name in s.chain.producer.clusters}
        sources = Sources(site, s.chain.source, lanes, treasury, buyers, online)
        ways = Ways(
            PortsOfEntry(site, self.ports, s.border.screening),
            UnqueuedRoutes(site, s.chain.unqueued),
            Market(site, s.chain.market),
            online,
            self._crews(site, scenario, shares),
        )
        means = Means(sources, treasury, firearms.recovery_factor)
        producers = self._start_clusters(site, scenario, means, ways)
        self.targets: dict[str, Disrupt] = {
            "lab": any_lab(site, producers),
            "source": sources.disrupt,
            "lane": lanes.disrupt,
            "smuggling": ways.crews.disrupt,
            "channel": treasury.disrupt,
            "arms": firearms.disrupt,
            "online": online.disrupt,
        }
        Investigators(site, s.chain.investigation, self.targets, intelligence.close_case)
        self._start_programmes(site, scenario)
        OfficerDuty(site, self.ports)

    def _start_clusters(self, site: Site, scenario: Scenario, means: Means, ways: Ways) -> list[Producer]:
        chain = scenario.settings.chain
        routes = route_classes(chain.route)
        shares = baseline_shares(chain.route)
        drifting = drifts(site, chain.route, chain.load)
        choice = self._route_choice(site, scenario, routes, ways.unqueued)
        adversary = scenario.settings.adversary
        loads = sum(chain.route.loads_per_year.values())
        gross = sum(
            share * chain.load.gross_kg[route.place] for share, route in zip(shares, routes, strict=True)
        )
        pure_kg = loads * gross * chain.load.mean_purity()
        producers = []
        for name, cluster in chain.producer.clusters.items():
            producer = Producer(site, name, chain.producer, means, pure_kg * cluster.share)
            routing = Routing(routes, shares, POLICIES[adversary.kind](adversary, choice), drifting)
            Shipper(site, chain.load, producer, ways, routing, loads * cluster.share)
            producers.append(producer)
        return producers

    def _crews(self, site: Site, scenario: Scenario, cluster_share: dict[str, float]) -> Parts:
        chain = scenario.settings.chain
        names = [route.name for route in route_classes(chain.route)]
        by_route = dict(zip(names, baseline_shares(chain.route), strict=True))
        return crews(site, chain.load, cluster_share, by_route)

    def _route_choice(
        self, site: Site, scenario: Scenario, routes: list[RouteClass], unqueued: UnqueuedRoutes
    ) -> Alternatives:
        """Return the route classes as a policy sees them."""

        def true_risk(i: int, time_h: float) -> float:
            route = routes[i]
            if route.mode:
                return self.ports.detection_now(route.office, route.mode, int(time_h))
            return unqueued.detection_now(route.name)

        risk = [_prior_risk(scenario, route) for route in routes]
        worth = route_worth(scenario.settings.chain, routes)
        shares = baseline_shares(scenario.settings.chain.route)
        told = partial(
            site.dials.told, ("border.", *(f"{name}." for name in scenario.settings.chain.unqueued))
        )
        return alternatives(shares, worth, risk, true_risk, told)

    def _watch_triggers(self, site: Site, scenario: Scenario) -> None:
        levers = scenario.settings.levers
        waiting = {name: levers[name].trigger for name in in_order(levers) if levers[name].size}
        Triggers(site, {name: trigger for name, trigger in waiting.items() if trigger is not None})

    def _start_programmes(self, site: Site, scenario: Scenario) -> None:
        costs = {}
        for name, lever in scenario.settings.levers.items():
            if lever.size:
                moves = site.dials.pulled[name]
                costs[name] = lambda t, lever=lever, moves=moves: daily_cost_usd(
                    lever.cost_usd_per_unit_year, size_at(lever, moves, t)
                )
        Programmes(site, costs)

    def run(self, until_h: float | None = None) -> None:
        """Run to a time (default: the horizon) and check the books there.

        Raises
        ------
        ConservationError
            Mass or money does not add up.
        """
        self.env.run(until=self.calendar.total_hours if until_h is None else until_h)
        if until_h is None:
            self.recorder.close()
        self.ledger.check()

    def outcome(self) -> Outcome:
        """Return the tables of a finished run."""
        gauges = {
            name: (np.array([t for t, _ in rows]), np.array([v for _, v in rows]))
            for name, rows in self.ledger.gauges.items()
        }
        postings = self.ledger.table(self.calendar.month_names)
        return Outcome(
            postings=without_choices(postings) if self._hides_choices else postings,
            gauges=gauges,
            border=self.ports.totals(),
            tables=self.ports.tables,
            week_hours=self.calendar.week_hours,
            posted=self.ledger.posted,
        )


def _prior_risk(scenario: Scenario, route: RouteClass) -> float:
    """Return the chance of interception that a cluster believes in before its first load."""
    if route.mode:
        return scenario.settings.border.screening.detection_share(route.mode)
    return scenario.settings.chain.unqueued[route.name].detection_share


def simulate(scenario: Scenario, seed: int, replication: int, parameter_set: int = 0) -> Outcome:
    """Simulate one replication of a scenario.

    Parameters
    ----------
    scenario : Scenario
    seed, replication : int
        Keys of every draw; the same pair gives the same world in every scenario.
    parameter_set : int
        0 is the central set; others come from ``conf/calibration``.

    Returns
    -------
    Outcome
        Deterministic: the same bits for the same arguments.
    """
    world = World(scenario.at_parameter_set(parameter_set), seed, replication)
    world.run()
    outcome = world.outcome()
    # Processes and events hold each other, and with them the queues: let go before the next world.
    del world
    gc.collect()
    return outcome
