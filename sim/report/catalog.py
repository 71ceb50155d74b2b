"""What there is: levers, scenarios, adversaries and outcomes, as tables (rows: ``sim.report.inventory``)."""

from __future__ import annotations

from pathlib import Path

from sim.core.tables import Column
from sim.report import inventory
from sim.report.tables import DataTable

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
    return DataTable.of(LEVERS, inventory.lever_rows())


def scenario_table() -> DataTable:
    """Return the shipped scenarios."""
    return DataTable.of(SCENARIOS, inventory.scenario_rows())


def adversary_table() -> DataTable:
    """Return the policies of the smuggling side."""
    return DataTable.of(ADVERSARIES, inventory.adversary_rows())


def outcome_table() -> DataTable:
    """Return the declared outcomes, in their order of display."""
    return DataTable.of(OUTCOMES, inventory.outcome_rows())


def run_table(results: Path) -> DataTable:
    """Return the run folders of a results folder that are as they were written.

    Raises
    ------
    ConfigError
        There is no such folder, or it holds no run.
    """
    return DataTable.of(RUNS, inventory.run_rows(results))
