"""From monthly measures to a year: sums, means and ratios, each run apart."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.measures.registry import MeasureInfo
from sim.report.yearly import add_up, outcome_of

KNOWN = {
    "seized": MeasureInfo(label="s", unit="kg", layer="latent", over_months="sum", margin=1.0),
    "sent": MeasureInfo(label="t", unit="kg", layer="latent", over_months="sum", margin=1.0),
    "price": MeasureInfo(label="p", unit="1", layer="latent", over_months="mean", margin=1.0),
    "share": MeasureInfo(
        label="r", unit="1", layer="latent", over_months="ratio", of=["seized", "sent"], margin=1.0
    ),
}


def _table(rows):
    names = ("parameter_set", "replication", "measure", "place", "value")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    return {
        name: np.array(values, dtype=object if name in ("measure", "place") else None)
        for name, values in columns.items()
    }


def _run(parameter_set, replication, seized, sent):
    rows = []
    for month in range(2):
        for name, value in (
            ("seized", seized[month]),
            ("sent", sent[month]),
            ("share", math.nan),
            ("price", 1 + month),
        ):
            rows.append((parameter_set, replication, name, "all", float(value)))
    return rows


MEASURES = _table(_run(0, 0, (1, 2), (10, 20)) + _run(0, 1, (3, 3), (0, 20)) + _run(1, 0, (0, 9), (10, 20)))


def test_a_ratio_is_the_ratio_of_the_sums():
    runs = add_up(MEASURES, days=365, known=KNOWN)
    np.testing.assert_allclose(runs.central("share", "all"), [3 / 30, 6 / 20])
    np.testing.assert_allclose(runs.others("share", "all"), [9 / 30])


def test_sums_and_means():
    runs = add_up(MEASURES, days=365, known=KNOWN)
    assert runs.central("seized", "all").tolist() == [3.0, 6.0]
    assert runs.central("price", "all").tolist() == [1.5, 1.5]


def test_a_window_of_several_years_is_given_a_year():
    three = add_up(MEASURES, days=1095, known=KNOWN)
    assert three.central("seized", "all").tolist() == [1.0, 2.0]
    assert three.central("price", "all").tolist() == [1.5, 1.5]
    np.testing.assert_allclose(three.central("share", "all"), [3 / 30, 6 / 20])


def test_a_ratio_without_denominator_is_undefined():
    rows = _run(0, 0, (0, 0), (0, 0))
    runs = add_up(_table(rows), days=365, known=KNOWN)
    assert math.isnan(runs.central("share", "all")[0])


def test_an_outcome_keeps_the_two_kinds_of_uncertainty_apart():
    outcome = outcome_of(add_up(MEASURES, days=365, known=KNOWN), "seized", "all", KNOWN["seized"])
    assert outcome.mean == 4.5
    assert outcome.monte_carlo.known
    assert not outcome.parameter.known
    assert "1 parameter set" in outcome.parameter.reason


@pytest.mark.parametrize("days", [14, 365, 366])
def test_a_year_or_less_is_not_scaled(days):
    assert add_up(MEASURES, days=days, known=KNOWN).central("seized", "all").tolist() == [3.0, 6.0]


def test_the_ends_of_a_level_are_what_the_quantity_can_be() -> None:
    rows = [row for i, kg in enumerate((0.0, 0.0, 400.0)) for row in _run(0, i, (kg, kg), (500.0, 500.0))]
    runs = add_up(_table(rows), 60, KNOWN)
    assert outcome_of(runs, "seized", "all", KNOWN["seized"]).monte_carlo.low == 0.0
    signed = KNOWN["seized"].model_copy(update={"signed": True})
    assert outcome_of(runs, "seized", "all", signed).monte_carlo.low < 0.0
    share = KNOWN["share"].model_copy(update={"unit": "share of mass sent"})
    ends = outcome_of(runs, "share", "all", share).monte_carlo
    assert (ends.low, ends.high) == (0.0, 1.0)
