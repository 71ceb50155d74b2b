"""Further replications of runs until their differences are as precise as wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.core.errors import ConfigError, StoreError
from sim.measures.registry import registry
from sim.measures.replication import run_replication
from sim.report.yearly import margin_of
from sim.run.ensemble import ensemble
from sim.run.plan import Replications, Request, Simulate
from sim.run.pool import OnProgress, silent
from sim.run.replicate import replicate
from sim.run.settings import RunSettings
from sim.scenario import load_scenario
from sim.stats.sequential import Stop, expected, until_precise
from sim.store.replications import Store, scenario_hash
from sim.store.runs import RunFolder, read_run
from sim.store.version import model_version
from sim.study.compare.pairing import Panel
from sim.study.compare.selection import ComparedRun, RunsToCompare

_SHOWN = 3
Load = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True)
class PrecisionTarget:
    """How precise the differences shall be, in margins, and what that may cost.

    ``budget`` counts replications of each run, those that exist included.
    """

    precision: float
    budget: int
    workers: int


@dataclass(frozen=True)
class Model:
    """What rebuilds and simulates a scenario; tests put a made-up world here."""

    load: Load = load_scenario
    simulate: Simulate = run_replication


def run_sequential(
    choice: RunsToCompare,
    panel: Panel,
    target: PrecisionTarget,
    on_progress: OnProgress = silent,
    model: Model = Model(),
) -> tuple[RunsToCompare, list[str]]:
    """Replicate all runs until every difference is precise, or the budget is spent.

    Parameters
    ----------
    choice : RunsToCompare
        Runs that may be paired.
    panel : Panel
        Their outcomes so far; those that every run defines must become precise.
    target : PrecisionTarget
    on_progress : callable
        Called in this process after every replication.
    model : Model

    Returns
    -------
    choice : RunsToCompare
        The run folders with all replications, under the labels of the old ones.
    remarks : list of str
        Whether it is precise now, and what is not.

    Raises
    ------
    ConfigError
        A run is of another model version than this installation, or its scenario is another one here.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    requests = [_request(chosen.run, choice.reference.run, target, model.load) for chosen in choice.all]
    defined = np.isfinite(panel.central).all(axis=(0, 1))
    outcomes = [name for name, there in zip(panel.outcomes, defined, strict=True) if there]
    scenarios = [request.scenario for request in requests]
    seed, results = requests[0].seed, choice.reference.run.results
    _check_writable(results)

    def sample(begin: int, end: int) -> np.ndarray:
        part = Replications(end - begin, seed, first=begin, workers=target.workers, results=results)
        values = ensemble(scenarios, part, on_progress, model.simulate).yearly(outcomes)
        return (values[1:] - values[:1]).transpose(1, 0, 2).reshape(end - begin, -1)

    margins = np.array([margin_of(registry()[name], panel.days) for name in outcomes])
    wanted = target.precision * np.tile(margins, len(choice.others))
    have = min(int(chosen.run.manifest["replications"]) for chosen in choice.all)
    stop = until_precise(sample, wanted, target.budget, have)
    whole = [
        replace(request, settings=request.settings.model_copy(update={"replications": stop.replications}))
        for request in requests
    ]
    report = replicate(whole, model.simulate, on_progress)
    if report.failures:
        raise StoreError(f"{report.failures[0].label}: {report.failures[0].reason}")
    runs = [
        ComparedRun(c.label, read_run(where)) for c, where in zip(choice.all, report.folders, strict=True)
    ]
    remarks = _remarks(stop, target, wanted, [(c.label, name) for c in choice.others for name in outcomes])
    return replace(choice, reference=runs[0], others=tuple(runs[1:])), remarks


def _check_writable(results: Path) -> None:
    """Refuse a results folder that takes no further replications, before one is simulated."""
    try:
        Store(results).prepare()
    except StoreError as error:
        what, other, _ = str(error).partition("; set run.results")
        if not other:
            raise
        raise StoreError(
            f"{what}; further replications are kept beside the reference: copy the runs to a results folder "
            "that you may write to"
        ) from error


def _request(run: RunFolder, reference: RunFolder, target: PrecisionTarget, load: Load) -> Request:
    now = model_version()
    if run.manifest["model_version"] != now:
        raise ConfigError(
            f"compare: {run.path} is from model version {str(run.manifest['model_version'])[:8]}, this "
            f"installation is {now[:8]}: it cannot be continued; run it again"
        )
    tree = run.tree()
    scenario = load(tree)
    if scenario_hash(scenario.canonical_json()) != run.manifest.get("scenario_hash"):
        raise ConfigError(f"compare: {run.path}: config.yaml is not the scenario that was run; run it again")
    settings = RunSettings(
        replications=int(run.manifest["replications"]),
        parameter_sets=int(run.manifest["parameter_sets"]),
        workers=target.workers,
        results=str(reference.results),
        images=False,
    )
    return Request(scenario, int(run.manifest["seed"]), settings, tree)


def _remarks(
    stop: Stop, target: PrecisionTarget, wanted: np.ndarray, names: Sequence[tuple[str, str]]
) -> list[str]:
    margins = f"{target.precision:g} margin{'s' * (target.precision != 1)}"
    looks = f"{stop.looks} look{'s' * (stop.looks != 1)}"
    rule = "after Chow and Robbins; such intervals cover in 91 to 95 % of comparisons"
    after = f"after {stop.replications} replications ({looks})"
    if stop.reached:
        return [f"precise: {after} no half width exceeds {margins}; {rule}"]
    wide = np.flatnonzero(stop.intervals.half_width > wanted)
    number = expected(stop.intervals, wanted, stop.replications)
    worst = [(*names[int(at)], number[at]) for at in sorted(wide, key=lambda at: -number[at])]
    shown = [f"{outcome} of {label}, about {many:,.0f} in all" for label, outcome, many in worst[:_SHOWN]]
    more = "; ..." if len(worst) > _SHOWN else ""
    return [
        f"budget spent: {after} {len(wide)} of {len(names)} half widths exceed {margins}: "
        f"{'; '.join(shown)}{more}; {rule}"
    ]
