"""Leads: what a seizure, a tip or a flag tells the agencies; whoever investigates takes them up."""

from __future__ import annotations

from collections.abc import Callable

import simpy

from sim.ledger.accounts import LEADS_OPEN, RAISED
from sim.ledger.postings import LEAD, Ledger

LeadTaker = Callable[[str, int], None]
LEAD_KINDS = (
    "precursor_seizure", "load_seizure", "outreach_tip", "financial_flag", "cash_seizure", "arms_seizure",
    "takedown", "partner", "random",
)  # fmt: skip


class Leads:
    """The open leads of all agencies.

    Parameters
    ----------
    env : simpy.Environment
    ledger : Ledger
    """

    def __init__(self, env: simpy.Environment, ledger: Ledger) -> None:
        self._env, self._ledger = env, ledger
        self._takers: list[LeadTaker] = []

    def raise_lead(self, kind: str, entity: int) -> None:
        """Post a lead of a kind, and tell those who take leads up.

        Parameters
        ----------
        kind : str
            What raised it, such as ``outreach_tip``.
        entity : int
            Owner of the draws of all that follows from the lead: unique among the leads of its kind.
        """
        ledger = self._ledger
        ledger.post(self._env.now, ledger.account(RAISED, kind), ledger.account(LEADS_OPEN), LEAD, 1)
        for take in self._takers:
            take(kind, entity)

    def call(self, taker: LeadTaker) -> None:
        """Hand every lead from now on to a taker: ``taker(kind, entity)``."""
        self._takers.append(taker)
