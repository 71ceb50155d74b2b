"""The record of a sweep: which points it had, where their runs are, what they came to.

``<results>/sweeps/<name>_<hash>/`` holds ``points.csv`` (a row a finished point), ``outcomes.csv``
(a row a point and headline outcome) and ``manifest.json``. The runs themselves stand in their own
folders, which other sweeps may share.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.core.naming import base_of
from sim.run.folder import run_hash
from sim.run.plan import Request
from sim.run.replicate import PATIENCE_S, Report
from sim.store.files import only_writer, write_text, writing
from sim.store.manifest import write_manifest

SWEEPS = "sweeps"
POINTS = ("number", "label", "scenario", "folder")
_OUTCOMES = (
    "number", "label", "outcome", "unit", "mean", "low", "high", "parameter_low", "parameter_high",
)  # fmt: skip


def sweep_folder(requests: Sequence[Request]) -> Path:
    """Return where the record of a sweep is written; a sweep that runs again writes the same folder."""
    names = sorted({base_of(request.scenario.name) for request in requests})
    listing = "\n".join(f"{run_hash(request)} {json.dumps(dict(request.drawn))}" for request in requests)
    digest = hashlib.sha256(listing.encode()).hexdigest()
    name = names[0] if len(names) == 1 else "sweep"
    return requests[0].settings.folder / SWEEPS / f"{name}_{digest[:8]}"


def write_sweep(requests: Sequence[Request], report: Report, left_out: Mapping[str, str]) -> Path:
    """Write the record of a sweep and return its folder.

    Parameters
    ----------
    requests : sequence of Request
        All points, in order.
    report : Report
        What became of them.
    left_out : mapping of str to str
        Draws that were left out, by label, with the reason.

    Raises
    ------
    StoreError
        The folder cannot be written, or the disk is full.
    """
    folder = sweep_folder(requests)
    results = requests[0].settings.folder
    pairs = zip(requests, report.folders, strict=True)
    done = [(request, where) for request, where in pairs if where in report.finished]
    paths = sorted({path for request in requests for path in request.drawn})
    points = [
        [
            request.number,
            request.label,
            request.scenario.name,
            Path(os.path.relpath(where, results)).as_posix(),
        ]
        + [request.drawn.get(path, "") for path in paths]
        for request, where in done
    ]
    outcomes = [
        [request.number, request.label, row.label, row.unit, row.mean, row.low, row.high]
        + [row.parameter_low, row.parameter_high]
        for request, where in done
        for row in report.finished[where].rows
    ]
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with only_writer(results, folder, PATIENCE_S):
        write_text(folder / "points.csv", _csv([*POINTS, *paths], points))
        write_text(folder / "outcomes.csv", _csv(_OUTCOMES, outcomes))
        write_manifest(folder, _about(requests, report, left_out), ["points.csv", "outcomes.csv"])
    return folder


def _about(requests: Sequence[Request], report: Report, left_out: Mapping[str, str]) -> dict[str, Any]:
    designs = {json.dumps(dict(request.design)): request.design for request in requests if request.design}
    return {
        "sweep": sorted({base_of(request.scenario.name) for request in requests}),
        "points": len(requests),
        "seeds": sorted({request.seed for request in requests}),
        "designs": [dict(design) for design in designs.values()],
        "left_out": dict(left_out),
        "failed": {failure.label: failure.reason for failure in report.failures},
    }


def _csv(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """Return a number as the shortest text that reads back as the same, nothing where it is undefined."""
    if isinstance(value, float):
        return "" if value != value else repr(float(value))
    return value
