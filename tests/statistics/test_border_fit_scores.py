"""The nested scores of the fit to reported delays stay in the bands around those of docs/border_fit.md."""

from __future__ import annotations

import pytest

from sim.border.traffic import class_rates
from sim.core.shipped import conf_folder
from sim.run.settings import usable_cores
from sim.study.border_fit.nested import NestedFit, jobs_of, run_study
from sim.study.border_fit.reports import TICKETED, load_problems
from sim.study.border_fit.search import FitEffort, load_ranges

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> NestedFit:
    tables = conf_folder() / "border" / "fit"
    problems = load_problems(tables, class_rates())
    jobs = jobs_of(problems, load_ranges(tables / "ranges.csv"), FitEffort(), all_too=False)
    return run_study(problems, jobs, tmp_path_factory.mktemp("border_fit"), usable_cores())


# Half of a band is about what another seed of the search moves a score by.
@pytest.mark.parametrize(
    ("mode", "without", "error", "rank", "profile"),
    [
        ("", "", (0.24, 0.34), (0.76, 0.88), (0.60, 0.70)),
        ("passenger", "", (0.12, 0.22), (0.88, 0.97), (0.70, 0.82)),
        ("commercial", "", (0.22, 0.45), (0.65, 0.86), (0.28, 0.46)),
        ("pedestrian", TICKETED[0], (0.55, 0.88), (0.45, 0.75), (0.50, 0.70)),
    ],
)
def test_scores_of_the_exact_queue(outcome, mode, without, error, rank, profile):
    found = outcome.scores(mode, without)["queue"]
    assert error[0] < found.error < error[1]
    assert rank[0] < found.rank < rank[1]
    assert profile[0] < found.profile < profile[1]


@pytest.mark.parametrize("mode", ["passenger", "commercial", "pedestrian"])
def test_the_exact_queue_beats_the_class_mean_and_the_plain_fluid_queue(outcome, mode):
    scores = outcome.scores(mode)
    assert scores["queue"].error < scores["class_mean"].error
    assert scores["queue"].rank > scores["class_mean"].rank
    assert scores["queue"].error < scores["fluid"].error


def test_the_regression_is_still_better_for_cars(outcome):
    scores = outcome.scores("passenger")
    assert scores["regression"].error < scores["queue"].error
