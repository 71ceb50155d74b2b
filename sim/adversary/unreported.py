"""What leaves a run whose routes nobody may see: a best response with full information.

The ledger of such a run is told by the first word of its accounts alone (``load``, ``seized``), by mass
and not by number, so that no route, supplier or weight of a load can be read back from it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

UNREPORTED = frozenset({"worst_case"})
"""Policies whose choices are never reported: what they find would tell others."""

HIDDEN = ("gross_mg", "lead", "alarm")
"""Commodities that would give away how many loads went, how heavy, or where they were met."""
WHOLE = ("us.wholesale", "programme.")
"""Accounts that no choice of a route or a supplier can change the name of."""
ANY = "any"
Table = dict[str, np.ndarray]


def without_choices(postings: Table) -> Table:
    """Return the postings of a run without any name that a policy chose.

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
        if commodity in HIDDEN:
            continue
        open_ = commodity == "officer_h"
        pair = (source, target) if open_ else (_first_word(source), _first_word(target))
        entry = sums[month, *pair, commodity]
        entry[0] += int(amount)
        entry[1] = entry[1] + int(count) if open_ else 1
    rows = [(*key, *entry) for key, entry in sorted(sums.items())]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    types: Mapping[str, type] = {"amount": np.int64, "count": np.int64}
    return {
        name: np.array(column, dtype=types.get(name, object))
        for name, column in zip(names, columns, strict=True)
    }


def _first_word(account: str) -> str:
    if account.startswith(WHOLE):
        return account
    word, dot, _ = account.partition(".")
    return word + dot + ANY if dot else account
