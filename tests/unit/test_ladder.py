"""The scenario ladder: room for labels, and which of many runs have one."""

from __future__ import annotations

import numpy as np
import pytest

from sim.plots.labels import CHAR_PX
from sim.plots.ladder import WIDTH_PX, ladder, unbeaten


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
    start, end = ladder(rows, "Simulated.", "a year").layout.xaxis.range
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
    figure = ladder(rows, "Simulated: 12 replications.", "a year")
    assert f"run {count - 1}, 300 kg for 50 million USD more" in figure.layout.meta["title"]
    assert "hold together" in figure.layout.meta["footer"]
    assert sum(len(trace.x) for trace in figure.data) == count + 1
    labelled = [text for trace in figure.data[:-1] for text in trace.text if text]
    assert (len(labelled) == count) is (count == 2)


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
    faint, strong, _ = ladder(rows, "Simulated.", "a year").data
    assert list(strong.text) == ["run 0", "run 12", "run 24"]
    assert not any(faint.text)
    assert len(faint.x) == count - 3
    assert faint.opacity < strong.opacity
