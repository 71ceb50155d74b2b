"""Officers on duty: every day the hours of all posts are entered in the ledger, by office and use.

``duty.base`` are the hours of today's lanes and referrals, ``duty.added`` those that levers add. Hours
are whole in the ledger; what a day leaves over is carried to the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator
from typing import Any

import numpy as np

from sim.border.crossing import OFFICES
from sim.border.officers import USES
from sim.border.ports import Ports
from sim.chain.parts.context import Site
from sim.core.calendar import HOURS_PER_DAY
from sim.ledger.postings import OFFICER_H


class OfficerDuty:
    """Enters officer-hours in the ledger, once a day."""

    def __init__(self, site: Site, ports: Ports) -> None:
        self._site, self._ports = site, ports
        self._carried: dict[tuple[str, str], float] = defaultdict(float)
        site.env.process(self._post_daily())

    def _post_daily(self) -> Generator[Any, Any, None]:
        env = self._site.env
        base = self._ports.planned_hours()
        for day in range(self._site.calendar.total_days):
            staffing = self._ports.staffing(day * HOURS_PER_DAY)
            self._post_all("base", base)
            self._post_all("added", staffing.hours)
            self._post("asked.outbound", "unmet.outbound", staffing.outbound_unmet_h)
            yield env.timeout(HOURS_PER_DAY)

    def _post_all(self, origin: str, hours: np.ndarray) -> None:
        for use, row in zip(USES, hours, strict=True):
            for office, amount_h in zip(OFFICES, row, strict=True):
                self._post(f"duty.{origin}.{office}", f"use.{use}.{office}", float(amount_h))

    def _post(self, source: str, target: str, amount_h: float) -> None:
        if amount_h == 0.0:
            return
        due = self._carried[source, target] + amount_h
        whole = int(due)
        self._carried[source, target] = due - whole
        if whole:
            ledger = self._site.ledger
            ledger.post(self._site.env.now, ledger.account(source), ledger.account(target), OFFICER_H, whole)
