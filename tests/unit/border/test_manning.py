"""What stands at the ports on a day is a value: it follows from levers, and asking for it changes nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sim.border.manning import NOBODY, BaselinePorts, Manning
from sim.border.officers import AddedOfficers
from sim.border.screening import ScreeningEffort
from sim.border.traffic import Traffic
from sim.core.draws import Draws
from sim.scenario import load_scenario
from sim.world import World
from tests.fixtures.composed import composed

PLAIN = ScreeningEffort()
MORE_SCANS = replace(PLAIN, share=(4.0, 2.0, 1.0), scans=3.0, canine=1.5)
OFFICERS = AddedOfficers(anywhere=1000.0)


@cache
def ports() -> BaselinePorts:
    scenario = load_scenario(composed())
    tables = World(scenario, 1, 0).ports.tables
    border = scenario.settings.border
    return BaselinePorts(tables, border, Traffic(tables, scenario.calendar, Draws(1, 0), border.traffic))


def same(one: Manning, other: Manning) -> bool:
    return (
        (one.added, one.effort) == (other.added, other.effort)
        and np.array_equal(one.bays, other.bays)
        and np.array_equal(one.referral_prob, other.referral_prob)
        and np.array_equal(one.deployment.extra_lanes, other.deployment.extra_lanes)
        and np.array_equal(one.scanning.target, other.scanning.target)
    )


@pytest.mark.parametrize("effort", [PLAIN, MORE_SCANS])
@pytest.mark.parametrize("added", [NOBODY, OFFICERS])
def test_the_day_before_leaves_no_trace(added: AddedOfficers, effort: ScreeningEffort) -> None:
    fresh = ports().manned(added, effort)
    for before in ((NOBODY, PLAIN), (NOBODY, MORE_SCANS), (OFFICERS, PLAIN), (OFFICERS, MORE_SCANS)):
        assert same(ports().manned(added, effort, ports().manned(*before)), fresh)


def test_officers_open_lanes_and_examine_and_nobody_opens_none() -> None:
    staffed, bare = ports().manned(OFFICERS, PLAIN), ports().manned(NOBODY, PLAIN)
    assert bare.extra_lanes(0, 8) is None
    extra = staffed.extra_lanes(0, 8)
    assert extra is not None
    assert extra.sum() > 0.0
    assert (staffed.referral_prob >= bare.referral_prob).all()
    assert staffed.referral_prob.sum() > bare.referral_prob.sum()
    assert (staffed.bays >= bare.bays).all()
    assert (staffed.bays <= ports().most_bays()).all()


def test_asking_about_another_day_changes_nothing() -> None:
    def fates(asked: bool) -> list[float]:
        start = {"levers.port_staffing.size": 1000.0, "calendar.days": 5, "calendar.warmup_days": 2}
        world = World(load_scenario(composed(**start)), 1, 0)
        detected = []
        for day in range(7):
            if asked:
                world.ports.staffing(24 * 6)
                world.ports.detection_now("laredo", "commercial", 0)
            detected.append(world.ports.detection_now("laredo", "commercial", 24 * day))
            world.run(24.0 * (day + 1))
        totals = world.ports.totals()
        assert totals is not None
        return [*detected, float(totals.month["wait_h"].sum())]

    assert fates(asked=True) == fates(asked=False)
