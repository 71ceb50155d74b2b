"""Seizures beside CBP's figures: by month and by office."""

from __future__ import annotations

import numpy as np
import pytest

from sim.plots.monthly import monthly, spread
from sim.plots.seizures_by_office import seizures_by_office
from tests.fixtures import synthetic_run
from tests.fixtures.synthetic_run import INFO, MONTHS


def test_bands_hold_their_lines_and_official_marks_stand_on_their_months() -> None:
    figure = monthly(synthetic_run.measures(runs=5), INFO, synthetic_run.official())
    bands = [trace for trace in figure.data if trace.fill == "toself"]
    lines = [trace for trace in figure.data if trace.mode == "lines" and trace.fill is None]
    marks = [trace for trace in figure.data if trace.mode == "markers"]
    assert len(bands) == len(lines) == 7
    for band, line in zip(bands, lines, strict=True):
        high, low = band.y[:12], band.y[12:][::-1]
        assert (low <= line.y).all()
        assert (line.y <= high).all()
    assert len(marks) == 4
    assert all(list(mark.x) == MONTHS for mark in marks)


def test_no_official_mark_where_the_window_leaves_the_record() -> None:
    later = [f"{int(m[:4]) + 1}{m[4:]}" for m in MONTHS]
    figure = monthly(synthetic_run.measures(runs=2, months=later), INFO, synthetic_run.official())
    assert not [trace for trace in figure.data if trace.mode == "markers"]


def test_a_single_month_is_marks_with_bars_and_without_cbp_names_no_mark_of_it() -> None:
    one = synthetic_run.measures(runs=4, months=synthetic_run.MONTHS[:1])
    figure = monthly(one, INFO, None)
    lines = [trace for trace in figure.data if trace.error_y.array is not None]
    assert lines
    assert all(trace.mode == "markers" for trace in lines)
    assert all(bar > 0 for trace in lines for bar in trace.error_y.array)
    assert "CBP's monthly" not in figure.layout.title.text
    assert not any(trace.name == "CBP" for trace in seizures_by_office(one, INFO, None).data)
    assert any(trace.name == "CBP" for trace in seizures_by_office(one, INFO, synthetic_run.official()).data)


def test_one_replication_has_lines_and_no_bands() -> None:
    figure = monthly(synthetic_run.measures(runs=1), INFO)
    assert not [trace for trace in figure.data if trace.fill == "toself"]
    assert len(figure.data) == 7


@pytest.mark.parametrize("positions", [[0.0, 1.0, 2.0], [5.0, 5.0, 80.0], [0.0, 14.0, 28.0], [3.0]])
def test_labels_are_pushed_apart_and_keep_their_order(positions: list[float]) -> None:
    moved = spread(np.array(positions), 15.0)
    assert (np.diff(moved) >= 15.0 - 1e-9).all()
    if positions[0] == 5.0:
        assert moved[:2].mean() == pytest.approx(5.0)
        assert moved[2] == 80.0


def test_the_title_counts_the_official_figures_inside() -> None:
    measures, official = synthetic_run.measures(), synthetic_run.official()
    assert seizures_by_office(measures, INFO, official).layout.meta["title"].startswith("12 of 12")
    broken = {**official, "value": np.where(official["place"] == "tucson", 9.0, 1.0) * official["value"]}
    assert seizures_by_office(measures, INFO, broken).layout.meta["title"].startswith("10 of 12")


def test_one_replication_claims_no_fit() -> None:
    title = seizures_by_office(synthetic_run.measures(runs=1), INFO, synthetic_run.official()).layout.meta[
        "title"
    ]
    assert title == "Simulated seizures by place"


def test_places_keep_their_order_and_the_alternative_names_them() -> None:
    figure = seizures_by_office(synthetic_run.measures(runs=3), INFO)
    rows = figure.layout.yaxis.categoryarray[::-1]
    assert rows[:4] == ("San Diego", "Tucson", "El Paso", "Laredo")
    assert "Border Patrol" in rows[5]
    assert "San Diego" in figure.layout.meta["alt"]


def test_a_place_without_any_seizure_is_drawn() -> None:
    measures = synthetic_run.measures(runs=3)
    measures["value"] = np.where(measures["place"] == "laredo", 0.0, measures["value"])
    assert "Laredo 0 [0" in seizures_by_office(measures, INFO).layout.meta["alt"]
