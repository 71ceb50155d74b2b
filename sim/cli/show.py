"""``sim show``: one lever, scenario, outcome or adversary, with its numbers and where they come from."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sim.cli.errors import OneLineParser
from sim.cli.list import add_look_up
from sim.cli.names import KINDS, folders_of, known, not_here, places
from sim.cli.plain import amount, folded, print_json, screen_width, table
from sim.core.errors import ConfigError, nearest, unknown
from sim.core.shipped import compose_tree, file_of
from sim.report import inventory

_EVIDENCE = ["value", "unit", "range", "fact", "status"]
_INDENT = 2


def command(arguments: list[str]) -> int:
    """Show one thing and return the exit code."""
    given = _parser().parse_args(arguments)
    folders = folders_of(given.config_dir)
    kind, name = _meant(given.words, folders, given.results)
    if given.against is not None and kind != "scenario":
        raise ConfigError(f"show: --against goes with a scenario, and {name} is a {kind}")
    against = given.against or "baseline"
    if against not in known("scenario", folders):
        raise not_here("scenario", against, "show --against", known("scenario", folders), folders)
    if kind == "scenario":
        found = inventory.scenario_details(name, against, folders)
    elif kind == "outcome":
        found = inventory.outcome_details(name)
    else:
        details = inventory.lever_details if kind == "lever" else inventory.adversary_details
        found = details(name, folders)
    if folders and kind != "outcome":
        _check_own(kind, name, folders)
    if given.json:
        print_json({"kind": kind} | found)
    else:
        show = {"lever": _lever, "scenario": _scenario, "outcome": _outcome, "adversary": _adversary}[kind]
        print("\n".join([*show(found), "", "Example", f"  {found['example']}"]))
    return 0


def _check_own(kind: str, name: str, folders: Sequence[Path]) -> None:
    """Refuse what a run would refuse, where the user's own files have a part in what is shown."""
    from sim.scenario import load_scenario

    scenario, adversary = (name if kind == group else None for group in ("scenario", "adversary"))
    try:
        load_scenario(compose_tree(scenario, adversary, folders=folders))
    except ConfigError as error:
        file = str(file_of(kind, name, folders))
        raise error if file in str(error) else ConfigError(f"{file}: {error}") from None


def _meant(words: Sequence[str], folders: Sequence[Path], results: Path) -> tuple[str, str]:
    """Return kind and name of what two words mean, or one word that is the name of one thing."""
    if len(words) > 2:
        raise ConfigError(f"show: one thing at a time, not {' '.join(words)}")
    if len(words) == 2:
        kind, name = words
        if kind not in KINDS:
            raise unknown("kind", kind, "show", KINDS)
        if name not in known(kind, folders):
            raise not_here(kind, name, "show", known(kind, folders), folders, results)
        return kind, name
    (word,) = words
    if word in KINDS or word in KINDS.values():
        kind = next(one for one, many in KINDS.items() if word in (one, many))
        raise ConfigError(f"show: which {kind}? sim list {KINDS[kind]} has their names")
    kinds = [kind for kind in KINDS if word in known(kind, folders)]
    if len(kinds) == 1:
        return kinds[0], word
    told = places(word, folders, results)
    if told:
        raise ConfigError(f"show: {word} is " + ", and ".join(f"{what}: {how}" for what, how in told))
    near = nearest(word, [name for kind in KINDS for name in known(kind, folders)])
    raise ConfigError(f"show: unknown name {word!r}{near}; sim list tells what there is")


def _lever(found: dict[str, Any]) -> list[str]:
    unit = found["unit"]
    moves = [{**move, "name": move["dial"], "unit": ""} for move in found["moves"]]
    lines = [
        *folded(f"{found['name']}: {found['title']}"), "",
        *_pairs([
            ("Strategy", found["strategy"]),
            ("Unit", unit),
            ("Size", f"0 to {amount(found['max_size'])}; the baseline has {amount(found['baseline_size'])}"),
            ("Cost", f"{amount(found['cost_usd_per_unit_year'])} dollars of 2022 a year and unit of size"),
        ]),
        *([""] + folded(found["description"]) if found["description"] else []),
        "", "Dials that it moves, each by this much a unit of size",
        *_evidence(moves, "dial"),
        "", "Numbers",
        *_evidence(found["numbers"]),
    ]  # fmt: skip
    return lines + _sources([*moves, *found["numbers"]])


def _scenario(found: dict[str, Any]) -> list[str]:
    lines = [*folded(f"{found['name']}: {found['description']}"), ""]
    rows = [[one["key"], _value(one["against"]), _value(one["value"])] for one in found["differences"]]
    if not rows:
        return [*lines, f"It is the same as {found['against']}."]
    heads = ["key", found["against"], found["name"]]
    told = _indented(lambda width: table(heads, rows, set(heads[1:]), {"key"}, width))
    return [*lines, f"What differs from {found['against']}", *told]


def _outcome(found: dict[str, Any]) -> list[str]:
    ratio = f" ({' / '.join(found['of'])})" if found["of"] else ""
    good = {"less": "less is better for the defender", "more": "more is better for the defender"}
    layer = {"latent": "latent: what happened", "observed": "observed: what agencies would have recorded"}
    return [
        *folded(f"{found['name']}: {found['label']}"), "",
        *_pairs([
            ("Unit", found["unit"]),
            ("Layer", layer.get(found["layer"], found["layer"])),
            ("Months", f"combine by {found['over_months']}{ratio}"),
            ("Margin", f"{amount(found['margin'])}: the smallest difference of a year that matters"),
            ("Good", good.get(found["good"], "no side is plainly better")),
            ("In the table of a run", "yes" if found["headline"] else "no"),
        ]),
    ]  # fmt: skip


def _adversary(found: dict[str, Any]) -> list[str]:
    lines = [*folded(f"{found['name']}: {found['description']}"), "", "Numbers", *_evidence(found["numbers"])]
    return lines + _sources(found["numbers"])


def _evidence(rows: Sequence[dict[str, Any]], first: str = "number") -> list[str]:
    """Return numbers with their evidence as a table."""
    cells = [
        [row["name"], amount(row["value"]), row["unit"], _range(row), row["fact"] or "", row["status"]]
        for row in rows
    ]
    return _indented(
        lambda width: table([first, *_EVIDENCE], cells, {"value"}, {first, "fact", "status"}, width)
    )


def _sources(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return why each number is what it is, and the source behind each fact."""
    reasons = {row["name"]: row["reason"] or ("" if row["fact"] else row["source"]) for row in rows}
    facts = {row["fact"]: row["source"] for row in rows if row["fact"]}
    lines = []
    for title, texts in (("Why these numbers", reasons), ("Sources", dict(sorted(facts.items())))):
        told = [line for name, text in texts.items() if text for line in folded(f"{name}: {text}", _INDENT)]
        lines += ["", title, *told] if told else []
    return lines


def _range(row: dict[str, Any]) -> str:
    return "" if row["low"] is None else f"{amount(row['low'])} to {amount(row['high'])}"


def _value(node: Any) -> str:
    """Return what stands at a key as one cell; nothing is a bar."""
    if node is None or node == {}:
        return "-"
    return json.dumps(node) if isinstance(node, list | dict) else amount(node)


def _pairs(pairs: Sequence[tuple[str, str]]) -> list[str]:
    wide = max(len(name) for name, _ in pairs)
    lines = []
    for name, text in pairs:
        first, *more = folded(text, width=screen_width() - wide - _INDENT) or [""]
        lines += [f"{name:<{wide}}  {first}".rstrip(), *(" " * (wide + _INDENT) + line for line in more)]
    return lines


def _indented(lines: Callable[[int], list[str]]) -> list[str]:
    """Return a table set in a little; it gets the width that is left."""
    return [" " * _INDENT + line for line in lines(screen_width() - _INDENT)]


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog="sim show",
        usage="%(prog)s [lever|scenario|outcome|adversary] NAME [--against SCENARIO]\n"
        "                [--config-dir FOLDER] [--results FOLDER] [--json]",
        description="Show one lever, scenario, outcome or adversary: what it is, its numbers, and where they "
        "come from. The kind may be left out where the name is that of one thing.",
    )
    parser.add_argument(
        "words", nargs="+", metavar="NAME", help="a name that sim list shows, its kind before it"
    )
    parser.add_argument(
        "--against", metavar="SCENARIO", help="scenario to hold a scenario against (baseline)"
    )
    add_look_up(parser)
    return parser
