"""The engine: same results however many workers, nothing lost when one dies, failures listed."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from sim.core.errors import ChokepointError, ConfigError, StoreError
from sim.run import pool
from sim.run.plan import Replications, Task, plan_of
from sim.run.pool import Progress, map_jobs, run_tasks
from sim.store.replications import Store
from tests.fixtures.killing_jobs import squared
from tests.fixtures.made_up_world import MadeUpScenario, simulate


def _tasks(results: Path, replications: int = 4, sets: int = 2, **scenario: object) -> list[Task]:
    how = Replications(replications, 5, parameter_sets=sets, results=results)
    return list(plan_of(MadeUpScenario(**scenario), how).tasks)  # type: ignore[arg-type]


def _bytes(results: Path) -> dict[str, bytes]:
    return {str(p.relative_to(results)): p.read_bytes() for p in sorted(results.rglob("*.zip"))}


def test_two_workers_leave_the_same_bytes_as_one(tmp_path):
    for workers in (1, 2):
        tasks = _tasks(tmp_path / str(workers))
        assert run_tasks(tasks, simulate, workers) == []
    one, two = _bytes(tmp_path / "1"), _bytes(tmp_path / "2")
    assert len(one) == 6
    assert one == two


def test_progress_counts_reused_replications(tmp_path):
    run_tasks(_tasks(tmp_path, replications=2, sets=0), simulate, 1)
    seen: list[Progress] = []
    run_tasks(_tasks(tmp_path, replications=4, sets=0), simulate, 1, seen.append)
    assert [p.done for p in seen] == [2, 3, 4]
    assert seen[-1] == Progress(finished=2, reused=2, failed=0, total=4)


def test_what_a_dead_worker_lost_is_done_again(tmp_path):
    marks = tmp_path / "marks"
    marks.mkdir()
    tasks = _tasks(tmp_path / "r", trouble="dies_once", marks=str(marks))
    assert run_tasks(tasks, simulate, 2) == []
    assert all(task.store.has(task.key) for task in tasks)
    assert len((marks / "started_0_1").read_text().split()) >= 2


def test_a_task_that_always_kills_its_worker_costs_only_itself(tmp_path):
    tasks = _tasks(tmp_path, sets=0, trouble="dies_always")
    failures = run_tasks(tasks, simulate, 2)
    assert [f.label for f in failures] == ["made_up, replication 1"]
    assert "worker process died 3 times" in failures[0].reason
    assert [task.store.has(task.key) for task in tasks] == [True, False, True, True]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failing_replication_is_listed_and_costs_only_itself(tmp_path, workers):
    mistakes = run_tasks(_tasks(tmp_path / "a", sets=0, trouble="mistake"), simulate, workers)
    defects = run_tasks(_tasks(tmp_path / "b", sets=0, trouble="defect"), simulate, workers)
    assert [(f.reason, f.details) for f in mistakes] == [("size: too large for this world", "")]
    assert defects[0].reason == "ZeroDivisionError: a defect"
    assert "Traceback" in defects[0].details
    assert sum(task.store.has(task.key) for task in _tasks(tmp_path / "b", sets=0)) == 3


@pytest.mark.parametrize("workers", [1, 2])
def test_a_store_that_refuses_stops_the_run(tmp_path, workers):
    tasks = _tasks(tmp_path, sets=0)
    Store(tmp_path).prepare()
    blocked = tasks[0].store.file(tasks[0].key).parent
    blocked.parent.mkdir(parents=True)
    blocked.write_text("a file in the way")
    with pytest.raises(StoreError, match="cannot write here"):
        run_tasks(tasks, simulate, workers)


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_back_in_the_order_of_their_items(tmp_path, workers):
    seen: list[Progress] = []
    assert map_jobs(partial(squared, tmp_path, ""), range(5), workers, seen.append) == [0, 1, 4, 9, 16]
    assert seen == [Progress(done, 0, 0, 5) for done in range(6)]
    assert map_jobs(partial(squared, tmp_path, ""), [], workers) == []


def test_a_job_that_kills_its_worker_once_is_tried_again(tmp_path):
    assert map_jobs(partial(squared, tmp_path, "dies_once"), range(6), 2) == [0, 1, 4, 9, 16, 25]
    assert len((tmp_path / "2").read_text().split()) >= 2


def test_a_job_that_always_kills_its_worker_is_told_in_one_line_and_the_others_are_done(tmp_path):
    seen: list[Progress] = []
    with pytest.raises(ChokepointError) as error:
        map_jobs(partial(squared, tmp_path, "dies_always"), range(6), 2, seen.append, "study made up, job")
    assert str(error.value) == "study made up, job 2: its worker process died 3 times (out of memory?)"
    assert seen[-1] == Progress(finished=5, reused=0, failed=1, total=6)
    assert {path.name for path in tmp_path.iterdir()} == set("012345")


def test_a_script_without_a_main_guard_does_not_start_again_in_its_workers(tmp_path):
    script = tmp_path / "script.py"
    (tmp_path / "marks").mkdir()
    script.write_text(
        "from functools import partial\nfrom pathlib import Path\n"
        "from sim.run.pool import map_jobs\nfrom tests.fixtures.killing_jobs import squared\n"
        f"print(map_jobs(partial(squared, Path({str(tmp_path / 'marks')!r}), ''), range(3), 2))\n"
    )
    command, environment = (
        [sys.executable, str(script)],
        {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[0, 1, 4]\n", "")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_mistake_in_a_job_comes_through_as_it_is(tmp_path, workers):
    with pytest.raises(ConfigError, match="number: 2 is too large"):
        map_jobs(partial(squared, tmp_path, "mistake"), range(4), workers)


def test_what_is_stored_by_now_is_not_simulated_again(tmp_path):
    """A worker that died after storing its result, or another run that shares the store."""
    tasks = _tasks(tmp_path / "r", sets=0)
    marks = tmp_path / "marks"
    marks.mkdir()
    again = _tasks(tmp_path / "r", sets=0, marks=str(marks))

    def faster(now: Progress) -> None:
        if now.done == 1:
            tasks[1].store.write(tasks[1].key, simulate(tasks[1].scenario, 5, 1))

    assert run_tasks(again, simulate, 1, faster) == []
    assert {path.name for path in marks.iterdir()} == {"started_0_0", "started_0_2", "started_0_3"}


USERS = ("sim", "numpy", "random", "signal", "struct", "multiprocessing", "yaml", "chokepoint/__init__")


def test_workers_never_look_in_the_folder_of_the_user_first(tmp_path):
    """Neither where the command stands nor where a script lies: the files would be run, and leave a line."""
    script = tmp_path / "analysis.py"
    for name in USERS:
        (tmp_path / f"{name}.py").parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.py").write_text(f"print('of the user: {name}', flush=True)\n")
    (tmp_path / "marks").mkdir()
    script.write_text(
        "import sys\nplace = sys.path.pop(0)\n"
        "from functools import partial\nfrom pathlib import Path\n"
        "from sim.run.pool import map_jobs\nfrom tests.fixtures.killing_jobs import squared\n"
        "sys.path.insert(0, place)\n"
        f"print(map_jobs(partial(squared, Path({str(tmp_path / 'marks')!r}), ''), range(3), 2))\n"
        "assert sys.path[0] == place\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, str(script)],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("[0, 1, 4]\n", "")


def test_a_long_folder_of_temporary_files_is_no_obstacle(tmp_path):
    long = tmp_path / ("scratch-of-the-job-" * 5)
    long.mkdir()
    program = (
        "from functools import partial\nfrom pathlib import Path\n"
        "from sim.run.pool import map_jobs\nfrom tests.fixtures.killing_jobs import squared\n"
        f"print(map_jobs(partial(squared, Path({str(tmp_path)!r}), ''), range(3), 2))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TMPDIR": str(long)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[0, 1, 4]\n", "")


def test_a_worker_that_cannot_import_says_which_module(tmp_path, monkeypatch):
    (tmp_path / "only_here.py").write_text("raise RuntimeError('no\\nlicence')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(pool, "_modules", lambda _: ["only_here"])
    monkeypatch.setattr(pool, "_context", lambda _: multiprocessing.get_context("spawn"))
    with pytest.raises(
        ChokepointError, match=r"cannot start: only_here cannot be imported \(RuntimeError: no l"
    ):
        map_jobs(partial(squared, tmp_path, ""), range(3), 2)


@pytest.mark.parametrize(
    "error", [OSError(38, "Function not implemented"), EOFError(), ImportError("no sem")]
)
def test_processes_that_cannot_start_are_told_in_one_line(error, tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(pool, "ProcessPoolExecutor", refuse)
    with pytest.raises(ChokepointError, match=r"worker processes cannot start: .*run\.workers=1") as told:
        map_jobs(partial(squared, tmp_path, ""), range(3), 2)
    assert "\n" not in str(told.value)
