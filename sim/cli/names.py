"""Every name that a command takes: what completion offers, and where a word that is wrong here belongs.

The list takes a second to make, since every command says itself which flags it has. It is kept in the user's
cache folder under a hash of all that it depends on; where that folder cannot be written, it is made anew.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sim.core.errors import ChokepointError, ConfigError, nearest, unknown
from sim.core.shipped import CHOICES, choices, compose_tree, conf_folder

KINDS = {"lever": "levers", "scenario": "scenarios", "outcome": "outcomes", "adversary": "adversaries"}
"""What ``sim show`` shows, and what ``sim list`` calls many of them."""
Names = dict[str, Any]
_FORMAT, _KEPT = 1, 8
_CLI = Path(__file__).parent


def names(folders: Sequence[Path] = ()) -> Names:
    """Return the list, from the cache where it is there.

    Returns
    -------
    dict
        ``commands``: flags, subcommands and their help by command. ``keys``: every key of the configuration
        with the values to offer. ``groups``: the choices of each group. One list of names a kind, and
        ``studies``.
    """
    file = _cache() / f"names_{_fingerprint(folders)}.json"
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    found = _made(folders)
    _keep(file, found)
    return found


def study_rows(folders: Sequence[Path] = ()) -> list[dict[str, str]]:
    """Return the studies: name and description."""
    studies = names(folders)["commands"]["study"]["words"]
    return [{"name": name, "description": node["help"]} for name, node in studies.items()]


def folders_of(config_dir: Path | None) -> list[Path]:
    """Return the folder of a ``--config-dir`` as a list; raise ``ConfigError`` where there is none."""
    if config_dir is None:
        return []
    if not config_dir.is_dir():
        raise ConfigError(f"Additional config directory '{config_dir.absolute()}' not found")
    return [config_dir.absolute()]


def known(kind: str, folders: Sequence[Path] = ()) -> list[str]:
    """Return the names of a kind (``lever``, ``scenario``, ``outcome``, ``adversary``)."""
    if kind == "outcome":
        from sim.report.inventory import outcome_rows

        return [row["name"] for row in outcome_rows()]
    return [name for name in choices(kind, folders) if not name.startswith("_")]


def places(word: str, folders: Sequence[Path] = (), results: Path = Path("results")) -> list[tuple[str, str]]:
    """Return where a word is a name: what it is there, and the command that shows it."""
    from sim.cli.main import COMMANDS

    found = [("a command", f"sim {word} --help")] if word in COMMANDS else []
    for kind in KINDS:
        if word in known(kind, folders):
            found.append((f"{'an' if kind[0] in 'ao' else 'a'} {kind}", f"sim show {kind} {word}"))
    if word in (row["name"] for row in study_rows(folders)):
        found.append(("a study", f"sim study {word} --help"))
    if word in run_names(results):
        found.append(("a run", f"sim open {word}"))
    return found


def not_here(
    what: str, word: str, where: str, allowed: Sequence[str], folders: Sequence[Path] = (),
    results: Path = Path("results"),
) -> ConfigError:  # fmt: skip
    """Build the error for a word that is no name here: where it is one, or the nearest name."""
    found = places(word, folders, results)
    if found:
        told = ", and ".join(f"{kind}: {command}" for kind, command in found)
        return ConfigError(f"{where}: {word} is {told}" if where else f"{word} is {told}")
    return unknown(what, word, where or "sim", allowed)


def no_command(word: str) -> ConfigError:
    """Build the error for a first word that is no command."""
    from sim.cli.main import COMMANDS

    found = places(word)
    if word in (*KINDS.values(), "studies", "runs"):
        found = [("what this lists", f"sim list {word}")]
    if found:
        told = ", and ".join(f"{kind}: {command}" for kind, command in found)
        return ConfigError(f"{word} is no command but {told}")
    if "=" in word:
        return ConfigError(f"unknown command {word!r}; a setting comes after run: sim run {word}")
    near = nearest(word, COMMANDS) or nearest(word, [name for kind in KINDS for name in known(kind)])
    return ConfigError(f"unknown command {word!r}{near}; there are: {', '.join(COMMANDS)}")


def run_names(results: Path) -> list[str]:
    """Return the folders of scenarios in a results folder, and the runs below them as ``scenario/run``."""
    with contextlib.suppress(OSError):
        tops = [path for path in sorted(results.iterdir()) if path.is_dir() and path.name[0] != "."]
        found = [path.name for path in tops]
        for top in tops:
            below = (path.parent for path in sorted(top.glob("*/manifest.json")))
            found += [f"{top.name}/{path.name}" for path in below if path.name[0] != "."]
        return found
    return []


def _made(folders: Sequence[Path]) -> Names:
    """Make the list: ask every command for its flags, and read the configuration."""
    from sim.cli.main import COMMANDS

    made: Names = {
        "commands": {name: _flags(_parser_of(name, module)) for name, (module, _) in COMMANDS.items()}
    }
    made["groups"] = {group: [n for n in choices(group, folders) if n[0] != "_"] for group in CHOICES}
    made["keys"] = dict(_keys(folders))
    made |= {plural: known(kind, folders) for kind, plural in KINDS.items()}
    return made


def _keys(folders: Sequence[Path]) -> Iterator[tuple[str, list[str]]]:
    """Iterate over the keys of the configuration and the values to offer for each."""
    from sim.core.records import leaves, plain

    try:
        tree = compose_tree(folders=folders)
    except ChokepointError:
        tree = compose_tree()  # a file of the user's own is wrong: the shipped keys are still there
    for path, node in leaves(tree):
        offered = ["true", "false"] if isinstance(node, bool) else []
        if path.startswith("levers.") and path.endswith(".size"):
            largest = plain(tree["levers"][path.split(".")[1]].get("max_size"))
            offered = ["0"] + ([f"{largest:g}"] if isinstance(largest, int | float) else [])
        yield path, offered


def _parser_of(name: str, module: str) -> argparse.ArgumentParser | None:
    if name == "run":
        from sim.cli.hydra_setup import run_parser

        return run_parser()
    parser = getattr(importlib.import_module(module), "_parser", None)
    return parser() if parser else None


def _flags(parser: argparse.ArgumentParser | None, text: str = "") -> dict[str, Any]:
    """Return the flags of a parser with their choices, the words that it takes, and its subcommands."""
    found: dict[str, Any] = {"help": text, "flags": {}, "takes": [], "words": {}}
    for action in parser._actions if parser else ():
        if isinstance(action, argparse._SubParsersAction):
            told = {each.dest: each.help or "" for each in action._choices_actions}
            for name, below in action.choices.items():
                found["words"][name] = _flags(below, told.get(name, ""))
        elif action.option_strings:
            longest = max(action.option_strings, key=len)
            found["flags"][longest] = {
                "choices": [str(choice) for choice in action.choices or ()], "value": action.nargs != 0
            }  # fmt: skip
        else:
            found["takes"] += [str(choice) for choice in action.choices or ()]
    return found


def _cache() -> Path:
    user = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or "~/.cache"
    return Path(os.path.expanduser(user)) / "chokepoint"


def _fingerprint(folders: Sequence[Path]) -> str:
    """Return a hash of all that the list depends on: configuration, and the sources of the command."""
    conf = conf_folder()
    files = sorted(conf.glob("*.yaml")) + sorted(conf.glob("*/*.yaml"))
    files += [
        path
        for folder in folders
        for group in (*CHOICES, "lever")
        for path in sorted((folder / group).glob("*.yaml"))
    ]
    digest = hashlib.sha256(f"{_FORMAT}".encode())
    for path in files:
        with contextlib.suppress(OSError):
            content = path.read_bytes()
            digest.update(f"\0{path}\0{len(content)}\0".encode() + content)
    for path in sorted(_CLI.glob("*.py")):
        stat = path.stat()
        digest.update(f"\0{path}\0{stat.st_size}\0{stat.st_mtime_ns}".encode())
    return digest.hexdigest()[:24]


def _keep(file: Path, found: Names) -> None:
    """Write the list under another name and move it; lists of earlier versions go. No folder, no list."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=file.parent, suffix=".part", encoding="utf-8", delete=False
        ) as part:
            json.dump(found, part)
        os.replace(part.name, file)
        old = sorted(file.parent.glob("names_*.json"), key=lambda path: path.stat().st_mtime_ns)
        for path in old[:-_KEPT]:
            path.unlink(missing_ok=True)
