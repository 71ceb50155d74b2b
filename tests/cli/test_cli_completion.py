"""Tab completion survives the subcommand, in a real bash; help comes fast."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.cli import names
from sim.cli.completion import SCRIPTS
from sim.cli.main import COMMANDS, help_text, main

ROOT = Path(__file__).parents[2]
HEAVY = {"hydra", "numba", "duckdb", "plotly", "scipy", "numpy", "pydantic", "rich"}


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    # One folder for all: the list takes a second to make.
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "names"))


def _query(line: str, monkeypatch, capsys, shell: str = "bash") -> list[str]:
    monkeypatch.setenv("COMP_LINE", line)
    assert main(["-sc", f"query={shell}"]) == 0
    return capsys.readouterr().out.split()


def test_every_command_is_completed(monkeypatch, capsys):
    assert set(COMMANDS) <= set(_query("sim ", monkeypatch, capsys))
    assert _query("sim ru", monkeypatch, capsys) == ["run"]
    assert _query("sim nonsense ", monkeypatch, capsys) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sim run levers.port_staffing.siz", ["levers.port_staffing.size="]),
        ("sim run levers.port_st", ["levers.port_staffing."]),
        ("sim run levers.scanning.size=", ["levers.scanning.size=0", "levers.scanning.size=153"]),
        ("sim run scenario=baseline_", ["scenario=baseline_3y"]),
        ("sim run -m scenario=surge,tar", ["scenario=surge,targeting"]),
        ("sim run seed=3 adver", ["adversary=", "adversary."]),
        ("sim run -m run=sm", ["run=smoke"]),
        ("sim run run.work", ["run.workers="]),
        ("sim run +experiment=evidence_s", ["+experiment=evidence_sobol"]),
        ("sim run levers.cyber.announced=t", ["levers.cyber.announced=true"]),
        ("sim run --config-d", ["--config-dir"]),
        ("sim run --cfg ", ["job", "hydra", "all"]),
        ("sim run --config-dir ", []),
        ("chokepoint study eff", ["effect"]),
        ("sim study effect hsi", ["hsi_strategy"]),
        ("sim study effect hsi_strategy seed", ["seed="]),
        ("sim study effect --adversaries none,log", ["none,logit"]),
        ("sim study effect --adv", ["--adversaries"]),
        ("sim compare a b --outcomes delivered_p", ["delivered_pure_kg"]),
        ("sim show lever scan", ["scanning"]),
        ("sim show hsi", ["hsi_strategy"]),
        ("sim show scenario surge --against baseline_", ["baseline_3y"]),
        ("sim list adv", ["adversaries"]),
        ("sim data sei", ["seizures"]),
        ("sim completion z", ["zsh"]),
        ("sim query --cs", ["--csv"]),
    ],
)  # fmt: skip
def test_the_last_word_is_completed(line, expected, monkeypatch, capsys):
    assert _query(line, monkeypatch, capsys) == expected


def test_runs_are_completed_where_runs_are_meant(monkeypatch, capsys, tmp_path):
    (tmp_path / "results" / "baseline" / "2026-01-01_abcd").mkdir(parents=True)
    (tmp_path / "results" / "baseline" / "2026-01-01_abcd" / "manifest.json").write_text("{}")
    line = f"sim open --results {tmp_path / 'results'} baseline/"
    assert _query(line, monkeypatch, capsys) == ["baseline/2026-01-01_abcd"]
    monkeypatch.chdir(tmp_path)
    assert _query("sim open base", monkeypatch, capsys) == ["baseline", "baseline/2026-01-01_abcd"]
    assert _query("sim compare base", monkeypatch, capsys) == ["baseline", "baseline/2026-01-01_abcd"]


def test_names_of_ones_own_are_completed(monkeypatch, capsys, tmp_path):
    (tmp_path / "scenario").mkdir()
    (tmp_path / "scenario" / "mine.yaml").write_text("name: mine\n")
    assert _query(f"sim run --config-dir {tmp_path} scenario=mi", monkeypatch, capsys) == ["scenario=mine"]


def test_the_list_is_made_once_and_again_after_a_change(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = []
    monkeypatch.setattr(names, "_made", lambda folders: made.append(1) or {"commands": {}})
    for _ in range(2):
        assert names.names() == {"commands": {}}
    assert len(made) == 1
    (tmp_path / "lever").mkdir()
    (tmp_path / "lever" / "x.yaml").write_text("size: 0\n")
    names.names([tmp_path])
    assert len(made) == 2
    for file in (tmp_path / "cache" / "chokepoint").iterdir():
        file.write_text("{ half")
    names.names()
    assert len(made) == 3
    assert not list((tmp_path / "cache" / "chokepoint").glob("*.part"))


def test_a_cache_that_cannot_be_written_is_no_error(monkeypatch, capsys, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert _query("sim ru", monkeypatch, capsys) == ["run"]


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_of_each_shell_asks_the_command(shell, monkeypatch, capsys):
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"-sc query={shell}" in script
    assert "_sim_completion" in script
    for words in (["-sc", f"install={shell}"], ["run", "-sc", f"install={shell}"]):
        assert main(words) == 0
        assert capsys.readouterr().out == script
    assert main(["-sc", f"uninstall={shell}"]) == 0
    assert "sim" in capsys.readouterr().out
    assert _query("sim ru", monkeypatch, capsys, shell) == ["run"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["-sc", "install=csh"], "unknown shell 'csh'"),
        (["-sc", "bash"], "write install=SHELL"),
        (["-sc"], "-sc: write"),
    ],
)
def test_a_mistake_is_one_line(words, expected, capsys):
    assert main(words) == 2
    assert expected in capsys.readouterr().err


BASH = """
eval "$(sim completion bash)"
COMP_LINE="{line}"; COMP_POINT=${{#COMP_LINE}}
_sim_completion; printf "<%s>" "${{COMPREPLY[@]}}"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sim run levers.port_st", "<levers.port_staffing.>"),
        ("sim show lever scan", "<scanning >"),
        # Bash replaces what follows the =.
        ("sim run scenario=hsi", "<hsi_strategy >"),
        ("sim run -m scenario=surge,tar", "<surge,targeting >"),
    ],
)
def test_completion_in_a_real_shell(line, expected, tmp_path):
    shim = tmp_path / "sim"
    shim.write_text(f'#!/bin/sh\ncd {ROOT} && exec {sys.executable} -m sim "$@"\n')
    shim.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    script = BASH.format(line=line)
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == expected


def test_completion_loads_nothing_heavy(monkeypatch, capsys):
    _query("sim ", monkeypatch, capsys)  # the list is there
    code = (
        "import sys; from sim.cli.main import main; main(['-sc', 'query=bash']);"
        f"heavy = {HEAVY!r} & set(sys.modules); sys.exit(str(heavy) if heavy else 0)"
    )
    environment = {**os.environ, "COMP_LINE": "sim run levers.scanning.size="}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_help_tells_in_a_line_what_studies_there_are():
    (line,) = [line for line in help_text().splitlines() if line.startswith("  sim study")]
    for expected in ("effects", "best strategies", "sensitivity", "power", "calibration"):
        assert expected in line
    assert len(line) <= 80


def test_help_imports_nothing_heavy(capsys):
    code = (
        "import sys; from sim.cli.main import main; main(['--help']);"
        f"heavy = {HEAVY!r} & set(sys.modules); sys.exit(str(heavy) if heavy else 0)"
    )
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    taken_s = time.perf_counter() - started
    assert done.returncode == 0, done.stderr
    assert "sim run" in done.stdout
    assert taken_s < 5.0  # half a second where nothing else runs; this only catches a heavy import


def test_no_arguments_and_version(capsys):
    assert main([]) == 0
    assert "sim run" in capsys.readouterr().out
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("chokepoint ")
