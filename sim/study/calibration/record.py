"""What CBP recorded in one fiscal year: fentanyl events and gross pounds by place and month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.core.errors import TableError
from sim.measures.official import fiscal_months, official_figures
from sim.report.numbers import counted

PLACES = ("san_diego", "tucson", "el_paso", "laredo", "between_ports")
FISCAL_MONTHS = 12


@dataclass(frozen=True)
class ObservedYear:
    """One fiscal year, October first.

    Parameters
    ----------
    events : ndarray of float64, shape (places, 12)
        Seizure events by place of ``PLACES`` and month.
    weight_lb : ndarray of float64, shape (places, 12)
        Gross pounds.
    """

    events: np.ndarray
    weight_lb: np.ndarray


def observed_year(fiscal_year: int) -> ObservedYear:
    """Return CBP's figures of a fiscal year.

    Raises
    ------
    TableError
        The shipped table has no such year.
    """
    table, months = official_figures(), fiscal_months(fiscal_year)
    if absent := sorted(set(months) - set(table["month"])):
        raise TableError(
            f"conf/official/cbp_fentanyl.csv: fiscal year {fiscal_year} is not whole in the record; "
            f"it lacks {counted(len(absent), 'month')} from {absent[0]} on"
        )
    keys = zip(table["measure"], table["place"], table["month"], strict=True)
    recorded = dict(zip(keys, table["value"], strict=True))

    def by_month(measure: str) -> np.ndarray:
        return np.array(
            [[recorded.get((measure, place, month), 0.0) for month in months] for place in PLACES]
        )

    return ObservedYear(by_month("seizure_events"), by_month("seized_gross_lb"))
