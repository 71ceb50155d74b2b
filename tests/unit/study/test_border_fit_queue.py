"""Demand that makes a wanted wait, lanes that keep their mean, folds and scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.border.crossing import CLASSES, MODES
from sim.border.traffic import class_rates
from sim.core.draws import Draws, compiled_available
from sim.core.shipped import conf_folder
from sim.study.border_fit.reports import by_port, deal, load_problems
from sim.study.border_fit.response import by_week, demand, joining
from sim.study.border_fit.scores import hour_profile, score
from sim.study.border_fit.weekly_queue import WeeklyQueue, fluid
from tests.fixtures import made_up_reports as made_up


def shipped():
    return load_problems(conf_folder() / "border" / "fit", class_rates())


def test_a_fluid_queue_has_the_wait_that_was_wanted() -> None:
    problem = made_up.problem(weeks=1)
    profile = np.tile(made_up.profile(), (made_up.CROSSINGS, 1, 1))
    wanted = demand(problem, profile, made_up.TRUE)
    log_k = np.log(2.0) + 0.7 * np.log(problem.use) + 0.6 * np.log(problem.size_cars_per_day / 8000.0)
    busy = log_k > 0.6
    target = 30.0 * (log_k[:, None, None] * profile)
    assert busy.sum() >= 4
    assert fluid(wanted, steps=20).wait_min[busy] == pytest.approx(target[busy], abs=1.5)


def test_joining_counts_those_served_by_the_wanted_time() -> None:
    capacity = np.zeros((1, 168))
    capacity[0, 8:12], capacity[0, 32:36] = [100.0, 50.0, 50.0, 50.0], 100.0
    served = joining(capacity, np.full((1, 168), 0.5))
    # 8 to 9: served by 9:30, nobody before; 9 to 10: served from 9:30 to 10:30.
    assert served[0, 8:12] == pytest.approx([125.0, 50.0, 50.0, 50.0])
    assert served[0, 32] == pytest.approx(150.0)


def test_whole_lanes_keep_their_mean_and_the_booths_of_the_crossing() -> None:
    problem = shipped()[0]
    queue = WeeklyQueue(problem, Draws(5, 0), 40)
    mean, whole = queue._hours(by_week(problem.lanes)), queue._whole
    # A floor or a ceiling on each of 200 weekdays: standard error 0.5 / sqrt(200) at most.
    weekday = np.arange(24, 48)
    drawn = np.mean([whole[:, weekday + 168 * w + 24 * d] for w in range(40) for d in range(4)], axis=0)
    assert abs(drawn - mean[:, weekday]).max() < 5 * 0.5 / np.sqrt(160)
    for crossing in np.unique(problem.crossing):
        own = problem.crossing == crossing
        assert abs(whole[own].sum(axis=0) - mean[own].sum(axis=0)).max() < 1.0


def test_a_group_is_answered_the_same_without_the_others() -> None:
    problem = made_up.problem(weeks=1)
    profile = np.tile(made_up.profile(), (made_up.CROSSINGS, 1, 1))
    keep = np.arange(made_up.CROSSINGS) % 3 == 1
    part = problem.chosen(keep)
    whole = WeeklyQueue(problem, Draws(1, 0), 1).respond(demand(problem, profile, made_up.TRUE))
    alone = WeeklyQueue(part, Draws(1, 0), 1).respond(demand(part, profile[keep], made_up.TRUE))
    assert np.array_equal(alone.wait_min, whole.wait_min[keep])


@pytest.mark.skipif(not compiled_available(), reason="nothing to compare without a compiler")
def test_the_fallback_queue_gives_the_same_waits() -> None:
    problem = made_up.problem(weeks=1).chosen(np.arange(made_up.CROSSINGS) < 2)
    wanted = demand(problem, np.tile(made_up.profile(), (2, 1, 1)), made_up.TRUE)
    queue = WeeklyQueue(problem, Draws(1, 0), 1)
    assert np.array_equal(queue.respond(wanted, True).wait_min, queue.respond(wanted, False).wait_min)


def test_folds_hold_out_whole_crossings_and_whole_ports() -> None:
    for problem in shipped():
        for each in (problem, by_port(problem)):
            for crossing in np.unique(each.crossing):
                assert len(np.unique(each.fold[each.crossing == crossing])) == 1
    cars = by_port(shipped()[0])
    laredo = np.char.startswith(cars.crossing, "2402")
    assert laredo.sum() > 2
    assert len(np.unique(cars.fold[laredo])) == 1
    assert deal(["a", "b", "c", "d", "e"], np.array([5.0, 4.0, 3.0, 2.0, 1.0])).tolist() == [0, 1, 2, 3, 3]


def test_scores_of_a_worked_example() -> None:
    problem = made_up.problem(weeks=1).chosen(np.arange(made_up.CROSSINGS) < 3)
    level = np.array([10.0, 20.0, 30.0])[:, None, None]
    lanes = np.ones(problem.lanes.shape) * np.array([1.0, 2.0, 1.0])[:, None, None]
    known = replace(problem, lanes=lanes, delay_min=level * made_up.profile())
    right = score([known], [known.delay_min])
    assert (right.groups, right.error) == (3, 0.0)
    assert (right.rank, right.profile) == (pytest.approx(1.0), pytest.approx(1.0))
    # Off by 5 x 1, 4 x 2 and 3 x 1 lanes of 10 + 2 x 20 + 30.
    off = known.delay_min + np.array([5.0, -4.0, 3.0])[:, None, None]
    assert score([known], [off]).error == pytest.approx(16.0 / 80.0)
    assert score([known], [off[::-1]]).rank == pytest.approx(-1.0)
    assert score([known], [2.0 * level - known.delay_min]).profile == pytest.approx(-1.0)
    assert score([known], [off], without=str(known.crossing[1])).error == pytest.approx(8.0 / 40.0)


def test_the_profile_is_that_of_the_crossings_shown() -> None:
    problem = made_up.problem(weeks=1)
    flat = np.arange(made_up.CROSSINGS) >= 3
    delay = np.where(flat[:, None, None], 7.0, 10.0 * made_up.profile())
    mixed = replace(problem, delay_min=delay)
    assert hour_profile(mixed.masked(flat)) == pytest.approx(np.ones(delay.shape))
    assert hour_profile(mixed.masked(~flat)) == pytest.approx(np.tile(made_up.profile(), (len(delay), 1, 1)))


def test_shipped_tables_are_whole() -> None:
    problems = shipped()
    assert sum(len(problem.crossing) for problem in problems) == 96
    assert {problem.mode for problem in problems} == set(MODES)
    rates = class_rates()
    for problem in problems:
        assert np.isfinite(problem.mean_min).all()
        assert (problem.use > 0.0).all()
        assert problem.lanes[np.isfinite(problem.delay_min)].min() > 0.0
        assert set(problem.lane_class) <= set(CLASSES[problem.mode])
        assert problem.rate_per_lane_h[0] == rates[problem.mode, problem.lane_class[0]]
