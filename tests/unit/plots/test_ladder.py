"""The scenario ladder: room for labels, and which of many runs have one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.plots.labels import CHAR_PX
from sim.plots.ladder import REFERENCE, WIDTH_PX, ladder, unbeaten
from sim.study.compare import sentences


def labels(figure: Any) -> list[str]:
    """Return the labels of runs, those of the reference and the footer left out."""
    return [one.text for one in figure.layout.annotations if one.bgcolor and one.text != REFERENCE]


def test_the_ladder_has_room_for_the_label_of_the_dearest_run() -> None:
    run = "scanning=150 port_staffing=4000 chemical_outreach=0.5"
    rows = {
        "run": np.array(["scanning=75", run]),
        "cost": np.array([1e7, 2e8]),
        "change": np.array([-20.0, -60.0]),
        "low": np.array([-40.0, -90.0]),
        "high": np.array([5.0, -30.0]),
        "verdict": np.array(["cannot tell yet", "better"]),
    }
    start, end = ladder(rows, "", "Simulated.", "a year").layout.xaxis.range
    assert (end - 200.0) / (end - start) * WIDTH_PX > CHAR_PX * len(run)
    assert start < 0.0


@pytest.mark.parametrize("count", [2, 40])
def test_the_ladder_names_the_run_that_delivers_least(count: int) -> None:
    change = np.linspace(10.0, -300.0, count)
    rows = {
        "run": np.array([f"run {i}" for i in range(count)]),
        "cost": np.linspace(0.0, 5e7, count),
        "change": change,
        "low": change - 20.0,
        "high": change + 20.0,
        "verdict": np.where(change < -20.0, "better", "cannot tell yet"),
    }
    title = sentences.ladder(rows)
    assert f"run {count - 1}, 300 kg for 50 million USD more" in title
    figure = ladder(rows, title, "Simulated: 12 replications.", "a year")
    assert figure.layout.meta["title"] == title
    assert "hold together" in figure.layout.meta["footer"]
    assert sum(len(trace.x) for trace in figure.data) == count + 1
    assert (len(labels(figure)) == count) is (count == 2)


def test_of_many_runs_the_ladder_names_those_that_none_beats() -> None:
    cost = np.array([1.0, 2.0, 3.0, 4.0, 0.0, 2.0])
    change = np.array([-5.0, -3.0, -9.0, -9.0, 1.0, -5.0])
    assert unbeaten(cost, change).tolist() == [True, False, True, False, False, False]
    count = 30
    cost, change = np.linspace(1e6, 9e7, count), np.full(count, -10.0)
    change[[0, 12, 24]] = -20.0, -50.0, -90.0
    rows = {
        "run": np.array([f"run {i}" for i in range(count)]),
        "cost": cost,
        "change": change,
        "low": change - 20.0,
        "high": change + 20.0,
        "verdict": np.full(count, "cannot tell yet"),
    }
    figure = ladder(rows, "", "Simulated.", "a year")
    faint, strong, _ = figure.data
    assert labels(figure) == ["run 0", "run 12", "run 24"]
    assert len(faint.x) == count - 3
    assert faint.opacity < strong.opacity


def test_no_bar_strikes_through_a_label_wherever_it_has_to_stand() -> None:
    """Bars in a row leave a label no free place: each stands on a plate that covers what lies behind."""
    count = 8
    rows = {
        "run": np.array([f"port_staffing={i} chemical_outreach=0.5" for i in range(count)]),
        "cost": np.linspace(0.0, 2e7, count),
        "change": np.linspace(30.0, -30.0, count),
        "low": np.full(count, -100.0),
        "high": np.full(count, 100.0),
        "verdict": np.full(count, "cannot tell yet"),
    }
    figure = ladder(rows, "", "Simulated.", "a year")
    assert len(labels(figure)) > 1
    assert all(not getattr(trace, "text", None) for trace in figure.data)
    placed = {one.text: one for one in figure.layout.annotations if one.bgcolor}
    for trace in figure.data:
        label = placed.get(trace.name)
        if label is not None:
            assert (label.x, label.y) == (trace.x[0], trace.y[0])
            assert max(abs(label.xshift), abs(label.yshift)) > 6.0  # off the mark, which is 12 px wide
