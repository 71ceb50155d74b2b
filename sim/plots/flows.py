"""Postings folded into the stations of the Sankey figure: what moves from where to where, by run."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from sim.core.units import MG_PER_KG
from sim.ledger.accounts import (
    CONSUMED,
    CONSUMPTION,
    LABS,
    LOAD,
    ORIGIN,
    PRODUCED,
    SEIZED,
    SEIZED_PORT,
    STOCK_PRECURSOR,
    STOCK_PRODUCT,
    TRANSIT,
    WHOLESALE,
    read,
)
from sim.plots.summary import run_index
from sim.report.theme import Table

SUBSTANCES = ("precursor_mg", "fentanyl_mg")
# Column of each kind of station, left to right.
COLUMNS = {
    "origin": 0,
    "transit": 1,
    "precursor": 2,
    "precursor_seized": 2,
    "product": 3,
    "route": 4,
    "wholesale": 5,
    "street": 6,
    "seized": 6,
}
STATION_OF = {
    ORIGIN: "origin:{source}",
    TRANSIT: "transit:{lane}",
    STOCK_PRECURSOR: "precursor:{cluster}",
    LABS: "product:{cluster}",
    CONSUMED: "product:{cluster}",
    PRODUCED: "product:{cluster}",
    STOCK_PRODUCT: "product:{cluster}",
    LOAD: "route:{office}",
    SEIZED_PORT: "seized:{mode}",
    SEIZED: "seized:{place}",
    WHOLESALE: "wholesale:us",
    CONSUMPTION: "street:us",
}


@dataclass
class Flows:
    """Mass between stations.

    Parameters
    ----------
    runs : int
        Replications in the postings.
    links : dict of (station, station, commodity) to ndarray of float64, shape (runs,)
        Mass in kg over the window of the postings.
    made, used : dict of station to ndarray of float64, shape (runs,)
        Pure fentanyl produced and precursor consumed by a producer, kg.
    """

    runs: int
    links: dict[tuple[str, str, str], np.ndarray] = field(default_factory=dict)
    made: dict[str, np.ndarray] = field(default_factory=dict)
    used: dict[str, np.ndarray] = field(default_factory=dict)

    def scaled(self, factor: float) -> Flows:
        """Return the same flows times a factor."""
        return Flows(
            self.runs,
            {key: mass * factor for key, mass in self.links.items()},
            {key: mass * factor for key, mass in self.made.items()},
            {key: mass * factor for key, mass in self.used.items()},
        )

    def into(self, station: str) -> np.ndarray:
        """Return what enters a station, kg a run."""
        return self._sum(1, station)

    def out_of(self, station: str) -> np.ndarray:
        """Return what leaves a station, kg a run."""
        return self._sum(0, station)

    def through(self, station: str) -> np.ndarray:
        """Return the mass of a station's label: what an origin sent, a producer made, any other got."""
        if station in self.made:
            return self.made[station]
        return self.out_of(station) if kind_of(station) == "origin" else self.into(station)

    def _sum(self, end: int, station: str) -> np.ndarray:
        out = np.zeros(self.runs)
        for key, mass in self.links.items():
            if key[end] == station:
                out = out + mass
        return out

    @property
    def stations(self) -> list[str]:
        """Every station, in order of appearance."""
        return list(dict.fromkeys(name for key in self.links for name in key[:2]))


def kind_of(station: str) -> str:
    """Return the kind of a station, the part before the colon."""
    return station.partition(":")[0]


def station_of(account: str, commodity: str) -> str:
    """Return the station that an account of the ledger is drawn in, empty when it is in none.

    Routes are drawn by office, seizures at ports by mode: no station joins more than a route class.
    """
    entry = read(account)
    if entry is None or entry.family not in STATION_OF:
        return ""
    office, _, mode = entry.fields.get("route", "").partition(".")
    station = STATION_OF[entry.family].format(office=office, mode=mode, **entry.fields)
    return f"precursor_{station}" if entry.family is SEIZED and commodity == SUBSTANCES[0] else station


def fold(postings: Table) -> Flows:
    """Fold postings into flows between stations; returns in the other direction are netted.

    Accounts that the figure does not know are left out, so that a new station of the chain cannot
    break a run; what they hold is missing from the figure, never counted twice.
    """
    run, runs = run_index(postings)
    mass: dict[tuple[str, str, str], np.ndarray] = defaultdict(lambda: np.zeros(runs))
    made: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(runs))
    used: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(runs))
    columns = (postings[name] for name in ("from_account", "to_account", "commodity", "amount"))
    for i, source, target, commodity, amount in zip(run.tolist(), *columns, strict=True):
        if commodity not in SUBSTANCES:
            continue
        start, end = station_of(str(source), commodity), station_of(str(target), commodity)
        if PRODUCED.match(str(source)):
            made[start][i] += amount / MG_PER_KG
        if CONSUMED.match(str(target)):
            used[end][i] += amount / MG_PER_KG
        if start == end or kind_of(start) not in COLUMNS or kind_of(end) not in COLUMNS:
            continue
        if COLUMNS[kind_of(start)] <= COLUMNS[kind_of(end)]:
            mass[start, end, commodity][i] += amount / MG_PER_KG
        else:
            mass[end, start, commodity][i] -= amount / MG_PER_KG
    links = {key: total for key, total in mass.items() if total.mean() > 0}
    return Flows(runs, links, dict(made), dict(used))
