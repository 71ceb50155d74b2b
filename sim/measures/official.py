"""What CBP published of fiscal year 2022: events and pounds by month and place."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np

from sim.core.shipped import conf_folder
from sim.core.tables import Table

FISCAL_YEAR = 2022
SOURCE = "CBP Drug Seizure Statistics; BTS Border Crossing Entry Data"
_COLUMN_OF = {"seizure_events": "events", "seized_gross_lb": "gross_lb"}


def fiscal_months(year: int = FISCAL_YEAR) -> tuple[str, ...]:
    """Return the twelve months of a fiscal year as ``YYYY-MM``, October first."""
    return tuple(f"{year - (month >= 10):04d}-{month:02d}" for month in (10, 11, 12, *range(1, 10)))


@cache
def official_figures() -> Table:
    """Return recorded seizures as columns ``measure``, ``place``, ``month`` and ``value``.

    Places are the field offices, ``ports`` (their sum) and ``between_ports`` (all sectors). An
    installation without the table has no rows.
    """
    path = conf_folder() / "official" / "cbp_fentanyl.csv"
    rows: dict[tuple[str, str, str], float] = {}
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                office = line["component"] == "field_office"
                for measure, column in _COLUMN_OF.items():
                    for place in (line["area"], "ports") if office else ("between_ports",):
                        key = (measure, place, line["month"])
                        rows[key] = rows.get(key, 0.0) + float(line[column])
    keys = sorted(rows)
    text = {
        name: np.array([key[i] for key in keys], dtype=object)
        for i, name in enumerate(("measure", "place", "month"))
    }
    return {**text, "value": np.array([rows[key] for key in keys], dtype=np.float64)}


def official_year(measure: str, place: str) -> float | None:
    """Return CBP's total of fiscal year 2022, or None where it publishes none or the record lacks months."""
    table, months = official_figures(), fiscal_months()
    rows = (table["measure"] == measure) & (table["place"] == place) & np.isin(table["month"], months)
    whole = set(table["month"][rows]) == set(months)
    return float(table["value"][rows].sum()) if whole else None


def official_places(measure: str) -> list[str]:
    """Return the sums over offices or sectors that CBP publishes for a measure."""
    return ["ports", "between_ports"] if measure in _COLUMN_OF else []
