"""What there is: levers, scenarios, adversaries and outcomes, as tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.core.settings import is_record
from sim.core.shipped import choices, conf_folder, read_yaml
from sim.core.tables import Column
from sim.measures.registry import registry
from sim.report.tables import DataTable
from sim.store.query import find_runs

LEVERS = (
    Column("name", "str", "", "name of the lever"),
    Column("title", "str", "", "what it does"),
    Column("strategy", "str", "", "which part of the strategy it stands for"),
    Column("unit", "str", "", "unit of its size"),
    Column("max_size", "float64", "of the row", "largest size"),
    Column("cost_usd_per_unit_year", "float64", "USD2022/(unit year)", "running cost of one unit"),
    Column("lead_time_days", "float64", "d", "time to the first effect, in lever_mode transition"),
    Column("ramp_days", "float64", "d", "time from the first to the full effect"),
)
SCENARIOS = (
    Column("name", "str", "", "name of the scenario"),
    Column("days", "int64", "d", "length of the reported window"),
    Column("levers", "str", "", "levers that it pulls, with their sizes"),
    Column("description", "str", "", "what it is"),
)
ADVERSARIES = (
    Column("name", "str", "", "name of the policy"),
    Column("description", "str", "", "how traffickers choose"),
)
OUTCOMES = (
    Column("name", "str", "", "name of the outcome"),
    Column("label", "str", "", "the outcome in words"),
    Column("unit", "str", "", "its unit"),
    Column("layer", "str", "", "latent (what happened) or observed (what agencies would have recorded)"),
    Column("over_months", "str", "", "how months combine: sum, mean or ratio"),
    Column("margin", "float64", "of the row", "smallest difference that matters, per year for sums"),
    Column("good", "str", "", "less or more where the defender's side is plain, else empty"),
    Column("headline", "bool", "", "whether it stands in the table of a run"),
)
RUNS = (
    Column("run", "str", "", "name of the run below its results folder"),
    Column("scenario", "str", "", "name of the scenario"),
    Column("adversary", "str", "", "policy of the smuggling side"),
    Column("replications", "int64", "1", "replications of the central parameter set"),
    Column("parameter_sets", "int64", "1", "further parameter sets"),
    Column("seed", "str", "", "seed of all draws, whole: it may be larger than a 64-bit integer with sign"),
    Column("start", "str", "", "first day of the reported window"),
    Column("days", "int64", "d", "length of the reported window"),
    Column("model_version", "str", "", "hash of the model"),
    Column("folder", "str", "", "where the run is"),
)


def lever_table() -> DataTable:
    """Return the shipped levers."""
    rows = []
    for name in choices("lever"):
        lever = read_yaml(conf_folder() / "lever" / f"{name}.yaml")
        plain = {c.name: _plain(lever.get(c.name, name)) for c in LEVERS}
        rows.append({**plain, "name": name})
    return DataTable.of(LEVERS, rows)


def scenario_table() -> DataTable:
    """Return the shipped scenarios."""
    year = read_yaml(conf_folder() / "config.yaml")["calendar"]["days"]
    rows = []
    for name in choices("scenario"):
        path = conf_folder() / "scenario" / f"{name}.yaml"
        tree = read_yaml(path)
        sizes = {lever: node["size"] for lever, node in tree.get("levers", {}).items() if node.get("size")}
        rows.append({
            "name": name,
            "days": tree.get("calendar", {}).get("days", year),
            "levers": ", ".join(f"{lever} {size:g}" for lever, size in sizes.items()),
            "description": _comment(path),
        })  # fmt: skip
    return DataTable.of(SCENARIOS, rows)


def adversary_table() -> DataTable:
    """Return the policies of the smuggling side."""
    folder = conf_folder() / "adversary"
    names = [name for name in choices("adversary") if not name.startswith("_")]
    return DataTable.of(
        ADVERSARIES, [{"name": name, "description": _comment(folder / f"{name}.yaml")} for name in names]
    )


def outcome_table() -> DataTable:
    """Return the declared outcomes, in their order of display."""
    return DataTable.of(
        OUTCOMES,
        [
            {"name": name, "good": info.good or ""}
            | {c.name: getattr(info, c.name) for c in OUTCOMES if c.name not in ("name", "good")}
            for name, info in registry().items()
        ],
    )


def run_table(results: Path) -> DataTable:
    """Return the run folders of a results folder that are as they were written.

    Raises
    ------
    ConfigError
        There is no such folder, or it holds no run.
    """
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
    return DataTable.of(RUNS, rows)


def _plain(node: Any) -> Any:
    return node["value"] if is_record(node) else node


def _comment(path: Path) -> str:
    """Return the comment at the head of a file, the line of its package left out."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        if not line.startswith("# @package"):
            found.append(line.removeprefix("#").strip())
    return " ".join(found)
