"""``sim border``: a crossing that the user invents, by hour and in outcomes."""

from __future__ import annotations

from pathlib import Path

from sim.cli.complaint import OneLineParser


def command(arguments: list[str]) -> int:
    """Run ``sim border FILE.yaml [key=value ...]``; return the exit code."""
    from sim.cli.border.table import show
    from sim.study.own_border.crossing import read_own_border
    from sim.study.own_border.summary import simulate_border

    given = _parser().parse_args(arguments)
    result = simulate_border(read_own_border(given.file, given.overrides))
    show(result)
    if given.out is not None:
        from sim.study.own_border.folder import write_result

        for path in write_result(result, given.out):
            print(f"wrote {path}")
    return 0


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog="sim border",
        description="Simulate one crossing that you invent: waits, queues, probability of waiting by "
        "hour, and what is found. docs/border.md lists the keys.",
    )
    parser.add_argument("file", type=Path, metavar="FILE.yaml", help="the crossing")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="changes, such as lanes=6")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write tables and a picture of a day here")
    return parser
