"""The heat map of a sweep: what a cell says, what the title claims, what stays white."""

from __future__ import annotations

import numpy as np

from sim.plots.grid import Axes, sweep_grid

AXES = Axes("officers", "exporters enrolled", "Fentanyl delivered", "kg pure")


def cells(*rows: tuple[float, float, float, float, float, str]) -> dict[str, np.ndarray]:
    return {
        n: np.array(c)
        for n, c in zip(("x", "y", "change", "low", "high", "verdict"), zip(*rows, strict=True), strict=True)
    }


SWEEP = cells(
    (0, 0.0, 0, np.nan, np.nan, ""),
    (1000, 0.0, -60, -90, -30, "less"),
    (0, 0.5, -400, -1000, 200, "cannot tell"),
    (1000, 0.5, -130, -170, -90, "less"),
)


def test_a_cell_that_cannot_be_told_is_white_however_large_it_looks() -> None:
    figure = sweep_grid(SWEEP, AXES, "Simulated.")
    assert figure.data[0].z.tolist() == [[0, -60], [0, -130]]
    assert figure.layout.meta["title"].startswith("Fentanyl delivered: 130 kg pure less a year at most")
    assert "1000 and exporters enrolled 0.5" in figure.layout.meta["title"]
    assert "cannot be told" in figure.layout.meta["subtitle"]


def test_the_words_have_intervals_and_name_the_reference() -> None:
    figure = sweep_grid(SWEEP, AXES, "Simulated.")
    texts = [annotation.text for annotation in figure.layout.annotations]
    assert "reference" in texts
    assert "<b>-130</b><br>[-170, -90]" in texts
    assert "1000 and 0.5: -130 [-170, -90]" in figure.layout.meta["alt"]


def test_nothing_told_is_said_and_a_cell_not_run_stays_empty() -> None:
    figure = sweep_grid(cells((0, 0, 0, np.nan, np.nan, ""), (1, 2, 5, -5, 15, "cannot tell")), AXES, "")
    assert "no cell can be told" in figure.layout.meta["title"]
    assert np.isnan(figure.data[0].z[0][1])
    assert np.isnan(figure.data[0].z[1][0])
