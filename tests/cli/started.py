"""A run of the made-up world in processes of its own, to be disturbed by signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from sim.cli import run
from sim.cli.main import in_one_line
from tests.cli import made_up_world

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30.0


class Started:
    """A run of the made-up world in a process group of its own, slow enough to be disturbed."""

    def __init__(self, folder: Path, *arguments: str, delay_s: float = 0.4) -> None:
        self.folder = folder
        self.marks = folder / "marks"
        self.marks.mkdir(parents=True, exist_ok=True)
        self.flags = made_up_world.write_conf(folder / "conf")
        self.words = [f"run.results={folder / 'results'}", f"marks={self.marks}"]
        self.arguments = arguments
        words = [*self.flags, *self.words, *arguments]
        command = [sys.executable, "-m", "tests.cli.run_made_up", *words]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, made_up_world.SLOW: str(delay_s)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A shell without job control starts its background jobs deaf to SIGINT; a terminal does not.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - no threads here
        )

    def stored(self) -> int:
        return len(list((self.folder / "results").glob(".store/*/*/*/*.zip")))

    def starts(self) -> list[int]:
        """Return the process ids that started a replication, one a start."""
        return [int(word) for path in self.marks.iterdir() for word in path.read_text().split()]

    def wait_for_stored(self, count: int) -> None:
        wait_until(lambda: self.stored() >= count)

    def resume(self) -> int:
        """Run the same command again, without delays, in this process."""
        return in_one_line(
            lambda: run.command(
                [*self.flags, *self.words, *self.arguments],
                made_up_world.load_scenario,
                made_up_world.simulate,
            )
        )


def wait_until(true: object) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
