"""Scenarios from names, sizes and dotted paths, without Hydra."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from sim.core.errors import ConfigError, unknown
from sim.core.tree import plain

if TYPE_CHECKING:
    from sim.scenario import Scenario

Value = bool | int | float | str | None
Changes = Mapping[str, Value]
"""Dotted configuration paths and their values: ``{"chain.market.cover_weeks": 8}``."""
Levers = Mapping[str, float]
"""Names of levers and their sizes: ``{"port_staffing": 1000}``."""


_EXAMPLES = {"scenario": "'baseline'", "adversary": "'logit'"}


def scenario(
    name: str = "baseline",
    *,
    levers: Levers | None = None,
    adversary: str | None = None,
    changes: Changes | None = None,
) -> Scenario:
    """Return a validated scenario.

    Parameters
    ----------
    name : str
        A shipped scenario (``ck.scenarios()`` lists them), with levers: ``baseline+scanning50``.
    levers : mapping, optional
        Sizes of levers by name, in the units of ``ck.levers()``.
    adversary : str, optional
        How traffickers adapt; ``ck.adversaries()`` lists the policies. By default that of the scenario.
    changes : mapping, optional
        Other numbers by their dotted configuration paths.

    Raises
    ------
    ConfigError
        A name, a path or a value is wrong; the message names it, what is allowed, and the nearest name.
    """
    from sim.scenario import load_scenario

    return load_scenario(tree_of(name, levers, adversary, changes))


def tree_of(
    name: str, levers: Levers | None, adversary: str | None, changes: Changes | None
) -> dict[str, Any]:
    """Return the configuration tree of a scenario; raise ``ConfigError`` where something is wrong."""
    from sim.core.naming import named, parted
    from sim.core.shipped import choices, compose_tree

    for what, given in (("scenario", name), ("adversary", adversary or "none")):
        if not isinstance(given, str):
            raise ConfigError(f"{what}: must be a name such as {_EXAMPLES[what]} (got {given!r})")
    base, added = parted(name)
    sizes: dict[str, Value] = {}
    for lever, size in {**added, **mapping(levers, "levers", "{'port_staffing': 1000}")}.items():
        if lever not in choices("lever"):
            raise unknown("lever", str(lever), "levers", choices("lever"))
        if isinstance(size, bool) or not isinstance(size, int | float) or not isfinite(size):
            raise ConfigError(f"levers.{lever}.size: must be a number (got {size!r})")
        sizes[f"levers.{lever}.size"] = size
    other = mapping(changes, "changes", "{'calendar.days': 30}")
    return named(compose_tree(base, adversary, {**sizes, **other}))


def mapping(given: Any, what: str, example: str) -> dict[str, Any]:
    """Return a dictionary that a caller gave, empty for none; raise ``ConfigError`` for anything else."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ConfigError(f"{what}: must be a dictionary such as {example} (got {given!r})")
    return {str(key): plain(node) for key, node in given.items()}
