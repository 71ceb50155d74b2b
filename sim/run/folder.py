"""The folder of one run: what the store holds for it, put together for people and their programs.

Everything in it follows from configuration, seed and model: no clock, no machine, no number of
workers. The date stands in the folder's name alone.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import math
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from sim.core.errors import ConfigError
from sim.core.tables import Table, typed
from sim.core.tree import plain
from sim.report.provenance import assumptions
from sim.run.plan import Request
from sim.run.settings import RunSettings
from sim.store.columns import COLUMNS
from sim.store.files import write_text, writing
from sim.store.manifest import write_manifest
from sim.store.parquet import write_table
from sim.store.replications import Key, Store
from sim.store.version import model_version

# Names of devices: Windows makes no folder of such a name, whatever its ending.
_OF_WINDOWS = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}
_LONGEST = 150
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+")
# Means over replications; the other columns name the row and are the same in all of them.
_MEANS = {
    name: [c.name for c in COLUMNS[name] if c.dtype == "float64"]
    for name in ("border_hours", "border_months")
}


@dataclasses.dataclass(frozen=True)
class RunTables:
    """The tables of one run; ``postings`` holds all replications of the central set."""

    measures: Table
    border_hours: Table
    border_months: Table
    postings: Table
    evidence: Table


def run_hash(request: Request) -> str:
    """Return the hash of all that a run folder holds: model and configuration, counts and seed included."""
    tree = json.dumps(_config(request))
    return hashlib.sha256(f"{model_version()}\n{tree}".encode()).hexdigest()


def folder_of(request: Request) -> Path:
    """Return where a run is written: ``<results>/<scenario>/<UTC date>_<hash>``.

    Raises
    ------
    ConfigError
        The name of the scenario cannot be the name of a folder.
    """
    name = request.scenario.name
    if not name or name.startswith(".") or not set(name) <= _SAFE:
        raise ConfigError(f"name: {name!r} cannot name a folder; use letters, digits, '_', '-', '.' and '+'")
    if name.endswith(".") or name.partition(".")[0].upper() in _OF_WINDOWS:
        raise ConfigError(f"name: {name!r} cannot name a folder on Windows; choose another")
    if len(name) > _LONGEST:
        raise ConfigError(f"name: {len(name)} characters are too many for a folder; at most {_LONGEST}")
    return request.settings.folder / name / f"{datetime.now(UTC):%Y-%m-%d}_{run_hash(request)[:8]}"


def collect(request: Request, whole: bool = True) -> RunTables:
    """Read all replications of a run from the store, in their lasting order.

    Parameters
    ----------
    request : Request
    whole : bool
        False: of the postings only those of replication 0, which is all that a run folder keeps.

    Raises
    ------
    StoreError
        A replication is missing or corrupted.
    """
    store, central = request.plan.store, request.plan.central_keys
    return RunTables(
        store.read(request.plan.keys, "measures"),
        _mean_over(store, central, "border_hours"),
        _mean_over(store, central, "border_months"),
        store.read(central if whole else central[:1], "postings"),
        evidence_table(request.scenario.evidence),
    )


def _mean_over(store: Store, keys: list[Key], name: str) -> Table:
    """Return a border table averaged over the replications in which each value is defined."""
    first = store.read(keys[:1], name)
    totals = {column: np.zeros(len(first[column])) for column in _MEANS[name]}
    counts = {column: np.zeros(len(first[column])) for column in _MEANS[name]}
    for key in keys:
        table = store.read([key], name)
        for column in _MEANS[name]:
            defined = np.isfinite(table[column])
            totals[column] += np.where(defined, table[column], 0.0)
            counts[column] += defined
    empty = np.full(len(next(iter(first.values()))), math.nan)
    means = {
        column: np.divide(totals[column], counts[column], out=empty.copy(), where=counts[column] > 0)
        for column in _MEANS[name]
    }
    return {**first, **means}


def evidence_table(rows: tuple[Any, ...]) -> Table:
    """Return the evidence of a scenario as a table."""
    return {c.name: typed(c, [getattr(row, c.name) for row in rows]) for c in COLUMNS["evidence"]}


def _config(request: Request) -> dict[str, Any]:
    """Return the configuration without what only this machine and this hour need."""
    run = {"replications": request.settings.replications, "parameter_sets": request.settings.parameter_sets}
    return {**{key: plain(node) for key, node in request.tree.items() if key != "run"}, "run": run}


def config_text(request: Request) -> str:
    """Return the configuration as YAML, without what only this machine and this hour need."""
    return "".join(_section(key, node) for key, node in _config(request).items())


def _section(key: str, node: Any) -> str:
    """Return one top-level key as YAML, from parts that the points of a sweep mostly share."""
    if not isinstance(node, dict) or not node:
        return _yaml(json.dumps({key: node}))
    parts = "".join(_yaml(json.dumps({child: part})) for child, part in node.items())
    return f"{key}:\n{textwrap.indent(parts, '  ')}"


@functools.lru_cache(maxsize=512)
def _yaml(part: str) -> str:
    # The dumper in C writes the same text in a fourth of the time.
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return yaml.dump(json.loads(part), Dumper=dumper, sort_keys=False, allow_unicode=True)


def write_tables(request: Request, tables: RunTables, folder: Path) -> None:
    """Write configuration, tables and manifest of a run.

    Raises
    ------
    StoreError
        The folder cannot be written, or the disk is full.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    config = config_text(request)
    write_text(folder / "config.yaml", config)
    files = ["config.yaml"]
    for field in dataclasses.fields(tables):
        table = getattr(tables, field.name)
        if field.name == "postings":
            table = {name: values[table["replication"] == 0] for name, values in table.items()}
        files.append(f"{field.name}.parquet")
        write_table(folder / files[-1], field.name, table)
    settings: RunSettings = request.settings
    run = {
        "name": request.scenario.name,
        "seed": request.seed,
        "replications": settings.replications,
        "parameter_sets": settings.parameter_sets,
        "config_hash": hashlib.sha256(config.encode()).hexdigest(),
        "scenario_hash": request.plan.scenario_hash,
        "assumptions": assumptions(request.scenario),
        "overrides": [row.path for row in request.scenario.evidence if row.status == "override"],
    }
    write_manifest(folder, run, files)
