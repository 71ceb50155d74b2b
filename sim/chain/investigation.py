"""Investigations: leads queue for investigators, who are busy with a case until it closes.

A terror queue: leads are plots, investigators are servers, and what nobody takes up in time leaves by
itself. With exponential times it is M/M/c+M, whose birth-death equations have an exact solution.

Source: Kaplan, E. H. (2010), Terror queues, Operations Research 58(4). Here a free investigator takes
a lead up at once: the limit of his model at a detection rate without bound.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Generator, Mapping
from typing import Any, Literal

from sim.chain.parts.context import StationContext
from sim.chain.parts.disruption import Disrupt, strike
from sim.chain.parts.hazards import Stream, start_arrivals
from sim.core.calendar import HOURS_PER_DAY
from sim.core.dials import Dial
from sim.core.draws import entity_id
from sim.core.errors import unknown
from sim.core.settings import Settings, Share, quantities, quantity
from sim.ledger.accounts import (
    CASES_CLOSED,
    CASES_FAILED,
    CASES_OPEN,
    LEADS_OPEN,
    LEADS_STALE,
    OPENING_CASES,
    RAISED,
)
from sim.ledger.postings import LEAD

INVESTIGATORS_DIAL = "investigation.investigators"
PARTNER_DIAL = "investigation.partner_leads_per_year"
TARGETS = ("lab", "source", "lane", "smuggling", "channel", "arms", "online")
"""What a case can strike in the whole world."""


class LeadSettings(Settings):
    """What a case that grows from one kind of lead can do."""

    success_prob: float = quantity("1/1", "share of cases that succeed", ge=0, le=1)
    target_share: dict[str, Share] = quantities("1/1", "share of successes that hit each kind of target")


class InvestigationSettings(Settings):
    """Investigators, their time, and the leads that no station raises."""

    investigators: float = quantity(
        "investigator", "investigators who work on these leads", ge=0, multiple_of=1
    )
    case_days: float = quantity("d", "mean time of a case", gt=0)
    case_time: Literal["lognormal", "exponential"]
    case_cv: float = quantity("1/1", "coefficient of variation of a lognormal time of a case", gt=0)
    patience_days: float = quantity("d", "mean time in which a lead goes stale, exponential", gt=0)
    partner_leads_per_year: float = quantity("lead/year", "leads from partner units abroad", ge=0)
    random_leads_per_year: float = quantity("lead/year", "leads from chance, of all other sources", ge=0)
    kinds: dict[str, LeadSettings]


def check_targets(settings: InvestigationSettings, targets: Collection[str]) -> None:
    """Raise ``ConfigError`` when a kind of lead names a target that nobody offers."""
    for kind, lead in settings.kinds.items():
        for target in lead.target_share:
            if target not in targets:
                where = f"chain.investigation.kinds.{kind}.target_share"
                raise unknown("target", target, where, targets)


def dials() -> list[Dial]:
    """Return the dials that investigations read."""
    return [
        Dial(INVESTIGATORS_DIAL, "add", 0.0, 1e6, "investigator", "investigators who work on these leads"),
        Dial(PARTNER_DIAL, "add", 0.0, 1e6, "lead/year", "leads from partner units abroad"),
    ]


class Investigators:
    """Takes up leads first come first served; closed cases disrupt targets.

    It needs a bare ``StationContext`` and no other station: rates of partner and random leads make the leads.

    Parameters
    ----------
    context : StationContext
    settings : InvestigationSettings
    targets : mapping of str to Disrupt
        By kind of target.
    succeeded : callable
        Told of every case that succeeds.

    Raises
    ------
    ConfigError
        A kind of lead names a target that nobody offers.
    """

    def __init__(
        self,
        context: StationContext,
        settings: InvestigationSettings,
        targets: Mapping[str, Disrupt],
        succeeded: Callable[[], None] = lambda: None,
    ) -> None:
        self._context, self._settings, self._targets, self._succeeded = context, settings, targets, succeeded
        check_targets(settings, targets)
        self._waiting: OrderedDict[tuple[str, int], None] = OrderedDict()
        self._busy = self._capacity = 0
        self._open = context.ledger.account(LEADS_OPEN)
        context.leads.call(self.take)
        context.env.process(self._staff_daily())
        self._start_leads("random", settings.random_leads_per_year)
        self._start_leads("partner", settings.partner_leads_per_year, PARTNER_DIAL)

    def _start_leads(self, kind: str, per_year: float, dial: str = "") -> None:
        stream = Stream("lead", "investigation.lead", per_year, dial, entity_id(0, kind, 0))
        start_arrivals(self._context, stream, lambda entity: self._context.leads.raise_lead(kind, entity))

    def take(self, kind: str, entity: int) -> None:
        """Queue a lead that has been raised; a taker of ``Leads``."""
        if kind not in self._settings.kinds:
            raise unknown("kind of lead", kind, "chain.investigation.kinds", self._settings.kinds)
        self._context.journal.lead_raised(entity, kind, self._context.env.now)
        lead = (kind, entity)
        self._waiting[lead] = None
        self._open_cases()
        if lead in self._waiting:
            days = self._settings.patience_days * self._draw("investigation.patience", lead)
            stale = self._context.env.timeout(days * HOURS_PER_DAY)
            stale.callbacks.append(lambda _: self._drop(lead))

    def _draw(self, decision: str, lead: tuple[str, int]) -> float:
        return self._context.draws.exponential(decision, _owner(lead))

    def _post(self, source: int, target: int) -> None:
        self._context.ledger.post(self._context.env.now, source, target, LEAD, 1)

    def _drop(self, lead: tuple[str, int]) -> None:
        if lead in self._waiting:
            del self._waiting[lead]
            self._post(self._open, self._context.ledger.account(LEADS_STALE))
            self._context.journal.lead_ended(lead[1], lead[0], "stale")

    def _open_cases(self) -> None:
        while self._waiting and self._busy < self._capacity:
            lead, _ = self._waiting.popitem(last=False)
            self._busy += 1
            self._context.env.process(self._work(lead))

    def _work(self, lead: tuple[str, int], left_share: float = 1.0) -> Generator[Any, Any, None]:
        (kind, entity), account = lead, self._context.ledger.account
        case = account(CASES_OPEN, kind)
        self._post(self._open, case)
        yield self._context.env.timeout(left_share * self._case_days(lead) * HOURS_PER_DAY)
        how, owner = self._settings.kinds[kind], _owner(lead)
        if self._context.happens("investigation.success", owner, how.success_prob):
            self._post(case, account(CASES_CLOSED, kind))
            fate = self._strike(kind, owner)
        else:
            self._post(case, account(CASES_FAILED, kind))
            fate = "failed"
        self._context.journal.lead_ended(entity, kind, fate)
        self._busy -= 1
        self._open_cases()

    def _case_days(self, lead: tuple[str, int]) -> float:
        s = self._settings
        if s.case_time == "exponential":
            return s.case_days * self._draw("investigation.case", lead)
        return self._context.lognormal("investigation.case", _owner(lead), s.case_days, s.case_cv)

    def _strike(self, kind: str, owner: int) -> str:
        """Disrupt a target; return its kind."""
        shares = self._settings.kinds[kind].target_share
        target = list(shares)[
            self._context.draws.choice("investigation.target", owner, list(shares.values()))
        ]
        took_effect = self._targets[target](entity_id(owner, target, 0))
        ledger = self._context.ledger
        strike(ledger, self._context.env.now, ledger.account(CASES_CLOSED, kind), target, took_effect)
        self._succeeded()
        return target

    def _staff_daily(self) -> Generator[Any, Any, None]:
        """Set the number of investigators; who leaves finishes the case first."""
        env, planned = self._context.env, self._settings.investigators
        for day in range(self._context.calendar.total_days):
            self._capacity = int(self._context.dials.value(INVESTIGATORS_DIAL, planned, env.now))
            if day == 0:
                self._begin_busy()
            self._open_cases()
            yield env.timeout(HOURS_PER_DAY)

    def _begin_busy(self) -> None:
        """Begin with a case in the hands of everybody, at a point of its time that chance picks."""
        for number in range(self._capacity):
            lead = ("random", entity_id(0, "opening case", number))
            self._context.journal.lead_raised(lead[1], lead[0], 0.0)
            self._post(self._context.ledger.account(RAISED, OPENING_CASES), self._open)
            self._busy += 1
            done_share = self._context.draws.uniform("investigation.opening", lead[1])
            self._context.env.process(self._work(lead, 1.0 - done_share))


def _owner(lead: tuple[str, int]) -> int:
    """Return the owner of the draws of a lead: its entity is unique within its kind only."""
    kind, entity = lead
    return entity_id(entity, kind, 0)
