"""Whatever the border and the policy: hours are conserved, booths are the limit, more is never less."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.border.crossing import OFFICES
from sim.border.officers import POLICIES, USES, AddedOfficers, Deployment, Workload, deploy
from sim.core.calendar import DAYS_PER_YEAR
from tests.fixtures.staffed_posts import DAYS, officer_settings, workload

HEADS = st.floats(0.0, 3000.0)


def border(seed: int) -> Workload:
    """Return a made-up border: five groups in three stations of three offices, some hours closed."""
    rng = np.random.Generator(np.random.PCG64(seed))
    lanes = rng.integers(0, 5, size=(5, 3, 24)) * rng.random((5, 3, 24))
    work = lanes * rng.random((5, 3, 24)) * rng.integers(0, 2, size=(5, 1, 1))
    return replace(
        workload(),
        lanes=lanes,
        work_h=work,
        demand_h=work * (1.0 + rng.random((5, 1, 1))),
        station_of=np.array([0, 0, 1, 2, 2], dtype=np.int32),
        station_lanes_max=np.array([12.0, 6.0, 9.0]),
        entries_per_day=rng.random(5) * 2000.0,
        exam_h=rng.random(5),
        referral_prob=rng.random(5),
        office_of=np.array([0, 2, 3], dtype=np.int32),
        outbound_sites=np.array([1.0, 0.0, 0.0, 2.0]),
    )


def cases(test: Any) -> Any:
    drawn = given(
        policy=st.sampled_from(sorted(POLICIES)),
        seed=st.integers(0, 10_000),
        anywhere=HEADS,
        local=st.tuples(*[HEADS for _ in OFFICES]),
        asked=st.floats(0.0, 500.0),
        growth=st.floats(1.0, 5.0),
        shift_h=st.sampled_from([1.0, 4.0, 8.0]),
    )
    return settings(max_examples=60, deadline=None)(drawn(test))


def stand(policy: str, seed: int, added: AddedOfficers, **limits: float) -> Deployment:
    return deploy(officer_settings(policy=policy, **limits), added, border(seed))


@cases
def test_hours_are_conserved_and_limits_hold(
    policy: str,
    seed: int,
    anywhere: float,
    local: tuple[float, ...],
    asked: float,
    growth: float,
    shift_h: float,
) -> None:
    work, plain = border(seed), officer_settings()
    made = stand(policy, seed, AddedOfficers(anywhere, local, asked), bays_growth_max=growth, shift_h=shift_h)
    on_duty = (anywhere + sum(local)) * plain.duty_h_per_year / DAYS_PER_YEAR
    assert made.hours.sum() == pytest.approx(on_duty, rel=1e-6, abs=1e-6)
    assert (made.hours >= -1e-9).all()
    assert (made.extra_lanes >= 0).all()
    stations = work.by_station(work.lanes + made.extra_lanes)
    most = np.maximum(work.station_lanes_max[:, None, None], work.by_station(work.lanes))
    assert (stations <= most + 1e-9).all()
    examined = 1.0 - (1.0 - work.referral_prob) * (1.0 - made.exam_share)
    assert (examined <= np.minimum(1.0, growth * work.referral_prob) + 1e-9).all()
    lane_h = np.einsum("gdh,d->g", made.extra_lanes, DAYS) * plain.officers_per_lane
    assert made.hours[USES.index("primary")] == pytest.approx(work.by_office(lane_h), abs=1e-6)
    exam_h = work.entries_per_day * work.exam_h * made.exam_share * plain.officers_per_exam
    assert made.hours[USES.index("secondary")] == pytest.approx(work.by_office(exam_h), abs=1e-6)
    outbound = made.hours[USES.index("outbound")]
    assert (outbound <= work.outbound_sites * plain.outbound_team * plain.outbound_h_per_day + 1e-9).all()
    assert made.outbound_unmet_h <= asked


@cases
def test_more_officers_never_mean_fewer_lanes_examinations_or_teams(
    policy: str,
    seed: int,
    anywhere: float,
    local: tuple[float, ...],
    asked: float,
    growth: float,
    shift_h: float,
) -> None:
    few = stand(policy, seed, AddedOfficers(anywhere, local, 0.0), bays_growth_max=growth, shift_h=shift_h)
    many = stand(
        policy, seed, AddedOfficers(1.5 * anywhere + 1.0, local, 0.0), bays_growth_max=growth, shift_h=shift_h
    )
    assert (many.extra_lanes >= few.extra_lanes - 1e-6).all()
    assert (many.exam_share >= few.exam_share - 1e-9).all()
    assert (many.hours[: USES.index("idle")] >= few.hours[: USES.index("idle")] - 1e-6).all()


@cases
def test_placing_officers_twice_gives_the_same_bits(
    policy: str,
    seed: int,
    anywhere: float,
    local: tuple[float, ...],
    asked: float,
    growth: float,
    shift_h: float,
) -> None:
    once, again = (
        stand(policy, seed, AddedOfficers(anywhere, local, asked), bays_growth_max=growth, shift_h=shift_h)
        for _ in range(2)
    )
    assert np.array_equal(once.extra_lanes, again.extra_lanes)
    assert np.array_equal(once.hours, again.hours)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), heads=HEADS)
def test_proportional_is_the_rule_of_one_level_up_to_rounding(seed: int, heads: float) -> None:
    """The rule of the first full runs, written out: one level for all lanes, one share for everyone."""
    work, plain = border(seed), officer_settings()
    made = deploy(plain, AddedOfficers(heads), work)
    hours = heads * plain.duty_h_per_year / DAYS_PER_YEAR
    lanes, busy = work.by_station(work.lanes), work.by_station(work.work_h)
    room = np.maximum(work.station_lanes_max[:, None, None] - lanes, 0.0) * (lanes > 0)
    most = float(np.einsum("sdh,d->", room * (busy > 0), DAYS))
    target = min(hours * plain.primary_share / plain.officers_per_lane, most)

    def opened(level: float) -> float:
        return float(np.einsum("sdh,d->", np.minimum(room, level * busy), DAYS))

    low, high = 0.0, 1.0
    while opened(high) < target * (1 - 1e-9) and high < 1e9:
        high *= 2.0
    for _ in range(60):
        level = 0.5 * (low + high)
        low, high = (level, high) if opened(level) < target else (low, level)
    filled = np.minimum(room, high * busy) if target > 0 else np.zeros_like(room)
    part = work.work_h / np.where(busy > 0, busy, 1.0)[work.station_of]
    extra = part * filled[work.station_of]
    left = max(0.0, hours - float(np.einsum("gdh,d->", extra, DAYS)) * plain.officers_per_lane)
    share = left / plain.officers_per_exam / float(work.entries_per_day @ work.exam_h)
    assert np.array_equal(made.extra_lanes, extra)
    rounding = 32 * np.finfo(float).eps * hours / max(left, np.finfo(float).tiny)
    assert np.allclose(made.exam_share, share, rtol=rounding, atol=0.0) or share > 1.0
