"""Calibration as a result, on made-up years: some in which the record is what a set expects, some not."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.cli.main import main
from sim.core.errors import ConfigError, TableError
from sim.core.tables import Table
from sim.measures.official import fiscal_months, official_year
from sim.report.result import Result
from sim.run.ensemble import ensemble
from sim.run.plan import Replications
from sim.scenario import Scenario, load_scenario
from sim.study.calibration.record import PLACES, observed_year
from sim.study.calibration.result import calibrate, write_sets
from sim.study.calibration.sets import BETWEEN, DEMAND, DETECTION
from tests.fixtures import made_up_world
from tests.fixtures.composed import composed

YEAR = fiscal_months(2022)
LB_PER_KG = 1 / 0.45359237
PORTS = ("san_diego", "tucson", "el_paso", "laredo")


def made_up_year(
    scenario: Scenario, seed: int, replication: int, parameter_set: int = 0, excess: float = 1.0
) -> dict[str, Table]:
    """Return a year whose seizures are Poisson about loads times detection; ``excess`` spoils the loads."""
    random = np.random.default_rng((seed, replication))
    route, load, screening = (
        scenario.settings.chain.route, scenario.settings.chain.load, scenario.settings.border.screening,
    )  # fmt: skip
    ports = sum(share * screening.detection_prob(mode) for mode, share in route.mode_share.items())
    rows: list[tuple[str, str, str, float]] = []
    for place in PLACES:
        own = ports if place in PORTS else scenario.settings.chain.off_port[place].detection_prob
        events = random.poisson(excess * route.loads_per_year[place] * own / 12, 12)
        pounds = events * load.gross_kg[place] * LB_PER_KG * random.lognormal(-0.125, 0.5, 12)
        rows += [("seizure_events", place, month, n) for month, n in zip(YEAR, events, strict=True)]
        rows += [("seized_gross_lb", place, month, lb) for month, lb in zip(YEAR, pounds, strict=True)]
    measure, place, month, value = zip(*rows, strict=True)
    number = np.full(len(rows), replication, dtype=np.int32)
    measures = {
        "replication": number, "parameter_set": np.zeros_like(number),
        "month": np.array(month, dtype=object), "measure": np.array(measure, dtype=object),
        "place": np.array(place, dtype=object), "layer": np.full(len(rows), "observed", dtype=object),
        "value": np.array(value, dtype=np.float64),
    }  # fmt: skip
    return {**made_up_world.simulate(made_up_world.MadeUpScenario(), seed, replication), "measures": measures}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario(composed())


def replace_model(monkeypatch: pytest.MonkeyPatch, simulate: Callable[..., dict[str, Table]]) -> None:
    monkeypatch.setattr("sim.study.calibration.sets.ensemble", partial(ensemble, simulate=simulate))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


@pytest.fixture
def fitted(scenario: Scenario, results: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    replace_model(monkeypatch, made_up_year)
    return calibrated(scenario, results)


def calibrated(scenario: Scenario, folder: Path, **options: Any) -> Result:
    return calibrate(scenario, Replications(6, seed=3, workers=1, results=folder), candidates=10, **options)


def test_sets_that_fit_are_typed_and_agree_with_the_record(scenario, fitted, results):
    sets = fitted.table("sets")
    assert fitted.verdict == f"{len(sets)} of 10 parameter sets fit fiscal year 2022."
    assert 4 <= len(sets) <= 10
    assert [column.dtype for column in sets.columns] == ["int64", *["float64"] * (len(sets.columns) - 1)]
    units = {column.name: column.unit for column in sets.columns}
    assert units["chain.route.loads_per_year.tucson"] == "load/year"
    assert ((sets[DEMAND] >= 1000) & (sets[DEMAND] <= 9000)).all()
    record = observed_year(2022).events.sum(axis=1)
    settings = scenario.settings
    share = sum(
        mode_share * sets[DETECTION.format(mode=mode)] * settings.border.screening.modes[mode].find_prob
        for mode, mode_share in settings.chain.route.mode_share.items()
    )
    for i, place in enumerate(PLACES):
        detection = share if place in PORTS else sets[BETWEEN]
        events = sets[f"chain.route.loads_per_year.{place}"] * detection
        assert (np.abs(events - record[i]) < 4 * np.sqrt(record[i])).all()
    assert calibrated(scenario, results, keep=2).table("sets").rows() == sets.rows()[:2]


def test_the_forecast_is_scored_figure_by_figure(fitted):
    scores, months = fitted.table("forecast"), fitted.table("forecast_months")
    assert scores["quantity"].tolist() == ["events", "pounds"]
    assert len(months) == 2 * 5 * 6
    assert set(months["month"]) == set(YEAR[6:])
    assert months["inside"].dtype == np.bool_
    inside = (months["recorded"] >= months["low"]) & (months["recorded"] <= months["high"])
    assert (months["inside"] == inside).all()
    for row in scores:
        own = months["quantity"] == row["quantity"]
        assert (row["figures"], row["inside"]) == (30, months["inside"][own].sum())
        assert row["coverage"] == row["inside"] / 30
    recorded = months["recorded"][(months["quantity"] == "pounds") & (months["place"] == "laredo")]
    assert recorded.tolist() == observed_year(2022).weight_lb[PLACES.index("laredo"), 6:].tolist()


def test_a_world_with_twice_the_seizures_fits_nothing(scenario, monkeypatch, tmp_path):
    replace_model(monkeypatch, partial(made_up_year, excess=2.0))
    result = calibrated(scenario, tmp_path)
    assert result.verdict == "0 of 10 parameter sets fit fiscal year 2022."
    assert len(result.table("sets")) == 0
    assert result.verdicts[1].startswith("The forecast of events is surer than it may be: ")


def test_a_notebook_shows_what_was_asked_and_found(fitted):
    page = fitted._repr_html_()
    assert fitted.question.replace("&", "&amp;") in page
    assert all(verdict in page for verdict in fitted.verdicts)
    assert "10 parameter sets to fit the year and 10 to fit its first half, 6 years of each" in page
    assert "without queues" in fitted.provenance.sentence
    assert list(fitted.plot) == []


def test_sets_are_written_to_nine_digits_and_read_back_as_the_same(fitted, tmp_path):
    sets = fitted.table("sets")
    write_sets(sets, tmp_path / "new" / "sets.csv")
    with (tmp_path / "new" / "sets.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [{name: float(cell) for name, cell in row.items()} for row in rows] == sets.rows()
    cells = [cell for name, cell in rows[0].items() if name != "set"]
    assert cells == [f"{float(cell):.9g}" for cell in cells]
    assert cells != [f"{float(cell):.8g}" for cell in cells]


def test_the_command_shows_the_result_and_writes_its_sets(scenario, fitted, results, tmp_path, capsys):
    out = tmp_path / "sets.csv"
    words = ["--candidates", "10", "--replications", "6", "--seed", "3", "--keep", "2", "--workers", "1"]
    assert main(["study", "calibrate", *words, "--results", str(results), "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    result = calibrated(scenario, results, keep=2)
    for text in (*result.verdicts, result.provenance.sentence, f"wrote 2 parameter sets to {out}"):
        assert text in shown
    write_sets(result.table("sets"), tmp_path / "same.csv")
    assert out.read_bytes() == (tmp_path / "same.csv").read_bytes()


@pytest.mark.parametrize(
    ("changes", "years", "options", "expected"),
    [
        ({}, {}, {"candidates": 1}, "candidates must be a whole number of at least 2"),
        ({}, {}, {"candidates": 2.5}, "candidates must be a whole number of at least 2"),
        ({}, {}, {"candidates": float("nan")}, "candidates must be a whole number of at least 2"),
        ({}, {}, {"keep": 0}, "keep must be a whole number of at least 1"),
        ({}, {"count": 1}, {}, "replications must be a whole number of at least 2"),
        ({}, {"parameter_sets": 3}, {}, "parameter_sets must be 0; the study draws sets of its own"),
        ({"calendar.days": 364}, {}, {}, "baseline covers 364 days from 2021-10-01; the record is of fiscal"),
        ({"calendar.start": "2022-10-01"}, {}, {}, "baseline covers 365 days from 2022-10-01; the record"),
        ({"adversary.kind": "worst_case"}, {}, {}, "take another adversary, the record is of seizures"),
    ],
)
def test_what_cannot_be_asked_is_one_line(changes, years, options, expected, monkeypatch, tmp_path):
    def never(*_: object) -> dict[str, Table]:
        raise AssertionError("simulated before it was checked")

    replace_model(monkeypatch, never)
    asked = Replications(**{"count": 2, "workers": 1, "results": tmp_path / "results", **years})
    with pytest.raises(ConfigError, match=r"^study calibrate: ") as caught:
        calibrate(load_scenario(composed(**changes)), asked, **options)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "results").exists()


def test_the_record_is_what_the_page_of_a_run_shows():
    record = observed_year(2022)
    for place, events, pounds in zip(PLACES, record.events, record.weight_lb, strict=True):
        assert events.sum() == official_year("seizure_events", place)
        assert pounds.sum() == pytest.approx(official_year("seized_gross_lb", place))
    assert YEAR[0] == "2021-10"
    assert YEAR[-1] == "2022-09"
    with pytest.raises(
        TableError, match=r"conf/official/cbp_fentanyl\.csv: fiscal year 2030 is not whole in the record"
    ):
        observed_year(2030)
