"""A campaign of malformed inputs: one line each, exit code 2, nothing written, and never a traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli.main import main
from tests.fixtures.malformed import KINDS, SHORT, Case

ROOT = Path(__file__).parents[2]
LEAST = 300
"""Cases that the campaign has at least."""


def contents(folder: Path) -> dict[str, bytes | str]:
    """Return every file of a folder with its content, every link with its target."""
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            found[str(path)] = f"-> {os.readlink(path)}"
        elif path.is_file():
            found[str(path)] = path.read_bytes()
        else:
            found[str(path)] = "folder"
    return found


def faults(case: Case, folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return what is wrong with the answer to a malformed input."""
    for name, content in case.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    if case.prepare is not None:
        case.prepare(folder)
    before = contents(folder)
    try:
        code = main(list(case.words))
    except BaseException as error:  # any of them is the fault that is looked for
        capsys.readouterr()
        return [f"{type(error).__name__}: {error}"]
    out, err = capsys.readouterr()
    said = out + err
    found = ["a traceback"] if "Traceback" in said else []
    if case.told and code in (0, 1):
        return found + [f"does not say {text!r}: {said!r}" for text in case.told if text not in said]
    if code != 2:
        return [*found, f"exit code {code}: {said.strip()[-200:]!r}"]
    if out:
        found.append(f"standard output: {out[:200]!r}")
    if err.count("\n") != 1 or not err.startswith("sim: "):
        found.append(f"not one line: {err[:400]!r}")
    if len(err) > 1000:
        found.append(f"a line of {len(err)} characters: {err[:200]!r}")
    if contents(folder) != before:
        found.append(f"written: {sorted(contents(folder).keys() - before.keys())}")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_malformed_input_is_one_line(kind, tmp_path, monkeypatch, capsys):
    wrong = []
    for number, case in enumerate(KINDS[kind]()):
        folder = tmp_path / str(number)
        folder.mkdir()
        monkeypatch.chdir(folder)
        wrong += [f"{case.name} [{' '.join(case.words)}]: {fault}" for fault in faults(case, folder, capsys)]
        monkeypatch.chdir(tmp_path)
        shutil.rmtree(folder)
    assert not wrong, "\n".join([f"{len(wrong)} faults of {number + 1} cases", *wrong])


@pytest.mark.slow
def test_the_campaign_is_as_large_as_promised_and_always_the_same():
    first, again = ([case for cases in KINDS.values() for case in cases()] for _ in range(2))
    assert len(first) >= LEAST
    assert [(case.name, case.words, case.files) for case in first] == [
        (case.name, case.words, case.files) for case in again
    ]


ENVIRONMENTS = {
    "no temporary folder": {"TMPDIR": "/nowhere"},
    "ASCII only": {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"},
    "an encoding that there is not": {"LC_ALL": "xx_XX.none", "LANG": "xx"},
    "columns of a word": {"COLUMNS": "wide", "LINES": "tall"},
    "columns below zero": {"COLUMNS": "-5"},
    "a terminal that there is not": {"TERM": "none", "FORCE_COLOR": "1"},
    "no home": {"HOME": "/nowhere"},
    "warnings are errors": {"PYTHONWARNINGS": "error"},
    "time zone that there is not": {"TZ": "Nowhere/None", "PYTHONTZPATH": ""},
    "hash seed": {"PYTHONHASHSEED": "0"},
    "no bytecode": {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": "/nowhere"},
    "a thread count of words": {"OMP_NUM_THREADS": "many", "POLARS_MAX_THREADS": "1"},
    "no path": {"PATH": ""},
    "developer mode": {"PYTHONDEVMODE": "1"},
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ENVIRONMENTS)
def test_an_odd_environment_changes_no_answer_and_no_refusal(kind, tmp_path):
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), **ENVIRONMENTS[kind]}

    def said(words: list[str]) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "sim", *words],
            env=surroundings,
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
        return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")

    code, out, err = said(["run", "levers.scaning.size=1"])
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert "scanning" in err
    assert not list(tmp_path.iterdir())
    code, out, err = said(["run", *SHORT, "run.workers=2", "run.replications=2"])
    assert code == 0, err
    assert "Traceback" not in out + err
    assert "delivered" in out.lower()
