"""Studies that end in a decision: mistakes in one line, and short whole studies."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from sim.cli.main import main

SHORT = ["calendar.days=20", "calendar.warmup_days=7", "border.model=instant"]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr("sim.study.decision.folder.write_pngs", lambda figures, folder: None)
    return ["--results", str(tmp_path / "results"), "--out", str(tmp_path / "out"), "--workers", "1"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rank", "scanning"], "name at least two scenarios"),
        (["rank", "scanning", "cybr"], "unknown choice 'cybr' (did you mean 'cyber'?)"),
        (["rank", "baseline", "cyber"], "cyber runs 1095 days from 2021-10-01, baseline 365 days"),
        (["rank", "cyber", "scanning", "--outcome", "delivered_kg"], "did you mean 'delivered_pure_kg'?"),
        (["rank", "cyber", "scanning", "--margin", "0"], "--margin 0 must be above zero"),
        (["rank", "cyber", "scanning", "--confidence", "1"], "--confidence: 1 must lie between 0.5 and 1"),
        (["rank", "cyber", "scanning", "--first", "1"], "--first must be at least 2"),
        (["rank", "cyber", "scanning", "--budget", "5"], "less than the 10 of the first stage"),
        (["rank", "cyber", "scanning", "scenario=surge"], "scenario= is set by the scenarios named"),
        (["synergy", "scanning"], "1 levers; give 2 to 5"),
        (["synergy", "scanning", "cybr"], "unknown lever 'cybr' (did you mean 'cyber'?)"),
        (["synergy", "scanning", "surge"], "scenario hsi_strategy does not pull surge"),
        (["synergy", "scanning", "cyber", "--sizes", "hsi"], "unknown choice 'hsi'"),
        (["synergy", "scanning", "cyber", "--outcome", "wait"], "unknown outcome 'wait'"),
        (["synergy", "scanning", "cyber", "--replications", "1"], "--replications must be at least 2"),
        (["synergy", "scanning", "cyber", "scenario=surge"], "scenario= is set by --sizes"),
    ],
)
def test_a_mistake_is_one_line(
    arguments: list[str], said: str, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["study", *arguments, *where]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert said in err


def test_a_race_that_ends_undecided_says_so(
    tmp_path: Path, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["cyber", "baseline_3y", *SHORT, "--first", "2", "--budget", "3", "--margin", "1e-6", *where]
    assert main(["study", "rank", *words]) == 0
    first = capsys.readouterr().out
    assert "Fentanyl delivered, kg pure in 20 days" in first
    assert "Cannot tell which is best" in first or "equally good" in first
    assert {row["scenario"] for row in rows(tmp_path / "out" / "rank.csv")} == {"cyber", "baseline_3y"}
    assert main(["study", "rank", *words]) == 0
    assert capsys.readouterr().out == first


def test_a_race_with_a_clear_best_names_it(
    tmp_path: Path, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["no_enforcement", "baseline_3y", *SHORT, "--first", "3", "--budget", "6", "--best", "most"]
    words += ["--margin", "1000"]
    assert main(["study", "rank", *words, *where]) == 0
    out = capsys.readouterr().out
    assert "no_enforcement is best (most fentanyl delivered), with a probability of 95 % or more" in out
    places = rows(tmp_path / "out" / "rank.csv")
    assert [row["scenario"] for row in places] == ["no_enforcement", "baseline_3y"]
    assert float(places[1]["behind"]) < 0.0


def test_levers_are_tried_in_every_combination(
    tmp_path: Path, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["targeting", "scanning", *SHORT, "--replications", "2", *where]
    assert main(["study", "synergy", *words]) == 0
    out = capsys.readouterr().out
    for said in ("share (Shapley)", "sum of each alone", "all together", "pairs: what two do"):
        assert said in out
    found = {(row["lever"], row["quantity"]): row for row in rows(tmp_path / "out" / "levers.csv")}
    shares = [float(found[name, "share (Shapley)"]["value"]) for name in ("targeting", "scanning")]
    assert sum(shares) == pytest.approx(float(found["all", "together"]["value"]))
    pair = rows(tmp_path / "out" / "pairs.csv")[0]
    assert float(pair["value"]) == pytest.approx(float(found["all", "together less the sum"]["value"]))
    assert len(list((tmp_path / "results" / ".store").rglob("measures.parquet"))) == 4 * 2
