"""The engine: same results however many workers, nothing lost when one dies, failures listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.core.errors import StoreError
from sim.run.plan import Request, Task, tasks_of
from sim.run.pool import Progress, run_tasks
from sim.run.settings import RunSettings
from sim.store.replications import Store
from tests.fixtures.made_up_world import MadeUpScenario, simulate


def _tasks(results: Path, replications: int = 4, sets: int = 2, **scenario: object) -> list[Task]:
    settings = RunSettings(replications=replications, parameter_sets=sets, results=str(results))
    return tasks_of(Request(MadeUpScenario(**scenario), 5, settings, {}), model="m" * 64)  # type: ignore[arg-type]


def _bytes(results: Path) -> dict[str, bytes]:
    return {str(p.relative_to(results)): p.read_bytes() for p in sorted(results.rglob("*.zip"))}


def test_tasks_of_a_request_pair_each_set_with_a_central_replication():
    pairs = [(task.key.parameter_set, task.key.replication) for task in _tasks(Path("r"))]
    assert pairs == [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (2, 1)]


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
