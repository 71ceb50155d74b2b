"""Programme cost: every lever in force is paid for, month by month, out of the public purse."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from sim.chain.parts.context import Site
from sim.core.calendar import DAYS_PER_YEAR, HOURS_PER_DAY
from sim.core.units import to_cents
from sim.ledger.postings import CASH


class Programmes:
    """Pays for levers once a day at the size in force.

    Parameters
    ----------
    cost_usd_per_day : mapping of str to callable
        Daily cost by lever as a function of the time in hours.
    """

    def __init__(self, site: Site, cost_usd_per_day: Mapping[str, Any]) -> None:
        self._site = site
        self._cost = dict(cost_usd_per_day)
        if self._cost:
            site.env.process(self._pay_daily())

    def _pay_daily(self) -> Generator[Any, Any, None]:
        env, ledger = self._site.env, self._site.ledger
        purse = ledger.account("treasury")
        for _ in range(self._site.calendar.total_days):
            for name, cost in self._cost.items():
                cents = to_cents(cost(env.now))
                if cents:
                    ledger.post(env.now, purse, ledger.account(f"programme.{name}"), CASH, cents)
            yield env.timeout(HOURS_PER_DAY)


def daily_cost_usd(cost_usd_per_unit_year: float, size: float) -> float:
    """Return what a lever of a size costs a day, dollars."""
    return cost_usd_per_unit_year * size / DAYS_PER_YEAR
