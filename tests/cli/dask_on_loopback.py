"""A Dask scheduler and its workers as processes of their own, on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0


class Cluster:
    """Use as a context manager; ``address`` is where the scheduler answers."""

    def __init__(self, folder: Path, workers: int = 2, delay_s: float = 0.0, nanny: bool = True) -> None:
        self._folder = folder
        self._count, self._delay_s, self._nanny = workers, delay_s, nanny
        self.processes: list[subprocess.Popen[bytes]] = []
        self.address = ""

    def __enter__(self) -> Cluster:
        found = self._folder / "scheduler.json"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(found))
        end = time.monotonic() + PATIENCE_S
        while not self.address:
            assert time.monotonic() < end, "the scheduler did not start"
            try:
                self.address = json.loads(found.read_text())["address"]
            except (OSError, ValueError):
                time.sleep(0.05)
        for number in range(self._count):
            local = ["--local-directory", str(self._folder / f"w{number}"), "--nthreads", "1"]
            self._start("worker", self.address, *local, "--nanny" if self._nanny else "--no-nanny")
        return self

    def _start(self, what: str, *arguments: str) -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "MADE_UP_SLOW_S": str(self._delay_s),
            "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
        }
        self.processes.append(
            subprocess.Popen(
                [sys.executable, "-m", "dask", what, *arguments, "--no-dashboard"],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=(self._folder / f"{what}_{len(self.processes)}.log").open("wb"),
                start_new_session=True,
            )
        )

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
