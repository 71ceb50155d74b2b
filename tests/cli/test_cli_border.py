"""``sim border``: a table on the terminal, files where they are asked for, one line for a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.border.single.crossing import read_single_crossing
from sim.cli.main import main
from sim.core.shipped import conf_folder

CROSSING = "name: Ten Mile\narrivals_per_h: 60\nlanes: 2\nservice_s: 60\ndays: 2\nreplications: 3\n"


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.report.export.find_browser", lambda: None)


def _file(tmp_path: Path) -> str:
    path = tmp_path / "crossing.yaml"
    path.write_text(CROSSING)
    return str(path)


def test_table_by_hour_and_outcomes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["border", _file(tmp_path), "lanes=3", "--out", str(tmp_path / "out")]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert lines[0].startswith("Ten Mile: 2 days after 7 of warm-up, 3 replications, seed 1")
    assert [line.split()[1] for line in lines if line[2:5] == ":00"] == ["3"] * 24
    assert any(line.startswith("wait_p90_min ") for line in lines)
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {
        "single_crossing_hours.parquet",
        "single_crossing_outcomes.parquet",
        "day.html",
    }


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["lanes=0"], "border.lanes: no lane is open all day, but 1440 vehicles come"),
        (["lane=1"], "unknown key 'lane' (did you mean 'lanes'?)"),
        (["lanes"], "lanes: not an override; write key=value"),
        ([f"lanes={[2] * 24 + [0] * 24 + [2] * 120}"], "no lane is open on Tuesday, but 1440 vehicles come"),
        (["service_s=.nan"], "border.service_s: input should be a finite number (got nan)"),
        ([f"arrivals_per_h={[60] * 23}"], "border.arrivals_per_h: 23 values; give one number, 24 by hour"),
        ([f"arrivals_per_h={[60] * 25}"], "border.arrivals_per_h: 25 values; give one number, 24 by hour"),
        (["service_s=0"], "border.service_s: input should be greater than 0 (got 0)"),
        (["lanes_max=1"], "border.lanes: 2 lanes at 00:00, but lanes_max is 1"),
        (
            ["screening.scanner={coverage: 1.5, sensitivity: 1, false_alarm_prob: 0, seconds: 9}"],
            "border.screening.scanner.coverage: input should be less than or equal to 1 (got 1.5)",
        ),
        (["--frontier"], "a frontier needs border.screening.scanner and border.loads"),
        (["--outt", "x"], "unrecognized arguments"),
    ],
)
def test_a_mistake_costs_one_line(
    arguments: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["border", _file(tmp_path), *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("sim: ")
    assert err.count("\n") == 1
    assert expected in err


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["border", "absent.yaml"]) == 2
    assert capsys.readouterr().err == "sim: absent.yaml: there is no such file\n"


LAYERS = """
screening:
  scanner: {coverage: 0, sensitivity: 0.8, false_alarm_prob: 0.05, seconds: 20}
  officer: {coverage: 1, sensitivity: 0.1, false_alarm_prob: 0.05, seconds: 0}
secondary: {mean_min: 5, bays: 3}
loads: {per_day: 20, find_prob: 0.8}
frontier: {scanned: [0, 0.5], lanes_added: [0, 1]}
"""


def _layered(tmp_path: Path) -> str:
    path = tmp_path / "layered.yaml"
    path.write_text(CROSSING + LAYERS)
    return str(path)


def test_layers_stand_in_two_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["border", _layered(tmp_path), "--out", str(tmp_path / "out")]) == 0
    lines = capsys.readouterr().out.splitlines()
    for words in ("what officers see of it", "what the model knows of it"):
        head = lines.index(f"first alarm, {words}") + 1
        assert [line.split()[0] for line in lines[head + 1 : head + 3]] == ["scanner", "officer"]
    assert (tmp_path / "out" / "screening.html").is_file()


def test_frontier_is_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "border",
        _layered(tmp_path),
        "frontier.lanes_added=[0]",
        "--frontier",
        "--out",
        str(tmp_path / "out"),
    ]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines[2:4]] == [["0.0%", "0.0%", "+0"], ["50.0%", "50.0%", "+0"]]
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"single_crossing_frontier.parquet", "frontier.html", "plotly.min.js", "manifest.json"}
    assert lines[-1].startswith("no PNG and SVG: no Chromium found")


def test_changes_may_stand_behind_an_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    levels = "frontier={scanned: [1], lanes_added: [1]}"
    printed = []
    for words in ([levels, "--frontier"], ["--frontier", levels]):
        assert main(["border", _layered(tmp_path), *words]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ("loads=null", "a frontier needs border.screening.scanner and border.loads"),
        ("frontier={scanned: [], lanes_added: [0]}", "border.frontier: name at least one level"),
        ("frontier={scanned: [1.5], lanes_added: [0]}", "border.frontier.scanned.0: input should be less"),
        ("frontier={scanned: [0], lanes_added: [-1]}", "frontier at 0% scanned, -1 lanes: border.lanes: 24"),
        ("lanes_max=2", "frontier at 0% scanned, +1 lanes: border.lanes: 3 lanes at 00:00, but lanes_max is"),
    ],
)
def test_levels_that_cannot_be_cost_one_line(
    levels: str, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["border", _layered(tmp_path), "--frontier", levels]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert expected in err


@pytest.mark.parametrize("name", ["San Ysidro", "san_ysidro", "250401"])
def test_a_real_crossing_has_no_frontier(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["border", name, "--frontier"]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"sim: {name}: a real crossing is never joined with loads or detection")
    assert err.count("\n") == 1


def test_a_real_name_over_invented_loads_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["border", _layered(tmp_path), "name=San Ysidro"]) == 2
    assert "border.name: San Ysidro: a real crossing is never joined" in capsys.readouterr().err
    # Lawful traffic alone tells nothing of loads.
    assert read_single_crossing(Path(_file(tmp_path)), ["name=San Ysidro"]).name == "San Ysidro"


def test_a_border_of_a_run_that_cannot_be_costs_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Which values cannot be is tested where the settings are."""
    path = "border.screening.modes.passenger.secondary_min"
    assert main(["run", "run=smoke", f"{path}=nan"]) == 2
    assert capsys.readouterr() == ("", f"sim: {path}: input should be a finite number (got nan)\n")


def test_two_surges_of_one_office_may_not_overlap(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    levers = tmp_path / "lever"
    levers.mkdir()
    (levers / "second_surge.yaml").write_text((conf_folder() / "lever" / "surge.yaml").read_text())
    dates = {"surge": ("2022-01-01", "2022-04-01"), "second_surge": ("2022-03-31", "2022-05-01")}
    words = ["run", "run=smoke", "--config-dir", str(tmp_path)]
    for name, (start, end) in dates.items():
        words += [f"levers.{name}.size=400", f"levers.{name}.start={start}", f"levers.{name}.end={end}"]
    assert main(words) == 2
    err = capsys.readouterr().err
    assert "surges of one office may not overlap" in err
    assert err.count("\n") == 1


def test_a_crossing_that_reports_delays_and_has_no_lanes_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = conf_folder() / "border" / "fit"
    for name in ("delays.csv", "places.csv", "ranges.csv"):
        (tmp_path / name).write_text((shipped / name).read_text())
    head, first, *rest = (shipped / "lanes.csv").read_text().splitlines()
    gone = first.split(",")[0]
    kept = [line for line in (first, *rest) if not line.startswith(f"{gone},")]
    (tmp_path / "lanes.csv").write_text("\n".join([head, *kept, ""]))
    assert main(["study", "border", "--tables", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert f"delays.csv: {gone} " in err
    assert err.endswith("reports delays but has no lanes\n")
    assert err.count("\n") == 1
