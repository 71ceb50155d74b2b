"""Runs, sweeps and comparisons. A run writes the run folder of the command: Python and SQL see the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.api.scenarios import Changes, Levers, Value, mapping, tree_of
from sim.core.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from sim.report.tables import DataTable
    from sim.run.plan import Request
    from sim.run.replicate import Report
    from sim.run.result import RunResult, SweepResult
    from sim.study.compare.result import ComparisonResult


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

    tree = tree_of(name, levers, adversary, changes)
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
    from sim.core.naming import base_of
    from sim.measures.replication import run_replication
    from sim.run.progress import progress_bar
    from sim.run.replicate import replicate

    names = sorted({base_of(request.scenario.name) for request in requests})
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
    shared = mapping(changes, "changes", "{'calendar.days': 30}")
    requests = []
    for number, values in enumerate(product(*axes.values())):
        drawn = dict(zip(axes, values, strict=True))
        label = " ".join(f"{path}={value}" for path, value in drawn.items())
        tree = tree_of(name, levers, adversary, {**shared, **drawn})
        requests.append(_request(tree, seed, settings, label, number, drawn))
    return sweep_result(requests, _replicate(requests, progress))


def _axes(over: Mapping[str, Sequence[Value]] | None) -> dict[str, list[Value]]:
    """Return the values of a sweep by dotted path; the name of a lever stands for its size."""
    from sim.core.shipped import choices

    example = "{'port_staffing': [0, 500, 1000]}"
    axes: dict[str, list[Value]] = {}
    for key, values in mapping(over, "over", example).items():
        if not isinstance(values, list) or not values:
            raise ConfigError(f"over: {key} needs a list of values, such as {example}")
        axes[f"levers.{key}.size" if key in choices("lever") else key] = list(values)
    if not axes:
        raise ConfigError(f"over: name at least one lever or path with its values, such as {example}")
    return axes


def compare(
    *runs: RunResult | SweepResult | str | Path,
    against: RunResult | str | Path | None = None,
    outcomes: Sequence[str] | None = None,
    precision: float | None = None,
    budget: int | None = None,
    workers: int = 0,
    progress: bool = True,
) -> ComparisonResult:
    """Return which differences between runs are real.

    Parameters
    ----------
    *runs : RunResult, SweepResult, str or Path
        Runs, or folders of runs, scenarios or sweeps; the first is the reference.
    against : RunResult, str or Path, optional
        The reference, in place of the first.
    outcomes : sequence of str, optional
        Names of ``ck.outcomes()``; by default the headline ones.
    precision : float, optional
        Replicate further until no half-width exceeds so many margins.
    budget : int, optional
        Most replications of each run, with ``precision``.
    workers, progress
        As in ``run``.

    Raises
    ------
    ConfigError
        Fewer than two runs, runs that cannot be paired, or a wrong option.
    StoreError
        A run is not as it was written.
    """
    from sim.run.progress import progress_bar
    from sim.study.compare.result import compare as held

    if not runs:
        raise ConfigError("compare: name a reference and at least one more run")
    with progress_bar("compare", progress and precision is not None) as move:
        return held(
            [_folder(one) for one in runs],
            against=None if against is None else _folder(against),
            outcomes=outcomes,
            precision=precision,
            budget=budget,
            workers=workers,
            on_progress=move,
        )


def _folder(named: RunResult | SweepResult | str | Path) -> str | Path:
    folder = getattr(named, "folder", named)
    if not isinstance(folder, str | Path):
        raise ConfigError(f"compare: give runs or their folders (got {named!r})")
    return folder


def runs(results: str | Path = "results") -> DataTable:
    """Return the run folders of a results folder, whichever way they were made.

    Raises
    ------
    ConfigError
        There is no such folder, or it holds no run.
    """
    from sim.report.catalog import run_table

    return run_table(Path(results))
