"""Studies that end in a decision: mistakes in one line, and short whole studies."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from sim.cli.main import main

pytestmark = pytest.mark.slow  # whole runs: minutes on a busy machine

SHORT = ["calendar.days=10", "calendar.warmup_days=3", "border.model=instant"]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr("sim.report.standalone_page.write_images", lambda figures, folder: None)
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
        (
            ["rank", "cyber", "scanning", "--outcome", "interdiction_share"],
            "study rank: conf/measures.yaml names no good side of interdiction_share",
        ),
        (["rank", "cyber", "scanning", "--replications", "5"], "is --budget here"),
        (["rank", "cyber", "scanning", "scenario=surge"], "scenario= is set by the scenarios named"),
        (["synergy", "scanning"], "1 lever; give 2 to 5"),
        (["synergy", "scanning", "cybr"], "unknown lever 'cybr' (did you mean 'cyber'?)"),
        (["synergy", "scanning", "surge"], "scenario hsi_strategy does not pull surge"),
        (["synergy", "scanning", "cyber", "--sizes", "hsi"], "unknown choice 'hsi'"),
        (["synergy", "scanning", "cyber", "--outcome", "wait"], "unknown outcome 'wait'"),
        (["synergy", "scanning", "cyber", "--replications", "1"], "--replications must be at least 2"),
        (["synergy", "scanning", "cyber", "scenario=surge"], "scenario= is set by --sizes"),
        (["portfolio"], "the following arguments are required: --budget"),
        (["portfolio", "--budget", "much"], "--budget much: write dollars a year above zero"),
        (["portfolio", "--budget", "1e8,0"], "--budget 1e8,0: write dollars a year above zero"),
        (["portfolio", "--budget", "1e8", "--levers", "cybr,scanning"], "did you mean 'cyber'?"),
        (["portfolio", "--budget", "1e8", "--levers", "cyber"], "at least two levers"),
        (["portfolio", "--budget", "1e8", "scenario=cyber"], "pulls cyber; take one without levers"),
        (["portfolio", "--budget", "1e8", "--judged", "1"], "--judged must be at least 2"),
        (["portfolio", "--budget", "1e8", "--trials", "1"], "--trials 1; 11 portfolios are tried before"),
        (
            ["portfolio", "--budget", "1e8", "--outcome", "interdiction_share"],
            "names no good side of interdiction_share; give --best least or --best most",
        ),
        (["power", "cyber", "scanning"], "name one scenario"),
        (["power", "baseline"], "scenario baseline pulls no lever"),
        (["power", "cybr"], "unknown choice 'cybr' (did you mean 'cyber'?)"),
        (["power", "surge"], "levers.surge has dates or a trigger"),
        (["power", "cyber", "--outcomes", "delivered_pure_kg"], "delivered_pure_kg is latent"),
        (["power", "cyber", "--outcomes", "seizures"], "--outcomes: unknown outcome 'seizures'"),
        (["power", "cyber", "--power", "1"], "--power: 1 must lie between 0 and 1"),
        (["power", "cyber", "--replications", "2"], "--replications must be at least 3"),
        (["power", "cyber", "--months", "200"], "--before 12 and --months 200 are 6452 days together"),
        (["power", "cyber", "calendar.days=60"], "calendar.days is set by --before and --months"),
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
    assert "Fentanyl delivered, kg pure in 10 days" in first
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
    sure = "with 95 % or more if it is at least 1,000 kg pure in 10 days better than every other"
    assert f"no_enforcement is best (most fentanyl delivered), {sure}" in out
    assert sure in (tmp_path / "out" / "rank.html").read_text()
    places = rows(tmp_path / "out" / "rank.csv")
    assert [row["scenario"] for row in places] == ["no_enforcement", "baseline_3y"]
    assert float(places[1]["behind"]) < 0.0
    gap = float(places[1]["mean"]) - float(places[1]["leader_mean"])
    assert gap == pytest.approx(float(places[1]["behind"]))


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
    assert len(list((tmp_path / "results" / ".store").rglob("*.zip"))) == 4 * 2


def test_a_budget_is_split_and_the_split_is_judged_on_fresh_draws(
    tmp_path: Path, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--budget", "2e7,1e7", "--levers", "targeting,scanning", *SHORT, "--replications", "2"]
    words += ["--trials", "4", "--at-a-time", "2", "--leading", "2", "--judged", "3", *where]
    assert main(["study", "portfolio", *words]) == 0
    out = capsys.readouterr().out
    assert "The search is a heuristic (4 trials of 2 levers at each budget)" in out
    said = [line for line in out.splitlines() if " USD a year: the split found is " in line]
    assert [line.partition(" USD")[0] for line in said] == ["10,000,000", "20,000,000"]
    assert all("equal shares" in line and " alone" in line for line in said)
    assert "found less this one (- is better)" in out
    found = rows(tmp_path / "out" / "frontier.csv")
    assert [row["portfolio"] for row in found] == ["found", "equal shares", "one lever"] * 2
    assert all(float(row["cost_usd"]) <= float(row["budget_usd"]) for row in found)
    sizes = rows(tmp_path / "out" / "sizes.csv")
    assert {row["lever"] for row in sizes} <= {"targeting", "scanning"}
    assert main(["study", "portfolio", *words]) == 0
    assert capsys.readouterr().out == out


def test_power_says_in_a_sentence_how_many_months_are_needed(
    tmp_path: Path, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "hsi_strategy",
        "calendar.warmup_days=7",
        "--before",
        "1",
        "--months",
        "2",
        "--replications",
        "3",
    ]
    assert main(["study", "power", *words, "--outcomes", "seizure_events,leads", *where]) == 0
    out = capsys.readouterr().out
    for name in ("seizure events", "leads raised"):
        assert f"With {name} alone " in out
    assert (
        "3 replications cannot prove a power of 80%: even if every world shows the change, it may be 44%"
        in out
    )
    found = rows(tmp_path / "out" / "power.csv")
    assert [(row["measure"], row["months"]) for row in found] == [
        ("seizure_events", "1"), ("seizure_events", "2"), ("leads", "1"), ("leads", "2"),
    ]  # fmt: skip
    assert all(float(row["low"]) <= float(row["power"]) <= float(row["high"]) for row in found)
