"""A site on which a single station stands: a clock, a ledger, draws and the dials that it reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import simpy

from sim.chain.lead import Leads
from sim.chain.outbound import Outbound
from sim.chain.site import Site
from sim.core.calendar import Calendar
from sim.core.dials import Dial, Move, board_of
from sim.core.draws import Draws
from sim.ledger.postings import LEAD, Ledger


def empty_site(
    days: int, dials: list[Dial] | None = None, moves: Sequence[tuple[str, float]] = (), replication: int = 0
) -> Site:
    """Return an empty site, with moves that are in force all the time: dial and amount."""
    board = board_of(dials or [])
    for dial, amount in moves:
        board.add(Move(dial, amount, 0.0, 0.0, float("inf")), "test")
    calendar, env = Calendar(date(2022, 1, 1), days), simpy.Environment()
    ledger = Ledger(calendar.month_of_hour)
    return Site(env, Draws(1, replication), ledger, board, calendar, Leads(env, ledger))


def leads_raised(site: Site, kind: str) -> int:
    """Return how many leads of a kind were raised."""
    return site.ledger.flow(LEAD, f"raised.{kind}", "leads.open")[0]


class FixedOutbound(Outbound):
    """Outbound teams whose effort is given."""

    def __init__(self, factor: float = 1.0) -> None:
        self._fixed = factor

    def factor(self) -> float:
        return self._fixed
