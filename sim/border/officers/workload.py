"""What the posts look like without added officers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.border.crossing import OFFICES, BorderTables
from sim.border.traffic import fluid_factor

USES = ("primary", "secondary", "outbound", "idle")
OUTBOUND_MODES = ("passenger", "commercial")


@dataclass(frozen=True)
class Workload:
    """Lanes, work and limits of every post; the middle axis of three is the day type.

    Parameters
    ----------
    lanes : ndarray of float64, shape (groups, 3, 24)
        Mean open lanes.
    work_h : ndarray of float64, shape (groups, 3, 24)
        Lane-hours of service that are done in an hour.
    demand_h : ndarray of float64, shape (groups, 3, 24)
        Lane-hours of service that all who come would ask for, those who renege included.
    station_of : ndarray of int32, shape (groups,)
        Crossing x mode of each group.
    station_lanes_max : ndarray of float64, shape (stations,)
        Physical maximum of lanes.
    day_weight : ndarray of float64, shape (3,)
        Share of days by day type.
    entries_per_day : ndarray of float64, shape (groups,)
        Travellers a day.
    exam_h : ndarray of float64, shape (groups,)
        Hours of one examination.
    referral_prob : ndarray of float64, shape (groups,)
        Share of lawful travellers in secondary without added officers.
    office_of : ndarray of int32, shape (stations,)
        Index into ``OFFICES``.
    outbound_sites : ndarray of float64, shape (offices,)
        Crossings where an outbound team can stand.
    """

    lanes: np.ndarray
    work_h: np.ndarray
    demand_h: np.ndarray
    station_of: np.ndarray
    station_lanes_max: np.ndarray
    day_weight: np.ndarray
    entries_per_day: np.ndarray
    exam_h: np.ndarray
    referral_prob: np.ndarray
    office_of: np.ndarray
    outbound_sites: np.ndarray

    @property
    def group_office(self) -> np.ndarray:
        """Office of each group, int32[group]."""
        return np.asarray(self.office_of[self.station_of])

    def exam_share_max(self, growth: float) -> np.ndarray:
        """Return the largest added share of each group that there are bays for, float64[group].

        An added examination falls on everyone alike, so a part of it meets travellers who are referred
        anyway: shares r and e fill bays as r + e - r e does, which may be ``growth`` times r.
        """
        rest = 1.0 - self.referral_prob
        share = np.divide(self.referral_prob * (growth - 1.0), rest, out=np.ones_like(rest), where=rest > 0)
        return np.asarray(np.minimum(share, 1.0))

    def by_station(self, values: np.ndarray) -> np.ndarray:
        """Add up values of groups (groups, ...) by station."""
        out = np.zeros((len(self.station_lanes_max), *values.shape[1:]))
        np.add.at(out, self.station_of, values)
        return out

    def by_office(self, values: np.ndarray) -> np.ndarray:
        """Add up values of groups (groups,) by office."""
        return np.bincount(self.group_office, weights=values, minlength=len(OFFICES)).astype(np.float64)


def workload_of(
    tables: BorderTables,
    traffic: tuple[np.ndarray, np.ndarray],
    exam_h: np.ndarray,
    referral_prob: np.ndarray,
    day_weight: np.ndarray,
) -> Workload:
    """Return the workload of a border.

    Parameters
    ----------
    tables : BorderTables
    traffic : pair of ndarray
        Mean entries per hour, float64[group, day type, hour], and time of primary, float64[group], h.
    exam_h : ndarray
        Mean time in secondary, float64[station], h.
    referral_prob : ndarray
        Share of lawful travellers sent to secondary, float64[group].
    day_weight : ndarray
        Share of days by day type, float64[3].
    """
    entries, service_h = traffic
    work_h = entries * service_h[:, None, None]
    come = fluid_factor(entries, tables.lanes / service_h[:, None, None], day_weight) * tables.demand_factor
    sites = {s.crossing.crossing_id: s.crossing.office for s in tables.stations if s.mode in OUTBOUND_MODES}
    offices = list(sites.values())
    return Workload(
        lanes=tables.lanes,
        work_h=work_h,
        demand_h=work_h * come[:, None, None],
        station_of=tables.secondary_of,
        station_lanes_max=np.array([s.lanes_max for s in tables.stations], dtype=float),
        day_weight=day_weight,
        entries_per_day=np.einsum("gdh,d->g", entries, day_weight),
        exam_h=exam_h[tables.secondary_of],
        referral_prob=referral_prob,
        office_of=np.array([OFFICES.index(s.crossing.office) for s in tables.stations], dtype=np.int32),
        outbound_sites=np.array([offices.count(office) for office in OFFICES], dtype=float),
    )
