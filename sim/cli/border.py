"""``sim border``: a crossing that the user invents, by hour and in outcomes, or its frontier."""

from __future__ import annotations

from pathlib import Path

from sim.cli.errors import OneLineParser


def command(arguments: list[str]) -> int:
    """Run ``sim border FILE.yaml [key=value ...] [--frontier] [--out FOLDER]``; return the exit code."""
    from sim.border.single.crossing import read_single_crossing
    from sim.cli.study_show import show, show_written
    from sim.store.files import check_out
    from sim.study.single_crossing import crossing, crossing_frontier, write_crossing

    given = _parser().parse_args(arguments)
    border = read_single_crossing(given.file, given.overrides)
    if given.out is not None:
        check_out(given.out)
    result = (crossing_frontier if given.frontier else crossing)(border)
    show(result)
    if given.out is not None:
        show_written(write_crossing(result, border, given.out))
    return 0


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog="sim border",
        description="Simulate one crossing that you invent: waits, queues, probability of waiting by "
        "hour, and what is found. docs/border.md lists the keys.",
    )
    parser.add_argument("file", type=Path, metavar="FILE.yaml", help="the crossing")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="changes, such as lanes=6")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write tables and pictures here")
    parser.add_argument(
        "--frontier",
        action="store_true",
        help="hold the levels of scanning and of lanes in `frontier` against each other instead",
    )
    return parser
