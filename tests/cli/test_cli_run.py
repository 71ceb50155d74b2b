"""``sim run``: the run folder, the table, sweeps, the store, and bytes that workers do not change."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sim.cli import run
from sim.cli.main import in_one_line, main
from sim.core.shipped import conf_folder
from sim.store.parquet import read_table
from tests.fixtures import made_up_world

ROOT = Path(__file__).parents[2]
FILES = {
    "manifest.json", "config.yaml", "evidence.parquet", "measures.parquet", "border_hours.parquet",
    "border_months.parquet", "postings.parquet", "index.html", "plotly.min.js",
}  # fmt: skip


def _made_up(folder: Path, *arguments: str) -> int:
    flags = made_up_world.write_conf(folder / "conf")
    words = [*flags, f"run.results={folder / 'results'}", *arguments]
    return in_one_line(lambda: run.command(words, made_up_world.load_scenario, made_up_world.simulate))


def _runs(folder: Path) -> list[Path]:
    found = sorted(path.parent for path in (folder / "results").glob("*/*/manifest.json"))
    return [run for run in found if run.parent.name != "sweeps"]


def _bytes(folder: Path) -> dict[str, bytes]:
    """Return every file of the results but locks and the records of sweeps."""
    skip = {"locks", ".sweeps", "sweeps"}
    found = [p for p in folder.rglob("*") if p.is_file() and not skip & set(p.parts)]
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(found)}


def test_a_run_leaves_its_folder_and_tells_where(tmp_path, capsys):
    assert _made_up(tmp_path) == 0
    (folder,) = _runs(tmp_path)
    assert {p.name for p in folder.iterdir()} == FILES
    out, err = capsys.readouterr()
    assert err == ""
    assert out.rstrip().endswith(f"open {folder / 'index.html'}")
    assert "rests on 1 assumption among 2 numbers" in out
    assert "1 override: other" in out
    assert "parameter-uncertainty interval: smallest to largest value, 2 sets cover about 33%" in out


def test_the_tables_of_a_run_hold_what_they_should(tmp_path):
    _made_up(tmp_path)
    (folder,) = _runs(tmp_path)
    measures = read_table("measures", [folder / "measures.parquet"])
    pairs = list(zip(measures["parameter_set"].tolist(), measures["replication"].tolist(), strict=True))
    assert list(dict.fromkeys(pairs)) == [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (2, 1)]
    assert set(read_table("postings", [folder / "postings.parquet"])["replication"]) == {0}
    hours = read_table("border_hours", [folder / "border_hours.parquet"])
    central = measures["value"][(measures["parameter_set"] == 0) & (measures["month"] == "2021-10")]
    assert hours["wait_min"][0] == pytest.approx(central.mean())
    evidence = read_table("evidence", [folder / "evidence.parquet"])
    assert evidence["status"].tolist() == ["assumed", "override"]


def test_the_manifest_names_neither_machine_nor_hour(tmp_path):
    _made_up(tmp_path)
    (folder,) = _runs(tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {"version", "code_revision", "config_hash", "seed", "packages", "model_version"} <= set(manifest)
    text = "".join((folder / name).read_text() for name in ("manifest.json", "config.yaml"))
    for told in (str(tmp_path), os.uname().nodename, folder.name[:10], "workers", "results"):
        assert told not in text


@pytest.mark.parametrize("absolute", [True, False])
def test_the_configuration_of_a_run_folder_runs_again(absolute, tmp_path, monkeypatch):
    _made_up(tmp_path, "size=3")
    (folder,) = _runs(tmp_path)
    before = _bytes(tmp_path / "results")
    monkeypatch.chdir(tmp_path)
    where = folder if absolute else folder.relative_to(tmp_path)
    words = ["-cp", str(where), "-cn", "config", f"+run.results={tmp_path / 'results'}", "+run.images=false"]
    assert run.command(words, made_up_world.load_scenario, made_up_world.simulate) == 0
    assert _bytes(tmp_path / "results") == before


def test_one_worker_and_two_leave_the_same_bytes(tmp_path):
    for workers in ("1", "2"):
        assert _made_up(tmp_path / workers, f"run.workers={workers}") == 0
    one, two = _bytes(tmp_path / "1" / "results"), _bytes(tmp_path / "2" / "results")
    assert len(one) == len(FILES) + 6 + 1
    assert one == two


def test_the_model_itself_leaves_the_same_bytes_with_one_worker_and_two(tmp_path):
    for workers in ("1", "2"):
        results = f"run.results={tmp_path / workers / 'results'}"
        assert main(["run", *made_up_world.THREE_DAYS, results, f"run.workers={workers}"]) == 0
    one, two = _bytes(tmp_path / "1"), _bytes(tmp_path / "2")
    assert len(one) == len(FILES) + 2 + 1
    assert one == two


def test_a_larger_run_reuses_the_replications_of_a_smaller_one(tmp_path):
    marks = tmp_path / "marks"
    marks.mkdir()
    _made_up(tmp_path, "run.replications=2", f"marks={marks}")
    _made_up(tmp_path, "run.replications=4", f"marks={marks}")
    started = {p.name: len(p.read_text().split()) for p in marks.iterdir()}
    assert started == {f"started_{s}_{r}": 1 for s, r in [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (2, 1)]}
    assert len(_runs(tmp_path)) == 2


def test_a_point_leaves_the_same_bytes_inside_and_outside_a_sweep(tmp_path):
    _made_up(tmp_path, "-m", "size=1,2")
    before = _bytes(tmp_path / "results")
    _made_up(tmp_path, "size=2")
    assert _bytes(tmp_path / "results") == before


def test_another_configuration_of_the_same_world_has_its_own_folder_and_shares_replications(tmp_path):
    _made_up(tmp_path)
    _made_up(tmp_path, "trouble=none")
    assert len(_runs(tmp_path)) == 2
    assert len(list((tmp_path / "results").glob(".store/*/*/*/*.zip"))) == 6


def test_overrides_and_flags_may_stand_in_any_order(tmp_path):
    assert _made_up(tmp_path, "size=1,2", "-m", "seed=3") == 0
    assert len(_runs(tmp_path)) == 2


def test_one_replication_has_no_interval_and_says_so(tmp_path, capsys):
    _made_up(tmp_path, "run.replications=1", "run.parameter_sets=0")
    out = capsys.readouterr().out
    assert "one replication: no interval" in out
    assert "no parameter-uncertainty interval" in out


def test_hydra_writes_nothing_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    flags = made_up_world.write_conf(tmp_path / "conf")
    run.command(flags, made_up_world.load_scenario, made_up_world.simulate)
    assert {p.name for p in tmp_path.iterdir()} == {"conf", "results"}
    assert {p.name for p in (tmp_path / "results").iterdir()} == {".store", "made_up"}


def test_the_table_has_no_colour_codes_and_does_not_wrap_without_a_terminal(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "40")
    _made_up(tmp_path)
    lines = capsys.readouterr().out.splitlines()
    assert not any("\x1b" in line for line in lines)
    head, row = lines[1], lines[2]
    assert " ".join(head.split()) == "outcome mean Monte Carlo 95 % parameters 95 % unit CBP FY2022"
    assert row.startswith("Fentanyl delivered")
    assert len(row.rstrip()) <= len(head.rstrip())


def test_a_terminal_shows_a_progress_bar_with_the_time_left(tmp_path):
    flags = made_up_world.write_conf(tmp_path / "conf")
    command = [
        sys.executable,
        "-m",
        "tests.fixtures.run_made_up",
        *flags,
        f"run.results={tmp_path / 'r'}",
    ]
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", made_up_world.SLOW: "0.3"}
    with subprocess.Popen(
        command, cwd=ROOT, stderr=theirs, stdout=subprocess.DEVNULL, env=environment
    ) as process:
        os.close(theirs)
        seen = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:
                break
            if not part:
                break
            seen += part
        assert process.wait() == 0
    os.close(ours)
    assert b"replications" in seen
    assert b"6/6" in seen
    assert b"left" in seen


class TestHydraFlags:
    """Flags of Hydra go through the subcommand."""

    def test_cfg_job_is_the_configuration(self, capsys):
        assert main(["run", "--cfg", "job", "levers.port_staffing.size=500"]) == 0
        tree = yaml.safe_load(capsys.readouterr().out)
        assert tree["levers"]["port_staffing"]["size"] == 500
        assert set(tree["levers"]) == {p.stem for p in (conf_folder() / "lever").glob("*.yaml")}
        assert "hydra" not in tree

    def test_help_shows_choices_and_no_powered_by(self, capsys):
        assert main(["run", "--help"]) == 0
        out = capsys.readouterr().out
        assert "run: class, draws, paper, quick, smoke, standard" in out
        assert "--multirun" in out

    @pytest.mark.parametrize("flags", [["--info", "searchpath"], ["--hydra-help"], ["--cfg", "hydra"]])
    def test_other_flags_answer(self, flags, capsys):
        assert main(["run", *flags]) == 0
        assert len(capsys.readouterr().out) > 100

    def test_a_user_adds_a_lever_with_one_file(self, tmp_path, capsys):
        (tmp_path / "lever").mkdir()
        shipped = (conf_folder() / "lever" / "port_staffing.yaml").read_text()
        (tmp_path / "lever" / "my_lever.yaml").write_text(shipped)
        words = [
            "run",
            "--config-dir",
            str(tmp_path),
            "--cfg",
            "job",
            "-p",
            "levers.my_lever",
            "levers.my_lever.size=7",
        ]
        assert main(words) == 0
        assert yaml.safe_load(capsys.readouterr().out)["size"] == 7
