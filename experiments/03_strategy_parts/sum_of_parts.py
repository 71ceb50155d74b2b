"""Hold the effect of the strategy against the sum of its levers: ``python sum_of_parts.py FOLDER STORE``.

The last line, from the pairs in the store, was added after the run: the one before cannot tell.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import duckdb
import numpy as np

from sim.stats.intervals import mean_interval

BASELINE, STRATEGY, MEASURE = "baseline", "hsi_strategy", "delivered_pure_kg"


def widest(table: Path) -> tuple[float, float, float]:
    """Return the bundle's effect, the sum of the parts, and the largest half width of their difference.

    The effects share their draws. The standard error of a sum is never above the sum of the standard errors,
    whatever the terms have in common, so half widths are added up.
    """
    with table.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["measure"], row["place"]) == (MEASURE, "all")]
    change = {row["scenario"]: float(row["change"]) for row in rows}
    half = sum((float(row["high"]) - float(row["low"])) / 2 for row in rows)
    bundle = change.pop(STRATEGY)
    return bundle, sum(change.values()), half


def paired(folder: Path, store: Path) -> np.ndarray:
    """Return the bundle's effect less the sum of the parts in each replication, from the stored runs."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    delivered = {}
    for digest, about in manifest["configurations"].items():
        runs = store / manifest["model_version"][:12] / digest[:16] / f"seed{manifest['seed']}"
        columns = duckdb.execute(
            "select sum(value) as kg from read_parquet($files) where measure = $measure and place = 'all' "
            "and replication < $replications group by replication order by replication",
            {
                "files": f"{runs}/p0000_r*/measures.parquet",
                "measure": MEASURE,
                "replications": manifest["options"]["replications"],
            },
        ).fetchnumpy()
        delivered[about["scenario"]] = columns["kg"]
    baseline, bundle = delivered.pop(BASELINE), delivered.pop(STRATEGY)
    return bundle - baseline - sum(kg - baseline for kg in delivered.values())


def main(folder: Path, store: Path) -> None:
    """Print the bundle against the sum, by the widest interval and by that of the pairs."""
    whole, parts, half = widest(folder / "effects.csv")
    low, high = whole - parts - half, whole - parts + half
    said = "the parts overlap" if low > 0 else "more than its parts" if high < 0 else "cannot tell"
    pairs = paired(folder, store)
    exact = mean_interval(pairs)
    sys.stdout.write(
        f"delivered, pure kg: bundle {whole:+.1f}, sum of its levers alone {parts:+.1f}\n"
        f"bundle less sum {whole - parts:+.1f}, at the widest [{low:+.1f}, {high:+.1f}]: {said}\n"
        f"from {len(pairs)} replications: {pairs.mean():+.1f} [{exact.low:+.1f}, {exact.high:+.1f}]\n"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
