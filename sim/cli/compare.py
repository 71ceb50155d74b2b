"""``sim compare A B ...``: which differences between runs are real, and which matter."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.errors import OneLineParser, finite
from sim.core.errors import ConfigError

if TYPE_CHECKING:
    from sim.study.compare.pairing import Panel
    from sim.study.compare.selection import Choice
    from sim.study.compare.sequential import Model

SKIPPED = 1
BUDGET = 200


def command(arguments: list[str], model: Model | None = None) -> int:
    """Compare runs and return the exit code: 1 when something that was named had to be left out.

    Parameters
    ----------
    arguments : list of str
        Runs and options.
    model : Model, optional
        In place of the model's own, for tests.
    """
    from sim.cli.compare_table import show
    from sim.store.csv_tables import check_out
    from sim.study.compare.folder import folder_of, write_tables
    from sim.study.compare.pairing import check_pairs, read_panel, wanted_outcomes
    from sim.study.compare.pictures import write_page
    from sim.study.compare.selection import choose, differing
    from sim.study.compare.verdict import compare

    given = _parser().parse_args(arguments)
    _check(given)
    outcomes = wanted_outcomes(given.outcomes)
    choice = choose(given.runs, given.against)
    for reason in choice.skipped:
        print(f"sim: left out: {reason}", file=sys.stderr)
    check_out(given.out or folder_of(choice, outcomes))
    check_pairs(choice)
    panel = read_panel(choice, outcomes)
    reached: list[str] = []
    if given.precision is not None:
        choice, reached = _further(given, choice, panel, model)
        panel = read_panel(choice, outcomes)
    said = [*reached, *choice.notes, *differing(choice)]
    found = compare(panel)
    show(choice, found, said)
    folder = given.out or folder_of(choice, outcomes)
    for path in write_tables(folder, choice, found):
        print(f"wrote {path}")
    page, missing = write_page(folder, choice, found, said)
    if missing:
        print(missing)
    print(f"open {page}")
    return SKIPPED if choice.skipped else 0


def _further(given: Namespace, choice: Choice, panel: Panel, model: Model | None) -> tuple[Choice, list[str]]:
    from sim.cli.screen import Screen
    from sim.run.settings import usable_cores
    from sim.study.compare.sequential import Model, Wish, run_further

    wish = Wish(given.precision, given.budget, given.workers or usable_cores())
    with Screen("compare") as screen:
        return screen.interruptible(
            lambda: run_further(choice, panel, wish, screen.progress, model or Model())
        )


def _check(given: Namespace) -> None:
    if given.precision is None and given.budget is not None:
        raise ConfigError("compare: --budget belongs to --precision, such as --precision 1 --budget 200")
    if given.precision is not None and not 0.0 < given.precision < float("inf"):
        raise ConfigError("compare: --precision must be above 0; 1 is the margin of each outcome")
    given.budget = BUDGET if given.budget is None else given.budget
    for name, least in (("budget", 2), ("workers", 0)):
        if getattr(given, name) < least:
            raise ConfigError(f"compare: --{name} must be at least {least}")


def _margins(text: str) -> float:
    try:
        return finite(text)
    except ArgumentTypeError as error:
        raise ArgumentTypeError(f"{error}; it is in margins, such as 1") from None


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog="sim compare",
        description="Hold runs against a reference on the same draws: differences with simultaneous 95 % "
        "intervals and a verdict in words. docs/compare.md tells how to read the table.",
    )
    parser.add_argument(
        "runs",
        nargs="+",
        metavar="RUN",
        help="folders of runs, of scenarios (their newest run) or of sweeps, or patterns in quotes; the "
        "first is the reference",
    )
    parser.add_argument("--against", metavar="RUN", help="the reference (the first run named)")
    parser.add_argument("--outcomes", metavar="A,B", help="names of conf/measures.yaml (the headline ones)")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="folder (results/compare/<hash>)")
    parser.add_argument(
        "--precision",
        type=_margins,
        metavar="P",
        help="replicate all runs further until no half width exceeds P margins",
    )
    parser.add_argument(
        "--budget",
        type=int,
        metavar="N",
        help=f"most replications of each run, those there included ({BUDGET})",
    )
    parser.add_argument("--workers", type=int, default=0, help="processes (one a core)")
    return parser
