"""Sweeps whose processes are killed, whose disk is full, that meet in one store: nothing is lost."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.started import PATIENCE_S, Started

pytestmark = pytest.mark.slow  # whole runs: minutes on a busy machine

SWEEP = ("-m", "size=1,2,3", "run.parameter_sets=0")
TASKS = 12


@pytest.fixture
def started() -> Iterator[list[Started]]:
    running: list[Started] = []
    yield running
    for one in running:
        if one.process.poll() is None:
            os.killpg(one.process.pid, signal.SIGKILL)
        one.process.communicate()


def ended(one: Started) -> tuple[int, str, str]:
    out, err = one.process.communicate(timeout=PATIENCE_S)
    return one.process.returncode, out, err


def points(folder: Path) -> list[list[str]]:
    """Return the rows of the only record of a sweep."""
    (record,) = (folder / "results" / "sweeps").iterdir()
    return [line.split(",") for line in (record / "points.csv").read_text().splitlines()[1:]]


def test_a_disk_that_fills_up_stops_a_sweep_in_one_line_and_it_goes_on_later(tmp_path, started):
    """The system lets the processes of the sweep write no byte more, halfway."""
    one = Started(tmp_path, *SWEEP)
    started.append(one)
    one.wait_for_stored(3)
    for pid in {one.process.pid, *one.starts()}:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    code, out, err = ended(one)
    assert (code, out) == (2, "")
    assert err.startswith("sim: ")
    assert err.count("\n") == 1
    assert "the disk is full; finished replications are kept" in err
    kept, before = one.stored(), len(one.starts())
    assert 3 <= kept < TASKS
    assert one.resume() == 0
    assert len(one.starts()) - before == TASKS - kept
    assert one.stored() == TASKS


def test_two_sweeps_at_once_share_a_store(tmp_path, started):
    """They have two points in common; each ends well, and no replication is there twice or torn."""
    first = Started(tmp_path, "-m", "size=1,2,3", "run.parameter_sets=0", delay_s=0.1)
    second = Started(tmp_path, "-m", "size=2,3,4", "run.parameter_sets=0", delay_s=0.1)
    started += [first, second]
    for one in (first, second):
        code, out, err = ended(one)
        assert (code, err) == (0, "")
        assert out.splitlines()[-1].startswith("sweep ")
    assert first.stored() == 4 * 4
    assert not list((tmp_path / "results" / ".store").glob("*/*/*/.part-*"))
    assert len(list((tmp_path / "results" / "sweeps").iterdir())) == 2


def test_a_worker_killed_from_outside_costs_a_sweep_nothing(tmp_path, started):
    one = Started(tmp_path, *SWEEP)
    started.append(one)
    one.wait_for_stored(2)
    os.kill(one.starts()[-1], signal.SIGKILL)
    code, _, err = ended(one)
    assert (code, err) == (0, "")
    assert one.stored() == TASKS
    assert [row[1] for row in points(tmp_path)] == ["size=1", "size=2", "size=3"]
