"""``sim study``: questions that need many scenarios, or many fits."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, JustifyMethod
from rich.table import Table

from sim.border.crossing import MODES
from sim.cli.errors import OneLineParser
from sim.cli.study_decisions import add_decisions
from sim.cli.study_effect import add_effect
from sim.cli.study_influence import PAGES, add_numbers
from sim.cli.study_options import add_options, add_results, check_least
from sim.cli.study_output import folder_of
from sim.cli.study_sensitivity import add_sensitivity
from sim.cli.study_warmup import add_warmup
from sim.cli.study_why import add_why
from sim.core.shipped import conf_folder

if TYPE_CHECKING:
    from sim.study.border_fit.nested import Outcome

FISCAL_YEAR = 2022
_DIGITS = 9
_WIDTH = 220


def command(arguments: list[str]) -> int:
    """Run one study; return the exit code.

    Raises
    ------
    StoreError
        Its results could not be written, which is found out before anything is simulated.
    """
    from sim.store.csv_tables import check_out

    given = _parser().parse_args(arguments)
    given.command = arguments
    if "study" in given and given.out is None:
        given.out = folder_of(given)
    if "out" in given:
        check_out(given.out, given.work in (*PAGES, _calibrate))
    return int(given.work(given))


def _parser() -> OneLineParser:
    parser = OneLineParser(prog="sim study", description="Questions that need many scenarios.")
    parsers = parser.add_subparsers(metavar="STUDY", required=True)
    calibrate = parsers.add_parser(
        "calibrate",
        help="parameter sets that fit fiscal year 2022, and a forecast that tests them",
        description="Draw parameter sets, keep those that the record of the year does not contradict, "
        "write them, and test the procedure: October to March must predict April to September.",
    )
    calibrate.add_argument("--candidates", type=int, default=200, help="parameter sets drawn (200)")
    add_options(calibrate, 20, "simulated years of each")
    calibrate.add_argument("--keep", type=int, default=100, help="parameter sets written at most (100)")
    add_results(calibrate)
    table = conf_folder() / "calibration" / f"fy{FISCAL_YEAR}.csv"
    calibrate.add_argument("--out", type=Path, default=table, help=f"table to write ({table})")
    calibrate.add_argument("overrides", nargs="*", help="key=value, as in sim run")
    calibrate.set_defaults(work=_calibrate)
    border = parsers.add_parser(
        "border",
        help="fit of the border queue to reported delays, scored on crossings held out",
        description="Fit response, size and pace to CBP's reported delays on three quarters of the "
        "crossings, score every model on the others. Finished fits are kept in the results folder.",
    )
    folds = ("crossing", "port")
    border.add_argument(
        "--folds", choices=folds, default=folds[0], help="what is held out together (crossing)"
    )
    border.add_argument("--mode", choices=MODES, help="only one mode of travel")
    border.add_argument("--points", type=int, default=120, help="points of the Latin hypercube (120)")
    border.add_argument("--generations", type=int, default=9, help="of the differential evolution (9)")
    border.add_argument("--seed", type=int, default=1, help="of the search and the queue (1)")
    border.add_argument("--structures", action="store_true", help="also fit simpler models on all crossings")
    border.add_argument("--workers", type=int, default=0, help="processes (one a core)")
    add_results(border)
    border.add_argument("--tables", type=Path, help="folder of lanes, delays, places and ranges")
    border.set_defaults(work=_border)
    add_effect(parsers)
    add_why(parsers)
    add_numbers(parsers)
    add_sensitivity(parsers)
    add_warmup(parsers)
    add_decisions(parsers)
    return parser


def _border(given: argparse.Namespace) -> int:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from sim.run.settings import usable_cores
    from sim.study.border_fit.nested import jobs_of, run_study
    from sim.study.border_fit.reports import by_port, class_rates, load_problems
    from sim.study.border_fit.search import Effort, load_ranges

    check_least(given, "border", points=16, generations=0)
    tables = given.tables or conf_folder() / "border" / "fit"
    problems = [p for p in load_problems(tables, class_rates()) if given.mode in (None, p.mode)]
    if given.folds == "port":
        problems = [by_port(problem) for problem in problems]
    effort = Effort(points=given.points, generations=given.generations, seed=given.seed)
    jobs = jobs_of(problems, load_ranges(tables / "ranges.csv"), effort, given.structures)
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("fit"), BarColumn(), MofNCompleteColumn(), TextColumn("fits,"), TimeElapsedColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    with bar:
        task = bar.add_task("fit", total=None)
        outcome = run_study(
            problems,
            jobs,
            given.results / "border_fit",
            given.workers or usable_cores(),
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    _show_scores(outcome, given.folds)
    _show_parameters(outcome)
    if given.structures:
        _show_fiscal_year(outcome)
    return 0


def _show_scores(outcome: Outcome, folds: str) -> None:
    from sim.study.border_fit.nested import MODELS
    from sim.study.border_fit.reports import TICKETED

    numbers = ("groups", "error", "rank", "profile")
    table = _table(("lanes", "left"), ("model", "left"), *((name, "right") for name in numbers))
    modes = list(dict.fromkeys(problem.mode for problem in outcome.problems))
    scopes = [("all", "", ""), ("all but Cross Border Express", "", TICKETED[0])] if len(modes) > 1 else []
    for mode in modes:
        scopes.append((mode, mode, ""))
        if any(p.mode == mode and TICKETED[0] in p.crossing for p in outcome.problems):
            scopes.append((f"{mode} but Cross Border Express", mode, TICKETED[0]))
    for title, mode, without in scopes:
        for i, (name, found) in enumerate(outcome.scores(mode, without).items()):
            cells = (f"{value:.2f}" for value in (found.error, found.rank, found.profile))
            table.add_row("" if i else title, MODELS[name], str(found.groups), *cells)
    print(f"scores on held-out crossings, each {folds} held out as a whole")
    Console(highlight=False, width=_WIDTH).print(table)


def _show_parameters(outcome: Outcome) -> None:
    from sim.study.border_fit.nested import ALL
    from sim.study.border_fit.response import Parameters

    names = Parameters.names()
    columns = ("lanes", "held out", "structure", "objective", *names, "theta of close fits")
    columns += ("+10 % capacity: wait", "with slowing lanes", "entries")
    table = _table(*((name, "left" if i in (0, 2) else "right") for i, name in enumerate(columns)))
    for job, result in outcome.jobs:
        best, relief = result["sets"][0], result.get("relief", {})
        held = "none" if job.fold == ALL else f"fold {job.fold + 1}"
        low, high = result["theta_min"]
        table.add_row(
            job.problem.name, held, job.structure, f"{result['objective'][0]:.3f}",
            *(f"{best[name]:.2f}" for name in names), f"{low:.0f} to {high:.0f}",
            *(f"{relief[name]:+.1%}" if relief else "" for name in ("wait", "wait_slowed", "entries")),
        )  # fmt: skip
    print("best parameters of each fit")
    Console(highlight=False, width=_WIDTH).print(table)


def _show_fiscal_year(outcome: Outcome) -> None:
    from sim.border.crossing import load_border
    from sim.study.border_fit.nested import ALL
    from sim.study.border_fit.reports import class_rates
    from sim.study.border_fit.response import Parameters
    from sim.study.fiscal_waits import fiscal_problem, fiscal_waits

    names = ("groups that report", "reported", "fitted", "change of use", "groups", f"FY{FISCAL_YEAR}")
    table = _table(("mode", "left"), ("lanes", "left"), *((name, "right") for name in names))
    tables, rates = load_border(conf_folder() / "border"), class_rates()
    for job, result in outcome.jobs:
        if (job.fold, job.structure) != (ALL, "as fitted"):
            continue
        fiscal = fiscal_problem(job.problem, tables, rates)
        for row in fiscal_waits(job.problem, fiscal, [Parameters(**one) for one in result["sets"]]):
            table.add_row(
                row.mode, row.lane_class, str(row.groups_reporting), f"{row.reported_min:.1f}",
                f"{row.fitted_min:.1f}", f"{row.use_change:+.0%}", str(row.groups), f"{row.fiscal_min:.1f}",
            )  # fmt: skip
    print(
        f"mean wait in minutes by lane-hours: 2025, and at the entries and lanes of fiscal year {FISCAL_YEAR}"
    )
    Console(highlight=False, width=_WIDTH).print(table)


def _table(*columns: tuple[str, JustifyMethod]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, justify in columns:
        table.add_column(name, justify=justify, no_wrap=True)
    return table


def _calibrate(given: argparse.Namespace) -> int:
    from sim.cli.run import scenario_of
    from sim.cli.screen import Screen
    from sim.run.settings import usable_cores
    from sim.store.replications import Store
    from sim.study.calibrate import Plan, fit, write_sets
    from sim.study.forecast import forecast
    from sim.study.observed import observed_year

    check_least(given, "calibrate", candidates=2, replications=2, keep=1)
    scenario, record = scenario_of(given.overrides), observed_year(FISCAL_YEAR)
    Store(given.results).prepare()
    workers = given.workers or usable_cores()
    plan = Plan(given.candidates, given.replications, given.seed, workers, given.results)
    with Screen("fit") as screen:
        found = screen.interruptible(lambda: fit(scenario, record, plan, screen.progress))
    kept = [chosen for chosen, keep in zip(found.sets, found.kept, strict=True) if keep]
    print(f"{len(kept)} of {len(found.sets)} parameter sets fit fiscal year {FISCAL_YEAR}")
    if kept:
        written = kept[: given.keep]
        write_sets(given.out, written, lambda value: f"{value:.{_DIGITS}g}")
        print(f"wrote {len(written)} of them to {given.out}")
    with Screen("forecast") as screen:
        tested = screen.interruptible(lambda: forecast(scenario, record, plan, screen.progress))
    for name, coverage, width in zip(("events", "pounds"), tested.coverage, tested.width, strict=True):
        print(
            f"forecast of {name}, April to September by place and month: {coverage:.0%} of the record inside "
            f"the 90 % intervals, whose median width is {width:.2g} times the mean"
        )
    return 0
