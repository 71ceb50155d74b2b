"""How well the border queue explains reported delays at crossings that it has not seen.

Response, size and pace are fitted to three quarters of the crossings; every model is scored on the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.border.crossing import MODES, load_border
from sim.border.traffic import class_rates
from sim.core.errors import ConfigError, unknown
from sim.core.shipped import conf_folder
from sim.core.tables import Column
from sim.measures.official import FISCAL_YEAR
from sim.report.provenance import Provenance
from sim.report.result import Result
from sim.report.tables import DataTable, TextTable
from sim.study.border_fit.fiscal_waits import fiscal_problem, fiscal_waits
from sim.study.border_fit.nested import ALL, MODELS, NestedFit, OnJob, jobs_of, run_study
from sim.study.border_fit.reports import TICKETED, by_port, load_problems
from sim.study.border_fit.response import Parameters
from sim.study.border_fit.search import FitEffort, load_ranges

FOLDS = ("crossing", "port")
SCORES = (
    Column("lanes", "str", "", "lane groups that are scored"),
    Column("model", "str", "", "what predicts their waits"),
    Column("groups", "int64", "1", "lane groups"),
    Column("error", "float64", "1", "absolute error of the mean delay over the mean delay, by lane-hours"),
    Column("rank", "float64", "1", "rank correlation of mean delays over lane groups"),
    Column("profile", "float64", "1", "mean correlation over hours and kinds of day"),
)
FITS = (
    Column("lanes", "str", "", "lane groups that were fitted"),
    Column("held_out", "str", "", "fold that the fit has not seen"),
    Column("structure", "str", "", "what the model may do"),
    Column("objective", "float64", "1", "what the search minimises"),
    *(Column(name, "float64", "", f"best {name} of the fit") for name in Parameters.names()),
    Column("theta_low", "float64", "min", "smallest patience of the fits that are nearly as good"),
    Column("theta_high", "float64", "min", "largest"),
    Column("wait_change", "float64", "1", "change of the mean wait by 10 % more capacity; NaN for a fold"),
    Column("wait_change_slowed", "float64", "1", "the same where lanes slow down with use"),
    Column("entries_change", "float64", "1", "change of entries by 10 % more capacity"),
)
WAITS = (
    Column("mode", "str", "", "mode of travel"),
    Column("lane_class", "str", "", "class of lanes"),
    Column("groups_reporting", "int64", "1", "lane groups with a reported delay"),
    Column("reported_min", "float64", "min", "reported mean wait of 2025, by lane-hours"),
    Column("fitted_min", "float64", "min", "fitted mean wait of 2025"),
    Column("use_change", "float64", "1", f"change of use of the lanes from 2025 to FY{FISCAL_YEAR}"),
    Column("groups", "int64", "1", f"lane groups of FY{FISCAL_YEAR}"),
    Column("fiscal_min", "float64", "min", f"fitted mean wait at entries and lanes of FY{FISCAL_YEAR}"),
)


def fit_border(
    results: Path,
    *,
    folds: str = "crossing",
    mode: str | None = None,
    points: int = 120,
    generations: int = 9,
    seed: int = 1,
    structures: bool = False,
    tables: Path | None = None,
    workers: int = 1,
    on_job: OnJob = lambda done, total: None,
) -> Result:
    """Return how models of the wait score on crossings held out, and what the fits say.

    Parameters
    ----------
    results : Path
        Results folder; finished fits are kept in it.
    folds : str
        ``crossing`` or ``port``: what is held out together.
    mode : str, optional
        Only one mode of travel.
    points, generations : int
        Points of the Latin hypercube (at least 16), and generations of the differential evolution.
    seed : int
        Of the search and of the queue.
    structures : bool
        Also fit simpler models on all crossings.
    tables : Path, optional
        Folder of lanes, delays, places and ranges; by default the shipped one.
    workers : int
        Processes.
    on_job : callable
        Gets finished and all fits.

    Raises
    ------
    ConfigError
        An option is out of range.
    TableError
        A table is not what it should be.
    """
    if folds not in FOLDS:
        raise unknown("fold", folds, "study border", FOLDS)
    if mode is not None and mode not in MODES:
        raise unknown("mode", mode, "study border", MODES)
    if points < 16 or generations < 0:
        raise ConfigError("study border: points must be at least 16, generations at least 0")
    folder = tables or conf_folder() / "border" / "fit"
    problems = [p for p in load_problems(folder, class_rates()) if mode in (None, p.mode)]
    if folds == "port":
        problems = [by_port(problem) for problem in problems]
    effort = FitEffort(points=points, generations=generations, seed=seed)
    jobs = jobs_of(problems, load_ranges(folder / "ranges.csv"), effort, structures)
    return result_of(
        run_study(problems, jobs, results / "border_fit", workers, on_job), folds, seed, structures
    )


def result_of(found: NestedFit, folds: str, seed: int, structures: bool) -> Result:
    """Return what the fits found as a result."""
    scores = DataTable.of(SCORES, _score_rows(found))
    fits = DataTable.of(FITS, _fit_rows(found))
    made = {"scores": scores, "fits": fits}
    text = [_score_cells(scores, folds), _fit_cells(fits)]
    if structures:
        made["fiscal_waits"] = DataTable.of(WAITS, _wait_rows(found))
        text.append(_wait_cells(made["fiscal_waits"]))
    every = [row for row in scores if row["lanes"] == scores["lanes"][0]]
    best = min(every, key=lambda row: float(row["error"]))
    verdict = f"On crossings held out the {best['model']} errs least ({best['error']:.2f})."
    how = f"{len(found.jobs)} fits, each {folds} held out as a whole"
    return Result(
        question="How well does each model explain reported delays at crossings that it has not seen?",
        verdicts=(verdict,),
        tables=made,
        provenance=Provenance(how, seed, window="reported delays of 2025"),
        text=(*text, verdict),
    )


def _score_rows(found: NestedFit) -> list[dict[str, Any]]:
    modes = list(dict.fromkeys(problem.mode for problem in found.problems))
    scopes = [("all", "", ""), ("all but Cross Border Express", "", TICKETED[0])] if len(modes) > 1 else []
    for mode in modes:
        scopes.append((mode, mode, ""))
        if any(p.mode == mode and TICKETED[0] in p.crossing for p in found.problems):
            scopes.append((f"{mode} but Cross Border Express", mode, TICKETED[0]))
    return [
        {
            "lanes": title, "model": MODELS[name], "groups": one.groups, "error": one.error, "rank": one.rank,
            "profile": one.profile,
        }
        for title, mode, without in scopes
        for name, one in found.scores(mode, without).items()
    ]  # fmt: skip


def _fit_rows(found: NestedFit) -> list[dict[str, Any]]:
    rows = []
    for job, result in found.jobs:
        best, relief = result["sets"][0], result.get("relief", {})
        low, high = result["theta_min"]
        rows.append({
            "lanes": job.problem.name,
            "held_out": "none" if job.fold == ALL else f"fold {job.fold + 1}",
            "structure": job.structure,
            "objective": result["objective"][0],
            **{name: best[name] for name in Parameters.names()},
            "theta_low": low,
            "theta_high": high,
            "wait_change": relief.get("wait", float("nan")),
            "wait_change_slowed": relief.get("wait_slowed", float("nan")),
            "entries_change": relief.get("entries", float("nan")),
        })  # fmt: skip
    return rows


def _wait_rows(found: NestedFit) -> list[dict[str, Any]]:
    border, rates = load_border(conf_folder() / "border"), class_rates()
    return [
        {column.name: getattr(row, column.name) for column in WAITS}
        for job, result in found.jobs
        if (job.fold, job.structure) == (ALL, "as fitted")
        for row in fiscal_waits(
            job.problem,
            fiscal_problem(job.problem, border, rates),
            [Parameters(**one) for one in result["sets"]],
        )
    ]


def _score_cells(scores: DataTable, folds: str) -> TextTable:
    names = ("error", "rank", "profile")
    rows: list[list[str]] = []
    before = ""
    for row in scores:
        title = "" if row["lanes"] == before else str(row["lanes"])
        before = str(row["lanes"])
        rows.append([title, str(row["model"]), str(row["groups"]), *(f"{row[name]:.2f}" for name in names)])
    title = f"scores on held-out crossings, each {folds} held out as a whole"
    return TextTable(("lanes", "model", "groups", *names), rows, ("lanes", "model"), title=title)


def _fit_cells(fits: DataTable) -> TextTable:
    names = Parameters.names()
    relief = ("wait_change", "wait_change_slowed", "entries_change")
    heads = (
        "lanes", "held out", "structure", "objective", *names, "theta of close fits",
        "+10 % capacity: wait", "with slowing lanes", "entries",
    )  # fmt: skip
    rows = [
        [
            str(row["lanes"]), str(row["held_out"]), str(row["structure"]), f"{row['objective']:.3f}",
            *(f"{row[name]:.2f}" for name in names), f"{row['theta_low']:.0f} to {row['theta_high']:.0f}",
            *("" if row[name] != row[name] else f"{row[name]:+.1%}" for name in relief),
        ]
        for row in fits
    ]  # fmt: skip
    return TextTable(heads, rows, ("lanes", "held out", "structure"), title="best parameters of each fit")


def _wait_cells(waits: DataTable) -> TextTable:
    heads = (
        "mode", "lanes", "groups that report", "reported", "fitted", "change of use", "groups",
        f"FY{FISCAL_YEAR}",
    )  # fmt: skip
    rows: Sequence[Sequence[str]] = [
        [
            str(row["mode"]), str(row["lane_class"]), str(row["groups_reporting"]),
            f"{row['reported_min']:.1f}", f"{row['fitted_min']:.1f}", f"{row['use_change']:+.0%}",
            str(row["groups"]), f"{row['fiscal_min']:.1f}",
        ]
        for row in waits
    ]  # fmt: skip
    title = f"mean wait in minutes by lane-hours: 2025, and at entries and lanes of fiscal year {FISCAL_YEAR}"
    return TextTable(heads, rows, ("mode", "lanes"), title=title)
