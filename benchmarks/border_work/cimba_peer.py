"""cimba as an optional peer: it needs a newer Python, so it runs in an environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

from benchmarks.border_work.same_border import Work, write_day

VARIABLE = "CHOKEPOINT_CIMBA_PYTHON"
ABSENT = f"not installed (pip install cimba needs Python 3.13; then set {VARIABLE} to that python)"
PROGRAM = Path(__file__).with_name("in_cimba.py")


def find_cimba() -> str | None:
    """Return the Python that has cimba, None if there is none."""
    for name in (os.environ.get(VARIABLE), "python3.14", "python3.13"):
        python = shutil.which(name) if name else None
        if (
            python
            and subprocess.run([python, "-c", "import cimba"], capture_output=True, check=False).returncode
            == 0
        ):
            return python
    return None


def cimba_ns(python: str, work: Work, hours: list[int], rounds: int) -> list[tuple[int, float]]:
    """Return for each number of hours the arrivals, and the median processor time of one, ns.

    Raises
    ------
    RuntimeError
        cimba refuses the program, as another version of it may.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "day.npz")
        write_day(work, path)
        command = [python, str(PROGRAM), path, str(rounds), *map(str, hours)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"cimba failed: {(done.stderr.strip() or 'no message').splitlines()[-1]}")
    out = []
    for line in done.stdout.splitlines():
        runs = json.loads(line)["rounds"]
        arrivals = int(runs[-1]["trips"] + runs[-1]["reneged"])
        out.append((arrivals, statistics.median(run["taken_s"] for run in runs) / arrivals * 1e9))
    return out
