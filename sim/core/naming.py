"""What a run is called: its scenario, and what was changed of it (``baseline+scanning50``).

A name is also that of a folder. The part before the first ``+`` is the file of the scenario; levers that were
added can be read back from a name, so that ``baseline+scanning50`` may stand wherever a scenario is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from math import isfinite
from typing import Any

from sim.core.errors import ConfigError, unknown
from sim.core.records import is_record
from sim.core.shipped import choices, compose_tree
from sim.core.tree import at, has

JOINT = "+"
_LEVER = re.compile(r"([a-z_]+)(\d+(?:\.\d+)?)")
_SIZE = re.compile(r"levers\.(\w+)\.size")
# What a run is made in: it is told beside the name, and is no part of a scenario.
_SETTING = ("run", "seed", "name", "calendar", "adversary", "lever_mode", "design", "border.model")
_MODEL = ("levers.", "chain.", "border.")
_SHOWN = 3


def base_of(name: str) -> str:
    """Return the scenario that a name begins with."""
    return name.partition(JOINT)[0]


def parted(name: str) -> tuple[str, dict[str, float]]:
    """Return the scenario that a name begins with, and the sizes of the levers that it adds.

    Raises
    ------
    ConfigError
        A part of the name is no lever with its size.
    """
    base, *parts = name.split(JOINT)
    sizes: dict[str, float] = {}
    for part in parts:
        found = _LEVER.fullmatch(part)
        if found is None:
            raise ConfigError(
                f"scenario: {name!r}: write a lever with its size behind each {JOINT}, "
                f"such as {base or 'baseline'}{JOINT}scanning50"
            )
        if found[1] not in choices("lever"):
            raise unknown("lever", found[1], f"scenario {name!r}", choices("lever"))
        sizes[found[1]] = float(found[2])
    return base, sizes


def named(tree: Mapping[str, Any], given: Iterable[str] = ()) -> dict[str, Any]:
    """Return a composed configuration whose name tells what differs from its scenario.

    Parameters
    ----------
    tree : mapping
        Composed configuration.
    given : iterable of str
        Dotted paths that the user set: all that is known of a scenario that is not shipped.
    """
    name = tree.get("name")
    given = list(given)
    if not isinstance(name, str) or JOINT in name or "name" in given:
        return dict(tree)
    if name in choices("scenario"):
        found = _differing(_scenario(name), tree, "")
    else:
        paths = [path for path in given if path.startswith(_MODEL) and not _is_setting(path)]
        found = {path: _value(at(tree, path)) for path in paths if has(tree, path)}
    words = [_word(path, value) for path, value in found.items()]
    shown = words if len(words) <= _SHOWN else [f"{len(words)}_changes"]
    return {**tree, "name": JOINT.join([name, *shown])}


@cache
def _scenario(name: str) -> dict[str, Any]:
    return compose_tree(name)


def _differing(before: Any, after: Any, path: str) -> dict[str, Any]:
    """Return the values that differ, by path; what only one of the two has is left to others to refuse."""
    if _is_setting(path):
        return {}
    if isinstance(before, Mapping) and isinstance(after, Mapping) and not is_record(before):
        return {
            changed: value
            for key in before
            if key in after and before[key] is not after[key]
            for changed, value in _differing(
                before[key], after[key], f"{path}.{key}" if path else key
            ).items()
        }
    return {} if _value(before) == _value(after) else {path: _value(after)}


def _is_setting(path: str) -> bool:
    return any(path == own or path.startswith(f"{own}.") for own in _SETTING)


def _value(node: Any) -> Any:
    return node["value"] if is_record(node) else node


def _word(path: str, value: Any) -> str:
    """Return a change as a part of a name: ``scanning50``, ``cover_weeks8``, ``kind_threshold``."""
    found = _SIZE.fullmatch(path)
    key = found[1] if found else path.rpartition(".")[2]
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        text = f"{value:.12g}".replace(JOINT, "")
    else:
        text = f"_{'_'.join(re.findall(r'[A-Za-z0-9.]+', str(value)))[:24]}"
    return f"{re.sub(r'[^A-Za-z0-9_.-]', '_', key)}{text}"
