"""The page on Python: every block runs as it stands, and the README's example has real types."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def blocks(page: str) -> list[str]:
    """Return the blocks of Python of a page."""
    return BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))


def test_every_block_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "page"}
    found = blocks("docs/python.md")
    assert len(found) >= 5
    for block in found:
        exec(compile(block, "docs/python.md", "exec"), names)


def test_a_script_without_a_main_guard_runs_once(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import chokepoint as ck\n"
        "print('started')\n"
        "changes = {'calendar.days': 5, 'calendar.warmup_days': 0, 'border.model': 'instant'}\n"
        "print(len(ck.run(changes=changes, replications=3, workers=2, results='here').outcomes) > 5)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr, done.returncode) == ("started\nTrue\n", "", 0)


def revealed(code: str, tmp_path: Path) -> str:
    """Return what mypy --strict says of a script in which every name that is assigned is revealed."""
    names = dict.fromkeys(re.findall(r"^(\w+) = ", code, re.MULTILINE))
    script = tmp_path / "example.py"
    script.write_text(code + "\n" + "\n".join(f"reveal_type({name})" for name in names) + "\n")
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(script)]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.mark.slow
def test_the_example_of_the_readme_is_typed(tmp_path: Path) -> None:
    (code,) = blocks("README.md")
    expected = revealed(code, tmp_path)
    assert "Any" not in expected, expected
    assert "error" not in expected, expected
    assert expected.count("Revealed type") >= 3


@pytest.mark.slow
def test_an_untyped_example_is_refused(tmp_path: Path) -> None:
    assert "Any" in revealed("import json\nvalue = json.loads('1')", tmp_path)
