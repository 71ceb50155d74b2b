"""What ``import chokepoint as ck`` shows: scenarios, runs, sweeps, comparisons and studies as values.

Everything is composed without Hydra and takes names, numbers and dictionaries. A run writes the same run
folder as the command, so that Python, the command and SQL see the same results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.core.errors import ConfigError, StoreError, unknown

if TYPE_CHECKING:
    from sim.report.tables import DataTable
    from sim.run.plan import Request
    from sim.run.replicate import Report
    from sim.run.result import RunResult, SweepResult
    from sim.scenario import Scenario

Value = bool | int | float | str | None
Changes = Mapping[str, Value]
"""Dotted configuration paths and their values: ``{"chain.market.cover_weeks": 8}``."""
Levers = Mapping[str, float]
"""Names of levers and their sizes: ``{"port_staffing": 1000}``."""


_EXAMPLES = {"scenario": "'baseline'", "adversary": "'logit'"}


def scenario(
    name: str = "baseline",
    *,
    levers: Levers | None = None,
    adversary: str | None = None,
    changes: Changes | None = None,
) -> Scenario:
    """Return a validated scenario.

    Parameters
    ----------
    name : str
        A shipped scenario; ``ck.scenarios()`` lists them.
    levers : mapping, optional
        Sizes of levers by name, in the units of ``ck.levers()``.
    adversary : str, optional
        How traffickers adapt; ``ck.adversaries()`` lists the policies. By default that of the scenario.
    changes : mapping, optional
        Other numbers by their dotted configuration paths.

    Raises
    ------
    ConfigError
        A name, a path or a value is wrong; the message names it, what is allowed, and the nearest name.
    """
    from sim.scenario import load_scenario

    return load_scenario(_tree(name, levers, adversary, changes))


def _tree(name: str, levers: Levers | None, adversary: str | None, changes: Changes | None) -> dict[str, Any]:
    from sim.core.shipped import choices, compose_tree

    for what, given in (("scenario", name), ("adversary", adversary or "none")):
        if not isinstance(given, str):
            raise ConfigError(f"{what}: must be a name such as {_EXAMPLES[what]} (got {given!r})")
    sizes: dict[str, Value] = {}
    for lever, size in _mapping(levers, "levers", "{'port_staffing': 1000}").items():
        if lever not in choices("lever"):
            raise unknown("lever", str(lever), "levers", choices("lever"))
        if isinstance(size, bool) or not isinstance(size, int | float) or not isfinite(size):
            raise ConfigError(f"levers.{lever}.size: must be a number (got {size!r})")
        sizes[f"levers.{lever}.size"] = float(size)
    other = _mapping(changes, "changes", "{'calendar.days': 30}")
    return compose_tree(name, adversary, {**sizes, **other})


def _mapping(given: Any, what: str, example: str) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ConfigError(f"{what}: must be a dictionary such as {example} (got {given!r})")
    return dict(given)


def run(
    name: str = "baseline",
    *,
    levers: Levers | None = None,
    adversary: str | None = None,
    changes: Changes | None = None,
    replications: int = 12,
    parameter_sets: int = 0,
    seed: int = 1,
    workers: int = 0,
    results: str | Path = "results",
    progress: bool = True,
) -> RunResult:
    """Simulate a scenario, or take from the store what is there, and return what happened.

    Parameters
    ----------
    name, levers, adversary, changes
        As in ``scenario``.
    replications : int
        Replications of the central parameter set, at least 1.
    parameter_sets : int
        Further parameter sets that fit fiscal year 2022, one replication each.
    seed : int
        Of all draws: the same seed gives the same world in every scenario.
    workers : int
        Processes; 0 is one per core.
    results : str or Path
        Folder of all results.
    progress : bool
        Show a progress bar on a terminal or in a notebook.

    Returns
    -------
    RunResult
        Tables, verdicts and figures; its ``folder`` is that of the command.

    Raises
    ------
    ConfigError
        Something is wrong with the scenario or a number.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    from sim.run.result import run_result

    tree = _tree(name, levers, adversary, changes)
    settings = _settings(replications, parameter_sets, seed, workers, results)
    request = _request(tree, seed, settings)
    report = _replicate([request], progress)
    return run_result(request, report.folders[0])


def _settings(
    replications: int, parameter_sets: int, seed: int, workers: int, results: str | Path
) -> dict[str, Any]:
    """Return the ``run`` part of a configuration; raise ``ConfigError``."""
    from sim.run.plan import Replications

    Replications(replications, seed, parameter_sets, workers=workers, results=Path(results))
    return {
        "replications": replications,
        "parameter_sets": parameter_sets,
        "workers": workers or "auto",
        "results": str(results),
        "pages": 0,
    }


def _request(
    tree: dict[str, Any], seed: int, settings: dict[str, Any], label: str = "", number: int = 0,
    drawn: Mapping[str, Value] | None = None,
) -> Request:  # fmt: skip
    from sim.run.plan import Request
    from sim.run.settings import run_settings
    from sim.scenario import load_scenario

    whole = {**tree, "seed": seed, "run": settings}
    loaded = load_scenario(tree)
    loaded.at_parameter_set(settings["parameter_sets"])
    return Request(loaded, seed, run_settings(whole), whole, label, number, dict(drawn or {}))


def _replicate(requests: Sequence[Request], progress: bool) -> Report:
    from sim.measures.replication import run_replication
    from sim.run.progress import progress_bar
    from sim.run.replicate import replicate

    names = sorted({request.scenario.name for request in requests})
    title = names[0] if len(names) == 1 else f"{len(requests)} scenarios"
    with progress_bar(title, progress) as move:
        report = replicate(requests, run_replication, move)
    if report.failures:
        raise StoreError(f"{report.failures[0].label}: {report.failures[0].reason}")
    return report


def sweep(
    name: str = "baseline",
    over: Mapping[str, Sequence[Value]] | None = None,
    *,
    levers: Levers | None = None,
    adversary: str | None = None,
    changes: Changes | None = None,
    replications: int = 12,
    parameter_sets: int = 0,
    seed: int = 1,
    workers: int = 0,
    results: str | Path = "results",
    progress: bool = True,
) -> SweepResult:
    """Run a scenario at every combination of some values, with common random numbers.

    Parameters
    ----------
    name, levers, adversary, changes
        As in ``scenario``; what all points share.
    over : mapping
        Values by lever name or dotted path: ``{"port_staffing": [0, 500, 1000]}``.
    replications, parameter_sets, seed, workers, results, progress
        As in ``run``.

    Raises
    ------
    ConfigError
        A point is wrong: then nothing is simulated.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    from sim.run.result import sweep_result

    axes = _axes(over)
    settings = _settings(replications, parameter_sets, seed, workers, results)
    shared = _mapping(changes, "changes", "{'calendar.days': 30}")
    requests = []
    for number, values in enumerate(product(*axes.values())):
        drawn = dict(zip(axes, values, strict=True))
        label = " ".join(f"{path}={value}" for path, value in drawn.items())
        tree = _tree(name, levers, adversary, {**shared, **drawn})
        requests.append(_request(tree, seed, settings, label, number, drawn))
    return sweep_result(requests, _replicate(requests, progress))


def _axes(over: Mapping[str, Sequence[Value]] | None) -> dict[str, list[Value]]:
    """Return the values of a sweep by dotted path; the name of a lever stands for its size."""
    from sim.core.shipped import choices

    example = "{'port_staffing': [0, 500, 1000]}"
    axes: dict[str, list[Value]] = {}
    for key, values in _mapping(over, "over", example).items():
        if isinstance(values, str) or not isinstance(values, Sequence) or not values:
            raise ConfigError(f"over: {key} needs a list of values, such as {example}")
        axes[f"levers.{key}.size" if key in choices("lever") else key] = list(values)
    if not axes:
        raise ConfigError(f"over: name at least one lever or path with its values, such as {example}")
    return axes


def levers() -> DataTable:
    """Return the levers: what each does, the unit of its size, its largest size, its cost."""
    from sim.report.catalog import lever_table

    return lever_table()


def scenarios() -> DataTable:
    """Return the shipped scenarios."""
    from sim.report.catalog import scenario_table

    return scenario_table()


def adversaries() -> DataTable:
    """Return the policies by which traffickers may adapt."""
    from sim.report.catalog import adversary_table

    return adversary_table()


def outcomes() -> DataTable:
    """Return the outcomes: label, unit, layer, and the smallest difference that matters."""
    from sim.report.catalog import outcome_table

    return outcome_table()


def runs(results: str | Path = "results") -> DataTable:
    """Return the run folders of a results folder, whichever way they were made.

    Raises
    ------
    ConfigError
        There is no such folder, or it holds no run.
    """
    from sim.report.catalog import run_table

    return run_table(Path(results))
