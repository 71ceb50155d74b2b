"""A sweep beyond its model time: composition, validation, storing, run folders; and the use of two cores.

Overheads are processor time of one process. The use of two cores is the share of two workers' wall
time in which they simulate: neighbours on the machine slow both alike. ``python -m benchmarks.sweep``.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sim.cli import run
from sim.core.shipped import compose_tree
from sim.core.tables import Table
from sim.measures.replication import run_replication
from sim.run.plan import Replications, plan_of
from sim.run.pool import run_tasks
from sim.run.settings import usable_cores
from sim.scenario import load_scenario
from sim.store.replications import Key, Store
from sim.store.version import model_version

FEW, MANY = 5, 30
STORED = 20
REPLICATIONS = 16
DURATIONS = "CHOKEPOINT_BENCHMARK_DURATIONS"
# A year of loads without queues, about a second each.
CHAIN = {"border.model": "instant", "calendar.warmup_days": 0}


@cache
def year() -> dict[str, Table]:
    """Return the tables of one year with queues, computed once a process."""
    return run_replication(load_scenario(compose_tree()), 1, 0)


def canned(scenario: Any, seed: int, replication: int, parameter_set: int = 0) -> dict[str, Table]:
    """Return finished tables in no time: a model that costs nothing."""
    tables = dict(year())
    for name in ("measures", "postings"):
        number = np.full(len(tables[name]["replication"]), replication, dtype=np.int32)
        tables[name] = {**tables[name], "replication": number}
    return tables


def processor_s(work: Callable[[], Any]) -> float:
    """Return the processor time of some work in this process, s."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def sweep_s(points: int, results: Path) -> float:
    """Return the processor time of a sweep of quick points, one replication each, to its table, s."""
    words = ["-m", f"levers.port_staffing.size=range(0,{points})", "run=smoke", "run.workers=1"]

    def whole() -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            assert run.command([*words, "run.pages=0", f"run.results={results}"], simulate=canned) == 0

    return processor_s(whole)


def store_s(results: Path) -> tuple[float, float]:
    """Return the processor time of storing one replication, and of reading it for its run folder, s."""
    store = Store(results)
    keys = [Key(model_version(), "s" * 64, 1, 0, number) for number in range(STORED)]
    store.prepare()

    def write() -> None:
        for key in keys:
            store.write(key, year())

    def read() -> None:
        for name in ("measures", "border_hours", "border_months"):
            for key in keys:
                store.read([key], name)

    write()
    return processor_s(write) / STORED, processor_s(read) / STORED


def timed(scenario: Any, seed: int, replication: int, parameter_set: int = 0) -> dict[str, Table]:
    """Simulate, and leave the wall time that it took in a file."""
    begin = time.perf_counter()
    tables = run_replication(scenario, seed, replication, parameter_set)
    Path(os.environ[DURATIONS], str(replication)).write_text(str(time.perf_counter() - begin))
    return tables


def use_of_two_cores(folder: Path) -> float:
    """Return the share of the wall time of two workers in which they simulate, their start included."""
    scenario = load_scenario(compose_tree(changes=CHAIN))
    plan = plan_of(scenario, Replications(REPLICATIONS, results=folder / "results"))
    durations = folder / "durations"
    durations.mkdir(parents=True)
    os.environ[DURATIONS] = str(durations)
    plan.store.prepare()
    begin = time.perf_counter()
    assert run_tasks(plan.tasks, timed, 2) == []
    wall = time.perf_counter() - begin
    return sum(float(path.read_text()) for path in durations.iterdir()) / (2 * wall)


def main() -> None:
    """Print the table with the bars."""
    year()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        sweep_s(2, folder / "warm")
        few, many = sweep_s(FEW, folder / "few"), sweep_s(MANY, folder / "many")
        store, read = (
            min(times) for times in zip(*(store_s(folder / f"store{i}") for i in range(3)), strict=True)
        )
        use = use_of_two_cores(folder / "two")
    each = (many - few) / (MANY - FEW)
    rows = (
        ("start and first points of a sweep, s", f"{few - FEW * each:.2f}", "", ""),
        (
            "a further scenario, composed, run folder written, s",
            f"{each - store:.3f}",
            "0.2",
            each - store <= 0.2,
        ),
        ("storing a replication, ms", f"{store * 1e3:.1f}", "10", store <= 0.010),
        ("reading a stored replication, ms", f"{read * 1e3:.1f}", "", ""),
        ("use of two cores", f"{use:.2f}", "at least 0.9", use >= 0.9),
    )
    print(f"{'':<54}{'measured':>10}  bar")
    for name, value, bar, met in rows:
        print(f"{name:<54}{value:>10}  {bar} {'' if met == '' else 'met' if met else 'missed'}")
    print(f"load of the machine at the end: {os.getloadavg()[0]:.1f}, {usable_cores()} cores")


if __name__ == "__main__":
    main()
