"""Tab completion survives the subcommand, in a real bash; help comes fast."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.cli.main import help_text, main

ROOT = Path(__file__).parents[2]
HEAVY = {"hydra", "numba", "duckdb", "plotly", "scipy", "numpy", "pydantic", "rich"}


def _query(line: str, monkeypatch, capsys) -> list[str]:
    monkeypatch.setenv("COMP_LINE", line)
    assert main(["-sc", "query=bash"]) == 0
    return capsys.readouterr().out.split()


def test_the_subcommand_itself_is_completed(monkeypatch, capsys):
    assert "run" in _query("sim ", monkeypatch, capsys)
    assert _query("sim ru", monkeypatch, capsys) == ["run"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sim run levers.port_staffing.siz", "levers.port_staffing.size="),
        ("sim run scenario=base", "scenario=baseline"),
        ("sim run seed=3 adver", "adversary="),
        ("sim run -m run=sm", "run=smoke"),
    ],
)
def test_keys_and_choices_are_completed_after_run(line, expected, monkeypatch, capsys):
    assert expected in _query(line, monkeypatch, capsys)


@pytest.mark.parametrize("words", [["-sc", "install=bash"], ["run", "-sc", "install=bash"]])
def test_the_script_registers_the_command(words, capsys):
    assert main(words) == 0
    assert capsys.readouterr().out.rstrip().endswith("hydra_bash_completion sim")


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_completion_in_a_real_shell(tmp_path):
    shim = tmp_path / "sim"
    shim.write_text(f'#!/bin/sh\ncd {ROOT} && exec {sys.executable} -m sim "$@"\n')
    shim.chmod(0o755)
    script = (
        'eval "$(sim run -sc install=bash)"\n'
        'COMP_LINE="sim run levers.port_st"; COMP_POINT=${#COMP_LINE}; COMP_CWORD=2\n'
        'hydra_bash_completion; echo "${COMPREPLY[@]}"\n'
    )
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["levers.port_staffing."]


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
