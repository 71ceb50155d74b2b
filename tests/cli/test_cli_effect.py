"""``sim study effect``: mistakes in one line, and a whole short study."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from sim.cli.main import main


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scaning"], "scenario: unknown choice 'scaning' (did you mean 'scanning'?)"),
        (
            ["scanning", "--adversaries", "logti"],
            "--adversaries: unknown policy 'logti' (did you mean 'logit'?)",
        ),
        (["scanning", "--baseline", "basline"], "unknown choice 'basline' (did you mean 'baseline'?)"),
        (["scanning", "--replications", "1"], "--replications must be at least 2"),
        (["scanning", "--parameter-sets", "-1"], "--parameter-sets must be at least 0"),
        (["scanning", "--parameter-sets", "9999"], "set 9999 does not exist"),
        (["border.model=instant"], "name at least one scenario"),
        (["scanning", "adversary=logit"], "adversary=logit is set by --adversaries"),
        (["scanning", "levers.scaning.size=1"], "unknown key 'scaning' (did you mean 'scanning'?)"),
        (["scanning", "levers.scanning.size=1,2"], "several values need -m"),
        ([], "the following arguments are required"),
    ],
)
def test_a_mistake_is_one_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "effect", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert said in err


def test_a_study_shows_its_table_keeps_its_runs_and_writes_its_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.plots.alone.write_images", lambda figures, folder: None)
    short = ["calendar.days=61", "calendar.warmup_days=14", "border.model=instant"]
    where = ["--results", str(tmp_path / "results"), "--out", str(tmp_path / "out"), "--workers", "1"]
    words = ["scanning", *short, "--replications", "2", "--adversaries", "logit,worst_case", *where]
    assert main(["study", "effect", *words]) == 0
    first = capsys.readouterr().out
    assert "scanning: change against the baseline" in first
    for column in ("none", "logit", "worst_case", "Fentanyl delivered", "share displaced", "half-life"):
        assert column in first
    with (tmp_path / "out" / "effects.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["verdict"] for row in rows} <= {"more", "less", "cannot tell"}
    assert {row["layer"] for row in rows} == {"latent", "observed"}
    assert {row["place"] for row in rows if row["adversary"] == "worst_case" and "kg" in row["unit"]} == {
        "all"
    }
    with (tmp_path / "out" / "places.csv").open(encoding="utf-8") as file:
        assert {row["adversary"] for row in csv.DictReader(file)} == {"logit"}
    kept = sorted((tmp_path / "results" / ".store").rglob("measures.parquet"))
    assert len(kept) == 2 * 3 * 2
    assert main(["study", "effect", *words]) == 0
    assert capsys.readouterr().out == first


def test_a_folder_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    short = ["calendar.days=20", "calendar.warmup_days=7", "border.model=instant", "--replications", "2"]
    where = ["--results", str(tmp_path / "results"), "--out", str(tmp_path / "taken"), "--workers", "1"]
    assert main(["study", "effect", "scanning", *short, "--adversaries", "none", *where]) == 2
    assert not (tmp_path / "results").exists()
    assert "choose another folder with --out" in capsys.readouterr().err
