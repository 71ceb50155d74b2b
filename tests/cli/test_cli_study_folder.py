"""The folder of a study: one for each question, and nothing in it of an earlier answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli.main import main
from sim.store.manifest import drop_stale, write_manifest

SHORT = ["calendar.days=10", "calendar.warmup_days=3", "border.model=instant", "--workers", "1"]


def test_each_question_has_its_folder_below_the_results(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.report.folder.write_images", lambda figures, folder: None)
    results = ["--results", str(tmp_path / "results")]
    asked = (["scanning", "--adversaries", "none"], ["cyber", "--adversaries", "none"])
    for words in (*asked, asked[0]):
        assert main(["study", "effect", *words, *SHORT, "--replications", "2", *results]) == 0
    folders = sorted((tmp_path / "results" / "effect").iterdir())
    assert len(folders) == len(asked), "the same question has the same folder, another one another"
    expected = capsys.readouterr().out
    assert all(f"wrote {folder / 'effects.csv'}" in expected for folder in folders)


def test_what_an_earlier_answer_left_is_deleted_unless_somebody_changed_it(tmp_path: Path) -> None:
    for name in ("boxes.csv", "draws.csv", "notes.csv"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    drop_stale(tmp_path, {"draws.csv"})
    assert (tmp_path / "boxes.csv").exists(), "no manifest says whose it is"
    write_manifest(tmp_path, {}, ["boxes.csv", "draws.csv", "notes.csv"])
    (tmp_path / "notes.csv").write_text("by hand", encoding="utf-8")
    (tmp_path / "other.csv").write_text("not listed", encoding="utf-8")
    drop_stale(tmp_path, {"draws.csv"})
    assert {path.name for path in tmp_path.glob("*.csv")} == {"draws.csv", "notes.csv", "other.csv"}


@pytest.mark.parametrize("manifest", ["", "[]", '{"files": 3}', "{}"])
def test_a_manifest_that_cannot_be_read_deletes_nothing(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    (tmp_path / "boxes.csv").write_text("a", encoding="utf-8")
    drop_stale(tmp_path, set())
    assert (tmp_path / "boxes.csv").exists()
