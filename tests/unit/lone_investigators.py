"""Investigators who stand alone: a clock, a ledger and rates of leads, no chain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import simpy

from sim.chain.investigation import InvestigationSettings, Investigators, dials
from sim.chain.lead import LEAD_KINDS, Leads
from sim.chain.site import Site
from sim.core.calendar import Calendar
from sim.core.dials import Move, board_of
from sim.core.draws import Draws
from sim.ledger.postings import Ledger

ALWAYS: Mapping[str, Callable[[int], bool]] = {"cell": lambda entity: True}
RATES: dict[str, Any] = {
    "investigators": 3.0,
    "case_days": 30.0,
    "case_time": "lognormal",
    "case_cv": 1.0,
    "patience_days": 60.0,
    "partner_leads_per_year": 0.0,
    "random_leads_per_year": 0.0,
    "kinds": {kind: {"success_share": 0.5, "target_share": {"cell": 1.0}} for kind in LEAD_KINDS},
}


def bare(days: int, moves: list[Move] = [], replication: int = 0) -> Site:  # noqa: B006
    """Return a site on which nothing stands, with levers on the dials of investigations."""
    board = board_of(dials())
    for move in moves:
        board.add(move, "test")
    calendar, env = Calendar(date(2022, 1, 1), days), simpy.Environment()
    ledger = Ledger(calendar.month_of_hour)
    return Site(env, Draws(1, replication), ledger, board, calendar, Leads(env, ledger))


def lone(
    days: int,
    targets: Mapping[str, Callable[[int], bool]] = ALWAYS,
    site: Site | None = None,
    succeeded: Callable[[], None] = lambda: None,
    **rates: Any,
) -> Site:
    """Return a site on which investigators alone stand."""
    site = site or bare(days)
    Investigators(site, InvestigationSettings(**(RATES | rates)), targets, succeeded)
    return site
