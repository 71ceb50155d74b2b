"""From the words of ``sim run`` to composed points: Hydra's files and grammar, in a loop of our own.

Hydra reads and merges every file again for every point. Points that differ only in plain values share
everything else: it is composed once, and the values are put in, a thousand in the time that Hydra takes for
a few. Whatever is not that simple (choices of a group, keys added or deleted, dictionaries, interpolations)
goes through Hydra.

No other file uses what Hydra does not document. Here that is its grammar of overrides
(``hydra.core.override_parser``), since no documented call says which words sweep and over what, and the
loader behind the Compose API (``GlobalHydra.config_loader``), which knows the groups of a ``--config-dir``.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from hydra import compose, initialize_config_dir, initialize_config_module
from hydra.core.config_loader import ConfigLoader
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, Override
from hydra.core.plugins import Plugins
from hydra.errors import HydraException
from hydra.plugins.search_path_plugin import SearchPathPlugin
from hydra.types import RunMode
from omegaconf import OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from sim.cli.hydra_setup import CONFIG, PACKAGE, VERSION_BASE, register
from sim.cli.sweep import Point
from sim.core.errors import ConfigError, nearest, unknown
from sim.core.shipped import CHOICES, compose_tree, conf_folder, read_yaml
from sim.core.tree import replaced, unknown_key

# Of Hydra's own settings, those that a run or a sweep of ours obeys.
_OBEYED = (
    "hydra/launcher",
    "hydra/sweeper",
    "hydra.launcher",
    "hydra.sweeper",
    "hydra.mode",
    "hydra.searchpath",
)
_LAUNCHERS, _SWEEPERS = ("local", "dask"), ("local", "basic")
_SWEEPER_KEYS = {"max_batch_size", "params"}


class Composed(NamedTuple):
    """What a command composes: its points, and the settings of the cluster that runs them, if any."""

    points: list[Point]
    cluster: dict[str, Any] | None


class HydraSettings(NamedTuple):
    """What Hydra's own part of a configuration says about sweeping."""

    mode: RunMode | None
    choices: dict[str, Any]
    sweeper: dict[str, Any]
    launcher: dict[str, Any]

    @property
    def params(self) -> dict[str, Any]:
        """Keys that a file sweeps itself, and over what."""
        return dict(self.sweeper.get("params") or {})


def compose_points(flags: argparse.Namespace) -> Composed | None:
    """Return the points of a run or sweep; None where a launcher or sweeper of Hydra must run them.

    Parameters
    ----------
    flags : Namespace
        Of ``hydra_setup.parse_flags``.

    Raises
    ------
    ConfigError
        Several values without ``-m``, or a sweep that cannot be.
    HydraException, OmegaConfBaseException
        The configuration cannot be composed.
    """
    register(flags.config_dir)
    with _initialized(flags.config_path, flags.config_dir) as loader:
        parser = OverridesParser.create(loader)
        overrides = parser.parse_overrides(flags.overrides)
        hydras = [str(one.input_line) for one in overrides if one.is_hydra_override()]
        composer = Composer(flags.config_name or CONFIG, loader, hydras)
        ours = [one for one in overrides if not one.is_hydra_override()]
        swept = [str(one.input_line) for one in overrides if one.is_sweep_override()]
        if flags.multirun and set(swept) & set(hydras):
            raise ConfigError(f"{min(set(swept) & set(hydras))}: settings of Hydra cannot be swept")
        words = _combinations(ours, loader) if swept else [[str(one.input_line) for one in ours]]
        settings = composer.settings(words[0])
        if settings.choices.get("hydra/sweeper") in _SWEEPERS:
            for key in settings.sweeper.keys() - _SWEEPER_KEYS - {"_target_"}:
                raise unknown("key", key, "hydra.sweeper", _SWEEPER_KEYS)
        sweep = flags.multirun or settings.mode == RunMode.MULTIRUN
        if sweep:
            if not _is_ours(settings):
                return None
            params = parser.parse_overrides([f"{key}={value}" for key, value in settings.params.items()])
            words = _combinations([*params, *ours], loader)
        else:
            _refuse_sweep(swept, settings)
        _refuse_without_effect(hydras)
        for line in words:
            _refuse_other_parameters(composer, line, words[0])
        points = [
            Point.composed(line, composer.tree(line, number), sweep) for number, line in enumerate(words)
        ]
    on_cluster = settings.choices.get("hydra/launcher") == "dask"
    return Composed(points, settings.launcher if on_cluster else None)


def composed_tree(overrides: Sequence[str], config_dir: Path | None = None) -> dict[str, Any]:
    """Return the configuration with overrides; Hydra composes where they or its files are not plain.

    ``config_dir`` holds files of the user, beside those that are shipped.
    """
    folders = [config_dir] if config_dir is not None else []
    if config_dir is not None and not config_dir.is_dir():
        raise ConfigError(f"--config-dir {config_dir}: there is no such folder")
    here = [path for folder in (conf_folder(), *folders) for path in folder.iterdir()]
    groups = {path.name for path in here if path.is_dir()} | {"levers"}
    chosen: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for one in OverridesParser.create().parse_overrides(list(overrides)):
        key = one.key_or_group
        if key in CHOICES and key not in chosen and _is_plain(one, ()) and isinstance(one.value(), str):
            chosen[key] = one.value()
        elif _is_plain(one, groups):
            values[key] = one.value()
        else:
            return _composed(overrides, None if config_dir is None else str(config_dir))
    return compose_tree(**chosen, changes=values, folders=folders)


def _composed(overrides: Sequence[str], config_dir: str | None) -> dict[str, Any]:
    register(config_dir)
    with _initialized(None, config_dir):
        return _plain(compose(CONFIG, overrides=list(overrides)), resolve=True)


class Composer:
    """Composes points as ``ConfigLoader.load_sweep_config`` does, plain and resolved."""

    def __init__(self, name: str, loader: ConfigLoader, hydras: Sequence[str]) -> None:
        self._name, self._hydras = name, list(hydras)
        self._groups = loader.list_groups("")
        self._first: Any = None
        self._bases: dict[tuple[str, ...], tuple[HydraSettings, dict[str, Any] | None]] = {}
        self._parsed: dict[str, Override] = {}

    def settings(self, words: Sequence[str]) -> HydraSettings:
        """Return Hydra's own settings at a point."""
        return self._base(self._split(words)[0])[0]

    def tree(self, words: Sequence[str], number: int = 0) -> dict[str, Any]:
        """Return the configuration of one point, without Hydra's own part."""
        others, values = self._split(words)
        tree = self._base(others)[1]
        if tree is None:
            return self._whole(words, number)
        for key, value in values:
            try:
                tree = replaced(tree, {key: value})
            except ConfigError:
                try:
                    return self._whole(words, number)
                except HydraException:
                    raise unknown_key(tree, key, self._groups) from None
        return tree

    def _split(self, words: Sequence[str]) -> tuple[tuple[str, ...], list[tuple[str, Any]]]:
        """Return the words that Hydra must compose, and the values that can be put in afterwards."""
        overrides = [self._parse(word) for word in words]
        plain = [one for one in overrides if _is_plain(one, self._groups)]
        others = [one for one in overrides if not _is_plain(one, self._groups)]
        if any(_overlap(one.key_or_group, other.key_or_group) for one in plain for other in others):
            return tuple(words), []
        return tuple(str(one.input_line) for one in others), [
            (one.key_or_group, one.value()) for one in plain
        ]

    def _parse(self, word: str) -> Override:
        if word not in self._parsed:
            (self._parsed[word],) = OverridesParser.create().parse_overrides([word])
        return self._parsed[word]

    def _base(self, words: tuple[str, ...]) -> tuple[HydraSettings, dict[str, Any] | None]:
        """Return what points share: Hydra's settings, and a tree unless one value may decide another."""
        if words not in self._bases:
            settings, config = self._compose(words, 0)
            tree: dict[str, Any] | None = None
            # A value that is put in later may be what a reference misses.
            with suppress(OmegaConfBaseException):
                tree = _plain(config, resolve=True)
            # Without references, resolving changes nothing.
            self._bases[words] = settings, tree if tree == _plain(config) else None
        return self._bases[words]

    def _whole(self, words: Sequence[str], number: int) -> dict[str, Any]:
        return _plain(self._compose(words, number)[1], resolve=True)

    def _compose(self, words: Sequence[str], number: int) -> tuple[HydraSettings, Any]:
        """Return Hydra's own settings and the configuration without them."""
        config = compose(self._name, overrides=[*self._hydras, *words], return_hydra_config=True)
        # A time that a configuration names is the same at all points.
        self._first = config if self._first is None else self._first
        OmegaConf.copy_cache(from_config=self._first, to_config=config)
        with open_dict(config):
            config.hydra.job.id = config.hydra.job.num = number
        HydraConfig.instance().set_config(config)
        own, choices = config.hydra, dict(config.hydra.runtime.choices)
        sweeper = _plain(own.sweeper, resolve=choices.get("hydra/sweeper") in _SWEEPERS)
        launcher = _plain(own.launcher, resolve=choices.get("hydra/launcher") in _LAUNCHERS)
        settings = HydraSettings(own.mode, choices, sweeper, launcher)
        with open_dict(config):
            del config["hydra"]
        return settings, config


def _is_plain(override: Override, groups: Sequence[str] | set[str]) -> bool:
    """Tell whether an override only replaces a value of the configuration."""
    key, value = override.key_or_group, override.value()
    changes = not (override.is_add() or override.is_force_add() or override.is_delete())
    is_key = override.package is None and not set(key) & set("/[") and key not in groups
    scalar = value is None or isinstance(value, bool | int | float | str)
    text = value if isinstance(value, str) else ""
    return (
        changes
        and is_key
        and not override.is_hydra_override()
        and scalar
        and "$" not in text
        and text != "???"
    )


def _overlap(one: str, other: str) -> bool:
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _combinations(overrides: Sequence[Override], loader: ConfigLoader) -> list[list[str]]:
    """Return the words of each point: every combination of the values, the last word changing first."""
    choices: dict[str, list[str]] = {}
    for one in overrides:
        key = one.get_key_element()
        if one.is_interval_sweep():
            raise ConfigError(
                f"{one.input_line}: an interval has no points; write {key}=1,2 or {key}=range(1,3)"
            )
        values = one.sweep_string_iterator() if one.is_sweep_override() else [one.get_value_element_as_str()]
        choices[key] = [f"{key}={value}" for value in values]
        if not choices[key]:
            raise _nothing(one, loader.get_group_options(one.key_or_group))
    return [list(words) for words in itertools.product(*choices.values())]


def _nothing(override: Override, names: Sequence[str]) -> ConfigError:
    """Return the error for a word that sweeps over nothing: what it may name, and the nearest name."""
    given: Any = override.value()
    if not isinstance(given, Glob):
        return ConfigError(f"{override.input_line}: there is nothing to sweep over")
    if not names:
        return ConfigError(
            f"{override.input_line}: {override.key_or_group} has no files that glob() could name"
        )
    patterns = ", ".join(given.include)
    near = next((hint for text in given.include if (hint := nearest(text.strip("*?[]!"), names))), "")
    return ConfigError(
        f"{override.input_line}: {patterns or 'glob()'} matches nothing{near}; allowed: {', '.join(names)}"
    )


def _refuse_without_effect(hydras: Sequence[str]) -> None:
    """Refuse settings of Hydra's own output, log and jobs: results have their place, ``run.results``."""
    for word in hydras:
        key = word.partition("=")[0].lstrip("+~").partition("@")[0]
        if not key.startswith(_OBEYED):
            raise ConfigError(
                f"{word}: without effect here, results go to run.results; obeyed are {', '.join(_OBEYED)}"
            )


def _is_ours(settings: HydraSettings) -> bool:
    """Tell whether the sweep is ours to loop over; raise ``ConfigError`` where nobody can."""
    launcher, sweeper = (settings.choices.get(f"hydra/{name}") for name in ("launcher", "sweeper"))
    if launcher == "dask" and sweeper not in _SWEEPERS:
        raise ConfigError(f"hydra/sweeper={sweeper}: hydra/launcher=dask goes with hydra/sweeper=local alone")
    return launcher in _LAUNCHERS and sweeper in _SWEEPERS


def _refuse_sweep(swept: Sequence[str], settings: HydraSettings) -> None:
    """Refuse several values, or an experiment that sweeps, where no sweep was asked for."""
    if swept:
        raise ConfigError(f"{swept[0]}: several values need -m (a sweep); for a list write key=[a,b]")
    if settings.params:
        experiment = settings.choices.get("experiment")
        what = f"experiment={experiment}" if experiment else "hydra.sweeper.params"
        raise ConfigError(f"{what} sweeps {', '.join(settings.params)}; add -m")


def _refuse_other_parameters(composer: Composer, line: Sequence[str], first: Sequence[str]) -> None:
    """Refuse a point whose experiment sweeps something else than the first point's does."""
    mine, others = (composer.settings(words).params for words in (line, first))
    if mine != others:
        words, params = (line, mine) if mine else (first, others)
        which = next((word for word in words if word.startswith("experiment=")), "an experiment")
        raise ConfigError(f"{which} sweeps {min(params)} itself; run it in a sweep of its own")


def _plain(config: Any, resolve: bool = False) -> dict[str, Any]:
    tree = OmegaConf.to_container(config, resolve=resolve, throw_on_missing=resolve)
    assert isinstance(tree, dict)
    return {str(key): node for key, node in tree.items()}


class UserFolder(SearchPathPlugin):
    """Makes Hydra look in ``--config-dir`` too, after the folder of the primary configuration."""

    paths: ClassVar[tuple[Path, ...]] = ()

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Add the folders, if there are any."""
        for path in self.paths:
            search_path.append("command-line", f"file://{path}")


def _as_global(folder: Path, copies: Path) -> None:
    """Copy scenarios and experiments of a user's folder that do not say that they are global."""
    for group in ("scenario", "experiment"):
        for path in sorted((folder / group).glob("*.yaml")):
            text = path.read_text(encoding="utf-8-sig")
            if not text.startswith("# @package"):
                read_yaml(path)  # what is wrong with it is told of the file, not of its copy
                (copies / group).mkdir(exist_ok=True)
                (copies / group / path.name).write_text(f"# @package _global_\n{text}", encoding="utf-8")


@contextmanager
def _initialized(config_path: str | None, config_dir: str | None) -> Iterator[ConfigLoader]:
    """Start the Compose API on a primary folder (or package) and a further folder; yield the loader."""
    if config_dir is not None and not Path(config_dir).is_dir():
        raise ConfigError(f"Additional config directory '{Path(config_dir).absolute()}' not found")
    Plugins.instance().register(UserFolder)
    where = config_path or str(conf_folder())
    with ExitStack() as stack:
        if config_dir is not None:
            copies = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chokepoint-")))
            _as_global(Path(config_dir), copies)
            UserFolder.paths = (copies, Path(config_dir).absolute())
            stack.callback(setattr, UserFolder, "paths", ())
        if where.startswith(PACKAGE):
            name = where.removeprefix(PACKAGE).replace("/", ".")
            started: Any = initialize_config_module(name, version_base=VERSION_BASE)
        else:
            started = initialize_config_dir(where, version_base=VERSION_BASE)
        with started:
            yield GlobalHydra.instance().config_loader()
