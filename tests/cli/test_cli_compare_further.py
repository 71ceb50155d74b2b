"""``sim compare --precision``: replications until it is precise, nothing simulated in vain, damage fixed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sim.cli import compare
from sim.cli.run import command as run_command
from sim.core.errors import ConfigError, StoreError
from sim.study.compare.sequential import Model
from tests.fixtures.made_up_world import MadeUpScenario, load_scenario, simulate, write_conf


@pytest.fixture(autouse=True)
def no_png(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.report.comparison_page.write_images", lambda figures, folder: None)


def load(tree: Mapping[str, Any]) -> MadeUpScenario:
    """Validate a configuration of the made-up world, whose calendar is fixed."""
    return load_scenario({key: node for key, node in tree.items() if key != "calendar"})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run two sizes of the made-up world, once for all tests; return the results folder."""
    folder = tmp_path_factory.mktemp("made")
    flags = write_conf(folder / "conf")
    with (folder / "conf" / "config.yaml").open("a") as file:
        file.write('calendar: {start: "2021-10-01", days: 61, warmup_days: 0}\n')
    where = [f"run.results={folder / 'results'}", "run.workers=1", "run.pages=0"]
    for size in ("100.0", "101.0"):
        assert run_command([*flags, f"size={size}", f"name=size_{size[:3]}", *where], load, simulate) == 0
    return folder / "results"


@pytest.fixture
def runs(made: Path, tmp_path: Path) -> list[str]:
    """Return the folders of the two scenarios in a results folder of this test."""
    shutil.copytree(made, tmp_path / "results")
    return [str(tmp_path / "results" / f"size_{size}") for size in (100, 101)]


@pytest.mark.parametrize("where", ["taken", "taken/below"])
def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_simulated(
    tmp_path: Path, where: str, runs: list[str]
) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    before = len(list((tmp_path / "results").rglob("p*_r*.zip")))
    words = [*runs, "--precision", "0.2", "--workers", "1", "--out", str(tmp_path / where)]
    with pytest.raises(StoreError, match=r"cannot write here .* choose another folder with --out"):
        compare.command([*words, "--outcomes", "delivered_pure_kg"], Model(load, simulate))
    assert len(list((tmp_path / "results").rglob("p*_r*.zip"))) == before


def test_a_damaged_replication_is_simulated_again_and_that_is_said(
    tmp_path: Path, runs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*runs, "--precision", "0.2", "--workers", "1", "--outcomes", "delivered_pure_kg"]
    assert compare.command(words, Model(load, simulate)) == 0
    assert capsys.readouterr().err == ""
    broken = min((tmp_path / "results" / ".store").rglob("*.zip"))
    whole = broken.read_bytes()
    for spoiled in (whole[:-20], whole[:60] + b"\n" + whole[61:]):
        broken.write_bytes(spoiled)
        assert compare.command(words, Model(load, simulate)) == 0
        err = capsys.readouterr().err
        assert err == f"sim: 1 stored replication is damaged and simulated again: {broken}\n"
        assert broken.read_bytes() == whole


@pytest.mark.parametrize(
    ("precision", "budget", "expected"),
    [("0.2", "60", "precise: after"), ("0.0001", "30", "budget spent: after 30")],
)
def test_runs_are_replicated_until_they_are_precise_or_the_budget_is_spent(
    tmp_path: Path,
    runs: list[str],
    capsys: pytest.CaptureFixture[str],
    precision: str,
    budget: str,
    expected: str,
) -> None:
    words = [*runs, "--precision", precision, "--budget", budget, "--workers", "1"]
    chosen = [*words, "--outcomes", "delivered_pure_kg", "--out", str(tmp_path / "out")]
    assert compare.command(chosen, Model(load, simulate)) == 0
    assert expected in capsys.readouterr().out
    record = json.loads((tmp_path / "out" / "compare.json").read_text())
    assert 20 <= len(record["replications"]) <= int(budget)
    first = (tmp_path / "out" / "differences.csv").read_bytes()
    assert compare.command(chosen, Model(load, simulate)) == 0
    assert (tmp_path / "out" / "differences.csv").read_bytes() == first


def test_a_store_that_cannot_be_written_says_what_helps_a_comparison(tmp_path: Path, runs: list[str]) -> None:
    shutil.rmtree(tmp_path / "results" / ".store")
    (tmp_path / "results" / ".store").write_text("a file", encoding="utf-8")
    words = [*runs, "--precision", "0.2", "--outcomes", "delivered_pure_kg", "--out", str(tmp_path / "out")]
    with pytest.raises(StoreError, match=r"cannot write here .* copy the runs to a results folder") as caught:
        compare.command(words, Model(load, simulate))
    assert "run.results" not in str(caught.value)


@pytest.mark.usefixtures("runs")
def test_the_note_names_the_reference_that_the_title_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pattern = str(tmp_path / "results" / "[a-z]*" / "*_*")
    words = [pattern, "--precision", "0.2", "--workers", "1", "--outcomes", "delivered_pure_kg"]
    assert compare.command(words, Model(load, simulate)) == 0
    title, *_, shown = capsys.readouterr().out.partition("the reference is ")
    told = shown.partition(" (")[2].partition(")")[0]
    assert f"({told}): " in title


def test_a_run_that_cannot_be_rebuilt_is_not_continued(tmp_path: Path, runs: list[str]) -> None:
    words = [*runs, "--precision", "1", "--outcomes", "delivered_pure_kg"]
    with pytest.raises(ConfigError, match=r"config\.yaml is not the scenario that was run; run it again"):
        compare.command(words, Model(lambda tree: MadeUpScenario(size=7.0), simulate))
