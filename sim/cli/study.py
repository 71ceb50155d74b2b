"""``sim study``: questions that need many scenarios."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli.complaint import OneLineParser
from sim.core.errors import ConfigError
from sim.core.shipped import conf_folder

FISCAL_YEAR = 2022
_DIGITS = 9


def command(arguments: list[str]) -> int:
    """Run ``sim study calibrate``; return the exit code."""
    given = _parser().parse_args(arguments)
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
    calibrate.add_argument("--replications", type=int, default=20, help="simulated years of each (20)")
    calibrate.add_argument("--keep", type=int, default=100, help="parameter sets written at most (100)")
    calibrate.add_argument("--seed", type=int, default=1, help="of the draws and the simulations (1)")
    calibrate.add_argument("--workers", type=int, default=0, help="processes (one a core)")
    calibrate.add_argument("--results", type=Path, default=Path("results"), help="folder of all results")
    table = conf_folder() / "calibration" / f"fy{FISCAL_YEAR}.csv"
    calibrate.add_argument("--out", type=Path, default=table, help=f"table to write ({table})")
    calibrate.add_argument("overrides", nargs="*", help="key=value, as in sim run")
    calibrate.set_defaults(work=_calibrate)
    return parser


def _calibrate(given: argparse.Namespace) -> int:
    from sim.cli.run import scenario_of
    from sim.cli.screen import Screen
    from sim.run.settings import usable_cores
    from sim.store.replications import Store
    from sim.study.calibrate import Plan, fit, write_sets
    from sim.study.forecast import forecast
    from sim.study.observed import observed_year

    for name, least in (("candidates", 2), ("replications", 2), ("keep", 1), ("workers", 0)):
        if getattr(given, name) < least:
            raise ConfigError(f"study calibrate: --{name} must be at least {least}")
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
