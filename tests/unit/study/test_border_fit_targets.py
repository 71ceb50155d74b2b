"""Waits for the pace of lane groups: the report, moved by the change of use; nothing where nobody reports."""

from __future__ import annotations

import numpy as np
import pytest

from sim.border.crossing import load_border
from sim.border.traffic import class_rates
from sim.core.shipped import conf_folder
from sim.study.border_fit.fiscal_waits import fiscal_problem
from sim.study.border_fit.reports import TICKETED, load_problems
from sim.study.border_fit.targets import target_waits
from sim.study.demand import traffic_settings

FOLDER = conf_folder() / "border"


@pytest.fixture(scope="module")
def tables():
    return load_border(FOLDER)


@pytest.fixture(scope="module")
def target(tables):
    return target_waits(tables, traffic_settings(FOLDER / "traffic.yaml"), FOLDER / "fit")


def test_only_groups_with_a_report_have_a_target(tables, target):
    reported = {
        (crossing, problem.mode, lane_class)
        for problem in load_problems(FOLDER / "fit", class_rates())
        for crossing, lane_class in zip(problem.crossing.tolist(), problem.lane_class.tolist(), strict=True)
    }
    for group, wait_min in zip(tables.groups, target, strict=True):
        key = (group.crossing.crossing_id, group.mode, group.lane_class)
        known = key in reported and group.crossing.crossing_id not in TICKETED
        assert np.isfinite(wait_min) == known, key
    assert (target[np.isfinite(target)] >= 0).all()


def test_a_target_is_the_report_where_use_did_not_change(tables, target):
    made = traffic_settings(FOLDER / "traffic.yaml")
    rates = class_rates()
    for problem in load_problems(FOLDER / "fit", rates):
        year = fiscal_problem(problem, tables, rates)
        mode = made.modes[problem.mode]
        for i, crossing in enumerate(problem.crossing.tolist()):
            own = [
                k
                for k, g in enumerate(tables.groups)
                if (g.crossing.crossing_id, g.mode, g.lane_class)
                == (crossing, problem.mode, problem.lane_class[i])
            ]
            if not own or not np.isfinite(target[own[0]]):
                continue
            there = (year.crossing == crossing) & (year.lane_class == problem.lane_class[i])
            ratio = float(year.use[there][0] / problem.use[i])
            moved = mode.patience_min * (1 - mode.spread) * np.log(ratio)
            assert target[own[0]] == pytest.approx(max(0.0, problem.mean_min[i] + moved))
            assert (ratio > 1) == (moved > 0)
