"""Double-entry postings in whole milligrams, cents, officer-hours, leads and alarms.

Every event of the chain is a posting: an amount of one commodity leaves one account and enters
another, so the balances of a commodity always add up to zero. Accounts at the edge of the world
(origins, sinks of record) may go below zero; a stock may not. Postings are kept in a short buffer
and folded into sums by month and account pair, which is all that leaves a run: memory is flat in
the horizon, and no single load can be read from the output.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from sim.core.errors import ConservationError
from sim.ledger.accounts import CHART, Family

PRECURSOR = 0
FENTANYL = 1
GROSS = 2
CASH = 3
LEAD = 4
OFFICER_H = 5
ALARM = 6
FIREARM = 7
COMMODITIES = (
    "precursor_mg",
    "fentanyl_mg",
    "gross_mg",
    "usd_cents",
    "lead",
    "officer_h",
    "alarm",
    "firearm",
)

FOLD_AT = 65_536
WARMUP = -1


class Ledger:
    """Accounts, postings and balances of one replication.

    Parameters
    ----------
    month_of_hour : ndarray of int32, shape (hours,)
        Month of the window of every simulated hour, -1 in the warm-up.
    """

    def __init__(self, month_of_hour: np.ndarray) -> None:
        self.names: list[str] = []
        self._families: list[Family] = []
        self._numbers: dict[tuple[Family, tuple[str, ...]], int] = {}
        self._balances: list[list[int]] = [[] for _ in COMMODITIES]
        self._buffer: list[tuple[float, int, int, int, int]] = []
        self._flows: dict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0, 0])
        self._sums: dict[tuple[int, int, int, int], list[int]] = defaultdict(lambda: [0, 0])
        self._month_of_hour = month_of_hour
        self.gauges: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self.posted = 0

    def account(self, family: Family, *fields: str) -> int:
        """Return the number of an account, opening it at its first use.

        Raises
        ------
        TypeError
            The family is not in the chart of accounts, or the number of fields is wrong.
        ConfigError
            A field cannot stand in a name.
        """
        number = self._numbers.get((family, fields))
        if number is None:
            if family not in CHART:
                raise TypeError(f"{family!r} is not in the chart of accounts")
            self.names.append(family(*fields))
            self._families.append(family)
            for balances in self._balances:
                balances.append(0)
            number = self._numbers[family, fields] = len(self.names) - 1
        return number

    def post(self, time_h: float, source: int, target: int, commodity: int, amount: int) -> None:
        """Move a whole, non-negative amount from one account to another.

        Raises
        ------
        ConservationError
            The amount is negative, or a stock would go below zero.
        """
        balances = self._balances[commodity]
        left = balances[source] - amount
        if amount < 0 or (left < 0 and not self._families[source].may_owe):
            raise ConservationError(
                f"{COMMODITIES[commodity]}: {amount} from {self.names[source]} to {self.names[target]} "
                f"at hour {time_h:.3f} leaves {left}"
            )
        balances[source] = left
        balances[target] += amount
        self._buffer.append((time_h, source, target, commodity, amount))
        if len(self._buffer) >= FOLD_AT:
            self._fold()

    def balance(self, account: int, commodity: int) -> int:
        """Return the balance of an account, in the commodity's whole units."""
        return self._balances[commodity][account]

    def flow(self, commodity: int, source: Family, target: Family) -> tuple[int, int]:
        """Return the amount and number of postings until now between accounts of two families."""
        self._fold()
        moved = [
            flow
            for (start, end, what), flow in self._flows.items()
            if what == commodity and self._families[start] is source and self._families[end] is target
        ]
        return sum(amount for amount, _ in moved), sum(count for _, count in moved)

    def gauge(self, name: str, time_h: float, value: float) -> None:
        """Record a reading of a level that is no flow, such as a price."""
        self.gauges[name].append((time_h, value))

    def _fold(self) -> None:
        last = len(self._month_of_hour) - 1
        for time_h, source, target, commodity, amount in self._buffer:
            entry = self._sums[int(self._month_of_hour[min(int(time_h), last)]), source, target, commodity]
            entry[0] += amount
            entry[1] += 1
            flow = self._flows[source, target, commodity]
            flow[0] += amount
            flow[1] += 1
        self.posted += len(self._buffer)
        self._buffer.clear()

    def check(self) -> None:
        """Recompute every balance from the postings.

        Raises
        ------
        ConservationError
            A balance differs from the sum of its postings, or a commodity does not add up to zero.
        """
        self._fold()
        again: list[list[int]] = [[0] * len(self.names) for _ in COMMODITIES]
        for (_, source, target, commodity), (amount, _) in self._sums.items():
            again[commodity][source] -= amount
            again[commodity][target] += amount
        for commodity, name in enumerate(COMMODITIES):
            if again[commodity] != self._balances[commodity]:
                raise ConservationError(f"{name}: balances differ from the sum of the postings")
            if sum(self._balances[commodity]) != 0:
                raise ConservationError(f"{name}: balances do not add up to zero")

    def table(self, month_names: tuple[str, ...]) -> dict[str, np.ndarray]:
        """Return the postings of the window, summed by month and account pair.

        Returns
        -------
        dict of str to ndarray
            Columns ``month``, ``from_account``, ``to_account``, ``commodity`` (str), ``amount``
            (int64, whole units of the commodity) and ``count`` (int64), ordered by the first four.
        """
        self._fold()
        rows = sorted(
            (month, self.names[source], self.names[target], COMMODITIES[commodity], amount, count)
            for (month, source, target, commodity), (amount, count) in self._sums.items()
            if month != WARMUP
        )
        columns = list(zip(*rows, strict=True)) if rows else [()] * 6
        return {
            "month": np.array([month_names[m] for m in columns[0]], dtype=object),
            "from_account": np.array(columns[1], dtype=object),
            "to_account": np.array(columns[2], dtype=object),
            "commodity": np.array(columns[3], dtype=object),
            "amount": np.array(columns[4], dtype=np.int64),
            "count": np.array(columns[5], dtype=np.int64),
        }
