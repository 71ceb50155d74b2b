"""The whole validated input of one run: settings, evidence, calendar."""

from __future__ import annotations

import copy
import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from pydantic import field_validator

from sim.adversary import POLICIES, AdversarySettings
from sim.border import officers
from sim.border.crossing import MODES, OFFICES
from sim.border.layers import Screens
from sim.border.leniency.settings import RULES, LeniencySettings
from sim.border.officers import OfficerSettings
from sim.border.ports import BorderModel
from sim.border.screening import ScreeningSettings, screening_dials
from sim.border.traffic import TrafficSettings
from sim.chain import gateway, intelligence, investigation, money, off_port, online, producer, source
from sim.chain.firearms import FirearmSettings
from sim.chain.gateway import GatewaySettings
from sim.chain.intelligence import IntelligenceSettings
from sim.chain.investigation import TARGETS, InvestigationSettings, check_targets
from sim.chain.load import LoadSettings
from sim.chain.market import MarketSettings
from sim.chain.money import MoneySettings
from sim.chain.off_port import OffPortSettings
from sim.chain.online import OnlineSettings
from sim.chain.outbound import OutboundSettings
from sim.chain.parts.leads import LEAD_KINDS
from sim.chain.parts.observation import ObservationSettings
from sim.chain.producer import ProducerSettings
from sim.chain.route import RouteSettings, route_classes
from sim.chain.source import SourceSettings
from sim.chain.transit import TransitSettings
from sim.core.calendar import Calendar
from sim.core.dials import DialBoard, board_of
from sim.core.draws import Draws
from sim.core.errors import ConfigError, unknown
from sim.core.settings import (
    EvidenceRow,
    NotNegative,
    Settings,
    check_units,
    flatten_records,
    quantities,
    split_evidence,
    validated,
)
from sim.core.shipped import compose_tree, conf_folder, fact_ids
from sim.core.tree import has, plain, replaced
from sim.levers import LeverMode, LeverSettings, check_evidence, check_lever, check_together, pull

NOT_THE_MODEL = ("run", "seed")
MAX_DAYS = 3660
"""Ten years: a run keeps a row for every hour."""
FIRST_YEAR, LAST_YEAR = 1950, 2150


class CalendarSettings(Settings):
    """Dates of a run."""

    start: str
    days: int
    warmup_days: int

    @field_validator("start")
    @classmethod
    def _is_date(cls, text: str) -> str:
        try:
            start = date.fromisoformat(text)
        except ValueError:
            raise ValueError("not a date; write YYYY-MM-DD") from None
        if not FIRST_YEAR <= start.year <= LAST_YEAR:
            raise ValueError(f"the year must lie in {FIRST_YEAR} to {LAST_YEAR}")
        return text

    @field_validator("days")
    @classmethod
    def _is_positive(cls, days: int) -> int:
        if not 1 <= days <= MAX_DAYS:
            raise ValueError(f"a run has 1 to {MAX_DAYS} days")
        return days

    @field_validator("warmup_days")
    @classmethod
    def _is_not_negative(cls, days: int) -> int:
        if not 0 <= days <= MAX_DAYS:
            raise ValueError(f"a warm-up has 0 to {MAX_DAYS} days")
        return days


class BorderSettings(Settings):
    """Everything about the ports of entry."""

    model: BorderModel
    traffic: TrafficSettings
    screening: ScreeningSettings
    officers: OfficerSettings
    leniency: LeniencySettings
    persons_per_trip: dict[str, NotNegative] = quantities(
        "person/trip", "persons who wait with a trip, by mode"
    )


class ChainSettings(Settings):
    """One settings object a station."""

    source: SourceSettings
    transit: TransitSettings
    gateway: GatewaySettings
    producer: ProducerSettings
    load: LoadSettings
    route: RouteSettings
    off_port: dict[str, OffPortSettings]
    market: MarketSettings
    money: MoneySettings
    investigation: InvestigationSettings
    intelligence: IntelligenceSettings
    outbound: OutboundSettings
    firearms: FirearmSettings
    online: OnlineSettings
    observation: ObservationSettings


class ScenarioSettings(Settings):
    """All settings of a scenario."""

    name: str
    calendar: CalendarSettings
    border: BorderSettings
    chain: ChainSettings
    adversary: AdversarySettings
    levers: dict[str, LeverSettings]
    lever_mode: LeverMode


@dataclass(frozen=True)
class Scenario:
    """A validated scenario.

    Parameters
    ----------
    settings : ScenarioSettings
        Frozen settings of every station and lever.
    values : dict
        The same as a tree of plain values, from which parameter sets are built.
    evidence : tuple of EvidenceRow
        Where each number comes from.
    """

    settings: ScenarioSettings
    values: Mapping[str, Any]
    evidence: tuple[EvidenceRow, ...]

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self.settings.name

    @property
    def calendar(self) -> Calendar:
        """Dates of the run."""
        c = self.settings.calendar
        return Calendar(date.fromisoformat(c.start), c.days, c.warmup_days)

    def board(self, draws: Draws | None = None) -> DialBoard:
        """Return all dials of the stations, with the moves of the levers.

        Parameters
        ----------
        draws : Draws, optional
            Draws of a replication: they decide whose turn it is among moves that take turns.

        Raises
        ------
        ConfigError
            A lever moves a dial that no station declares.
        """
        chain = self.settings.chain
        board = board_of(
            source.dials(chain.source)
            + gateway.dials(chain.gateway)
            + producer.dials()
            + off_port.dials(chain.off_port)
            + investigation.dials()
            + intelligence.dials()
            + money.dials()
            + online.dials()
            + officers.dials()
            + screening_dials()
        )
        pull(board, self.settings.levers, self.calendar, self.settings.lever_mode, draws)
        return board

    def canonical_json(self) -> str:
        """Return all that changes a replication, in one stable spelling; a name changes nothing."""
        values = {key: node for key, node in self.values.items() if key != "name"}
        return json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @property
    def pulled(self) -> dict[str, float]:
        """Sizes of the levers that it pulls, by name."""
        return {name: lever.size for name, lever in self.settings.levers.items() if lever.size}

    def with_sizes(self, sizes: Mapping[str, float]) -> Scenario:
        """Return the scenario with some levers at these sizes and all others absent.

        Raises
        ------
        ConfigError
            A lever does not exist, or makes no sense at this size.
        """
        levers = self.settings.levers
        for name in sizes:
            if name not in levers:
                raise unknown("lever", name, "levers", levers)
        return self.changed(
            {
                f"levers.{name}.size": float(sizes.get(name, 0.0))
                for name, lever in levers.items()
                if lever.size != sizes.get(name, 0.0)
            }
        )

    def changed(self, values: Mapping[str, float | str]) -> Scenario:
        """Return the scenario with other values, by path, of what needs no evidence; validated again.

        Raises
        ------
        ConfigError
            A value makes no sense, or levers contradict each other.
        """
        tree = replaced(self.values, plain(values), new_keys=True)
        made = Scenario(validated(ScenarioSettings, tree, ""), tree, self.evidence)
        for name in made.pulled:
            check_lever(name, made.settings.levers[name])
        check_together(made.settings.levers, made.calendar, made.settings.lever_mode)
        return made

    def at_parameter_set(self, number: int) -> Scenario:
        """Return the scenario with the calibrated parameters of one set; 0 is the central one.

        A parameter that the user overrode keeps the user's value.
        """
        if number == 0:
            return self
        sets = parameter_sets()
        if not 0 < number <= len(sets):
            raise ConfigError(
                f"run.parameter_sets: set {number} does not exist; conf/calibration has {len(sets)}"
            )
        kept = {row.path for row in self.evidence if row.status == "override"}
        changed = {path: value for path, value in sets[number - 1].items() if path not in kept}
        values = with_values(self.values, changed)
        rows = tuple(replace(row, value=changed.get(row.path, row.value)) for row in self.evidence)
        return Scenario(validated(ScenarioSettings, values, ""), values, rows)


@cache
def parameter_sets() -> list[dict[str, float]]:
    """Return the calibrated parameter sets that all fit FY2022, by configuration path."""
    path = conf_folder() / "calibration" / "fy2022.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [{k: float(v) for k, v in row.items() if k != "set"} for row in csv.DictReader(file)]


def with_values(tree: Mapping[str, Any], changed: Mapping[str, float]) -> dict[str, Any]:
    """Return a copy of a tree of plain values with others at some paths; unknown paths are left out."""
    known = {path: value for path, value in changed.items() if has(tree, path)}
    return copy.deepcopy(replaced(tree, known))


def share_groups(values: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return the groups of shares that each add up to one.

    Parameters
    ----------
    values : mapping
        Tree of plain values of a scenario.

    Returns
    -------
    dict of str to dict of str to float
        Name of the group to its shares, by configuration path.
    """
    chain = values["chain"]
    stations = (
        ("chain.source.suppliers", "order_share", chain["source"]["suppliers"]),
        ("chain.producer.clusters", "share", chain["producer"]["clusters"]),
        ("chain.money.channels", "use_share", chain["money"]["channels"]),
    )
    groups = {
        f"{where}.*.{share}": {f"{where}.{name}.{share}": node[share] for name, node in nodes.items()}
        for where, share, nodes in stations
    }
    tables = {
        "chain.route.mode_share": chain["route"]["mode_share"],
        **{
            f"chain.investigation.kinds.{kind}.target_share": lead["target_share"]
            for kind, lead in chain["investigation"]["kinds"].items()
        },
        **{f"chain.transit.use_share.{source}": use for source, use in chain["transit"]["use_share"].items()},
    }
    return groups | {
        where: {f"{where}.{name}": share for name, share in shares.items()}
        for where, shares in tables.items()
    }


@cache
def _shipped_records() -> dict[str, dict[str, Any]]:
    """Return the shipped records by path: they tell an override, whatever way it came in."""
    return flatten_records(compose_tree())


def load_scenario(tree: Mapping[str, Any]) -> Scenario:
    """Validate a composed configuration.

    Parameters
    ----------
    tree : mapping
        Plain composed configuration; ``run`` and ``seed`` are not part of the scenario.

    Raises
    ------
    ConfigError
        A key, type, unit, range, date, share or lever is wrong; the message names the path.
    """
    own = plain({key: node for key, node in tree.items() if key not in NOT_THE_MODEL})
    shipped = _shipped_records()
    check_units(ScenarioSettings, own, "")
    if isinstance(own.get("levers"), dict):
        check_evidence(own["levers"], shipped)
    values, evidence = split_evidence(own, shipped, fact_ids())
    settings = validated(ScenarioSettings, values, "")
    if settings.adversary.kind not in POLICIES:
        raise unknown("policy", settings.adversary.kind, "adversary.kind", POLICIES)
    if settings.border.leniency.kind not in RULES:
        raise unknown("rule", settings.border.leniency.kind, "border.leniency.kind", RULES)
    for mode, screening in settings.border.screening.modes.items():
        Screens(screening, f"border.screening.modes.{mode}")
    for name, lever in settings.levers.items():
        check_lever(name, lever)
    _check_shares(settings, values)
    _check_places(settings)
    scenario = Scenario(settings, values, evidence)
    check_together(settings.levers, scenario.calendar, settings.lever_mode)
    scenario.board()
    return scenario


def _check_shares(settings: ScenarioSettings, values: Mapping[str, Any]) -> None:
    """Refuse groups of shares that do not add up to one."""
    chain = settings.chain
    for kind in chain.investigation.kinds:
        if kind not in LEAD_KINDS:
            raise unknown("kind of lead", kind, "chain.investigation.kinds", LEAD_KINDS)
    for where, shares in share_groups(values).items():
        total = sum(shares.values())
        if abs(total - 1.0) > 1e-6:
            raise ConfigError(f"{where}: shares add up to {total:.4g}, not to 1")
    for supplier in chain.source.suppliers:
        if supplier not in chain.transit.use_share:
            raise ConfigError(f"chain.transit.use_share: no lanes for source {supplier!r}")
        for lane in chain.transit.use_share[supplier]:
            if lane not in chain.transit.lanes:
                raise unknown("lane", lane, f"chain.transit.use_share.{supplier}", chain.transit.lanes)


def _check_places(settings: ScenarioSettings) -> None:
    """Refuse a place or mode that one station knows and another does not."""
    chain, screening = settings.chain, settings.border.screening
    for route in route_classes(chain.route):
        if route.place not in chain.load.gross_kg:
            raise ConfigError(f"chain.load.gross_kg: no weight for {route.place!r}")
        if route.mode and route.mode not in screening.modes:
            raise unknown("mode", route.mode, "chain.route.mode_share", screening.modes)
        if route.office and route.office not in OFFICES:
            raise unknown("field office", route.office, "chain.route.loads_per_year", OFFICES)
        if not route.mode and route.name not in chain.off_port:
            raise ConfigError(f"chain.off_port: no settings for {route.name!r}")
    check_targets(chain.investigation, TARGETS)
    for kind in LEAD_KINDS:
        if kind not in chain.investigation.kinds:
            raise ConfigError(f"chain.investigation.kinds: no settings for {kind!r}")
    for mode in MODES:
        if mode not in screening.modes or mode not in settings.border.persons_per_trip:
            raise ConfigError(f"border: {mode!r} needs border.screening.modes and border.persons_per_trip")
