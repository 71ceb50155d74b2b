"""Conversion constants between the ledger's integers and the units at the edges."""

from __future__ import annotations

MG_PER_KG = 1_000_000
CENTS_PER_USD = 100
MG_PER_LB = 453_592.37
KG_PER_LB = 0.45359237
MINUTES_PER_HOUR = 60.0
SECONDS_PER_HOUR = 3600.0


def to_cents(amount_usd: float) -> int:
    """Return an amount in dollars as whole cents."""
    return round(amount_usd * CENTS_PER_USD)
