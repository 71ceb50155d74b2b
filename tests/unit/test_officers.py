"""Added officers stand where there is work and room; nobody is lost on the way."""

from __future__ import annotations

import numpy as np
import pytest

from sim.border.officers import OfficerSettings, Workload, deploy
from sim.core.calendar import DAYS_PER_YEAR

SETTINGS = OfficerSettings(
    duty_h_per_year=1461.0, primary_share=0.5, officers_per_lane=1.0, officers_per_exam=2.0
)
DAYS = np.array([5.0, 1.0, 1.0]) / 7.0


def workload(lanes: float = 2.0, most: float = 10.0) -> Workload:
    """Two crossings of one group each; the first has three times the work of the second."""
    work = np.ones((2, 3, 24))
    work[0] *= 3.0
    return Workload(
        lanes=np.full((2, 3, 24), lanes),
        work_h=work,
        station_of=np.array([0, 1], dtype=np.int32),
        station_lanes_max=np.array([most, most]),
        day_weight=DAYS,
        exam_h_per_day=1000.0,
    )


def lane_hours(extra: np.ndarray) -> float:
    return float(np.einsum("gdh,d->", extra, DAYS))


def test_nobody_added_changes_nothing() -> None:
    placed = deploy(SETTINGS, 0.0, workload())
    assert not placed.extra_lanes.any()
    assert placed.exam_share == 0.0


def test_hours_on_duty_are_all_used() -> None:
    officers = 12.0
    placed = deploy(SETTINGS, officers, workload())
    hours = officers * SETTINGS.duty_h_per_year / DAYS_PER_YEAR
    exam_hours = placed.exam_share * 1000.0 * SETTINGS.officers_per_exam
    assert lane_hours(placed.extra_lanes) == pytest.approx(hours / 2, rel=1e-6)
    assert lane_hours(placed.extra_lanes) + exam_hours == pytest.approx(hours, rel=1e-6)


def test_lanes_follow_work() -> None:
    placed = deploy(SETTINGS, 12.0, workload())
    assert placed.extra_lanes[0].sum() == pytest.approx(3 * placed.extra_lanes[1].sum())


def test_booths_are_the_limit_and_the_rest_examines() -> None:
    placed = deploy(SETTINGS, 500.0, workload(lanes=9.0))
    assert placed.extra_lanes.max() <= 1.0 + 1e-9
    assert lane_hours(placed.extra_lanes) == pytest.approx(48.0)
    hours = 500.0 * SETTINGS.duty_h_per_year / DAYS_PER_YEAR
    assert placed.exam_share == pytest.approx((hours - 48.0) / 2.0 / 1000.0)


def test_closed_crossings_stay_closed() -> None:
    work = workload()
    work.lanes[1, :, :6] = 0.0
    work.work_h[1, :, :6] = 0.0
    assert not deploy(SETTINGS, 50.0, work).extra_lanes[1, :, :6].any()


def test_more_officers_never_mean_fewer_lanes() -> None:
    few, many = (deploy(SETTINGS, n, workload()).extra_lanes for n in (10.0, 40.0))
    assert (many >= few - 1e-9).all()
