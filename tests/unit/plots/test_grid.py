"""The heat map of a sweep: what a cell says, what the title claims, what stays white."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from sim.plots.grid import Axes, sweep_grid
from sim.report import theme

AXES = Axes(
    ("Port staffing", "officer"),
    ("Chemical outreach", ""),
    "Fentanyl delivered",
    "kg pure",
    "a year",
    "sweep_delivered",
)
OPEN, SMALL = "cannot tell yet", "no difference that matters"


def cells(*rows: tuple[float, float, float, str, str, str]) -> dict[str, np.ndarray]:
    names = ("x", "y", "change", "text", "span", "verdict")
    return {name: np.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


SWEEP = cells(
    (0, 0.0, 0, "4,070", "", "base"),
    (1000, 0.0, -60, "-60.0", "[-90.0, -30.0]", "better"),
    (2000, 0.0, -20, "-20.0", "[-40.0, +1.00]", SMALL),
    (0, 0.5, -400, "-400", "[-1,000, +200]", OPEN),
    (1000, 0.5, -130, "-130", "[-170, -90.0]", "better"),
)


def grounds(figure: go.Figure) -> list[str]:
    return [shape.fillcolor for shape in figure.layout.shapes]


def test_only_a_clear_difference_is_coloured_however_large_another_looks() -> None:
    figure = sweep_grid(SWEEP, AXES, "What it does", "Simulated.")
    none = np.nan
    assert figure.data[0].z == pytest.approx(np.array([[none, -60, none], [none, -130, none]]), nan_ok=True)
    assert figure.data[0].zmax == 130
    assert grounds(figure) == [theme.PAPER, theme.PAPER, theme.GRID, theme.PAPER, theme.PAPER]
    assert figure.layout.meta["title"] == "What it does"


def test_the_words_have_verdict_and_interval_and_name_the_base() -> None:
    figure = sweep_grid(SWEEP, AXES, "What it does", "Simulated.")
    texts = [annotation.text for annotation in figure.layout.annotations]
    assert "<b>base</b><br>4,070 kg pure" in texts
    assert "<b>-130</b><br>[-170, -90.0]<br>better" in texts
    assert "<b>-400</b><br>[-1,000, +200]<br>cannot tell yet" in texts
    assert "1,000 and 0.5: -130 [-170, -90.0] better" in figure.layout.meta["alt"]
    assert figure.layout.xaxis.title.text == "Port staffing (officer)"
    assert "hold together" in figure.layout.meta["footer"]


def test_nothing_told_is_said_and_a_cell_not_run_stays_empty() -> None:
    few = cells((0, 0, 0, "1", "", "base"), (1, 2, 5, "+5.00", "[-5.00, +15.0]", OPEN))
    figure = sweep_grid(few, AXES, "What it does", "")
    assert not figure.data[0].showscale
    assert np.isnan(figure.data[0].z).all()
    assert len(figure.layout.shapes) == 2
