"""Studies that end in a decision, as a command: what is refused at once, what is printed and written."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from sim.cli.main import main

pytestmark = pytest.mark.slow  # whole runs: minutes on a busy machine

SHORT = ["calendar.days=10", "calendar.warmup_days=3", "border.model=instant"]


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr("sim.report.folder.write_images", lambda figures, folder: None)
    return ["--results", str(tmp_path / "results"), "--out", str(tmp_path / "out"), "--workers", "1"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["rank", "scanning"], "study rank: name at least two scenarios"),
        (["rank", "scanning", "cybr"], "unknown choice 'cybr' (did you mean 'cyber'?)"),
        (["rank", "cyber", "scanning", "--margin", "much"], "--margin"),
        (["rank", "cyber", "scanning", "--replications", "5"], "is --budget here"),
        (["rank", "cyber", "scanning", "scenario=surge"], "scenario= is set by the scenarios named"),
        (["synergy", "scanning", "surge"], "study synergy: scenario hsi_strategy does not pull surge"),
        (["synergy", "scanning", "cyber", "--sizes", "hsi"], "unknown choice 'hsi'"),
        (["synergy", "scanning", "cyber", "scenario=surge"], "scenario= is set by --sizes"),
        (
            ["synergy", "scanning", "cyber", "--workers", "-1"],
            "workers: must be a whole number of at least 0 (got -1)",
        ),
        (["portfolio"], "the following arguments are required: --budget"),
        (["portfolio", "--budget", "much"], "--budget much: write dollars a year"),
        (["portfolio", "--budget", "1e8,0"], "study portfolio: budget must be a number above zero (got 0.0)"),
        (["portfolio", "--budget", "1e8", "--levers", "cybr,scanning"], "did you mean 'cyber'?"),
        (["power", "cyber", "scanning"], "name one scenario"),
        (["power", "cybr"], "unknown choice 'cybr' (did you mean 'cyber'?)"),
        (["power", "surge"], "levers.surge has dates or a trigger"),
        (["power", "cyber", "--outcomes", "seizures"], "study power: unknown outcome 'seizures'"),
        (["power", "cyber", "calendar.days=60"], "calendar.days= is set by --before and --months"),
    ],
)
def test_a_mistake_is_one_line(
    arguments: list[str], expected: str, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    study, *words = arguments
    assert main(["study", study, *where, *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert expected in err


PORTFOLIO = ["--budget", "2e7,1e7", "--levers", "targeting,scanning", *SHORT, "--replications", "2"]
PORTFOLIO += ["--trials", "4", "--at-a-time", "2", "--leading", "2", "--judged", "3"]
POWER = ["hsi_strategy", "calendar.warmup_days=7", "--before", "1", "--months", "2", "--replications", "3"]


@pytest.mark.parametrize(
    ("study", "words", "expected", "tables", "figures"),
    [
        (
            "rank",
            ["no_enforcement", "baseline_3y", *SHORT, "--first", "3", "--budget", "6", "--best", "most",
             "--margin", "1000"],
            "no_enforcement is best (most fentanyl delivered), with 95 % or more if it is at least 1,000 kg",
            {"rank": 2},
            ["rank"],
        ),
        (
            "synergy",
            ["targeting", "scanning", *SHORT, "--replications", "2"],
            "pairs: what two do beyond the sum of both",
            {"levers": 2 * 4 + 3, "pairs": 1},
            ["synergy"],
        ),
        (
            "portfolio",
            PORTFOLIO,
            "The search is a heuristic (4 trials of 2 levers at each budget)",
            {"frontier": 6, "sizes": None},
            ["budget_split", "frontier"],
        ),
        (
            "power",
            [*POWER, "--outcomes", "seizure_events,leads"],
            "With leads raised alone ",
            {"records": 2, "power": 4},
            ["months_needed", "power"],
        ),
    ],
)  # fmt: skip
def test_a_study_prints_its_answer_and_writes_its_folder(
    study: str,
    words: list[str],
    expected: str,
    tables: dict[str, int | None],
    figures: list[str],
    tmp_path: Path,
    where: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["study", study, *words, *where]) == 0
    first = capsys.readouterr().out
    assert expected in first
    assert "Simulated: " in first
    out = tmp_path / "out"
    for name, count in tables.items():
        with (out / f"{name}.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert rows
        assert count in (None, len(rows))
    assert sorted(path.stem for path in out.glob("*.html")) == figures
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["command"].startswith(f"sim study {study} ")
    assert manifest["seed"] == 1
    assert manifest["options"]["study"] == study
    assert {one["border_model"] for one in manifest["configurations"].values()} == {"instant"}
    # What is stored is not simulated again, and tells the same.
    assert main(["study", study, *words, *where]) == 0
    assert capsys.readouterr().out == first
