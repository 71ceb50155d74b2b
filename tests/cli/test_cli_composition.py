"""Whatever keeps a configuration from being composed is one line with its place, exit code 2."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli.errors import explained, explaining
from sim.cli.main import main
from sim.core.errors import ConfigError

SIZE = "name: mine\nlevers: {port_staffing: {size: 10}}\n"
FILES = {
    "of Windows": ("# @package _global_\n# reducción\n" + SIZE).encode("cp1252"),
    "UTF-16": ("# @package _global_\n" + SIZE).encode("utf-16"),
    "byte order mark": ("# @package _global_\n" + SIZE).encode("utf-8-sig"),
    "a key twice": ("# @package _global_\n" + SIZE + "name: yours\n").encode(),
    "open bracket": b"# @package _global_\nname: [mine\n",
    "zero byte": b"# @package _global_\nname: \0\n",
    "a list": b"# @package _global_\n- mine\n",
    "half a header": b"# @package\nname: mine\n",
    "a header too long": b"# @package _global_ and more\nname: mine\n",
    "defaults of a wrong kind": b"# @package _global_\ndefaults: 3\nname: mine\n",
    "defaults with a number": b"# @package _global_\ndefaults: [3]\nname: mine\n",
    "a missing reference": b"# @package _global_\nname: ${nothing.here}\n",
    "a reference to itself": b"# @package _global_\nname: ${name}\n",
    "an unknown resolver": b"# @package _global_\nname: ${no.such:1}\n",
    "an unknown tag": b"# @package _global_\nname: !no 1\n",
    "a key that is a list": b"# @package _global_\n? [a, b]\n: 1\n",
}


def _refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    code = main(words)
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith("sim: ")
    return err


@pytest.mark.parametrize(
    "words", [[], ["-m", "seed=1,2"], ["--cfg", "job", "--resolve"]], ids=["run", "sweep", "cfg"]
)
@pytest.mark.parametrize("kind", FILES)
def test_a_file_of_the_user_that_cannot_be_composed_is_one_line(kind, words, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c" / "scenario").mkdir(parents=True)
    (tmp_path / "c" / "scenario" / "mine.yaml").write_bytes(FILES[kind])
    err = _refused(["run", "run=smoke", "--config-dir", "c", "scenario=mine", *words], capsys)
    if kind in ("of Windows", "UTF-16", "byte order mark", "a key twice", "open bracket"):
        assert "scenario/mine.yaml" in err
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("run.results=~/x", "write the folder in full: run.results=/home/me/x"),
        ("run.results=~/Ñandú", "put it in quotes: \"run.results='/home/me/Ñandú'\""),
        ("run.results=Resultados_Ñandú", "put it in quotes: \"run.results='Resultados_Ñandú'\""),
        ("run.results=a&b", "put it in quotes: \"run.results='a&b'\""),
        ("name=a=b", "put it in quotes: \"name='a=b'\""),
        ("seed= range(1,", "write key=value, without spaces"),
        ("seed=range(1,3", "close every quote and bracket"),
        ("name='a", "close every quote and bracket"),
        ("+experiment=staffing_dose", "leave the + away"),
        ("+scenario=surge", "leave the + away"),
    ],
)
def test_the_advice_fits_the_word(word, told, capsys, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert told in _refused(["run", "run=smoke", word], capsys)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        (
            "scenario=glob(port_stafing*)",
            "port_stafing* matches nothing (did you mean 'port_staffing'?); allowed: ",
        ),
        ("scenario=glob([])", "glob() matches nothing; allowed: baseline"),
        ("scenario=glob(*,exclude=*)", "* matches nothing; allowed: baseline"),
        ("seed=glob(x*)", "seed has no files that glob() could name"),
        ("seed=range(3,1)", "there is nothing to sweep over"),
        ("levers.scanning.size=range(0,0)", "there is nothing to sweep over"),
    ],
)
def test_a_sweep_of_nothing_names_the_part_that_matched_nothing(word, told, capsys):
    err = _refused(
        ["run", "-m", "run=smoke", "seed=1,2", word] if "seed" not in word else ["run", "-m", word], capsys
    )
    assert err.startswith(f"sim: {word}: ")
    assert told in err


@pytest.mark.parametrize(
    "kind", [ValueError, AttributeError, TypeError, KeyError, AssertionError, UnicodeError]
)
def test_what_nobody_foresaw_is_one_line_too(kind, monkeypatch):
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    with pytest.raises(ConfigError, match="HYDRA_FULL_ERROR=1 shows where") as error, explaining([]):
        raise kind("first\nsecond")
    assert "\n" not in str(error.value)
    assert explained(kind("first"), []).endswith("HYDRA_FULL_ERROR=1 shows where")


def test_python_without_assertions_is_told_what_to_leave_out():
    words = ["-m", "sim", "run", "-m", "seed=range(1,3)", "run=smoke"]
    done = subprocess.run(
        [sys.executable, *words],
        env={**os.environ, "PYTHONOPTIMIZE": "1", "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "PYTHONOPTIMIZE" in done.stderr
