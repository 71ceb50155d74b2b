"""A comparison of many stored scenarios: where the time goes, and what pairing saves.

``python -m benchmarks.compare [SCENARIOS] [PAIRS]`` writes made-up run folders of the size of real ones (12
replications, 12 months, the places and measures of a short run without queues) to a temporary folder, and
then runs the model itself: by how much common random numbers cut the replications that two effects need.
0 leaves out either part. Processor times of one machine; nothing here is a test.
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

from sim.core.shipped import compose_tree
from sim.core.tables import Table
from sim.measures.replication import run_replication
from sim.report.yearly import add_up
from sim.scenario import load_scenario
from sim.stats.simultaneous import spread
from sim.store.files import write_text
from sim.store.manifest import write_manifest
from sim.store.parquet import read_table, write_table
from sim.study.compare.pairing import check_pairs, read_panel, wanted_outcomes
from sim.study.compare.result import result_of
from sim.study.compare.selection import choose
from sim.study.compare.verdict import differences_of

SCENARIOS, PAIRS, REPLICATIONS, PATTERNS = 1000, 10, 12, 8
DAYS = 365
BAR = 3.0
"""Times fewer replications that pairing must need."""
WINDOW = {"calendar.days": 28, "calendar.warmup_days": 14}
EFFECTS: tuple[tuple[str, dict[str, Any], dict[str, Any], tuple[str, ...]], ...] = (
    (
        "1,000 officers, without queues",
        {"border.model": "instant"},
        {"levers.port_staffing.size": 1000.0},
        ("delivered_pure_kg", "seized_pure_kg", "seizure_events"),
    ),
    (
        "1,000 officers, with queues",
        {},
        {"levers.port_staffing.size": 1000.0},
        ("wait_min", "person_hours_waited"),
    ),
    (
        "scanners, without queues",
        {"border.model": "instant"},
        {"levers.scanning.size": 153.0},
        ("delivered_pure_kg",),
    ),
)
"""Words, what both sides have, what the lever changes, outcomes."""


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the processor time of some work, s, and its result."""
    begin = time.process_time()
    result = work()
    return time.process_time() - begin, result


def one_run() -> Table:
    """Return the measures of a year, replicated with noise: the shape of a real run, quickly."""
    scenario = load_scenario(compose_tree(changes={"border.model": "instant", "calendar.warmup_days": 14}))
    table = run_replication(scenario, seed=1, replication=0)["measures"]
    rows = len(table["value"])
    whole = {name: np.tile(values, REPLICATIONS) for name, values in table.items()}
    whole["replication"] = np.repeat(np.arange(REPLICATIONS), rows).astype(np.int32)
    return whole


def write_runs(results: Path, count: int) -> int:
    """Write run folders and return the rows of one."""
    table, rng = one_run(), np.random.default_rng(1)
    text = yaml.safe_dump(compose_tree(changes={"border.model": "instant"}), sort_keys=False)
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
        write_manifest(folder, run, ["config.yaml", "measures.parquet"])
    return len(table["value"])


def values(changes: dict[str, Any], outcomes: tuple[str, ...], seed: int, count: int) -> np.ndarray:
    """Return outcomes of the model over the window, float64 of shape (replications, outcomes)."""
    scenario = load_scenario(compose_tree(changes={**WINDOW, **changes}))
    rows = []
    for replication in range(count):
        runs = add_up(run_replication(scenario, seed, replication)["measures"], WINDOW["calendar.days"])
        rows.append([float(runs.central(outcome, "all")[0]) for outcome in outcomes])
    return np.array(rows)


def cut(before: np.ndarray, paired: np.ndarray, apart: np.ndarray) -> tuple[float, float, float]:
    """Return how many times fewer replications pairs need, with a 95 % interval.

    The variance of a difference of runs with seeds of their own over that of pairs, which is the ratio of
    the replications that give the same half width. The interval is that of a ratio of two variances of
    normal values (F).

    Parameters
    ----------
    before, paired, apart : ndarray of float64, shape (replications,)
        Without the lever; with it with common random numbers; with it on others.
    """
    from scipy.special import fdtri

    ratio = float((spread(before) + spread(apart)) / spread(paired - before))
    wide = float(fdtri(len(before) - 1, len(before) - 1, 0.975))
    return ratio, ratio / wide, ratio * wide


def measure_pairs(count: int) -> None:
    """Print by how much common random numbers cut the replications of each effect."""
    for words, shared, lever, outcomes in EFFECTS:
        taken_s, sides = timed(
            lambda shared=shared, lever=lever, outcomes=outcomes: [
                values({**shared, **changed}, outcomes, seed, count)
                for changed, seed in (({}, 1), (lever, 1), (lever, 2))
            ]
        )
        for k, outcome in enumerate(outcomes):
            before, paired, apart = (side[:, k] for side in sides)
            ratio, low, high = cut(before, paired, apart)
            sd = spread(before) ** 0.5
            change = f"{paired.mean() - before.mean():+,.4g} of {before.mean():,.4g} (sd {sd:,.2g})"
            reached = "reached" if ratio >= BAR else "missed"
            print(
                f"{words}, {outcome} {change}: {ratio:,.1f} x fewer replications [{low:,.1f}, {high:,.1f}], "
                f"bar {BAR:g} {reached}; {count} pairs of {WINDOW['calendar.days']} days"
            )
        print(f"{words}: {taken_s:.0f} s for {3 * count} runs, compilation included")


def main() -> None:
    """Print the table, and what pairing saves on the model."""
    count, pairs = (
        int(sys.argv[at]) if len(sys.argv) > at else default for at, default in ((1, SCENARIOS), (2, PAIRS))
    )
    if count:
        measure_comparison(count)
    if pairs:
        measure_pairs(pairs)


def measure_comparison(count: int) -> None:
    """Print where the time of a comparison goes."""
    with tempfile.TemporaryDirectory() as name:
        results = Path(name)
        rows = write_runs(results, count)
        outcomes = wanted_outcomes(None)
        find_s, choice = timed(lambda: choose([str(results / "*")]))
        check_s, _ = timed(lambda: check_pairs(choice))
        read_s, panel = timed(lambda: read_panel(choice, outcomes))
        judge_s, found = timed(lambda: differences_of(panel))
        tell_s, told = timed(lambda: result_of(choice, found))
        draw_s, _ = timed(told.plot.all)
        one = choice.reference.run.path / "measures.parquet"
        old_s, _ = timed(lambda: add_up(read_table("measures", [one]), DAYS))
        saved = sorted(row.saved for row in found.differences if np.isfinite(row.saved))
    total = find_s + check_s + read_s + judge_s + tell_s + draw_s
    lines = (
        ("scenarios, rows of measures in each", f"{count:,}, {rows:,}"),
        ("differences", f"{len(found.differences):,}"),
        ("find the runs and check their hashes", f"{find_s:.2f} s"),
        ("check model, seed and calendar", f"{check_s:.2f} s"),
        ("read and add up measures", f"{read_s:.2f} s"),
        ("the same, run by run (estimated from one)", f"{old_s * count:.0f} s"),
        ("intervals and verdicts", f"{judge_s:.2f} s"),
        ("tables and sentences", f"{tell_s:.2f} s"),
        ("figures", f"{draw_s:.2f} s"),
        ("all of it", f"{total:.2f} s"),
        ("median variance saved (made-up noise)", f"{saved[len(saved) // 2]:.0f} x"),
    )
    for label, value in lines:
        print(f"{label:<44}{value:>16}")


if __name__ == "__main__":
    main()
