"""The study: every model on crossings that it has not seen, and what a fit on all crossings says.

Each fold of a problem is one job. Its result is kept in the results folder under the hash of all that
it rests on, so that the same question is not computed twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import sim
from sim.core.draws import Draws
from sim.run.pool import map_jobs
from sim.store.files import write_text
from sim.study.border_fit.benchmarks import class_mean, plain_fluid, regression
from sim.study.border_fit.reports import TICKETED, Floats, Problem
from sim.study.border_fit.response import demand
from sim.study.border_fit.scores import Scores, hour_profile, score
from sim.study.border_fit.search import FitEffort, Ranges, SearchResult, hybrid, predict, search
from sim.study.border_fit.weekly_queue import WeeklyQueue

MODELS = {
    "class_mean": "class mean of the training crossings",
    "fluid": "fluid queue: lanes, entries, class rates",
    "fluid_response": "fluid queue with response and size",
    "queue": "exact queue with response and size",
    "regression": "regression (not mechanistic)",
    "hybrid": "hybrid: level of the regression, exact queue",
}
ALL = -1
"""Fold of a job that holds nothing out."""
STRUCTURES: dict[str, dict[str, tuple[float, float]]] = {
    "as fitted": {},
    "size has no effect": {"size": (0.0, 0.0)},
    "lanes equal at all crossings": {"spread": (0.0, 0.0)},
    "lanes at class pace": {"pace": (1.0, 1.0)},
    "patience 15 min": {"theta_min": (15.0, 15.0)},
    "patience 30 min": {"theta_min": (30.0, 30.0)},
    "patience 60 min": {"theta_min": (60.0, 60.0)},
}
MORE = 1.1
"""Ten per cent more capacity."""
SOURCES = ("study/border_fit", "border/queue", "border/network.py", "border/state.py", "core/draws.py")

OnJob = Callable[[int, int], None]


@dataclass(frozen=True)
class FitJob:
    """One fit: a problem with its held-out fold (``ALL``: none) and the structure of the model."""

    problem: Problem
    fold: int
    ranges: Ranges
    effort: FitEffort
    structure: str = "as fitted"

    def __str__(self) -> str:
        """Words for messages."""
        held = "on all crossings" if self.fold == ALL else f"without fold {self.fold + 1}"
        return f"{self.problem.name} {held}, {self.structure}"

    def digest(self) -> str:
        """Return the hash of all that the result rests on, sources included."""
        digest = hashlib.sha256()
        for _, value in sorted(vars(self.problem).items()):
            digest.update(value.tobytes() if isinstance(value, np.ndarray) else str(value).encode())
        words = [self.fold, sorted(self.ranges.items()), sorted(asdict(self.effort).items()), self.structure]
        digest.update(json.dumps(words).encode())
        for path in _sources():
            digest.update(path.read_bytes())
        return digest.hexdigest()


def _sources() -> Iterator[Path]:
    package = Path(sim.__file__).parent
    for name in SOURCES:
        yield from sorted((package / name).glob("*.py")) if (package / name).is_dir() else [package / name]


def work(job: FitJob) -> dict[str, Any]:
    """Return what a job finds, as plain numbers.

    ``waits`` maps models to waits of the held-out groups; a job on all crossings has ``relief`` instead:
    what ten per cent more capacity does to the mean wait and to entries.
    """
    problem, effort = job.problem, job.effort
    ranges = {**job.ranges, **STRUCTURES[job.structure]}
    held = problem.fold == job.fold
    shown = problem.masked(~held & ~np.isin(problem.crossing, TICKETED))
    found = search(shown, ranges, effort)
    result: dict[str, Any] = {"sets": [asdict(one) for one in found.sets], "objective": found.objective}
    result["theta_min"] = found.close
    if job.fold == ALL:
        result["relief"] = relief(shown, found, effort)
        return result
    profile, level = hour_profile(shown), regression(shown)
    exact, flow = predict(shown, found.sets, effort)
    waits = {
        "class_mean": class_mean(shown)[:, None, None] * profile,
        "fluid": plain_fluid(shown),
        "fluid_response": flow,
        "queue": exact,
        "regression": level[:, None, None] * profile,
        "hybrid": hybrid(shown, found.sets[0], level, effort),
    }
    result["waits"] = {name: np.round(wait[held], 3).tolist() for name, wait in waits.items()}
    return result


def relief(problem: Problem, found: SearchResult, effort: FitEffort) -> dict[str, float]:
    """Return relative changes of mean wait and entries when every lane works ten per cent faster.

    Potential arrivals stay. ``wait_slowed`` lets lanes slow down with use as the fit has it (u^s).
    """
    profile, queue = hour_profile(problem), WeeklyQueue(problem, Draws(effort.seed, 1), effort.weeks_answer)
    changes = []
    for chosen in found.sets:
        wanted = demand(problem, profile, chosen)
        slowed = MORE ** (1.0 - chosen.spread)
        before, after, less = (
            queue.respond(replace(wanted, rate_per_lane_h=wanted.rate_per_lane_h * gain))
            for gain in (1.0, MORE, slowed)
        )
        wait = [
            float((problem.weight * a.wait_min).sum() / problem.weight.sum()) for a in (before, after, less)
        ]
        entries = [float(a.entries_per_day.sum()) for a in (before, after)]
        changes.append([wait[1] / wait[0] - 1.0, wait[2] / wait[0] - 1.0, entries[1] / entries[0] - 1.0])
    mean = np.mean(changes, axis=0).tolist()
    return dict(zip(("wait", "wait_slowed", "entries"), mean, strict=True))


@dataclass
class NestedFit:
    """What the study found.

    Attributes
    ----------
    problems : list of Problem
    waits : dict
        Held-out waits by model, float64[G, 3, 24] a problem.
    jobs : list
        (job, result) of every fit.
    """

    problems: list[Problem]
    waits: dict[str, list[Floats]]
    jobs: list[tuple[FitJob, dict[str, Any]]] = field(default_factory=list)

    def scores(self, mode: str = "", without: str = "") -> dict[str, Scores]:
        """Return the scores by model, of one mode or of all, with or without a crossing."""
        keep = [i for i, problem in enumerate(self.problems) if mode in ("", problem.mode)]
        return {
            name: score([self.problems[i] for i in keep], [waits[i] for i in keep], without)
            for name, waits in self.waits.items()
        }


def jobs_of(
    problems: Sequence[Problem], ranges: dict[str, Ranges], effort: FitEffort, all_too: bool
) -> list[FitJob]:
    """Return the nested jobs, and those on all crossings if wanted, the longest first."""
    jobs = [
        FitJob(problem, int(fold), ranges[problem.name], effort)
        for problem in problems
        for fold in np.unique(problem.fold)
    ]
    if all_too:
        jobs += [
            FitJob(problem, ALL, ranges[problem.name], effort, structure)
            for problem in problems
            for structure in STRUCTURES
            if structure == "as fitted" or problem.name.endswith(".general")
        ]
    return sorted(jobs, key=lambda job: -float((job.problem.lane_h * job.problem.rate_per_lane_h).sum()))


def run_study(
    problems: Sequence[Problem],
    jobs: Sequence[FitJob],
    cache: Path,
    workers: int = 1,
    on_job: OnJob = lambda done, total: None,
) -> NestedFit:
    """Do the jobs that the cache lacks and put all results together.

    Parameters
    ----------
    problems : sequence of Problem
    jobs : sequence of FitJob
    cache : Path
        Folder of finished jobs.
    workers : int
        Processes.
    on_job : callable
        Gets finished and all jobs.
    """
    paths = [cache / f"{job.digest()}.json" for job in jobs]
    missing = [job for job, path in zip(jobs, paths, strict=True) if not path.is_file()]
    kept = len(jobs) - len(missing)
    map_jobs(
        partial(_work_and_keep, cache),
        missing,
        workers,
        lambda now: on_job(kept + now.done, len(jobs)),
        "fit",
    )
    results = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    waits = {name: [np.full(problem.lanes.shape, np.nan) for problem in problems] for name in MODELS}
    names = [problem.name for problem in problems]
    for job, result in zip(jobs, results, strict=True):
        at = names.index(job.problem.name)
        for name, values in result.get("waits", {}).items():
            waits[name][at][job.problem.fold == job.fold] = np.array(values)
    return NestedFit(list(problems), waits, list(zip(jobs, results, strict=True)))


def _work_and_keep(cache: Path, job: FitJob) -> None:
    """Do a job and keep its result, in a worker process."""
    write_text(cache / f"{job.digest()}.json", json.dumps(work(job)))
