"""Configuration trees: dotted paths into nested dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sim.core.errors import ConfigError, nearest, unknown
from sim.core.records import is_record

_EXACT = 2.0**53
"""Whole numbers below are exact as floats."""
_WORDS_OF_A_LEVER = ("title", "strategy", "unit")
_HINT = "sim run --cfg job shows every key"


def has(tree: Any, path: str) -> bool:
    """Tell whether a tree has a key at a dotted path."""
    for key in path.split("."):
        if not isinstance(tree, Mapping) or key not in tree:
            return False
        tree = tree[key]
    return True


def at(tree: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a dotted path; raise ``ConfigError`` where nothing does."""
    node: Any = tree
    for key in path.split("."):
        if not isinstance(node, Mapping) or key not in node:
            raise unknown_key(tree, path)
        node = node[key]
    return node


def replaced(tree: Mapping[str, Any], changes: Mapping[str, Any], new_keys: bool = False) -> dict[str, Any]:
    """Return a tree with other values at dotted paths; what lies on no path is shared, not copied.

    Parameters
    ----------
    tree : mapping
    changes : mapping
        Dotted path to value.
    new_keys : bool
        Whether keys that do not exist are added.

    Raises
    ------
    ConfigError
        A path leads to no key, or through a value that has none.
    """
    top = dict(tree)
    for path, value in changes.items():
        *parents, leaf = path.split(".")
        node = top
        for key in parents:
            child = {} if new_keys and node.get(key) is None else node.get(key)
            if not isinstance(child, Mapping):
                raise unknown_key(top, path)
            node[key] = dict(child)
            node = node[key]
        if leaf not in node and not new_keys:
            raise unknown_key(top, path)
        node[leaf] = value
    return top


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tree with another one laid over it, key by key, as Hydra merges files."""
    found = dict(base)
    for key, node in over.items():
        below = found.get(key)
        both = isinstance(below, Mapping) and isinstance(node, Mapping)
        found[key] = merged(below, node) if both else node  # type: ignore[arg-type]
    return found


def plain(node: Any) -> Any:
    """Return a tree in which every number has one spelling: NumPy's become Python's, 8.0 becomes 8.

    Everything that comes from outside passes here, so that equal configurations have equal hashes.
    """
    if isinstance(node, Mapping):
        return {key: plain(child) for key, child in node.items()}
    if isinstance(node, list | tuple):
        return [plain(child) for child in node]
    if type(node).__module__ == "numpy":
        return plain(node.tolist())
    if isinstance(node, float) and node.is_integer() and abs(node) < _EXACT:
        return int(node)
    return node


def nested(path: str, value: Any) -> dict[str, Any]:
    """Return a tree that holds one value at a dotted path."""
    for key in reversed(path.split(".")):
        value = {key: value}
    return dict(value)


def unknown_key(tree: Mapping[str, Any], path: str, groups: Iterable[str] = ()) -> ConfigError:
    """Build the error for a path without a key: the level where it fails, and the nearest name.

    Parameters
    ----------
    tree : mapping
    path : str
        Dotted path.
    groups : iterable of str
        Names of groups of files, which may have been meant at the top level.
    """
    node: Any = tree
    parts = path.split(".")
    for depth, part in enumerate(parts):
        where = ".".join(parts[:depth])
        if not isinstance(node, Mapping) or is_record(node):
            number = isinstance(node, int | float) or is_record(node)
            kind = "not set" if node is None else "a number" if number else "a single value"
            return ConfigError(f"{path}: {where} is {kind} and has no keys; override it whole, {where}=...")
        if part not in node:
            names = [*node, *(name for name in groups if depth == 0 and name != part)]
            near = _nearest_path(path, tree) or nearest(part, names)
            if near:
                return ConfigError(f"{where or 'configuration'}: unknown key {part!r}{near}; {_HINT}")
            return ConfigError(f"{unknown('key', part, where or 'configuration', node)}; {_HINT}")
        node = node[part]
    return ConfigError(f"{path}: cannot be changed here; {_HINT}")


def refuse_fixed(path: str) -> None:
    """Refuse to change the value of a record and keep its source, or the words that say what a lever is.

    Raises
    ------
    ConfigError
        The path ends in ``.value``, or leads to the title, strategy or unit of a lever.
    """
    parts = path.split(".")
    if len(parts) == 3 and parts[0] == "levers" and parts[2] in _WORDS_OF_A_LEVER:
        raise ConfigError(
            f"{path}: says what the lever is and is no setting of a run; "
            f"write {parts[0]}.{parts[1]}.size=..., or a lever of your own in --config-dir"
        )
    if path.endswith(".value"):
        whole = path.removesuffix(".value")
        raise ConfigError(
            f"{path}: override the whole number, {whole}=...; under the old record the new value "
            "would keep a source that no longer matches it"
        )


def _nearest_path(key: str, tree: Mapping[str, Any]) -> str:
    """Return the full path of a key that was given without its beginning."""
    found = path_ending(tree, key)
    return f" (did you mean {found!r}?)" if found else ""


def path_ending(tree: Mapping[str, Any], key: str) -> str:
    """Return the shortest dotted path that is, or ends in, a key; empty where none does."""
    ends = [path for path in _paths(tree) if path == key or path.endswith(f".{key}")]
    return min(ends, key=lambda path: path.count("."), default="")


def _paths(tree: Any, path: str = "") -> Iterator[str]:
    if path:
        yield path
    if isinstance(tree, Mapping) and not is_record(tree):
        for key, node in tree.items():
            yield from _paths(node, f"{path}.{key}" if path else str(key))
