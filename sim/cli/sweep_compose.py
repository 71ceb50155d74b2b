"""Compose the points of a sweep, a thousand in the time that Hydra takes for a few.

Hydra reads and merges every file again for every point, twice. Points that differ only in plain
values share everything else: it is composed once, and the values are put in. Whatever is not that
simple (choices of a group, keys added or deleted, dictionaries, interpolations) goes through Hydra.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from sim.core.errors import ConfigError


class Composer:
    """Composes points as ``ConfigLoader.load_sweep_config`` does, plain and resolved."""

    def __init__(self, loader: Any, master: Any) -> None:
        self._loader, self._master = loader, master
        self._bases: dict[tuple[str, ...], dict[str, Any] | None] = {}
        self._parsed: dict[str, tuple[str, Any] | None] = {}

    def tree(self, overrides: Sequence[str], number: int = 0) -> dict[str, Any]:
        """Return the configuration of one point, without Hydra's own part."""
        simple = [self._simple(text) for text in overrides]
        others = tuple(text for text, found in zip(overrides, simple, strict=True) if found is None)
        if others not in self._bases:
            self._bases[others] = self._base(others)
        tree = self._bases[others]
        for found in simple:
            if found is not None and tree is not None:
                tree = _replaced(tree, *found)
        return _plain(self._compose(overrides, number), resolve=True) if tree is None else tree

    def _base(self, overrides: tuple[str, ...]) -> dict[str, Any] | None:
        """Return what points share, or None where one value may decide another."""
        from omegaconf.errors import MissingMandatoryValue

        config = self._compose(overrides, 0)
        try:
            resolved = _plain(config, resolve=True)
        except MissingMandatoryValue:
            return None
        # Without references, resolving changes nothing.
        return resolved if resolved == _plain(config, resolve=False) else None

    def _compose(self, overrides: Sequence[str], number: int) -> Any:
        from hydra.core.hydra_config import HydraConfig
        from omegaconf import open_dict

        config = self._loader.load_sweep_config(self._master, list(overrides))
        unswept = set(config.hydra.sweeper.params or ()) - set(self._master.hydra.sweeper.params or ())
        if unswept:
            which = next((text for text in overrides if text.startswith("experiment=")), "an experiment")
            raise ConfigError(f"{which} sweeps {min(unswept)} itself; run it in a sweep of its own")
        with open_dict(config):
            config.hydra.job.id = config.hydra.job.num = number
        HydraConfig.instance().set_config(config)
        with open_dict(config):
            del config["hydra"]
        return config

    def _simple(self, text: str) -> tuple[str, Any] | None:
        if text not in self._parsed:
            self._parsed[text] = self._parse(text)
        return self._parsed[text]

    def _parse(self, text: str) -> tuple[str, Any] | None:
        """Return key and value of an override that only replaces a value, otherwise None."""
        (override,) = self._parser.parse_overrides([text])
        plain = not (override.is_add() or override.is_force_add() or override.is_delete())
        key = override.key_or_group
        if not plain or override.package is not None or "/" in key or key.startswith("hydra."):
            return None
        if self._loader.repository.group_exists(key):
            return None
        value = override.value()
        if isinstance(value, dict | list) or (isinstance(value, str) and ("$" in value or value == "???")):
            return None
        return key, value

    @cached_property
    def _parser(self) -> Any:
        from hydra.core.override_parser.overrides_parser import OverridesParser

        return OverridesParser.create()


def _plain(config: Any, resolve: bool) -> dict[str, Any]:
    from omegaconf import OmegaConf

    tree = OmegaConf.to_container(config, resolve=resolve, throw_on_missing=resolve)
    assert isinstance(tree, dict)
    return {str(key): node for key, node in tree.items()}


def _replaced(tree: dict[str, Any], key: str, value: Any) -> dict[str, Any] | None:
    """Return a tree with a value replaced, or None where Hydra has something to say."""
    from sim.cli.sweep_points import with_value

    if "[" in key:
        return None
    try:
        return with_value(tree, key, value)
    except ConfigError:
        return None
