"""The fit finds parameters that made the reports, and never looks at what is held out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.core.errors import TableError
from sim.study.border_fit import benchmarks
from sim.study.border_fit.benchmarks import class_mean, regression
from sim.study.border_fit.nested import ALL, MODELS, FitJob, jobs_of, run_study, work
from sim.study.border_fit.reports import Problem
from sim.study.border_fit.scores import hour_profile, score
from sim.study.border_fit.search import FitEffort, SearchResult, hybrid, load_ranges, predict, search
from tests.fixtures import made_up_reports as made_up

THOROUGH = FitEffort(points=40, crowd=10, generations=6)
TINY = FitEffort(points=8, crowd=5, generations=1, weeks=1, weeks_answer=1)
SLOW_LANES = 10.0
"""Entries per lane-hour: few, so that hundreds of trials take seconds. Theta does not depend on it."""


@pytest.fixture(scope="module")
def problem() -> Problem:
    return made_up.problem(rate_per_lane_h=SLOW_LANES)


@pytest.fixture(scope="module", autouse=True)
def few_plain_fluids() -> Iterator[None]:
    """Try four plain fluid queues, not 96: no test here is about that rival."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(benchmarks, "PACES", benchmarks.PACES[:2])
        patch.setattr(benchmarks, "TILTS", benchmarks.TILTS[:2])
        yield


@pytest.fixture(scope="module")
def found(problem: Problem) -> SearchResult:
    size = made_up.TRUE.size
    return search(problem, {**made_up.RANGES, "size": (size, size)}, THOROUGH)


@pytest.fixture(scope="module")
def fold_one(problem: Problem) -> dict[str, Any]:
    return work(FitJob(problem, 1, made_up.RANGES, TINY))


def test_known_parameters_are_found_again(found: SearchResult) -> None:
    best = found.sets[0]
    # One week of each crossing: a mean wait is known to about 1 min of 30.
    assert best.theta_min == pytest.approx(made_up.TRUE.theta_min, rel=0.15)
    assert best.kappa == pytest.approx(made_up.TRUE.kappa, rel=0.15)
    assert found.close[0] <= best.theta_min <= found.close[1]


def test_patience_demand_and_size_are_found_together() -> None:
    best = search(made_up.problem(), made_up.RANGES, FitEffort(points=80, crowd=16, generations=10)).sets[0]
    assert best.theta_min == pytest.approx(made_up.TRUE.theta_min, rel=0.2)
    assert best.kappa == pytest.approx(made_up.TRUE.kappa, rel=0.2)
    assert best.size == pytest.approx(made_up.TRUE.size, abs=0.12)


def test_a_known_size_term_is_found_again(problem: Problem) -> None:
    true = {name: (value, value) for name, value in vars(made_up.TRUE).items()}
    best = search(problem, {**true, "size": made_up.RANGES["size"]}, replace(TINY, points=16)).sets[0]
    assert best.size == pytest.approx(made_up.TRUE.size, abs=0.05)


def test_held_out_waits_are_predicted(problem: Problem) -> None:
    held = problem.fold == 0
    shown = problem.masked(~held)
    exact, flow = predict(shown, search(shown, made_up.RANGES, THOROUGH).sets, TINY)
    assert score([problem.chosen(held)], [exact[held]]).error < 0.15
    mean = class_mean(shown)[:, None, None] * hour_profile(shown)
    assert (
        score([problem.chosen(held)], [exact[held]]).error < score([problem.chosen(held)], [mean[held]]).error
    )
    assert score([problem.chosen(held)], [flow[held]]).rank > 0.5


def test_a_wrong_size_term_is_refused(problem: Problem, found: SearchResult) -> None:
    wrong = search(problem, {**made_up.RANGES, "size": (0.0, 0.0)}, replace(THOROUGH, generations=3))
    assert wrong.objective[0] > 1.5 * found.objective[0]


def test_delays_of_held_out_crossings_change_nothing(problem: Problem, fold_one: dict[str, Any]) -> None:
    held = problem.fold == 1
    other = replace(
        problem, delay_min=np.where(held[:, None, None], 500.0 - problem.delay_min, problem.delay_min)
    )
    assert not np.array_equal(problem.delay_min, other.delay_min)
    assert json.dumps(work(FitJob(other, 1, made_up.RANGES, TINY))) == json.dumps(fold_one)


def test_delays_of_training_crossings_change_much(problem: Problem, fold_one: dict[str, Any]) -> None:
    shown = problem.fold != 1
    other = replace(
        problem, delay_min=np.where(shown[:, None, None], 2.0 * problem.delay_min, problem.delay_min)
    )
    two = work(FitJob(other, 1, made_up.RANGES, TINY))
    for name in ("class_mean", "queue", "regression", "hybrid"):
        assert np.mean(two["waits"][name]) > 1.5 * np.mean(fold_one["waits"][name]), name


def test_a_hybrid_reaches_the_level_it_is_given(problem: Problem) -> None:
    level = np.linspace(8.0, 60.0, made_up.CROSSINGS)
    wait = hybrid(problem, made_up.TRUE, level, TINY)
    assert problem.mean_of(wait) == pytest.approx(level, rel=0.1, abs=1.0)


def test_a_regression_finds_a_law_of_its_own_kind(problem: Problem) -> None:
    level = 5.0 * problem.use * (problem.size_cars_per_day / 8000.0) ** 0.5
    law = replace(problem, delay_min=np.ones(problem.lanes.shape) * level[:, None, None])
    held = problem.fold == 2
    assert regression(law.masked(~held))[held] == pytest.approx(level[held], rel=0.25)


def test_a_study_computes_a_fit_once(problem: Problem, tmp_path) -> None:
    two = problem.chosen(problem.fold < 2)
    tiny = replace(TINY, generations=0)
    jobs = jobs_of([two], {two.name: made_up.RANGES}, tiny, all_too=False)
    told: list[tuple[int, int]] = []
    outcome = run_study([two], jobs, tmp_path, on_job=lambda *now: told.append(now))
    assert told == [(i, 2) for i in range(3)]
    again = run_study([two], jobs, tmp_path, on_job=lambda *now: told.append(now))
    assert told[3:] == [(2, 2)]
    assert set(outcome.scores()) == set(MODELS)
    for name, found in outcome.scores("passenger").items():
        assert found == again.scores("passenger")[name]
        assert np.isfinite(found.error), name


def test_more_capacity_shortens_waits(problem: Problem) -> None:
    fixed = {name: (value, value) for name, value in vars(made_up.TRUE).items()}
    result = work(FitJob(problem, ALL, {**fixed, "theta_min": (29.0, 31.0)}, TINY))
    relief = result["relief"]
    # Where everyone waits, the wait falls by theta x ln 1.1 = 2.9 min of the mean.
    assert relief["wait"] * np.average(problem.mean_min, weights=problem.lane_h) == pytest.approx(
        -2.9, abs=0.6
    )
    assert relief["wait"] < relief["wait_slowed"] < 0.0 < relief["entries"]


def test_ranges_must_be_whole(tmp_path) -> None:
    path = tmp_path / "ranges.csv"
    path.write_text("problem,parameter,low,high\nx.general,kappa,1,2\n")
    with pytest.raises(TableError, match=r"no range of theta_min for x\.general"):
        load_ranges(path)
    path.write_text("problem,parameter,low,high\nx.general,kapa,1,2\n")
    with pytest.raises(TableError, match="kappa"):
        load_ranges(path)
    path.write_text("problem,parameter,low,high\nx.general,kappa,3,2\n")
    with pytest.raises(TableError, match="high 2 lies below low 3"):
        load_ranges(path)
