"""``sim border``: a crossing that the user invents, by hour and in outcomes, or its frontier."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.errors import OneLineParser

if TYPE_CHECKING:
    from sim.border.single.crossing import OwnBorder

Written = tuple[list[Path], str | None]


def command(arguments: list[str]) -> int:
    """Run ``sim border FILE.yaml [key=value ...] [--frontier] [--out FOLDER]``; return the exit code."""
    from sim.border.single.crossing import read_own_border

    given = _parser().parse_args(arguments)
    border = read_own_border(given.file, given.overrides)
    paths, missing = (_frontier if given.frontier else _result)(border, given.out)
    for path in paths:
        print(f"wrote {path}")
    if missing:
        print(missing)
    return 0


def _result(border: OwnBorder, folder: Path | None) -> Written:
    """Show the crossing by hour and in outcomes; return what was written, and why there are no images."""
    from sim.border.single.summary import simulate_border
    from sim.cli.border_table import show
    from sim.study.single_crossing import write_result

    result = simulate_border(border)
    show(result)
    return ([], None) if folder is None else write_result(result, folder)


def _frontier(border: OwnBorder, folder: Path | None) -> Written:
    """Show what the crossing finds and how long it lets wait at all levels; return what was written."""
    from sim.border.single.frontier import border_frontier
    from sim.cli.border_table import show_frontier
    from sim.study.single_crossing import write_frontier

    points = border_frontier(border)
    show_frontier(border, points)
    return ([], None) if folder is None else write_frontier(border, points, folder)


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
