"""The observed layer: what each agency writes down of what it stopped, how late and how exactly.

A record carries the date of the event, as monthly statistics do, but it is posted only after the delay:
until then nobody who acts on records (a trigger) can know of it. What is still on its way when the run
ends is posted then, under its date: statistics of a year are closed after the year.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import simpy

from sim.core.calendar import HOURS_PER_DAY
from sim.core.draws import Draws, entity_id
from sim.core.settings import Settings, quantity
from sim.ledger.accounts import RECORDED, SEEN
from sim.ledger.postings import LEAD, Ledger

FIELD_OPERATIONS = "field_operations"
BORDER_PATROL = "border_patrol"
MAIL_INSPECTION = "mail_inspection"
INVESTIGATIONS = "investigations"
PARTNER = "partner"
FINANCE = "finance"
AGENCY_OF = {
    "bulk_cash": FIELD_OPERATIONS,
    "between_ports": BORDER_PATROL,
    "mail": MAIL_INSPECTION,
    "parcel": MAIL_INSPECTION,
    "gateway": PARTNER,
    "southbound": FIELD_OPERATIONS,
}
"""Who records at a place that is no port of entry; other channels of money are for finance."""


class AgencySettings(Settings):
    """How one agency records what it stops."""

    recorded_prob: float = quantity("1/1", "share of what is stopped that reaches the record", ge=0, le=1)
    delay_days: float = quantity("d", "time from the event until the record can be read", ge=0)
    weight_cv: float = quantity("1/1", "coefficient of variation of a recorded weight around the true", ge=0)


class ObservationSettings(Settings):
    """One observation model an agency."""

    field_operations: AgencySettings
    border_patrol: AgencySettings
    mail_inspection: AgencySettings
    investigations: AgencySettings
    partner: AgencySettings
    finance: AgencySettings


@dataclass(frozen=True)
class _Entry:
    """One record on its way: when it happened, where it will be posted, what."""

    time_h: float
    source: int
    target: int
    commodity: int
    amount: int


class Recorder:
    """Posts what agencies record, from what an agency has seen to its record by place.

    Parameters
    ----------
    env : simpy.Environment
    ledger : Ledger
    draws : Draws
    settings : ObservationSettings
    """

    def __init__(
        self, env: simpy.Environment, ledger: Ledger, draws: Draws, settings: ObservationSettings
    ) -> None:
        self._env, self._ledger, self._draws, self._settings = env, ledger, draws, settings
        self._on_way: dict[simpy.Event, _Entry] = {}

    def weigh(self, agency: str, place: str, commodity: int, amount: int, entity: int) -> None:
        """Record a mass that was stopped, with the error of its weighing.

        Parameters
        ----------
        agency, place : str
            Who records, and where: a field office, a route without a port, a checkpoint.
        commodity, amount : int
            As in ``Ledger.post``.
        entity : int
            Load, consignment or transfer: owner of the draws.
        """
        cv = getattr(self._settings, agency).weight_cv
        log_sd = math.sqrt(math.log1p(cv * cv))
        error = log_sd * self._draws.normal("recorder.weight", entity) - 0.5 * log_sd**2
        self.count(agency, place, commodity, round(amount * math.exp(error)), entity)

    def count(self, agency: str, place: str, commodity: int, amount: int, entity: int) -> None:
        """Record an amount that is counted, not weighed: money, leads, arms."""
        how: AgencySettings = getattr(self._settings, agency)
        if self._draws.uniform("recorder.kept", entity) >= how.recorded_prob:
            return
        ends = self._ledger.account(SEEN, agency), self._ledger.account(RECORDED, agency, place)
        event = self._env.timeout(how.delay_days * HOURS_PER_DAY)
        self._on_way[event] = _Entry(self._env.now, *ends, commodity, amount)
        event.callbacks.append(self._post)

    def lead(self, kind: str, entity: int) -> None:
        """Record a lead; entities of leads are unique within their kind only."""
        self.count(INVESTIGATIONS, kind, LEAD, 1, entity_id(entity, kind, 0))

    def close(self) -> None:
        """Post what is still on its way, at the end of a run."""
        for event in list(self._on_way):
            self._post(event)

    def _post(self, event: simpy.Event) -> None:
        entry = self._on_way.pop(event, None)
        if entry is not None:
            self._ledger.post(entry.time_h, entry.source, entry.target, entry.commodity, entry.amount)


class NoRecorder(Recorder):
    """The recorder of a station that runs alone: nobody writes anything down."""

    def __init__(self) -> None:
        """Need nothing."""

    def weigh(self, agency: str, place: str, commodity: int, amount: int, entity: int) -> None:
        """Forget."""

    def count(self, agency: str, place: str, commodity: int, amount: int, entity: int) -> None:
        """Forget."""

    def close(self) -> None:
        """Have nothing to post."""


NO_RECORDER = NoRecorder()
