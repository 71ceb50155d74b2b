"""Hold the effect of the strategy against the sum of its levers: ``python sum_of_parts.py FOLDER RESULTS``.

The last line, from the pairs in the store, was added after the run: the one before cannot tell.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np

from sim.stats.intervals import mean_interval
from sim.store.replications import Key, Store

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


def paired(folder: Path, results: Path) -> np.ndarray:
    """Return the bundle's effect less the sum of the parts in each replication, from the stored runs."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    delivered = {}
    for digest, about in manifest["configurations"].items():
        count = manifest["options"]["replications"]
        keys = [
            Key(manifest["model_version"], digest, manifest["seed"], 0, number) for number in range(count)
        ]
        table = Store(results).read(keys, "measures")
        rows = (table["measure"] == MEASURE) & (table["place"] == "all")
        delivered[about["scenario"]] = np.bincount(table["replication"][rows], table["value"][rows])
    baseline, bundle = delivered.pop(BASELINE), delivered.pop(STRATEGY)
    return bundle - baseline - sum(kg - baseline for kg in delivered.values())


def main(folder: Path, results: Path) -> None:
    """Print and write the bundle against the sum, by the widest interval and by that of the pairs."""
    whole, parts, half = widest(folder / "effects.csv")
    low, high = whole - parts - half, whole - parts + half
    said = "the parts overlap" if low > 0 else "more than its parts" if high < 0 else "cannot tell"
    pairs = paired(folder, results)
    exact = mean_interval(pairs)
    rows = [
        ("half widths added up", whole - parts, low, high),
        (f"{len(pairs)} pairs", float(pairs.mean()), exact.low, exact.high),
    ]
    with (folder / "sum_of_parts.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("interval_from", "bundle_less_sum_kg", "low", "high"))
        writer.writerows(rows)
    sys.stdout.write(
        f"delivered, pure kg: bundle {whole:+.1f}, sum of its levers alone {parts:+.1f}\n"
        f"bundle less sum {whole - parts:+.1f}, at the widest [{low:+.1f}, {high:+.1f}]: {said}\n"
        f"from {len(pairs)} replications: {pairs.mean():+.1f} [{exact.low:+.1f}, {exact.high:+.1f}]\n"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
