"""Rule ``none``: inspection takes no notice of the line. It is the zero that the other rules are held to."""

from __future__ import annotations

from sim.border.leniency.table import LeniencyTable


def table() -> LeniencyTable | None:
    """Return no table: the queue keeps its fast path."""
    return None
