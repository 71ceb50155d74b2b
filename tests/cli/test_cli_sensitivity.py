"""``sim study screen``, ``discover``, ``sobol``, ``warmup``: mistakes in one line, whole short studies."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from sim.cli.main import main

SHORT = ["calendar.days=4", "calendar.warmup_days=1", "border.model=instant"]
OVER = ["--over", "chain.load.powder_purity,levers.scanning.cost_usd_per_unit_year"]


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr("sim.report.export.find_browser", lambda: None)
    return ["--results", str(tmp_path / "results"), "--out", str(tmp_path / "out"), "--workers", "1"]


def table(tmp_path: Path, name: str) -> list[dict[str, str]]:
    with (tmp_path / "out" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["screen", "--replications", "0"], "--replications must be at least 1"),
        (["screen", "--outcomes", "delivered_kg"], "did you mean 'delivered_pure_kg'"),
        (["screen", "--over", "chain.laod"], "did you mean 'chain.load'"),
        (["screen", "--effect", "scaning"], "did you mean 'scanning'"),
        (["screen", "--effect", "scanning", "scenario=surge"], "leave scenario=... away"),
        (["warmup", "--pilot", "1"], "pilot must be 0 or at least 2"),
        (["sobol"], "name a few numbers with over, or take the top of a screen"),
        (["sobol", "--screen", "no_such.csv"], "no_such.csv: no such file or directory"),
        (["discover"], "name the strategy, such as --scenario hsi_strategy"),
        (["discover", "--scenario", "scanning", "--margin", "nan"], "--margin: 'nan' is no finite number"),
        (["discover", "--scenario", "scanning", "--density", "inf"], "--density: 'inf' is no finite number"),
        (["discover", "--scenario", "scanning", "--margin", "ten"], "--margin: 'ten' is no finite number"),
        (["rank", "baseline", "scanning", "--margin", "inf"], "--margin: 'inf' is no finite number"),
        (["rank", "baseline", "scanning", "--confidence", "nan"], "'nan' is no finite number"),
        (["power", "scanning", "--power", "nan"], "--power: 'nan' is no finite number"),
        (["discover", "--scenario", "baseline"], "baseline and baseline are the same, so nothing changes"),
    ],
)
def test_a_mistake_is_one_line(words: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert expected in err


def test_a_screen_of_an_effect_keeps_its_runs(
    tmp_path: Path, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["study", "screen", "--effect", "scanning", *SHORT, *OVER, *where]
    words += ["--trajectories", "2", "--replications", "1", "--outcomes", "delivered_pure_kg"]
    assert main(words) == 0
    first = capsys.readouterr().out
    assert "Change in fentanyl delivered, kg pure in 4 days" in first
    assert "With one replication what chance alone would give is not known" in first
    assert "Simulated: 2 trajectories, 6 points, 1 replication each, 2 numbers of scanning varied" in first
    assert {row["verdict"] for row in table(tmp_path, "screen")} == {"cannot tell"}
    assert (tmp_path / "out" / "screen_delivered_pure_kg.html").exists()
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["options"]["trajectories"] == 2
    assert {one["scenario"] for one in manifest["configurations"].values()} == {"scanning", "baseline"}
    assert main(words) == 0
    assert capsys.readouterr().out == first


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (SHORT, "does not report wait_min: border.model=instant has no queues; take border.model=queue"),
        (
            ["adversary=worst_case", "border.model=queue"],
            "does not report wait_min: against worst_case only delivered kg, what follows from it, and costs",
        ),
    ],
)
def test_an_outcome_that_is_not_reported_is_told_before_a_run(
    changes: list[str], expected: str, tmp_path: Path, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["study", "screen", *changes, "--over", "chain.load.powder_purity", "--trajectories", "2", *where]
    assert main([*words, "--replications", "1", "--outcomes", "delivered_pure_kg,wait_min"]) == 2
    err = capsys.readouterr().err
    assert expected in err
    assert err.count("\n") == 1
    assert not list(tmp_path.rglob("*.zip"))


@pytest.mark.parametrize(
    ("words", "tables", "expected"),
    [
        (["discover", "--scenario", "scanning", "--draws", "10"], ["draws"], "Scanning clearly"),
        (["sobol", "--rows", "16"], ["sobol"], "chance makes"),
    ],
)
def test_the_command_prints_and_writes_what_the_study_returns(
    words: list[str],
    tables: list[str],
    expected: str,
    tmp_path: Path,
    where: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Made-up answers: what is tested is the way from the options to the files."""

    def pretend(question, space, points, asking, on_progress):
        chance = np.random.default_rng(5).standard_normal((len(points), asking.replications.count))
        return (30.0 * points.sum(axis=1)[:, None] + chance)[:, :, None]

    monkeypatch.setattr(f"sim.study.{words[0]}.responses", pretend)
    assert main(["study", *words, *SHORT, *OVER, *where]) == 0
    out = capsys.readouterr().out
    assert expected in out
    for name in tables:
        assert f"wrote {tmp_path / 'out' / name}.csv" in out
        assert table(tmp_path, name)


def test_the_start_of_a_run_and_its_pilot(
    tmp_path: Path, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["study", "warmup", *SHORT, "--days", "28", "--replications", "1", "--pilot", "2", *where]
    assert main([*words, "--outcomes", "delivered_pure_kg,seized_pure_kg"]) == 0
    expected = capsys.readouterr().out
    assert "the start, by MSER-5 on 28 days" in expected
    assert "replications until the 95 % interval is within the margin, from a pilot of 2" in expected
    assert [row["outcome"] for row in table(tmp_path, "warmup")] == ["delivered_pure_kg", "seized_pure_kg"]
    assert int(table(tmp_path, "replications")[0]["needed"]) >= 2


def test_a_page_is_written_where_it_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "new" / "parameters.md"
    assert main(["study", "parameters", "--out", str(page)]) == 0
    assert page.read_text(encoding="utf-8").startswith("# Parameters\n")
    out = capsys.readouterr().out
    assert " numbers: " in out
    assert out.splitlines()[-1] == f"wrote {page}"
    assert main(["study", "influence", "--out", str(tmp_path)]) == 2
    assert "choose another file with --out" in capsys.readouterr().err


def test_a_study_of_one_page_writes_into_the_results_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["study", "parameters", "run.results=mine"]) == 0
    assert capsys.readouterr().out.endswith("wrote mine/parameters/parameters.md\n")
    assert [path.name for path in tmp_path.rglob("*.md")] == ["parameters.md"]
    for study in ("parameters", "influence", "calibrate"):
        with pytest.raises(SystemExit):
            main(["study", study, "--help"])
        assert f"(results/{study}/" in " ".join(capsys.readouterr().out.split())
