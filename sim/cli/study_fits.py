"""``sim study calibrate`` and ``sim study border``: fits to what was recorded."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.border.crossing import MODES
from sim.cli.errors import OneLineParser
from sim.cli.study_options import add_options, add_page, add_results, check_least, replications_of

FISCAL_YEAR = 2022


def add_fits(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add both studies to the parser of ``sim study``."""
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
    add_page(calibrate, f"calibrate/fy{FISCAL_YEAR}.csv")
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
    border.set_defaults(progress=True)
    add_results(border)
    border.add_argument("--tables", type=Path, help="folder of lanes, delays, places and ranges")
    border.set_defaults(work=_border)


def _border(given: argparse.Namespace) -> int:
    from sim.api.studies import border_fit
    from sim.cli.study_show import show

    check_least(given, "border", points=16, generations=0)
    show(
        border_fit(
            folds=given.folds, mode=given.mode, points=given.points, generations=given.generations,
            structures=given.structures, tables=given.tables, seed=given.seed, workers=given.workers,
            results=given.results, progress=given.progress,
        )
    )  # fmt: skip
    return 0


def _calibrate(given: argparse.Namespace) -> int:
    from sim.cli.run import scenario_of
    from sim.cli.screen import with_progress
    from sim.cli.study_show import show
    from sim.report import numbers
    from sim.study.calibration.result import calibrate, write_sets

    check_least(given, "calibrate", candidates=2, replications=2, keep=1)
    scenario, years = scenario_of(given.overrides, config_dir=given.config_dir), replications_of(given)
    result = with_progress(
        "calibrate",
        lambda progress: calibrate(
            scenario, years, candidates=given.candidates, keep=given.keep, on_progress=progress
        ),
        given.progress,
    )
    show(result)
    sets = result.table("sets")
    if len(sets):
        write_sets(sets, given.out)
        print(f"wrote {numbers.counted(len(sets), 'parameter set')} to {given.out}")
    return 0
