"""Quick checks of what is promised first: a killed sweep goes on, a cluster that is not there costs seconds.

The campaigns are ``test_cli_interrupt.py`` and ``test_cli_cluster.py``.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.cli import run
from sim.cli.main import in_one_line
from tests.fixtures import made_up_world
from tests.fixtures.started import Started, alive, wait_until

SWEEP = ("-m", "size=1,2", "run.replications=3", "run.parameter_sets=0", "run.pages=1")
TASKS = 6


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Started]:
    started = Started(tmp_path, *SWEEP)
    yield started
    if started.process.poll() is None:
        os.killpg(started.process.pid, signal.SIGKILL)
    started.process.communicate()


def test_a_killed_sweep_goes_on_and_runs_only_what_is_missing(tmp_path: Path, one: Started) -> None:
    one.wait_for_stored(1)
    one.process.kill()
    one.process.wait()
    wait_until(lambda: not any(alive(pid) for pid in one.starts()))
    kept, before = one.stored(), len(one.starts())
    assert 1 <= kept < TASKS
    assert not (tmp_path / "results" / "sweeps").exists()
    assert one.resume() == 0
    assert len(one.starts()) - before == TASKS - kept
    assert one.stored() == TASKS
    (record,) = (tmp_path / "results" / "sweeps").iterdir()
    assert len((record / "points.csv").read_text().splitlines()) == 1 + 2


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_does_not_answer_is_one_line_within_seconds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    flags = made_up_world.write_conf(tmp_path / "conf")
    address = f"tcp://127.0.0.1:{port}"
    words = [*flags, f"run.results={tmp_path / 'results'}", *SWEEP]
    words += ["hydra/launcher=dask", f"hydra.launcher.address={address}"]
    begin = time.monotonic()
    code = in_one_line(lambda: run.command(words, made_up_world.load_scenario, made_up_world.simulate))
    took_s = time.monotonic() - begin
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert f"no Dask scheduler answers at {address}" in err
    assert err.count("\n") == 1
    assert took_s < 15.0
    assert not list((tmp_path / "results").glob(".store/*/*/*/*.zip"))
