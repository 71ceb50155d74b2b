"""Real signals to real processes: what is finished stays, nothing is left running, the rest is done later."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.cli import run
from sim.cli.main import in_one_line
from sim.run.plan import Replications, plan_of
from sim.run.pool import Progress, run_tasks
from tests.fixtures import made_up_world
from tests.fixtures.started import PATIENCE_S, Started, alive, wait_until

TASKS = 6


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Started]]:
    """Collect what a test starts, and end what it leaves."""
    running: list[Started] = []
    yield running
    for one in running:
        if one.process.poll() is None:
            os.killpg(one.process.pid, signal.SIGKILL)
        one.process.communicate()


@pytest.mark.parametrize(
    ("workers", "sent", "code"),
    [(1, signal.SIGINT, 130), (2, signal.SIGINT, 130), (1, signal.SIGTERM, 143), (2, signal.SIGTERM, 143)],
)
def test_a_stop_keeps_what_is_finished_and_says_how_to_go_on(workers, sent, code, tmp_path, started):
    one = Started(tmp_path, f"run.workers={workers}")
    started.append(one)
    one.wait_for_stored(2)
    if sent == signal.SIGINT:
        os.killpg(one.process.pid, sent)  # a terminal sends it to the whole group
    else:
        os.kill(one.process.pid, sent)
    out, err = one.process.communicate(timeout=PATIENCE_S)
    kept = one.stored()
    assert one.process.returncode == code
    assert out == ""
    assert 2 <= kept < TASKS
    done = f"{kept} of {TASKS} replications are finished and kept"
    assert err == f"sim: stopped; {done}, the same command does the rest\n"
    wait_until(lambda: not any(alive(pid) for pid in one.starts()))
    before = len(one.starts())
    assert one.resume() == 0
    assert len(one.starts()) == before + TASKS - kept


def test_what_a_worker_stored_unheard_counts_when_a_run_is_stopped(tmp_path):
    """Ctrl-C reaches this process while it hears of the first result, and the second is stored already."""
    plan = plan_of(made_up_world.MadeUpScenario(), Replications(TASKS, results=tmp_path))
    plan.store.prepare()
    heard: list[Progress] = []

    def on_progress(now: Progress) -> None:
        heard.append(now)
        if len(heard) == 2:
            wait_until(lambda: sum(map(plan.store.has, plan.keys)) >= 2)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_tasks(plan.tasks, made_up_world.simulate, 2, on_progress)
    assert heard[-1].finished == sum(map(plan.store.has, plan.keys)) >= 2


def test_a_worker_killed_from_outside_costs_a_sweep_nothing(tmp_path, started):
    one = Started(tmp_path, "-m", "size=1,2", "run.replications=3", "run.parameter_sets=0", "run.workers=2")
    started.append(one)
    wait_until(lambda: len(set(one.starts())) == 2)
    os.kill(one.starts()[0], signal.SIGKILL)
    out, err = one.process.communicate(timeout=PATIENCE_S)
    assert (one.process.returncode, err) == (0, "")
    assert out.splitlines()[-1].startswith("sweep ")
    assert one.stored() == TASKS
    (record,) = (tmp_path / "results" / "sweeps").iterdir()
    rows = [line.split(",") for line in (record / "points.csv").read_text().splitlines()[1:]]
    assert [row[1] for row in rows] == ["size=1", "size=2"]


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
    """Neither keeps a folder from the other for longer than it takes to write it; nothing is there twice."""
    one = Started(tmp_path, "-m", "size=1,2")
    started.append(one)
    one.wait_for_stored(1)
    words = [*one.flags, *one.words, "-m", "size=2,3"]
    assert run.command(words, made_up_world.load_scenario, made_up_world.simulate) == 0
    one.process.communicate(timeout=PATIENCE_S)
    assert one.process.returncode == 0
    assert len(list((tmp_path / "results").glob("*/*/index.html"))) == 3
    assert len(list((tmp_path / "results" / "sweeps").iterdir())) == 2
    assert one.stored() == 3 * TASKS
    assert not list((tmp_path / "results" / ".store").glob("*/*/*/.part-*"))


def test_a_full_disk_is_one_line_and_what_is_finished_stays(tmp_path, monkeypatch, capsys):
    """The disk is made full in this process: the third replication cannot be moved into place."""
    real, calls = Path.replace, []

    def replace(self: Path, target: Path) -> Path:
        calls.append(target)
        if len([c for c in calls if c.suffix == ".zip"]) > 2:
            raise OSError(28, os.strerror(28))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    flags = made_up_world.write_conf(tmp_path / "conf")
    words = [*flags, f"run.results={tmp_path / 'results'}", "run.workers=1"]
    code = in_one_line(lambda: run.command(words, made_up_world.load_scenario, made_up_world.simulate))
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert "the disk is full; finished replications are kept" in err
    assert err.count("\n") == 1
    assert len(list((tmp_path / "results").glob(".store/*/*/*/*.zip"))) == 2


@pytest.mark.slow
def test_a_disk_that_fills_up_stops_a_sweep_in_one_line_and_it_goes_on_later(tmp_path, started):
    """The system lets the processes of the sweep write no byte more, halfway."""
    one = Started(tmp_path, "-m", "size=1,2,3", "run.parameter_sets=0")
    started.append(one)
    one.wait_for_stored(3)
    for pid in {one.process.pid, *one.starts()}:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    out, err = one.process.communicate(timeout=PATIENCE_S)
    assert (one.process.returncode, out) == (2, "")
    assert err.startswith("sim: ")
    assert err.count("\n") == 1
    assert "the disk is full; finished replications are kept" in err
    kept, before = one.stored(), len(one.starts())
    assert 3 <= kept < 12
    assert one.resume() == 0
    assert len(one.starts()) - before == 12 - kept
    assert one.stored() == 12
