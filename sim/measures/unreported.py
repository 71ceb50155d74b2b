"""Which measures a run reports whose routes nobody may see: delivered mass, and what no route shows in."""

from __future__ import annotations

from sim.measures.flows import Rows

TOTALS = frozenset({
    "delivered_pure_kg", "consumed_pure_kg", "price_index", "revenue_usd", "adversary_profit_usd",
})  # fmt: skip
"""Measures that follow from delivered mass: the sum over all places is reported."""
OPEN = frozenset({
    "programme_cost_usd", "officer_hours", "officer_hours_added", "outbound_hours_unmet",
    "trips", "diverted_trips", "minutes_waited", "wait_min", "wait_p50_min", "wait_p90_min", "long_waits",
    "share_over_60", "person_hours_waited", "lane_hours", "busy_lane_hours", "utilisation",
    "innocent_referrals", "secondary_minutes",
})  # fmt: skip
"""Measures of officers and travellers: reported by place as always."""


def reported(rows: Rows) -> Rows:
    """Return the measures that may be reported; a measure that nobody listed here is left out."""
    return {
        (measure, place): values
        for (measure, place), values in rows.items()
        if measure in OPEN or (measure in TOTALS and place == "all")
    }
