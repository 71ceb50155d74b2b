"""A comparison of many stored scenarios: where the time goes, and what pairing saves.

``python -m benchmarks.compare [SCENARIOS]`` writes made-up run folders of the size of real ones (12
replications, 12 months, the places and measures of a short run without queues) to a temporary folder.
Processor times of one machine; nothing here is a test.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from sim.core.shipped import baseline_tree
from sim.measures.replication import run_replication
from sim.run.outcomes import add_up
from sim.scenario import load_scenario
from sim.store.columns import Table
from sim.store.manifest import write_manifest, write_text
from sim.store.parquet import read_table, write_table
from sim.study.compare.choice import choose
from sim.study.compare.folder import write_tables
from sim.study.compare.pairing import check_pairs, read_panel, wanted_outcomes
from sim.study.compare.pictures import figures_of
from sim.study.compare.verdict import compare

SCENARIOS, REPLICATIONS, PATTERNS = 1000, 12, 8
DAYS = 365


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the processor time of some work, s, and its result."""
    begin = time.process_time()
    result = work()
    return time.process_time() - begin, result


def one_run() -> Table:
    """Return the measures of a year, replicated with noise: the shape of a real run, quickly."""
    scenario = load_scenario(baseline_tree({"border.model": "instant", "calendar.warmup_days": 14}))
    table = run_replication(scenario, seed=1, replication=0)["measures"]
    rows = len(table["value"])
    whole = {name: np.tile(values, REPLICATIONS) for name, values in table.items()}
    whole["replication"] = np.repeat(np.arange(REPLICATIONS), rows).astype(np.int32)
    return whole


def write_runs(results: Path, count: int) -> int:
    """Write run folders and return the rows of one."""
    table, rng = one_run(), np.random.default_rng(1)
    text = yaml.safe_dump(baseline_tree({"border.model": "instant"}), sort_keys=False)
    common = rng.lognormal(0.0, 0.2, len(table["value"]))
    written = []
    for pattern in range(min(PATTERNS, count)):
        values = table["value"] * common * rng.lognormal(-0.02 * pattern, 0.02, len(common))
        path = results / f"pattern_{pattern}.parquet"
        write_table(path, "measures", {**table, "value": values})
        written.append(path)
    for number in range(count):
        folder = results / f"scenario_{number:04d}" / f"2026-01-01_{number:08x}"
        folder.mkdir(parents=True)
        shutil.copy(written[number % PATTERNS], folder / "measures.parquet")
        write_text(folder / "config.yaml", text)
        run = {
            "name": folder.parent.name, "seed": 1, "replications": REPLICATIONS, "parameter_sets": 0,
            "config_hash": f"{number:064x}", "scenario_hash": f"{number:064x}", "assumptions": 0,
        }  # fmt: skip
        write_manifest(folder, run, ["measures.parquet"])
    return len(table["value"])


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SCENARIOS
    with tempfile.TemporaryDirectory() as name:
        results = Path(name)
        rows = write_runs(results, count)
        outcomes = wanted_outcomes(None)
        find_s, choice = timed(lambda: choose([str(results / "*")]))
        check_s, _ = timed(lambda: check_pairs(choice))
        read_s, panel = timed(lambda: read_panel(choice, outcomes))
        judge_s, found = timed(lambda: compare(panel))
        write_s, _ = timed(lambda: write_tables(results / "compare" / "x", choice, found))
        draw_s, _ = timed(lambda: figures_of(choice, found))
        one = choice.reference.run.path / "measures.parquet"
        old_s, _ = timed(lambda: add_up(read_table("measures", [one]), DAYS))
        saved = sorted(row.saved for row in found.differences if np.isfinite(row.saved))
    total = find_s + check_s + read_s + judge_s + write_s + draw_s
    lines = (
        ("scenarios, rows of measures in each", f"{count:,}, {rows:,}"),
        ("differences", f"{len(found.differences):,}"),
        ("find the runs and check their hashes", f"{find_s:.2f} s"),
        ("check model, seed and calendar", f"{check_s:.2f} s"),
        ("read and add up measures", f"{read_s:.2f} s"),
        ("the same, run by run (estimated from one)", f"{old_s * count:.0f} s"),
        ("intervals and verdicts", f"{judge_s:.2f} s"),
        ("write the table", f"{write_s:.2f} s"),
        ("figures", f"{draw_s:.2f} s"),
        ("all of it", f"{total:.2f} s"),
        ("median variance saved (made-up noise)", f"{saved[len(saved) // 2]:.0f} x"),
    )
    for label, value in lines:
        print(f"{label:<44}{value:>16}")


if __name__ == "__main__":
    main()
