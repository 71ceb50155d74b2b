"""``sim study screen``, ``discover``, ``sobol``, ``warmup``: mistakes in one line, whole short studies."""

from __future__ import annotations

import csv
from pathlib import Path

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
    ("words", "said"),
    [
        (["screen", "--trajectories", "1"], "--trajectories must be at least 2"),
        (["screen", "--replications", "0"], "--replications must be at least 1"),
        (["screen", "--outcomes", "delivered_kg"], "did you mean 'delivered_pure_kg'"),
        (["screen", "--outcomes", ","], "--outcomes names no outcome"),
        (["screen", "--over", "chain.laod"], "did you mean 'chain.load'"),
        (["screen", "--effect", "scaning"], "did you mean 'scanning'"),
        (["screen", "--effect", "scanning", "scenario=surge"], "leave scenario=... away"),
        (["warmup", "--pilot", "1"], "--pilot must be 0 or at least 2"),
        (["warmup", "--days", "7"], "--days must be at least 28"),
        (["warmup", "--effect", "scaning"], "did you mean 'scanning'"),
        (["sobol", "--over", "chain.load", "--grouped"], "--grouped needs the order of a screen"),
        (["sobol"], "name a few numbers with --over, or take the top of a screen"),
        (["sobol", "--over", "chain.load", "--screen", "a.csv"], "give either --over or --screen"),
        (["sobol", "--screen", "no_such.csv"], "no_such.csv: no such file or directory"),
        (["sobol", "--over", "chain.load", "--rows", "48"], "--rows must be a power of two"),
        (["discover"], "name the strategy, such as --scenario hsi_strategy"),
        (["discover", "--scenario", "scanning", "--density", "1.5"], "--density must lie above 0"),
        (["discover", "--scenario", "scanning", "--margin", "-1"], "--margin must be at least 0"),
        (["discover", "--scenario", "scanning", "--draws", "5"], "--draws must be at least 10"),
        (["discover", "--scenario", "scanning", "--margin", "nan"], "--margin: 'nan' is no finite number"),
        (["discover", "--scenario", "scanning", "--density", "inf"], "--density: 'inf' is no finite number"),
        (["discover", "--scenario", "scanning", "--margin", "ten"], "--margin: 'ten' is no finite number"),
        (["rank", "baseline", "scanning", "--margin", "inf"], "--margin: 'inf' is no finite number"),
        (["rank", "baseline", "scanning", "--confidence", "nan"], "'nan' is no finite number"),
        (["power", "scanning", "--power", "nan"], "--power: 'nan' is no finite number"),
        (["discover", "--scenario", "baseline"], "baseline and baseline are the same, so nothing changes"),
        (["screen", "--effect", "baseline"], "baseline and baseline are the same, so nothing changes"),
        (["sobol", "--over", "chain.load", "--rows", "8"], "--rows must be at least 16"),
        (["screen", "--over", ","], "--over names nothing"),
    ],
)
def test_a_mistake_is_one_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert said in err


def test_a_screen_of_an_effect_keeps_its_runs(
    tmp_path: Path, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["study", "screen", "--effect", "scanning", *SHORT, *OVER, *where]
    words += ["--trajectories", "2", "--replications", "1", "--outcomes", "delivered_pure_kg"]
    assert main(words) == 0
    first = capsys.readouterr().out
    assert "change in fentanyl delivered, kg pure in 4 days" in first
    assert "With one replication what chance alone would give is not known" in first
    assert "matters" not in first.replace("difference that matters", "")
    assert first.splitlines()[-1].startswith(
        "Simulated: 2 trajectories, 6 points, 1 replication each, without"
    )
    assert "adversary none" in first.splitlines()[-1]
    rows = {row["path"]: row for row in table(tmp_path, "screen")}
    assert float(rows["levers.scanning.cost_usd_per_unit_year"]["mu_star"]) == 0.0
    assert (tmp_path / "out" / "screen_delivered_pure_kg.html").exists()
    assert main(words) == 0
    assert capsys.readouterr().out == first


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (SHORT, "does not report wait_min: border.model=instant has no queues; take border.model=queue"),
        (
            ["adversary=worst_case", "border.model=queue"],
            "does not report wait_min: against worst_case only delivered kg, what follows from it, and costs",
        ),
    ],
)
def test_an_outcome_that_is_not_reported_is_told_before_a_run(
    changes: list[str], said: str, tmp_path: Path, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["study", "screen", *changes, "--over", "chain.load.powder_purity", "--trajectories", "2", *where]
    assert main([*words, "--replications", "1", "--outcomes", "delivered_pure_kg,wait_min"]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert not list(tmp_path.rglob("*.zip"))


def test_a_discovery_says_what_it_found(
    tmp_path: Path, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["study", "discover", "--scenario", "scanning", *SHORT, *OVER, *where]
    assert main([*words, "--draws", "10", "--replications", "1", "--margin", "0"]) == 0
    said = capsys.readouterr().out
    assert "Scanning" in said
    assert "chance may have decided any of them" in said
    assert said.splitlines()[-1].startswith(
        "Simulated: 10 draws, 1 replication each, without queues; scenario"
    )
    assert {row["clear"] for row in table(tmp_path, "draws")} == {"open"}
    assert len(table(tmp_path, "draws")) == 10


def test_indices_take_the_top_of_a_screen(
    tmp_path: Path,
    where: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    top = tmp_path / "screen.csv"
    rows = ["delivered_pure_kg,chain.load.pill_purity,2", "delivered_pure_kg,chain.load.powder_purity,90"]
    top.write_text("\n".join(["outcome,path,mu_star", *rows]) + "\n", encoding="utf-8")
    words = ["study", "sobol", *SHORT, "--screen", str(top), "--top", "1", *where]
    monkeypatch.setattr("sim.cli.study_sobol.LEAST_ROWS", 4)
    assert main([*words, "--rows", "4", "--replications", "2"]) == 0
    said = capsys.readouterr().out
    assert "chance makes" in said
    assert said.splitlines()[-1].startswith(
        "Simulated: 4 rows, 12 points, 2 replications each, without queues"
    )
    assert "powder_purity" in said
    assert "pill_purity" not in said
    assert [row["path"] for row in table(tmp_path, "sobol")] == ["chance", "chain.load.powder_purity"]
    assert main([*words, "--rows", "4", "--replications", "2", "--grouped"]) == 0
    assert "16 points" in capsys.readouterr().out.splitlines()[-1]
    groups = {"first 1 of the screen", "other 1 of the screen"}
    assert {row["path"] for row in table(tmp_path, "sobol")} == {"chance", *groups}
    assert main([*words, "--grouped", "--top", "2"]) == 2
    assert "--grouped needs more numbers than --top 2" in capsys.readouterr().err
    assert main([*words, "--outcome", "seized_pure_kg"]) == 2
    assert "unknown outcome 'seized_pure_kg'" in capsys.readouterr().err
    top.write_text("a,b\n1,2\n", encoding="utf-8")
    assert main(words) == 2
    assert "not a table of sim study screen" in capsys.readouterr().err


def test_the_start_of_a_run_and_its_pilot(
    tmp_path: Path, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["study", "warmup", *SHORT, "--days", "28", "--replications", "1", "--pilot", "2", *where]
    assert main([*words, "--outcomes", "delivered_pure_kg,seized_pure_kg"]) == 0
    said = capsys.readouterr().out
    assert "the start, by MSER-5 on 28 days" in said
    assert "replications until the 95 % interval is within the margin, from a pilot of 2" in said
    assert "most: " in said
    assert [row["outcome"] for row in table(tmp_path, "warmup")] == ["delivered_pure_kg", "seized_pure_kg"]
    assert int(table(tmp_path, "replications")[0]["needed"]) >= 2
    assert main([*words, "--outcomes", "price_index"]) == 2
    assert "outcome price_index: undefined in some runs of the pilot" in capsys.readouterr().err
