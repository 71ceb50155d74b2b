"""The invented crossing as a result: typed tables, verdicts, figures on demand; the command shows it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sim.border.single.crossing import SingleCrossing, single_crossing
from sim.border.single.summary import simulate_border
from sim.cli.main import main
from sim.core.errors import ConfigError, StoreError
from sim.report.export import HOW
from sim.report.tables import TextTable
from sim.store.columns import COLUMNS
from sim.store.parquet import read_table
from sim.study.single_crossing import crossing, crossing_frontier, write_crossing

SHORT: dict[str, Any] = {
    "name": "Ten <Mile>", "arrivals_per_h": 60, "lanes": 2, "service_s": 60, "days": 3, "warmup_days": 1,
    "replications": 4,
}  # fmt: skip
LAYERED: dict[str, Any] = {
    **SHORT,
    "screening": {
        "scanner": {"coverage": 0.5, "sensitivity": 0.8, "false_alarm_prob": 0.02, "seconds": 10},
        "officer": {"coverage": 1, "sensitivity": 0.1, "false_alarm_prob": 0.1, "seconds": 0},
    },
    "secondary": {"mean_min": 10, "bays": 5},
    "loads": {"per_day": 30, "find_prob": 0.8},
}


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.report.export.find_browser", lambda: None)


@pytest.fixture(scope="module")
def layered() -> SingleCrossing:
    return single_crossing(LAYERED)


def test_tables_are_those_of_the_model(layered: SingleCrossing) -> None:
    result, model = crossing(layered), simulate_border(layered)
    for name in ("hours", "outcomes"):
        table = result.table(name)
        assert table.columns == COLUMNS[f"single_crossing_{name}"]
        for column in table.columns:
            assert table[column.name].dtype == np.dtype(object if column.dtype == "str" else column.dtype)
    assert (result.table("hours")["wait_min"] == model.hours["wait_min"]).all()
    rows = {row["outcome"]: row for row in result.table("outcomes")}
    assert list(rows) == [row.name for row in model.outcomes]
    share = rows["detection_share"]
    assert (share["mean"], share["low"], share["layer"]) == (
        model["detection_share"].mean, model["detection_share"].low, "latent",
    )  # fmt: skip


def test_verdicts_name_the_longest_wait_and_what_is_found(layered: SingleCrossing) -> None:
    border = single_crossing(LAYERED, arrivals_per_h=[20] * 12 + [115] * 2 + [20] * 10)
    wait, finds = crossing(border).verdicts
    assert "the wait is longest at 13:00" in wait
    share = simulate_border(border)["detection_share"]
    assert finds.startswith(f"{share.mean:.0%} [{share.low:.0%}, {share.high:.0%}] of the loads are found")


def test_without_loads_nothing_is_said_of_finds() -> None:
    result = crossing(single_crossing(SHORT))
    assert result.question == "How long do vehicles wait at Ten <Mile>?"
    assert len(result.verdicts) == 1
    assert list(result.plot) == ["day"]
    nobody = crossing(single_crossing(SHORT, arrivals_per_h=0))
    assert nobody.verdicts == ("Nobody comes.",)


def test_a_notebook_shows_verdicts_tables_and_source(layered: SingleCrossing) -> None:
    page = crossing(layered)._repr_html_()
    for text in ("minutes on average", "<th", "wait_p90_min", "first alarm, what officers see", "invented"):
        assert text in page
    assert "Ten <Mile>" not in page, "a name is no markup"


def test_figures_are_drawn_on_demand_with_their_source(
    layered: SingleCrossing, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    monkeypatch.setattr("sim.study.single_crossing_day.screened", lambda border: drawn.append(1))
    result = crossing(layered)
    assert list(result.plot) == ["day", "screening"]
    assert not drawn
    monkeypatch.undo()
    assert result.plot.day().layout.meta["slug"] == "day"
    figure = result.plot.screening()
    bars = {(trace.name, trace.xaxis): trace for trace in figure.data if trace.type == "bar"}
    values = {row["outcome"]: row["mean"] for row in result.table("outcomes")}
    found = bars["found (observed)", "x"]
    assert list(found.y) == ["Scanner", "Officer"]
    assert found.x[0] == pytest.approx(values["scanner.finds_per_day"])
    whole = [trace.x[0] for (_, axis), trace in bars.items() if axis == "x2"]
    assert sum(whole) == pytest.approx(1.0)
    assert whole[-1] == pytest.approx(values["loads_without_alarm_share"])
    assert f"{values['detection_share']:.0%} of the loads" in figure.layout.meta["title"]
    assert "none is measured or taken from a real crossing" in str(figure.layout.to_plotly_json())


def test_files_read_back_as_the_result(layered: SingleCrossing, tmp_path: Path) -> None:
    result = crossing(layered)
    written = write_crossing(result, layered, tmp_path / "out")
    names = ["single_crossing_hours.parquet", "single_crossing_outcomes.parquet"]
    assert [path.name for path in written.paths] == [*names, "day.html", "screening.html", "manifest.json"]
    assert written.missing == HOW
    manifest = json.loads(written.paths[-1].read_text(encoding="utf-8"))
    assert set(manifest["files"]) == set(names)
    assert single_crossing(manifest["crossing"]) == layered, "the manifest does not give the crossing again"
    for name, path in zip(("hours", "outcomes"), written.paths, strict=False):
        back = read_table(f"single_crossing_{name}", [path])
        for column in result.table(name).columns:
            assert back[column.name].tolist() == pytest.approx(
                result.table(name)[column.name].tolist(), nan_ok=True
            )
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot write here"):
        write_crossing(result, layered, tmp_path / "file")


def test_a_frontier_says_what_scanning_buys(layered: SingleCrossing) -> None:
    many = single_crossing(layered.model_dump(exclude_none=True), replications=12, days=7)
    result = crossing_frontier(many, [0.0, 1.0], [0, 1])
    points = result.table("frontier")
    assert points.columns == COLUMNS["single_crossing_frontier"]
    assert points["staffing_added"].tolist() == [0, 1, 0, 1]
    found = [f"{share:.0%}" for share in points["detection_share"][[2, 0]]]
    expected = f"Scanning 100% instead of 0% finds {found[0]} of loads, not {found[1]}; the wait goes from "
    assert result.verdict.startswith(expected)
    assert f"{result.plot.frontier().layout.meta['title']}." == result.verdict
    assert result._repr_html_().count("<tr>") == 5


def test_intervals_that_overlap_leave_it_open(layered: SingleCrossing) -> None:
    near = crossing_frontier(layered, [0.5, 0.55], [0])
    assert near.verdict.startswith("Cannot tell whether scanning 55% instead of 50% finds more loads")
    (alone,) = crossing_frontier(layered, [0.5], [0, 1]).verdicts
    assert alone.startswith("Scanning 50% finds ")


def test_a_frontier_needs_scanner_and_loads() -> None:
    with pytest.raises(ConfigError, match=r"a frontier needs border\.screening\.scanner and border\.loads"):
        crossing_frontier(single_crossing(SHORT))


@pytest.mark.parametrize("frontier", [False, True])
def test_the_command_shows_and_writes_the_same(
    frontier: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {**LAYERED, "frontier": {"scanned": [0, 1], "lanes_added": [1]}}
    file, out = tmp_path / "crossing.yaml", tmp_path / "out"
    file.write_text(yaml.safe_dump(given))
    result = (crossing_frontier if frontier else crossing)(single_crossing(given))
    assert main(["border", str(file), "--out", str(out), *(["--frontier"] if frontier else [])]) == 0
    shown = capsys.readouterr().out
    assert all(verdict in shown for verdict in result.verdicts)
    assert result.provenance.sentence in shown
    heads = [head for part in result.text if isinstance(part, TextTable) for head in part.heads]
    assert all(head in shown for head in heads)
    for name, table in result.tables.items():
        back = read_table(f"single_crossing_{name}", [out / f"single_crossing_{name}.parquet"])
        for column in table.columns:
            np.testing.assert_array_equal(back[column.name], table[column.name])


def test_a_folder_that_cannot_be_written_is_found_out_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "crossing.yaml").write_text(yaml.safe_dump(SHORT))
    (tmp_path / "taken").write_text("")
    assert main(["border", str(tmp_path / "crossing.yaml"), "--out", str(tmp_path / "taken")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "cannot write here" in err
