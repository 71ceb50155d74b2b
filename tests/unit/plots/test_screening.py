"""What layers found in a run: bars are the means of the measures, whiskers those of a further year."""

from __future__ import annotations

import numpy as np
import pytest

from sim.plots.screening import screening_by_layer
from sim.stats.intervals import prediction_interval
from tests.fixtures.synthetic_run import INFO

MONTHS = tuple(
    f"{year}-{month:02d}"
    for year, month in [*((2021, m) for m in (10, 11, 12)), *((2022, m) for m in range(1, 10))]
)
FOUND = {"scanner": [20, 24, 16], "officer": [6, 3, 9]}
COUNTS = {
    "loads_alarmed": {"scanner": [30, 30, 30], "officer": [12] * 3, "all": [42] * 3, "passenger": [42] * 3},
    "alarms_found": {**FOUND, "all": [26, 27, 25], "passenger": [26, 27, 25]},
    "alarms_cleared": {
        "scanner": [10, 6, 14], "officer": [6, 9, 3], "all": [16, 15, 17], "passenger": [16, 15, 17],
    },
    "alarms_overlooked": {"all": [0, 0, 0]},
    "loads_without_alarm": {"all": [158, 133, 183], "passenger": [158, 133, 183]},
    "loads_screened": {"all": [200, 175, 225], "passenger": [200, 175, 225]},
}  # fmt: skip


def table(runs: int = 3) -> dict[str, np.ndarray]:
    """Return the long table: everything happened in the first month."""
    rows = [
        (run, month, measure, place, values[run] if month == MONTHS[0] else 0.0)
        for measure, places in COUNTS.items()
        for place, values in places.items()
        for run in range(runs)
        for month in MONTHS
    ]
    names = ("replication", "month", "measure", "place", "value")
    columns = {name: np.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
    return {**columns, "layer": np.full(len(rows), "latent")}


def test_bars_are_means_and_whiskers_a_further_year() -> None:
    figure = screening_by_layer(table(), INFO)
    bars = {(trace.name, trace.xaxis): trace for trace in figure.data if trace.type == "bar"}
    found = bars["found (observed)", "x"]
    assert dict(zip(found.y, found.x, strict=True)) == {"Scanner": 20.0, "Officer": 6.0}
    assert list(bars["alarm, and secondary let it go (latent)", "x"].x) == [10.0, 6.0]
    whole = [bars[name, axis].x[0] for name, axis in bars if axis == "x2"]
    assert whole == pytest.approx([26 / 200, 16 / 200, 158 / 200])
    (whiskers, _) = (trace for trace in figure.data if trace.type == "scatter")
    year = prediction_interval(np.array(FOUND["scanner"], dtype=float))
    assert whiskers.x[0] + whiskers.error_x.array[0] == pytest.approx(float(year.high))
    assert whiskers.x[0] - whiskers.error_x.arrayminus[0] == pytest.approx(float(year.low))


def test_words_tell_the_same() -> None:
    meta = screening_by_layer(table(), INFO).layout.meta
    assert meta["title"] == "13% of the loads that come to be screened are found; on 79% no layer alarms"
    assert "Scanner: 20" in meta["alt"]
    assert "found of 30 alarms" in meta["alt"]
    assert "a long line let it pass" not in meta["alt"]


def test_one_run_has_no_whiskers() -> None:
    figure = screening_by_layer(table(runs=1), INFO)
    assert not [trace for trace in figure.data if trace.type == "scatter"]


def test_a_run_without_loads_at_ports_is_drawn() -> None:
    rows = table()
    quiet = {name: column[rows["place"] == "all"] for name, column in rows.items()}
    quiet["value"] = np.zeros(len(quiet["month"]))
    assert screening_by_layer(quiet, INFO).layout.meta["title"] == "No load came"
