"""The whole way on the model: two short runs of the command, compared and asked."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from sim.cli.main import main

pytestmark = pytest.mark.slow  # whole runs: minutes on a busy machine


def test_two_short_runs_are_compared_and_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.report.comparison_page.write_images", lambda figures, folder: None)
    short = ["run=smoke", "border.model=instant", "run.replications=8", "run.parameter_sets=0"]
    where = [f"run.results={tmp_path / 'results'}", "run.workers=1", "run.progress=false"]
    sweep = ["-m", "levers.scanning.size=0,150", *short, *where]
    assert main(["run", *sweep]) == 0
    capsys.readouterr()
    runs = sorted(
        (tmp_path / "results" / "baseline").iterdir(),
        key=lambda path: "size: 150" in (path / "config.yaml").read_text(),
    )
    words = [*map(str, runs), "--out", str(tmp_path / "out")]
    assert main(["compare", *words]) == 0
    out = capsys.readouterr().out
    assert "1 run against baseline" in out
    assert "8 replications with common random numbers, in 14 days" in out
    assert "margins of sums are that part of the yearly ones" in out
    with (tmp_path / "out" / "differences.csv").open(encoding="utf-8") as file:
        rows = {row["outcome"]: row for row in csv.DictReader(file)}
    assert {row["run"] for row in rows.values()} == {"baseline (scanning=150)"}
    cost = rows["programme_cost_usd"]
    assert cost["verdict"] == "worse"
    assert float(cost["margin"]) == pytest.approx(1e6 * 14 / 365)
    assert float(cost["low"]) == pytest.approx(float(cost["high"]))
    assert float(rows["seizure_events"]["difference"]) > 0.0
    assert float(rows["loads_sent"]["variance_saved"]) > 3.0
    assert "wait_min" not in rows
    asked = "select run, replications, adversary, border_model from runs order by run"
    assert main(["query", asked, "--results", str(tmp_path / "results"), "--csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:] == [f"baseline/{path.name},8,none,instant" for path in sorted(runs)]
