"""What may leave a run, in one place: the dual-use rule for adversaries whose choices are withheld.

A best response with full information would tell others where to go. Of such a run only delivered mass,
what follows from it, and what agencies put in are reported. Its ledger keeps the first word of each
account (``load``, ``seized``), by mass and not by number, so that no route, supplier or weight of a load
can be read back. Traffic is left out as well: loads ride in the same queues, so under common random
numbers the difference of two runs would tell at which crossing they were.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from sim.core.errors import ConfigError
from sim.core.tables import Table
from sim.ledger.accounts import PROGRAMME, WHOLESALE, read

Rows = dict[tuple[str, str], np.ndarray]

WITHHELD = frozenset({"worst_case"})
"""Adversaries whose choices are never reported."""

TOTALS = frozenset({
    "delivered_pure_kg", "consumed_pure_kg", "price_index", "revenue_usd", "adversary_profit_usd",
})  # fmt: skip
"""Measures that follow from delivered mass: the sum over all places is reported."""
EFFORT = frozenset({
    "programme_cost_usd", "officer_hours", "officer_hours_added", "outbound_hours_unmet", "officer_cost_usd",
    "officer_cost_added_usd",
})  # fmt: skip
"""Measures of what agencies put in: reported by place as always."""

_HIDDEN = ("gross_mg", "lead", "alarm")
"""Commodities that would give away how many loads went, how heavy, or where they were met."""
_WHOLE = (WHOLESALE, PROGRAMME)
"""Accounts whose names no choice of a route or a supplier can change."""


def reported_measures(rows: Rows) -> Rows:
    """Return the measures of a withheld run that may be reported; a measure not listed here is left out."""
    return {
        (measure, place): values
        for (measure, place), values in rows.items()
        if measure in EFFORT or (measure in TOTALS and place == "all")
    }


def emptied(table: Table) -> Table:
    """Return a table of crossings with its columns and without a row."""
    return {name: column[:0] for name, column in table.items()}


def without_choices(postings: Table) -> Table:
    """Return the postings of a run without any name that an adversary chose.

    Parameters
    ----------
    postings : Table
        Sums by month and account pair (``Ledger.table``).

    Returns
    -------
    Table
        The same columns; ``count`` is 1 but for officer-hours, where nothing is hidden.
    """
    sums: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    names = ("month", "from_account", "to_account", "commodity", "amount", "count")
    for month, source, target, commodity, amount, count in zip(*(postings[n] for n in names), strict=True):
        if commodity in _HIDDEN:
            continue
        public = commodity == "officer_h"
        pair = (source, target) if public else (_without_fields(source), _without_fields(target))
        entry = sums[month, *pair, commodity]
        entry[0] += int(amount)
        entry[1] = entry[1] + int(count) if public else 1
    rows = [(*key, *entry) for key, entry in sorted(sums.items())]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    types: Mapping[str, type] = {"amount": np.int64, "count": np.int64}
    return {
        name: np.array(column, dtype=types.get(name, object))
        for name, column in zip(names, columns, strict=True)
    }


def _without_fields(account: str) -> str:
    entry = read(account)
    if entry is None:
        raise ValueError(f"{account!r} is in no family: nobody can say what its name would give away")
    return account if entry.family in _WHOLE else entry.family.withheld


def refuse_withheld(adversary: str, study: str, instead: str) -> None:
    """Raise ``ConfigError`` for a study that needs more than the mass that an adversary delivers.

    Parameters
    ----------
    adversary : str
        Kind of the adversary.
    study : str
        Name of the study, as on the command line.
    instead : str
        What to do instead, for the message.
    """
    if adversary in WITHHELD:
        raise ConfigError(
            f"study {study}: adversary {adversary} reports delivered kg only, never a route; {instead}"
        )
