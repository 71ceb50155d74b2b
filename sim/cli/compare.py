"""``sim compare A B ...``: which differences between runs are real, and which matter."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.errors import OneLineParser, finite

if TYPE_CHECKING:
    from sim.study.compare.sequential import Model

SKIPPED = 1


def command(arguments: list[str], model: Model | None = None) -> int:
    """Compare runs and return the exit code: 1 when something that was named had to be left out.

    Parameters
    ----------
    arguments : list of str
        Runs and options.
    model : Model, optional
        In place of the model's own, for tests.
    """
    from sim.cli.screen import with_progress
    from sim.cli.study_show import show
    from sim.store.files import check_out
    from sim.study.compare.pairing import wanted_outcomes
    from sim.study.compare.result import compare_chosen, folder_of
    from sim.study.compare.selection import choose

    given = _parser().parse_args(arguments)
    outcomes = wanted_outcomes(given.outcomes)
    choice = choose(given.runs, given.against)
    for reason in choice.skipped:
        print(f"sim: left out: {reason}", file=sys.stderr)
    check_out(given.out or folder_of(choice, outcomes))
    found = with_progress(
        "compare",
        lambda progress: compare_chosen(
            choice, outcomes, precision=given.precision, budget=given.budget, workers=given.workers,
            on_progress=progress, model=model,
        ),
        wanted=given.precision is not None,
    )  # fmt: skip
    show(found)
    written = found.write(given.out or found.folder)
    *files, page = written.paths
    for path in files:
        print(f"wrote {path}")
    if written.missing:
        print(written.missing)
    print(f"open {page}")
    return SKIPPED if choice.skipped else 0


def _margins(text: str) -> float:
    try:
        return finite(text)
    except ArgumentTypeError as error:
        raise ArgumentTypeError(f"{error}; it is in margins, such as 1") from None


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog="sim compare",
        description="Hold runs against a reference with common random numbers: differences with simultaneous "
        "95 % intervals and a verdict in words. docs/compare.md tells how to read the table.",
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
        help="most replications of each run, those there included (200)",
    )
    parser.add_argument("--workers", type=int, default=0, help="processes (one a core)")
    return parser
