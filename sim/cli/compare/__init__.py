"""``sim compare A B ...``: which differences between runs are real, and which matter."""

from __future__ import annotations

import sys
from pathlib import Path

from sim.cli.complaint import OneLineParser

SKIPPED = 1


def command(arguments: list[str]) -> int:
    """Compare runs and return the exit code: 1 when something that was named had to be left out."""
    from sim.cli.compare.table import show
    from sim.study.compare.choice import choose
    from sim.study.compare.folder import folder_of, write_tables
    from sim.study.compare.pairing import check_pairs, read_panel, wanted_outcomes
    from sim.study.compare.pictures import write_page
    from sim.study.compare.verdict import compare

    given = _parser().parse_intermixed_args(arguments)
    outcomes = wanted_outcomes(given.outcomes)
    choice = choose(given.runs, given.against)
    for reason in choice.skipped:
        print(f"sim: left out: {reason}", file=sys.stderr)
    check_pairs(choice)
    found = compare(read_panel(choice, outcomes))
    show(choice, found, [])
    folder = given.out or folder_of(choice, outcomes)
    for path in write_tables(folder, choice, found):
        print(f"wrote {path}")
    page, missing = write_page(folder, choice, found, [])
    if missing:
        print(missing)
    print(f"open {page}")
    return SKIPPED if choice.skipped else 0


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog="sim compare",
        description="Hold runs against a reference on the same draws: differences with simultaneous 95 %% "
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
    return parser
