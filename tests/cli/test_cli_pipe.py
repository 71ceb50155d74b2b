"""A reader of a pipe that has seen enough, such as ``head``, ends a command silently."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CROSSING = "arrivals_per_h: 60\nlanes: 2\nservice_s: 60\ndays: 1\nwarmup_days: 0\nreplications: 2\n"


@pytest.mark.parametrize(
    "words", [["--help"], ["border", "crossing.yaml"], ["run", "--cfg", "job"]], ids=lambda words: words[0]
)
def test_a_closed_pipe_is_no_mistake(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "crossing.yaml").write_text(CROSSING)
    with subprocess.Popen(
        [sys.executable, "-m", "sim", *words],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == ""
        assert child.wait() == 0
