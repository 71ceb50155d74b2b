"""Accounting: what is entered once a day whether anything happens or not, officer-hours and programme cost.

Base duty are the hours of today's lanes and referrals, added duty those that levers bring. Hours are whole
in the ledger; what a day leaves over is carried to the next. A lever is paid for at the size in force.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Mapping
from typing import Any

import numpy as np

from sim.border.crossing import OFFICES
from sim.border.officers import USES
from sim.border.ports import Ports
from sim.chain.parts.context import StationContext
from sim.core.calendar import HOURS_PER_DAY
from sim.core.units import to_cents
from sim.ledger.accounts import (
    DUTY_ADDED,
    DUTY_BASE,
    OUTBOUND_ASKED,
    OUTBOUND_UNMET,
    PROGRAMME,
    TREASURY,
    USE,
    Family,
)
from sim.ledger.postings import CASH, OFFICER_H


class OfficerDuty:
    """Enters officer-hours in the ledger by office and use, once a day."""

    def __init__(self, context: StationContext, ports: Ports) -> None:
        self._context, self._ports = context, ports
        self._carried: dict[tuple[int, int], float] = defaultdict(float)
        context.env.process(self._post_daily())

    def _post_daily(self) -> Generator[Any, Any, None]:
        env, account = self._context.env, self._context.ledger.account
        base = self._ports.planned_hours()
        for day in range(self._context.calendar.total_days):
            staffing = self._ports.staffing(day * HOURS_PER_DAY)
            self._post_uses(DUTY_BASE, base)
            self._post_uses(DUTY_ADDED, staffing.hours)
            self._post(account(OUTBOUND_ASKED), account(OUTBOUND_UNMET), staffing.outbound_unmet_h)
            yield env.timeout(HOURS_PER_DAY)

    def _post_uses(self, duty: Family, hours: np.ndarray) -> None:
        account = self._context.ledger.account
        for use, row in zip(USES, hours, strict=True):
            for office, amount_h in zip(OFFICES, row, strict=True):
                if amount_h:
                    self._post(account(duty, office), account(USE, use, office), float(amount_h))

    def _post(self, source: int, target: int, amount_h: float) -> None:
        due = self._carried[source, target] + amount_h
        whole = int(due)
        self._carried[source, target] = due - whole
        if whole:
            self._context.ledger.post(self._context.env.now, source, target, OFFICER_H, whole)


class Programmes:
    """Pays for levers out of the public purse, once a day.

    Parameters
    ----------
    context : StationContext
    cost_usd_per_day : mapping of str to callable
        Cost of a day, dollars, by lever as a function of the time in hours.
    """

    def __init__(
        self, context: StationContext, cost_usd_per_day: Mapping[str, Callable[[float], float]]
    ) -> None:
        self._context, self._cost = context, cost_usd_per_day
        if cost_usd_per_day:
            context.env.process(self._pay_daily())

    def _pay_daily(self) -> Generator[Any, Any, None]:
        env, ledger = self._context.env, self._context.ledger
        for _ in range(self._context.calendar.total_days):
            for lever, cost in self._cost.items():
                if cents := to_cents(cost(env.now)):
                    purse, programme = ledger.account(TREASURY), ledger.account(PROGRAMME, lever)
                    ledger.post(env.now, purse, programme, CASH, cents)
            yield env.timeout(HOURS_PER_DAY)
