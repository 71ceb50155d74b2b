"""What CBP recorded: fentanyl events and gross pounds by month and place, read from ``conf/official``."""

from __future__ import annotations

import csv
from dataclasses import dataclass

import numpy as np

from sim.core.errors import TableError
from sim.core.shipped import conf_folder

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
    events = np.zeros((len(PLACES), FISCAL_MONTHS))
    weight = np.zeros_like(events)
    found = False
    path = conf_folder() / "official" / "cbp_fentanyl.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if int(row["fiscal_year"]) != fiscal_year:
                continue
            found = True
            place = row["area"] if row["component"] == "field_office" else "between_ports"
            month = (int(row["month"][5:]) - 10) % FISCAL_MONTHS
            events[PLACES.index(place), month] += int(row["events"])
            weight[PLACES.index(place), month] += float(row["gross_lb"])
    if not found:
        raise TableError(f"{path}: no rows of fiscal year {fiscal_year}")
    return ObservedYear(events, weight)
