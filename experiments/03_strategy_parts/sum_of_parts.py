"""Hold the effect of the strategy against the sum of its levers: ``python sum_of_parts.py effects.csv``."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

STRATEGY, MEASURE = "hsi_strategy", "delivered_pure_kg"


def difference(table: Path) -> tuple[float, float, float]:
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


if __name__ == "__main__":
    whole, parts, half = difference(Path(sys.argv[1]))
    low, high = whole - parts - half, whole - parts + half
    said = "the parts overlap" if low > 0 else "more than its parts" if high < 0 else "cannot tell"
    sys.stdout.write(
        f"delivered, pure kg: bundle {whole:+.1f}, sum of its levers alone {parts:+.1f}; bundle less sum "
        f"{whole - parts:+.1f}, at the widest [{low:+.1f}, {high:+.1f}]: {said}\n"
    )
