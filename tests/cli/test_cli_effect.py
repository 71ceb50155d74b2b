"""``sim study effect``: mistakes in one line, and a whole short study."""

from __future__ import annotations

import csv
import hashlib
import json
import shlex
from pathlib import Path

import pytest

from sim.cli.main import main
from sim.store.runs import is_run

ROOT = Path(__file__).parents[2]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["scaning"], "scenario: unknown choice 'scaning' (did you mean 'scanning'?)"),
        (
            ["scanning", "--adversaries", "logti"],
            "adversaries: unknown policy 'logti' (did you mean 'logit'?)",
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
def test_a_mistake_is_one_line(words: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "effect", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert expected in err


def test_a_study_shows_its_table_keeps_its_runs_and_writes_its_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.report.folder.write_images", lambda figures, folder: None)
    monkeypatch.setenv("COLUMNS", "250")
    short = ["calendar.days=61", "calendar.warmup_days=14", "border.model=instant"]
    where = ["--results", str(tmp_path / "results"), "--out", str(tmp_path / "out"), "--workers", "1"]
    words = ["scanning", *short, "--replications", "2", "--adversaries", "logit,worst_case", *where]
    assert main(["study", "effect", *words]) == 0
    first = capsys.readouterr().out
    assert "scanning: change against baseline, in 61 days" in first
    assert "a year" not in first
    assert "2 pairs of runs, each alone with 95 %" in first
    assert "\nlever scanning: " in first
    assert "not seen" not in first
    assert "0.00000000" not in first
    assert "\N{HORIZONTAL ELLIPSIS}" not in first
    for column in ("none", "logit", "worst_case", "Fentanyl delivered", "share displaced", "half-life"):
        assert column in first
    with (tmp_path / "out" / "effects.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    known = {"more", "less", "better", "worse", "no difference", "no difference that matters", "cannot tell"}
    assert {row["verdict"] for row in rows} <= known
    assert {row["verdict"] for row in rows if row["measure"] == "programme_cost_usd"} == {"worse"}
    assert {row["layer"] for row in rows} == {"latent", "observed"}
    assert {row["place"] for row in rows if row["adversary"] == "worst_case" and "kg" in row["unit"]} == {
        "all"
    }
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"] == shlex.join(["sim", "study", "effect", *words])
    assert (manifest["seed"], manifest["options"]["replications"]) == (1, 2)
    assert {row["adversary"] for row in manifest["configurations"].values()} == {
        "none",
        "logit",
        "worst_case",
    }
    assert {"version", "model_version", "packages"} <= set(manifest)
    listed = {**manifest["files"], **manifest["drawn"]}
    assert set(listed) == {path.name for path in (tmp_path / "out").glob("*.[ch]*")}
    assert all(name.endswith(".html") for name in manifest["drawn"]), "the rest is what a text may cite"
    assert all(digest == sha256(tmp_path / "out" / name) for name, digest in listed.items())
    with (tmp_path / "out" / "places.csv").open(encoding="utf-8") as file:
        assert {row["adversary"] for row in csv.DictReader(file)} == {"logit"}
    kept = sorted((tmp_path / "results" / ".store").rglob("*.zip"))
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
    assert not (tmp_path / "results").exists(), "found out before anything is simulated"


@pytest.mark.parametrize(
    ("study", "words"),
    [
        ("effect", ["scanning"]), ("rank", ["baseline", "scanning"]), ("power", ["scanning"]),
        ("portfolio", ["--budget", "1e8"]), ("synergy", ["scanning", "cyber"]), ("screen", []),
        ("sobol", ["--over", "chain.load.crews"]), ("discover", ["--scenario", "scanning"]), ("warmup", []),
        ("why", ["baseline", "scanning"]), ("influence", []), ("parameters", []), ("calibrate", []),
    ],
)  # fmt: skip
def test_every_study_finds_out_first_that_its_results_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], study: str, words: list[str]
) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    out = tmp_path / "taken" / ("page.md" if study in ("influence", "parameters", "calibrate") else "folder")
    assert main(["study", study, *words, "--out", str(out)]) == 2
    expected = capsys.readouterr().err
    assert expected.count("\n") == 1
    assert f"{out}: cannot write here (not a directory)" in expected


def test_the_folder_of_a_study_is_no_run(tmp_path: Path) -> None:
    for name in ("manifest.json", "effects.csv"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    assert not is_run(tmp_path)
    (tmp_path / "config.yaml").write_text("name: a", encoding="utf-8")
    assert is_run(tmp_path)


def test_published_results_are_as_their_manifests_say() -> None:
    for manifest in (ROOT / "results" / "published").rglob("manifest.json"):
        files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        wrong = [name for name, digest in files.items() if sha256(manifest.parent / name) != digest]
        assert not wrong, f"{manifest.parent}: not what the study wrote: {wrong}"
