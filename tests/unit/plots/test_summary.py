"""Sums by run."""

from __future__ import annotations

import numpy as np
import pytest

from sim.plots.summary import by_month, months_of, official_by_month, per_year, run_index
from tests.fixtures import synthetic_run
from tests.fixtures.synthetic_run import table


def long_table() -> dict[str, np.ndarray]:
    rows: list[tuple[object, ...]] = [
        (0, 0, "2021-10", "seizure_events", "ports", "observed", 3.0),
        (0, 0, "2021-11", "seizure_events", "ports", "observed", 5.0),
        (1, 0, "2021-10", "seizure_events", "ports", "observed", 4.0),
        (0, 1, "2021-10", "seizure_events", "mail", "observed", 9.0),
    ]
    return table(("replication", "parameter_set", "month", "measure", "place", "layer", "value"), rows)


def test_a_missing_row_is_a_zero_and_a_run_is_a_set_and_a_replication() -> None:
    values = by_month(long_table(), "seizure_events", "ports")
    assert values.shape == (3, 2)
    assert sorted(values.sum(axis=1).tolist()) == [0.0, 4.0, 8.0]


def test_runs_without_a_parameter_set_are_replications() -> None:
    index, runs = run_index({"replication": np.array([4, 4, 9])})
    assert (index.tolist(), runs) == ([0, 0, 1], 2)
    assert run_index({"replication": np.zeros(0, dtype=np.int32)})[1] == 0


def test_a_short_window_stays_a_total() -> None:
    assert per_year(12) == (1.0, "per year")
    assert per_year(36) == (pytest.approx(1 / 3), "per year")
    assert per_year(1) == (1.0, "in 1 month")
    assert per_year(3) == (1.0, "in 3 months")


def test_official_figures_need_every_month_of_the_window() -> None:
    official = synthetic_run.official()
    months = months_of(synthetic_run.measures(runs=1))
    series = official_by_month(official, "seizure_events", "ports", months)
    assert series is not None
    assert series.shape == (12,)
    assert official_by_month(official, "seizure_events", "ports", [*months, "2022-10"]) is None
    assert official_by_month(official, "price_index", "all", months) is None
    assert official_by_month(None, "seizure_events", "ports", months) is None
