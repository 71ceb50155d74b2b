"""The folder of a comparison: table, provenance, figures and page."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from pathlib import Path
from typing import Any

from sim.store.files import write_text, writing
from sim.store.version import release
from sim.study.compare.selection import Choice
from sim.study.compare.verdict import Comparison, Difference

TABLE, RECORD = "differences.csv", "compare.json"


def folder_of(choice: Choice, outcomes: tuple[str, ...], results: Path | None = None) -> Path:
    """Return where a comparison is written: ``<results>/compare/<hash of what is compared>``."""
    whole = "\n".join(
        [*outcomes, *(f"{c.label} {c.run.manifest['files']['measures.parquet']}" for c in choice.all)]
    )
    digest = hashlib.sha256(whole.encode()).hexdigest()
    return (results or choice.reference.run.results) / "compare" / digest[:8]


def write_tables(folder: Path, choice: Choice, found: Comparison) -> list[Path]:
    """Write the differences as CSV and what was compared as JSON; return their paths.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    rows = [_row(row, found) for row in found.differences]
    text = io.StringIO()
    out = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    out.writeheader()
    out.writerows(rows)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / TABLE, text.getvalue())
    write_text(folder / RECORD, json.dumps(record(choice, found), indent=2, sort_keys=True) + "\n")
    return [folder / TABLE, folder / RECORD]


def record(choice: Choice, found: Comparison) -> dict[str, Any]:
    """Return what would have to be the same to get the same comparison again."""
    runs = [
        {
            "label": chosen.label,
            "run": chosen.run.run,
            "config_hash": chosen.run.manifest["config_hash"],
            "measures": chosen.run.manifest["files"]["measures.parquet"],
            "usd_per_pure_kg_less": _number(cost.value) if cost else None,
            "usd_per_pure_kg_less_interval": [_number(cost.interval.low), _number(cost.interval.high)]
            if cost
            else None,
        }
        for chosen, cost in zip(choice.all, (None, *found.costs), strict=True)
    ]
    return {
        "reference": choice.reference.run.run,
        "runs": runs,
        "outcomes": list(found.panel.outcomes),
        "replications": found.panel.replications.tolist(),
        "parameter_sets": found.panel.sets.shape[1],
        "intervals": found.method,
        "seed": choice.reference.run.manifest["seed"],
        "model_version": choice.reference.run.manifest["model_version"],
        "version": release(),
        "skipped": list(choice.skipped),
        "notes": list(found.panel.notes),
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _whole(value: float) -> int | str:
    return int(value) if math.isfinite(value) else ""


def _row(row: Difference, found: Comparison) -> dict[str, Any]:
    info = row.info
    return {
        "run": row.label,
        "outcome": row.outcome,
        "layer": info.layer,
        "unit": info.unit,
        "reference": row.before,
        "difference": row.change,
        "low": row.random.low,
        "high": row.random.high,
        "evidence_low": row.evidence.low,
        "evidence_high": row.evidence.high,
        "margin": row.margin,
        "good": info.good or "",
        "verdict": row.verdict,
        "further_replications": _whole(row.about),
        "further_low": _whole(row.further.low),
        "further_high": _whole(row.further.high),
        "variance_saved": row.saved,
        "percent": row.percent.value,
        "percent_low": row.percent.interval.low,
        "percent_high": row.percent.interval.high,
        "replications": len(found.panel.replications),
        "method": found.method,
    }
