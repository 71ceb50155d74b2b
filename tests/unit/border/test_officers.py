"""Added officers stand where there is work and room, as their policy says; nobody is lost on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.border.crossing import OFFICES, load_border
from sim.border.officers import (
    OFFICERS_DIAL,
    OUTBOUND_DIAL,
    POLICIES,
    USES,
    added_at,
    dials,
    planned_hours,
    workload_of,
)
from sim.border.traffic import Traffic
from sim.core.dials import Move, board_of
from sim.core.draws import Draws
from sim.core.errors import ConfigError
from sim.core.shipped import conf_folder
from sim.scenario import load_scenario
from tests.fixtures.composed import composed
from tests.fixtures.staffed_posts import (
    DAYS,
    DUTY_H_PER_DAY,
    EXAM_H_PER_DAY,
    lane_hours,
    officer_settings,
    placed,
    used,
    workload,
)

INF = float("inf")
EVERY_POLICY = pytest.mark.parametrize("policy", sorted(POLICIES))


@EVERY_POLICY
def test_nobody_added_changes_nothing(policy: str) -> None:
    deployment = placed(0.0, policy=policy)
    assert not deployment.extra_lanes.any()
    assert not deployment.exam_share.any()
    assert not deployment.hours.any()


def test_hours_on_duty_are_paid_hours_less_leave_training_and_indoor_duties() -> None:
    assert officer_settings().duty_h_per_year == 1461.0


def test_proportional_splits_hours_between_lanes_and_examinations() -> None:
    deployment = placed(12.0)
    hours = 12.0 * DUTY_H_PER_DAY
    assert lane_hours(deployment.extra_lanes) == pytest.approx(hours / 2, rel=1e-6)
    assert deployment.exam_share == pytest.approx(hours / 2 / 2.0 / EXAM_H_PER_DAY)
    assert deployment.extra_lanes[0].sum() == pytest.approx(3 * deployment.extra_lanes[1].sum())


def test_booths_are_the_limit_and_the_rest_examines() -> None:
    deployment = placed(500.0, workload(lanes=9.0))
    assert deployment.extra_lanes.max() <= 1.0 + 1e-9
    assert lane_hours(deployment.extra_lanes) == pytest.approx(48.0)
    assert deployment.exam_share == pytest.approx((500.0 * DUTY_H_PER_DAY - 48.0) / 2.0 / EXAM_H_PER_DAY)


@EVERY_POLICY
def test_closed_crossings_stay_closed(policy: str) -> None:
    work = workload()
    work.lanes[1, :, :6] = 0.0
    work.work_h[1, :, :6] = 0.0
    assert not placed(50.0, work, policy=policy).extra_lanes[1, :, :6].any()


def test_peak_wait_raises_the_smallest_reserve_first() -> None:
    """The work of one rush hour is nearly as much as its lanes: it gets all of few officers."""
    work = workload(lanes=4.0)
    work.work_h[1, 0, 17] = 3.9
    extra = placed(2.0, work, policy="peak_wait").extra_lanes
    assert extra[1, 0, 17] > 0.5
    assert lane_hours(extra) == pytest.approx(2.0 * DUTY_H_PER_DAY, rel=1e-6)
    assert placed(2.0, work).extra_lanes[1, 0, 17] < 0.5


def test_peak_wait_evens_reserves_out_and_stops_at_the_reserve() -> None:
    work = workload()
    some = placed(10.0, work, policy="peak_wait").extra_lanes
    reserve = (work.lanes + some - work.work_h) / np.sqrt(work.work_h)
    assert np.ptp(reserve[some > 1e-9]) < 1e-6
    enough = placed(900.0, work, policy="peak_wait", lane_reserve=1.5)
    reserve = (work.lanes + enough.extra_lanes - work.work_h) / np.sqrt(work.work_h)
    assert reserve.max() == pytest.approx(1.5)
    assert used(enough, "secondary") > 0


def test_peak_wait_sees_the_lanes_that_an_office_has_already_opened() -> None:
    """Officers of one office stand first; those who may stand anywhere go where less has been opened."""
    work = workload()
    work.work_h[:] = work.demand_h[:] = 2.0
    local = placed(0.0, work, {"laredo": 12.0}, policy="peak_wait").extra_lanes
    both = placed(12.0, work, {"laredo": 12.0}, policy="peak_wait").extra_lanes
    assert both[1] == pytest.approx(local[1], abs=1e-6)
    assert both[0] == pytest.approx(local[1], abs=1e-6)


def test_peak_wait_shares_a_crossing_out_by_demand() -> None:
    """Two lane classes with the same work done; four times as many ask for the second."""
    work = replace(workload(), station_of=np.array([0, 0], dtype=np.int32))
    work.work_h[:] = 1.0
    work = replace(work, demand_h=work.work_h * np.array([1.0, 4.0])[:, None, None])
    by_need, by_work = (placed(6.0, work, policy=p).extra_lanes for p in ("peak_wait", "proportional"))
    assert by_need[1].sum() == pytest.approx(4 * by_need[0].sum())
    assert by_work[1].sum() == pytest.approx(by_work[0].sum())


def test_demand_counts_those_who_turn_away() -> None:
    tables = load_border(conf_folder() / "border")
    scenario = load_scenario(composed())
    traffic = Traffic(tables, scenario.calendar, Draws(0, 0), scenario.settings.border.traffic)
    none = np.zeros(len(tables.groups))
    exam_h = np.ones(len(tables.stations))
    work = workload_of(tables, (traffic.entries_per_h, traffic.service_h), exam_h, none, DAYS)
    per_day = [float(np.einsum("gdh,d->", h, DAYS)) for h in (work.work_h, work.demand_h)]
    assert per_day[1] > 1.2 * per_day[0]


def test_secondary_first_examines_up_to_its_share_before_it_opens_lanes() -> None:
    few, more = (placed(n, policy="secondary_first") for n in (5.0, 20.0))
    assert not few.extra_lanes.any()
    assert more.exam_share == pytest.approx(0.02)
    assert used(more, "secondary") == pytest.approx(40.0)
    assert used(more, "primary") == pytest.approx(40.0)


def test_outbound_first_mans_every_crossing_before_anything_else() -> None:
    few, more = (placed(n, policy="outbound_first") for n in (10.0, 36.0))
    assert used(few, "outbound") == pytest.approx(40.0)
    assert not few.extra_lanes.any()
    assert used(more, "outbound") == pytest.approx(64.0)  # two crossings, four officers, eight hours
    assert used(more, "primary") == pytest.approx(40.0)
    assert used(more, "secondary") == pytest.approx(40.0)


def test_officers_of_an_office_stay_there() -> None:
    deployment = placed(0.0, by_office={"laredo": 20.0})
    assert not deployment.extra_lanes[0].any()
    assert deployment.exam_share[0] == 0.0
    assert lane_hours(deployment.extra_lanes) == pytest.approx(40.0)
    assert deployment.exam_share[1] == pytest.approx(40.0 / 2.0 / 250.0)
    assert deployment.hours.sum(axis=0) == pytest.approx([0, 0, 0, 80.0])


def test_an_office_without_a_crossing_reports_idle_officers() -> None:
    deployment = placed(0.0, by_office={"tucson": 3.0})
    assert deployment.hours[USES.index("idle")] == pytest.approx([0, 3.0 * DUTY_H_PER_DAY, 0, 0])


def test_hours_without_room_are_idle() -> None:
    deployment = placed(1000.0, bays_growth_max=2.0)
    room, exams = 16 * 24.0, 2 * (750.0 * 0.05 / 0.95 + 250.0 * 0.1 / 0.9)
    assert used(deployment, "primary") == pytest.approx(room)
    assert used(deployment, "secondary") == pytest.approx(exams)
    assert used(deployment, "idle") == pytest.approx(4000.0 - room - exams)


def test_bays_take_so_many_times_the_examinations_of_today() -> None:
    """Each crossing fills its own bays: those with more referrals have more of them."""
    work = workload()
    share = placed(1000.0, bays_growth_max=1.5).exam_share
    assert 1.0 - (1.0 - work.referral_prob) * (1.0 - share) == pytest.approx(1.5 * work.referral_prob)
    assert not placed(1000.0, bays_growth_max=1.0).exam_share.any()
    everybody = placed(1e5, replace(work, referral_prob=np.array([1.0, 0.9]))).exam_share
    assert everybody == pytest.approx(1.0)


def test_outbound_hours_asked_for_come_from_the_added_officers() -> None:
    deployment = placed(12.0, outbound_asked_h=20.0)
    assert used(deployment, "outbound") == pytest.approx(20.0)
    assert used(deployment, "primary") == pytest.approx(14.0)
    assert deployment.outbound_unmet_h == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("officers", "served"), [(0.0, 0.0), (5.0, 20.0), (50.0, 64.0)])
def test_outbound_hours_beyond_officers_or_room_are_unmet(officers: float, served: float) -> None:
    deployment = placed(officers, outbound_asked_h=70.0)
    assert used(deployment, "outbound") == pytest.approx(served)
    assert deployment.outbound_unmet_h == pytest.approx(70.0 - served)


def test_hours_of_today_are_lanes_and_referrals() -> None:
    planned = planned_hours(officer_settings(), workload())
    assert planned[USES.index("primary")] == pytest.approx([48.0, 0, 0, 48.0])
    assert planned[USES.index("secondary")] == pytest.approx([75.0, 0, 0, 50.0])
    assert not planned[USES.index("outbound")].any()


@EVERY_POLICY
def test_whole_shifts_open_fewer_lanes_and_the_rest_of_the_shift_examines(policy: str) -> None:
    work = workload()
    work.work_h[:, :, 7] = work.demand_h[:, :, 7] = 5.0
    by_hour, by_shift = (placed(40.0, work, policy=policy, shift_h=hours) for hours in (1.0, 8.0))
    assert used(by_shift, "primary") < 0.9 * used(by_hour, "primary")
    assert used(by_shift, "secondary") > used(by_hour, "secondary")
    assert by_shift.hours.sum() == pytest.approx(by_hour.hours.sum())


def test_a_shift_pays_for_its_busiest_hour() -> None:
    """One hour of rush at one crossing: of eight hours paid for, one is in a lane."""
    work = workload()
    work.work_h[:] = 0.0
    work.work_h[0, :, 17] = 3.0
    deployment = placed(4.0, work, primary_share=1.0, shift_h=8.0)
    assert lane_hours(deployment.extra_lanes) == pytest.approx(2.0)
    assert used(deployment, "secondary") == pytest.approx(14.0)


def test_dials_of_offices_and_outbound_are_read() -> None:
    board = board_of(dials())
    for name, amount in ((OFFICERS_DIAL, 5.0), (f"{OFFICERS_DIAL}.laredo", 2.0), (OUTBOUND_DIAL, 9.0)):
        board.add(Move(name, amount, 0.0, 0.0, INF), "test")
    added = added_at(board, 1.0)
    assert (added.anywhere, added.by_office, added.outbound_h_per_day) == (5.0, (0.0, 0.0, 0.0, 2.0), 9.0)
    assert OFFICES[3] == "laredo"


def test_an_unknown_office_names_the_nearest() -> None:
    with pytest.raises(
        ConfigError, match=r"unknown dial 'border.officers.added.lardeo' \(did you mean .*laredo"
    ):
        board_of(dials()).add(
            Move(f"{OFFICERS_DIAL}.lardeo", 1.0, 0.0, 0.0, INF), "levers.surge.moves.laredo.dial"
        )


def test_days_are_a_week() -> None:
    assert DAYS.sum() == pytest.approx(1.0)
