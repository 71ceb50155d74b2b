"""Real signals to real processes: what is finished stays, nothing is left running, the rest is done later."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.cli import run
from sim.cli.main import in_one_line
from tests.cli import made_up_world

ROOT = Path(__file__).parents[2]
TASKS = 6
PATIENCE_S = 30.0


class Started:
    """A run of the made-up world in a process group of its own, slow enough to be disturbed."""

    def __init__(self, folder: Path, *arguments: str, delay_s: float = 0.4) -> None:
        self.folder = folder
        self.marks = folder / "marks"
        self.marks.mkdir(parents=True)
        self.flags = made_up_world.write_conf(folder / "conf")
        self.words = [f"run.results={folder / 'results'}", f"marks={self.marks}"]
        command = [
            sys.executable,
            "-m",
            "tests.cli.run_made_up",
            *self.flags,
            *self.words,
            *arguments,
        ]
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
        return len(list((self.folder / "results").glob(".store/*/*/*/*/done.json")))

    def starts(self) -> list[int]:
        """Return the process ids that started a replication, one a start."""
        return [int(word) for path in self.marks.iterdir() for word in path.read_text().split()]

    def wait_for_stored(self, count: int) -> None:
        _wait_until(lambda: self.stored() >= count)

    def resume(self) -> int:
        """Run the same command again, without delays, in this process."""
        return in_one_line(
            lambda: run.command(
                [*self.flags, *self.words], made_up_world.load_scenario, made_up_world.simulate
            )
        )


def _wait_until(true: object) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Started]]:
    """Collect what a test starts, and end what it leaves."""
    running: list[Started] = []
    yield running
    for one in running:
        if one.process.poll() is None:
            os.killpg(one.process.pid, signal.SIGKILL)
        one.process.communicate()


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(workers, tmp_path, started):
    one = Started(tmp_path, f"run.workers={workers}")
    started.append(one)
    one.wait_for_stored(2)
    os.killpg(one.process.pid, signal.SIGINT)  # a terminal sends it to the whole group
    out, err = one.process.communicate(timeout=PATIENCE_S)
    kept = one.stored()
    assert one.process.returncode == 130
    assert out == ""
    assert 2 <= kept < TASKS
    done = f"{kept} of {TASKS} replications are finished and kept"
    assert err == f"sim: stopped; {done}, the same command does the rest\n"
    _wait_until(lambda: not any(_alive(pid) for pid in one.starts()))
    before = len(one.starts())
    assert one.resume() == 0
    assert len(one.starts()) == before + TASKS - kept


def test_a_worker_killed_from_outside_loses_nothing(tmp_path, started):
    one = Started(tmp_path, "run.workers=2")
    started.append(one)
    _wait_until(lambda: len(set(one.starts())) == 2)
    os.kill(one.starts()[0], signal.SIGKILL)
    out, err = one.process.communicate(timeout=PATIENCE_S)
    assert (one.process.returncode, err) == (0, "")
    assert "open " in out
    assert one.stored() == TASKS


def test_a_killed_run_leaves_no_process_behind_and_goes_on(tmp_path, started):
    one = Started(tmp_path, "run.workers=2")
    started.append(one)
    one.wait_for_stored(2)
    one.process.kill()
    one.process.wait()
    _wait_until(lambda: not any(_alive(pid) for pid in one.starts()))
    kept = one.stored()
    before = len(one.starts())
    assert one.resume() == 0
    assert len(one.starts()) == before + TASKS - kept


def test_a_second_run_into_the_same_folder_gets_one_line(tmp_path, started, capsys):
    one = Started(tmp_path, "run.workers=2", delay_s=2.0)
    started.append(one)
    one.wait_for_stored(1)
    assert one.resume() == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("sim: ")
    assert "another run is writing this folder; wait for it" in err
    assert err.count("\n") == 1
    one.process.communicate(timeout=PATIENCE_S)
    assert one.process.returncode == 0


def test_two_sweeps_may_share_their_points(tmp_path, started):
    """Neither keeps a folder from the other for longer than it takes to write it."""
    one = Started(tmp_path, "-m", "size=1,2")
    started.append(one)
    one.wait_for_stored(1)
    words = [*one.flags, *one.words, "-m", "size=2,3"]
    assert run.command(words, made_up_world.load_scenario, made_up_world.simulate) == 0
    one.process.communicate(timeout=PATIENCE_S)
    assert one.process.returncode == 0
    assert len(list((tmp_path / "results").glob("*/*/index.html"))) == 3


def test_a_full_disk_is_one_line_and_what_is_finished_stays(tmp_path, monkeypatch, capsys):
    """The disk is made full in this process: the third replication cannot be moved into place."""
    from sim.store import parquet

    real, calls = Path.replace, []

    def replace(self: Path, target: Path) -> Path:
        calls.append(target)
        if len([c for c in calls if c.name == "measures.parquet"]) > 2:
            raise OSError(28, os.strerror(28))
        return real(self, target)

    monkeypatch.setattr(parquet.Path, "replace", replace)
    flags = made_up_world.write_conf(tmp_path / "conf")
    words = [*flags, f"run.results={tmp_path / 'results'}", "run.workers=1"]
    code = in_one_line(lambda: run.command(words, made_up_world.load_scenario, made_up_world.simulate))
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert "the disk is full; finished replications are kept" in err
    assert err.count("\n") == 1
    assert len(list((tmp_path / "results").glob(".store/*/*/*/*/done.json"))) == 2
