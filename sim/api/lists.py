"""What there is to choose from, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.report.tables import DataTable


def levers() -> DataTable:
    """Return the levers: what each does, the unit of its size, its largest size, its cost."""
    from sim.report.catalog import lever_table

    return lever_table()


def scenarios() -> DataTable:
    """Return the shipped scenarios."""
    from sim.report.catalog import scenario_table

    return scenario_table()


def adversaries() -> DataTable:
    """Return the policies by which traffickers may adapt."""
    from sim.report.catalog import adversary_table

    return adversary_table()


def outcomes() -> DataTable:
    """Return the outcomes: label, unit, layer, and the smallest difference that matters."""
    from sim.report.catalog import outcome_table

    return outcome_table()
