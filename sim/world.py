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

import numpy as np
import simpy

from sim.adversary import POLICIES
from sim.border.crossing import BorderTables, load_border
from sim.border.network import BorderTotals
from sim.border.ports import Ports
from sim.chain.firearms import Firearms
from sim.chain.gateway import Gateway
from sim.chain.intelligence import Intelligence
from sim.chain.investigation import Investigators
from sim.chain.load import Destinations, Routing, Shipper, crews, drifts
from sim.chain.market import Market
from sim.chain.money import Treasury
from sim.chain.off_port import OffPortRoutes
from sim.chain.online import Online
from sim.chain.outbound import Outbound
from sim.chain.parts.accounting import OfficerDuty, Programmes
from sim.chain.parts.choices import route_alternatives, supplier_alternatives
from sim.chain.parts.context import StationContext
from sim.chain.parts.disruption import Disrupt
from sim.chain.parts.journal import NO_JOURNAL, Journal
from sim.chain.parts.leads import Leads
from sim.chain.parts.observation import Recorder
from sim.chain.parts.triggers import Triggers
from sim.chain.port import PortsOfEntry
from sim.chain.producer import Producer, ProducerServices, any_lab
from sim.chain.route import baseline_shares, route_classes
from sim.chain.source import Sources
from sim.chain.transit import TradeLanes
from sim.core.calendar import DAYS_PER_YEAR
from sim.core.draws import Draws
from sim.core.shipped import conf_folder
from sim.core.tables import Table
from sim.disclosure import WITHHELD, without_choices
from sim.ledger.postings import Ledger
from sim.levers import in_order, size_at
from sim.scenario import Scenario


@dataclass(frozen=True)
class ReplicationOutput:
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

    ``__init__`` is the map of the chain: one line per station, with what it is wired to. Its order is that of
    same-time events.

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
        chain, border = scenario.settings.chain, scenario.settings.border
        cluster_share = {name: cluster.share for name, cluster in chain.producer.clusters.items()}
        self.scenario, self.calendar = scenario, scenario.calendar
        self.env = simpy.Environment()
        self.ledger = Ledger(self.calendar.month_of_hour)
        self.context = context = self._common_ground(Draws(seed, replication), journal)
        self._watch_triggers()
        tables = load_border(conf_folder() / "border")
        self.ports = Ports(border.model, tables, border, context.dials, context.calendar, context.draws)
        self.outbound = Outbound(context, self.ports, chain.outbound)
        self.treasury = Treasury(context, chain.money, cluster_share, self.outbound.factor)
        self.firearms = Firearms(context, chain.firearms, self.outbound, cluster_share)
        self.online = Online(context, chain.online)
        self.intelligence = self._informed_targeting()
        self.lanes = TradeLanes(
            context, chain.transit, Gateway(context, chain.gateway, self.intelligence.factor)
        )
        self.sources = self._sources()
        self.destinations = Destinations(
            PortsOfEntry(context, self.ports, border.screening),
            OffPortRoutes(context, chain.off_port),
            Market(context, chain.market),
            self.online,
            crews(context, chain.load, chain.route, cluster_share),
        )
        self.producers = self._producers()
        self.targets = self._targets()
        Investigators(context, chain.investigation, self.targets, self.intelligence.close_case)
        self._pay_programmes()
        OfficerDuty(context, self.ports)

    def _common_ground(self, draws: Draws, journal: Journal) -> StationContext:
        """Return what every station stands on; every lead is recorded before anybody takes it up."""
        leads = Leads(self.env, self.ledger)
        recorder = Recorder(self.env, self.ledger, draws, self.scenario.settings.chain.observation)
        leads.call(recorder.lead)
        board = self.scenario.board(draws)
        return StationContext(self.env, draws, self.ledger, board, self.calendar, leads, journal, recorder)

    def _watch_triggers(self) -> None:
        """Watch for the levers that wait for a trigger, each after the lever that it waits for."""
        levers = self.scenario.settings.levers
        waiting = {name: levers[name].trigger for name in in_order(levers) if levers[name].size}
        Triggers(self.context, {name: trigger for name, trigger in waiting.items() if trigger is not None})

    def _informed_targeting(self) -> Intelligence:
        """Return the intelligence that leads fill and that targeting at the ports uses."""
        intelligence = Intelligence(self.context, self.scenario.settings.chain.intelligence)
        self.context.leads.call(intelligence.lead)
        self.ports.listen(intelligence.factor)
        return intelligence

    def _sources(self) -> Sources:
        """Return the suppliers, and the policy by which each cluster chooses between them."""
        chain, adversary = self.scenario.settings.chain, self.scenario.settings.adversary
        choice = supplier_alternatives(chain, self.context.dials, self.lanes)
        orders = adversary.for_orders()
        buyers = {name: POLICIES[adversary.kind](orders, choice) for name in chain.producer.clusters}
        return Sources(self.context, chain.source, self.lanes, self.treasury, buyers, self.online)

    def _producers(self) -> list[Producer]:
        """Return the clusters, each with its shipper and the policy by which it chooses between routes."""
        context, chain, adversary = (
            self.context,
            self.scenario.settings.chain,
            self.scenario.settings.adversary,
        )
        routes, shares = route_classes(chain.route), baseline_shares(chain.route)
        screening = self.scenario.settings.border.screening
        choice = route_alternatives(chain, screening, context.dials, self.ports, self.destinations.off_port)
        drifting = drifts(context, chain.route, chain.load)
        services = ProducerServices(self.sources, self.treasury, self.firearms.recovery_factor)
        loads = sum(chain.route.loads_per_year.values())
        gross_kg = sum(
            share * chain.load.gross_kg[route.place] for share, route in zip(shares, routes, strict=True)
        )
        pure_kg = loads * gross_kg * chain.load.mean_purity()
        producers = []
        for name, cluster in chain.producer.clusters.items():
            producer = Producer(context, name, chain.producer, services, pure_kg * cluster.share)
            routing = Routing(routes, shares, POLICIES[adversary.kind](adversary, choice), drifting)
            Shipper(context, chain.load, producer, self.destinations, routing, loads * cluster.share)
            producers.append(producer)
        return producers

    def _targets(self) -> dict[str, Disrupt]:
        """Return what a case can strike, by kind of target."""
        return {
            "lab": any_lab(self.context, self.producers),
            "source": self.sources.disrupt,
            "lane": self.lanes.disrupt,
            "smuggling": self.destinations.crews.disrupt,
            "channel": self.treasury.disrupt,
            "arms": self.firearms.disrupt,
            "online": self.online.disrupt,
        }

    def _pay_programmes(self) -> None:
        """Pay for the levers that are pulled, at the size in force."""
        costs = {}
        for name, lever in self.scenario.settings.levers.items():
            if lever.size:
                moves = self.context.dials.pulled[name]
                costs[name] = lambda t, lever=lever, moves=moves: (
                    lever.cost_usd_per_unit_year * size_at(lever, moves, t) / DAYS_PER_YEAR
                )
        Programmes(self.context, costs)

    def run(self, until_h: float | None = None) -> None:
        """Run to a time (default: the horizon) and check the books there.

        Raises
        ------
        ConservationError
            Mass or money does not add up.
        """
        self.env.run(until=self.calendar.total_hours if until_h is None else until_h)
        if until_h is None:
            self.context.recorder.close()
        self.ledger.check()

    def outcome(self) -> ReplicationOutput:
        """Return the tables of a finished run."""
        gauges = {
            name: (np.array([t for t, _ in rows]), np.array([v for _, v in rows]))
            for name, rows in self.ledger.gauges.items()
        }
        postings = self.ledger.table(self.calendar.month_names)
        withheld = self.scenario.settings.adversary.kind in WITHHELD
        return ReplicationOutput(
            postings=without_choices(postings) if withheld else postings,
            gauges=gauges,
            border=self.ports.totals(),
            tables=self.ports.tables,
            week_hours=self.calendar.week_hours,
            posted=self.ledger.posted,
        )


def simulate(scenario: Scenario, seed: int, replication: int, parameter_set: int = 0) -> ReplicationOutput:
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
    ReplicationOutput
        Deterministic: the same bits for the same arguments.
    """
    world = World(scenario.at_parameter_set(parameter_set), seed, replication)
    world.run()
    outcome = world.outcome()
    # Processes and events hold each other, and with them the queues: let go before the next world.
    del world
    gc.collect()
    return outcome
