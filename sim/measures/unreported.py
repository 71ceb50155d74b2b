"""What a run reports whose routes nobody may see: delivered mass, and what no route shows in.

Traffic is left out as well: loads ride in the same queues, so on the same draws the difference of two
runs would tell at which crossing they were. Waits are those of any other adversary.
"""

from __future__ import annotations

from sim.measures.flows import Rows, Table

TOTALS = frozenset({
    "delivered_pure_kg", "consumed_pure_kg", "price_index", "revenue_usd", "adversary_profit_usd",
})  # fmt: skip
"""Measures that follow from delivered mass: the sum over all places is reported."""
OPEN = frozenset({
    "programme_cost_usd", "officer_hours", "officer_hours_added", "outbound_hours_unmet", "officer_cost_usd",
    "officer_cost_added_usd",
})  # fmt: skip
"""Measures of what agencies put in: reported by place as always."""


def reported(rows: Rows) -> Rows:
    """Return the measures that may be reported; a measure that nobody listed here is left out."""
    return {
        (measure, place): values
        for (measure, place), values in rows.items()
        if measure in OPEN or (measure in TOTALS and place == "all")
    }


def unseen(table: Table) -> Table:
    """Return a table of crossings with its columns and without a row."""
    return {name: column[:0] for name, column in table.items()}
