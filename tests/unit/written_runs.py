"""Run folders written by hand: what a comparison reads, with differences that are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from sim.store.manifest import write_manifest, write_text
from sim.store.parquet import write_table

MONTHS = tuple(f"2021-{m:02d}" for m in (10, 11, 12)) + tuple(f"2022-{m:02d}" for m in range(1, 10))
CALENDAR = {"start": "2021-10-01", "days": 365, "warmup_days": 56}
NAME = "2026-01-0{}_{}"
"""Of a run folder: day and hash."""
Values = Mapping[str, Callable[[int, int], float]]


def outcomes(shift: float = 0.0, cost: float = 0.0, noise: float = 1.0) -> Values:
    """Return yearly outcomes by (set, replication): draws in common, a shift, and noise of its own."""

    def delivered(number: int, replication: int) -> float:
        common = np.random.default_rng([number, replication]).normal(4000.0, 300.0)
        own = np.random.default_rng([number, replication, int(1000 * shift) % 2**31]).normal(0.0, noise)
        return float(common + shift + (own if shift else 0.0))

    return {
        "delivered_pure_kg": delivered,
        "seizure_events": lambda number, replication: 900.0 + replication,
        "programme_cost_usd": lambda number, replication: cost,
    }


def write_run(
    folder: Path, values: Values, replications: tuple[int, ...] = tuple(range(12)), sets: int = 0,
    config: Mapping[str, Any] | None = None, **manifest: Any,
) -> Path:  # fmt: skip
    """Write a run folder ``<results>/<scenario>/<date>_<hash>`` and return it."""
    folder.mkdir(parents=True)
    units = [(0, r) for r in replications] + [(s, s - 1) for s in range(1, sets + 1)]
    rows = [
        (replication, number, month, name, "all", "latent", of(number, replication) / len(MONTHS))
        for number, replication in units
        for name, of in values.items()
        for month in MONTHS
    ]
    columns = ("replication", "parameter_set", "month", "measure", "place", "layer", "value")
    table = {name: np.array(column) for name, column in zip(columns, zip(*rows, strict=True), strict=True)}
    write_table(folder / "measures.parquet", "measures", table)
    tree = {"seed": 1, "calendar": CALENDAR, "adversary": {"kind": "logit"}, **(config or {})}
    write_text(folder / "config.yaml", yaml.safe_dump(tree, sort_keys=False))
    run = {
        "name": folder.parent.name,
        "seed": 1,
        "replications": len(replications),
        "parameter_sets": sets,
        "config_hash": "0" * 64,
        "scenario_hash": "0" * 64,
        "assumptions": 7,
        "overrides": [],
        **manifest,
    }
    write_manifest(folder, run, ["config.yaml", "measures.parquet"])
    return folder


def write_three(root: Path, sets: int = 0) -> Path:
    """Write a baseline, a run that delivers less and one alike, without further sets; return the root."""
    write_run(root / "baseline" / NAME.format(1, "aaaaaaaa"), outcomes(), sets=sets)
    write_run(root / "scanning" / NAME.format(1, "bbbbbbbb"), outcomes(-200.0, 5e6), sets=sets)
    write_run(root / "cyber" / NAME.format(1, "cccccccc"), outcomes(2.0))
    return root
