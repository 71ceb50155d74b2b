"""What there is, as plain rows and details: levers, scenarios, adversaries, outcomes and runs.

The tables of ``sim.report.catalog`` (and so of Python) are made of the same rows. Nothing heavy is imported:
the command answers from here in a tenth of a second.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sim.core.errors import ConfigError, unknown
from sim.core.records import is_record, leaves, plain
from sim.core.shipped import choices, compose_tree, conf_folder, file_of, read_yaml

Row = dict[str, Any]
Folders = Sequence[Path]
"""Further folders of files, as ``--config-dir`` names one."""

LEVER_FIELDS = (
    "title",
    "strategy",
    "unit",
    "max_size",
    "cost_usd_per_unit_year",
    "lead_time_days",
    "ramp_days",
)
_HALF_YEAR = 182
OUTCOME_FIELDS = ("label", "unit", "layer", "over_months", "margin")


def lever_rows(folders: Folders = ()) -> list[Row]:
    """Return the levers: one row each, numbers without their evidence; 0 where a number is not given."""
    rows = []
    for name in choices("lever", folders):
        lever = read_yaml(file_of("lever", name, folders))
        rows.append({"name": name} | {key: plain(lever.get(key, _empty(key))) for key in LEVER_FIELDS})
    return rows


def _empty(key: str) -> str | float:
    return "" if key in ("title", "strategy", "unit") else 0.0


def scenario_rows(folders: Folders = ()) -> list[Row]:
    """Return the scenarios: name, days, the levers that they pull, and the comment at their head."""
    year = read_yaml(conf_folder() / "config.yaml")["calendar"]["days"]
    rows = []
    for name in choices("scenario", folders):
        path = file_of("scenario", name, folders)
        tree = read_yaml(path)
        sizes = {
            lever: plain(node.get("size") if isinstance(node, dict) else node)
            for lever, node in _block(tree, "levers", path).items()
        }
        rows.append({
            "name": name,
            "days": _block(tree, "calendar", path).get("days", year),
            "levers": ", ".join(f"{lever} {_short(size)}" for lever, size in sizes.items() if size),
            "description": comment(path),
        })  # fmt: skip
    return rows


def _block(tree: dict[str, Any], key: str, path: Path) -> dict[str, Any]:
    """Return a part of a file that holds keys of its own; raise ``ConfigError`` where it is anything else."""
    block = tree.get(key) or {}
    if not isinstance(block, dict):
        raise ConfigError(f"{path}: {key}: a list or a single value in place of key: value")
    return block


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def adversary_rows(folders: Folders = ()) -> list[Row]:
    """Return the policies of the smuggling side: name and description."""
    names = [name for name in choices("adversary", folders) if not name.startswith("_")]
    return [{"name": name, "description": comment(file_of("adversary", name, folders))} for name in names]


def outcome_rows() -> list[Row]:
    """Return the declared outcomes, in their order of display."""
    return [
        {"name": name}
        | {key: node[key] for key in OUTCOME_FIELDS}
        | {"good": node.get("good") or "", "headline": bool(node.get("headline", False))}
        for name, node in _outcomes().items()
    ]


def run_rows(results: Path) -> list[Row]:
    """Return the run folders of a results folder that are as they were written.

    Raises
    ------
    ConfigError
        There is no such folder, or it holds no run.
    """
    from sim.store.query import find_runs

    rows = []
    for run in find_runs(results)[0]:
        dates = run.block("calendar")
        rows.append({
            "run": run.run,
            "scenario": run.name,
            "adversary": str(run.block("adversary").get("kind", "none")),
            "replications": run.manifest["replications"],
            "parameter_sets": run.manifest["parameter_sets"],
            "seed": str(run.manifest["seed"]),
            "start": str(dates.get("start", "")),
            "days": int(dates.get("days", 0)),
            "model_version": run.manifest["model_version"],
            "folder": str(run.path),
        })  # fmt: skip
    return rows


def lever_details(name: str, folders: Folders = ()) -> Row:
    """Return one lever: its row, the numbers with their evidence, and the dials that it moves."""
    node = read_yaml(file_of("lever", name, folders))
    (row,) = (row for row in lever_rows(folders) if row["name"] == name)
    moves = _block(node, "moves", file_of("lever", name, folders))
    return row | {
        "description": comment(file_of("lever", name, folders)),
        "baseline_size": plain(node.get("size", 0)),
        "numbers": numbers({key: value for key, value in node.items() if key != "moves"}),
        "moves": [
            {"name": key, "dial": move.get("dial", "")} | _evidence(move.get("per_unit"))
            for key, move in moves.items()
            if isinstance(move, dict)
        ],
        "example": f"sim run levers.{name}.size={_short(row['max_size'])}" + _end(name, node),
    }


def _end(name: str, lever: dict[str, Any]) -> str:
    """Return the setting without which a lever that is limited in time is refused."""
    if not lever.get("time_limited"):
        return ""
    begin = date.fromisoformat(str(read_yaml(conf_folder() / "config.yaml")["calendar"]["start"]))
    return f" levers.{name}.end={begin + timedelta(days=_HALF_YEAR)}"


def scenario_details(name: str, against: str = "baseline", folders: Folders = ()) -> Row:
    """Return one scenario: its row, and every key in which it differs from another scenario."""
    (row,) = (row for row in scenario_rows(folders) if row["name"] == name)
    mine, other = (dict(leaves(compose_tree(each, folders=folders))) for each in (name, against))
    paths = [path for path in (*other, *(path for path in mine if path not in other)) if path != "name"]
    differences = [
        {"key": path, "against": plain(other.get(path)), "value": plain(mine.get(path))}
        for path in paths
        if plain(mine.get(path)) != plain(other.get(path))
    ]
    return row | {"against": against, "differences": differences, "example": f"sim run scenario={name}"}


def adversary_details(name: str, folders: Folders = ()) -> Row:
    """Return one policy: its row, and the numbers that it has, with their evidence."""
    (row,) = (row for row in adversary_rows(folders) if row["name"] == name)
    found = numbers(compose_tree(adversary=name, folders=folders)["adversary"])
    return row | {"numbers": found, "example": f"sim run adversary={name}"}


def outcome_details(name: str) -> Row:
    """Return one outcome: its row, and what a ratio divides by what."""
    node = _outcomes().get(name)
    if node is None:
        raise unknown("outcome", name, "outcomes", _outcomes())
    (row,) = (row for row in outcome_rows() if row["name"] == name)
    example = f"sim compare results/baseline_3y results/port_staffing --outcomes {name}"
    return row | {"of": list(node.get("of", ())), "example": example}


def numbers(tree: Any) -> list[Row]:
    """Return the records of a tree, one row a number."""
    return [{"name": path} | _evidence(node) for path, node in leaves(tree) if is_record(node)]


def _evidence(node: Any) -> Row:
    """Return what a record says; a number without one has no source and no status."""
    record = node if is_record(node) else {"value": node}
    low, high = record.get("range") or (None, None)
    fact = record.get("fact")
    return {
        "value": record["value"],
        "unit": record.get("unit", ""),
        "low": low,
        "high": high,
        "fact": fact,
        "source": record.get("source") or _sources().get(fact or "", ""),
        "status": record.get("status", ""),
        "reason": record.get("reason") or "",
    }


@cache
def _sources() -> dict[str, str]:
    """Return the source of every fact, by its id."""
    with (conf_folder() / "facts.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["source"] for row in csv.DictReader(file)}


@cache
def _outcomes() -> dict[str, dict[str, Any]]:
    return read_yaml(conf_folder() / "measures.yaml")


def comment(path: Path) -> str:
    """Return the comment at the head of a file, the line of its package left out."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        if not line.startswith("# @package"):
            found.append(line.removeprefix("#").strip())
    return " ".join(found)
