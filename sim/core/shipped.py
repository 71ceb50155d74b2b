"""Where the shipped configuration lies: ``conf/`` in a checkout, ``sim/conf`` in an installed wheel."""

from __future__ import annotations

import copy
import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sim.core.errors import ConfigError, nearest


@cache
def conf_folder() -> Path:
    """Return the folder of the shipped configuration."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "conf", package.parent / "conf"):
        if (folder / "config.yaml").is_file():
            return folder
    raise ConfigError(f"no conf/ beside {package}; reinstall the package")


def read_yaml(path: Path) -> dict[str, Any]:
    """Return one YAML file as a dictionary; raise ``ConfigError`` with the line of a syntax error."""
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise ConfigError(f"{where}: not valid YAML") from None
    return {} if tree is None else dict(tree)


@cache
def fact_ids() -> frozenset[str]:
    """Return the ids of ``conf/facts.csv``."""
    with (conf_folder() / "facts.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["id"] for row in csv.DictReader(file))


@cache
def shipped_tree() -> dict[str, Any]:
    """Return the shipped stations and levers as one configuration tree, without Hydra.

    Used to tell an override from a shipped number, whatever way it came in.
    """
    folder = conf_folder()
    tree: dict[str, Any] = {"chain": {}, "border": {}, "levers": {}}
    for room in ("chain", "border"):
        for path in sorted((folder / room).glob("*.yaml")):
            tree[room][path.stem] = read_yaml(path)
    for path in sorted((folder / "lever").glob("*.yaml")):
        tree["levers"][path.stem] = read_yaml(path)
    tree["adversary"] = read_yaml(folder / "adversary" / "none.yaml")
    return tree


def baseline_tree(changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the shipped baseline as one plain configuration tree, with dotted keys replaced.

    The same tree as ``sim run`` composes, for use from Python:
    ``load_scenario(baseline_tree({"calendar.days": 30}))``.

    Raises
    ------
    ConfigError
        A dotted key leads through something that is no group.
    """
    top = read_yaml(conf_folder() / "config.yaml")
    own = {key: node for key, node in top.items() if key not in ("defaults", "seed")}
    tree = copy.deepcopy(shipped_tree())
    tree["border"].update(own.pop("border"))
    tree |= {**own, "name": "baseline"}
    for path, value in (changes or {}).items():
        *parents, leaf = path.split(".")
        node = tree
        for key in parents:
            if not isinstance(node.get(key), dict):
                raise ConfigError(f"{path}: no group {key!r}{nearest(key, node)}")
            node = node[key]
        node[leaf] = value
    return tree
