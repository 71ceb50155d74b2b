"""What a record is: a number of ``conf/`` with its unit and its source, before it is validated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def is_record(node: Any) -> bool:
    """Tell whether a node of a configuration tree is a record."""
    return isinstance(node, dict) and "value" in node and "unit" in node


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Iterate over dotted paths and what stands there; a record is one leaf, and so is an empty mapping."""
    if isinstance(tree, Mapping) and tree and not is_record(tree):
        for key, node in tree.items():
            yield from leaves(node, f"{path}.{key}" if path else str(key))
    else:
        yield path, tree


def plain(node: Any) -> Any:
    """Return the value of a record, and anything else as it is."""
    return node["value"] if is_record(node) else node
