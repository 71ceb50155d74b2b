"""Two small crossings in two offices, for tests of officers."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.border.crossing import OFFICES
from sim.border.officers import USES, Added, Deployment, OfficerSettings, Workload, deploy

DAYS = np.array([5.0, 1.0, 1.0]) / 7.0
PLAIN = {
    "policy": "proportional",
    "paid_h_per_year": 1761.0,
    "leave_h_per_year": 200.0,
    "training_h_per_year": 60.0,
    "indoor_h_per_year": 40.0,  # 1,461 hours at a post: 4 a day
    "cost_usd_per_year": 146_100.0,
    "shift_h": 1.0,
    "primary_share": 0.5,
    "officers_per_lane": 1.0,
    "officers_per_exam": 2.0,
    "lane_reserve": 2.0,
    "exam_share_first": 0.02,
    "bays_growth_max": 1e6,
    "outbound_team": 4.0,
    "outbound_h_per_day": 8.0,
}
DUTY_H_PER_DAY = 4.0
EXAM_H_PER_DAY = 1000.0


def officer_settings(**changes: Any) -> OfficerSettings:
    return OfficerSettings(**{**PLAIN, **changes})


def workload(lanes: float = 2.0, most: float = 10.0) -> Workload:
    """Return two crossings; the first (San Diego) has three times the work of the second (Laredo)."""
    work = np.ones((2, 3, 24))
    work[0] *= 3.0
    return Workload(
        lanes=np.full((2, 3, 24), lanes),
        work_h=work,
        demand_h=work,
        station_of=np.array([0, 1], dtype=np.int32),
        station_lanes_max=np.array([most, most]),
        day_weight=DAYS,
        entries_per_day=np.array([3000.0, 1000.0]),
        exam_h=np.array([0.25, 0.25]),
        referral_share=np.array([0.05, 0.1]),
        office_of=np.array([0, 3], dtype=np.int32),
        outbound_sites=np.array([1.0, 0.0, 0.0, 1.0]),
    )


def placed(
    officers: float, work: Workload | None = None, by_office: dict[str, float] | None = None, **changes: Any
) -> Deployment:
    local = tuple((by_office or {}).get(office, 0.0) for office in OFFICES)
    outbound = float(changes.pop("outbound_asked_h", 0.0))
    return deploy(officer_settings(**changes), Added(officers, local, outbound), work or workload())


def lane_hours(extra: np.ndarray) -> float:
    return float(np.einsum("gdh,d->", extra, DAYS))


def used(deployment: Deployment, use: str) -> float:
    return float(deployment.hours[USES.index(use)].sum())
