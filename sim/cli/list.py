"""``sim list``: what there is to choose from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sim.cli.errors import OneLineParser
from sim.cli.names import folders_of, not_here, study_rows
from sim.cli.plain import amount, print_json, table
from sim.core.errors import ConfigError
from sim.report import inventory

Rows = list[dict[str, Any]]
# Kind: what it is, and how to go on.
_KINDS = {
    "levers": ("what the defender can add", "sim show lever NAME"),
    "scenarios": ("changes of the baseline, in files", "sim show scenario NAME"),
    "outcomes": ("what is counted", "sim show outcome NAME"),
    "adversaries": ("how traffickers adapt", "sim show adversary NAME"),
    "studies": ("questions that need many runs", "sim study NAME --help"),
    "runs": ("what has been simulated", "sim open NAME"),
}
# Kind: the columns of the printed table, those of numbers apart; --json has all of them.
_SHOWN: dict[str, tuple[list[str], set[str]]] = {
    "levers": (["name", "max_size", "unit", "title"], {"max_size"}),
    "scenarios": (["name", "days", "levers", "description"], {"days"}),
    "outcomes": (["name", "label", "unit", "layer", "margin", "good"], {"margin"}),
    "adversaries": (["name", "description"], set()),
    "studies": (["name", "description"], set()),
    "runs": (
        ["run", "scenario", "adversary", "replications", "seed", "start", "days"],
        {"replications", "seed", "days"},
    ),
}
_HEADS = {"max_size": "size to", "replications": "repl."}


def command(arguments: list[str]) -> int:
    """Print one list, or what can be listed; return the exit code."""
    given = _parser().parse_args(arguments)
    folders = folders_of(given.config_dir)
    if given.kind is None:
        _overview(folders, given.results, given.json)
        return 0
    if given.kind not in _KINDS:
        raise not_here("list", given.kind, "list", list(_KINDS), folders, given.results)
    rows = _rows(given.kind, folders, given.results)()
    if given.json:
        print_json(rows)
        return 0
    columns, numbers = _SHOWN[given.kind]
    cells = [[amount(row[name]) if name in numbers else str(row[name]) for name in columns] for row in rows]
    heads = [_HEADS.get(name, name) for name in columns]
    print("\n".join(table(heads, cells, {_HEADS.get(name, name) for name in numbers}, {"name", "run"})))
    print(f"\nOne of them: {_KINDS[given.kind][1]}")
    return 0


def _overview(folders: Sequence[Path], results: Path, as_json: bool) -> None:
    counts = {}
    for kind in _KINDS:
        try:
            counts[kind] = _count_runs(results) if kind == "runs" else len(_rows(kind, folders, results)())
        except ConfigError:
            counts[kind] = 0
    if as_json:
        print_json(counts)
        return
    rows = [[kind, f"{counts[kind]:,}", what, f"sim list {kind}"] for kind, (what, _) in _KINDS.items()]
    print(
        "\n".join(table(["list", "there are", "what", "command"], rows, {"there are"}, {"list", "command"}))
    )


def _rows(kind: str, folders: Sequence[Path], results: Path) -> Callable[[], Rows]:
    return {
        "levers": lambda: inventory.lever_rows(folders),
        "scenarios": lambda: inventory.scenario_rows(folders),
        "outcomes": inventory.outcome_rows,
        "adversaries": lambda: inventory.adversary_rows(folders),
        "studies": lambda: study_rows(folders),
        "runs": lambda: inventory.run_rows(results),
    }[kind]


def _count_runs(results: Path) -> int:
    """Return how many folders of runs there are, none of them opened."""
    from sim.store.runs import runs_below

    if not results.is_dir():
        return 0
    tops = (path for path in results.iterdir() if path.is_dir() and not path.name.startswith("."))
    return sum(len(runs_below(top)) for top in tops)


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog="sim list",
        description="List what there is to choose from: levers, scenarios, outcomes, adversaries, studies or "
        "runs; without a word, how many there are of each.",
    )
    parser.add_argument("kind", nargs="?", metavar="LIST", help=", ".join(_KINDS))
    add_look_up(parser)
    return parser


def add_look_up(parser: OneLineParser) -> None:
    """Add the flags that looking something up has: where to look, and JSON."""
    parser.add_argument(
        "--config-dir", type=Path, metavar="FOLDER", help="with your own scenario/ and lever/ files"
    )
    parser.add_argument(
        "--results", type=Path, default=Path("results"), metavar="FOLDER", help="results folder (results)"
    )
    parser.add_argument(
        "--json", action="store_true", help="JSON in place of a table; docs/ask.md has the keys"
    )
