"""The shipped configuration, composed without Hydra.

It lies in ``conf/`` in a checkout, in ``sim/conf`` in an installed wheel.
"""

from __future__ import annotations

import copy
import csv
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sim.core.errors import ConfigError, unknown
from sim.core.tree import at, has, merged, nested, refuse_value_of_record, replaced, unknown_key

CHOICES = ("scenario", "adversary", "run", "experiment")
"""Groups of files of which a configuration takes one each."""
_PACKAGE = "# @package"
# A user's own scenario or experiment may leave out the line of its package: it can mean nothing else.
_GLOBAL = ("scenario", "experiment")
# The parser in C reads the same, in a tenth of the time; PyYAML has it nearly everywhere.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def conf_folder() -> Path:
    """Return the folder of the shipped configuration."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "conf", package.parent / "conf"):
        if (folder / "config.yaml").is_file():
            return folder
    raise ConfigError(f"no conf/ beside {package}; reinstall the package")


def in_checkout() -> bool:
    """Tell whether the shipped configuration lies in a checkout: an installed package is not written to."""
    return conf_folder().parent != Path(__file__).resolve().parent.parent


def read_yaml(path: Path) -> dict[str, Any]:
    """Return one YAML file as a dictionary; raise ``ConfigError`` with the line of a syntax error."""
    try:
        tree = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise ConfigError(f"{where}: not valid YAML") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text; save it as UTF-8") from None
    if tree is not None and not isinstance(tree, dict):
        raise ConfigError(f"{path}: a list or a single value in place of key: value")
    return {} if tree is None else tree


@cache
def fact_ids() -> frozenset[str]:
    """Return the ids of ``conf/facts.csv``."""
    with (conf_folder() / "facts.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["id"] for row in csv.DictReader(file))


def choices(group: str, folders: Iterable[Path] = ()) -> list[str]:
    """Return the names that a group of files has, in ``conf/`` and in further folders."""
    return sorted(
        {path.stem for folder in (conf_folder(), *folders) for path in (folder / group).glob("*.yaml")}
    )


def compose_tree(
    scenario: str | None = None,
    adversary: str | None = None,
    changes: Mapping[str, Any] | None = None,
    *,
    run: str | None = None,
    experiment: str | None = None,
    folders: Iterable[Path] = (),
) -> dict[str, Any]:
    """Return the configuration that ``sim run scenario=... adversary=... key=value`` has, without Hydra.

    ``load_scenario(compose_tree("surge", changes={"calendar.days": 30}))``

    Parameters
    ----------
    scenario, adversary, run, experiment : str, optional
        Files of ``conf/``; without a name, the choice of ``conf/config.yaml``: the baseline, no
        adaptation, a standard run, no experiment.
    changes : mapping, optional
        Dotted key to value; a dictionary is laid over the one that is there.
    folders : iterable of Path
        Further folders of files, as ``--config-dir`` names one; ``conf/`` comes first.

    Returns
    -------
    dict
        Plain tree of its own: the caller may change it.

    Raises
    ------
    ConfigError
        A file or a dotted key does not exist; the message has the nearest name.
    """
    given = {"scenario": scenario, "adversary": adversary, "run": run, "experiment": experiment}
    where = tuple(folders)
    top = read_yaml(conf_folder() / "config.yaml")
    defaults = top.pop("defaults")
    chosen = _chosen({group: str(name) for group, name in given.items() if name is not None}, defaults, where)
    tree: dict[str, Any] = {}
    for entry in defaults:
        if entry == "_self_":
            part = top
        elif isinstance(entry, str):
            directory, _, file = entry.rpartition("/")
            part = _file(directory, file, where)
        elif "levers" in entry:
            part = {
                "levers": {name: _file("lever", name, where)["lever"] for name in choices("lever", where)}
            }
        else:
            (group,) = entry
            name = chosen[group]
            part = {} if name is None else _file(group, name, where)
        tree = merged(tree, part)
    for path, value in (changes or {}).items():
        refuse_value_of_record(path)
        if not has(tree, path):
            raise unknown_key(tree, path, CHOICES)
        before = at(tree, path)
        both = isinstance(before, dict) and isinstance(value, Mapping)
        tree = replaced(tree, {path: merged(before, value) if both else value})
    return copy.deepcopy(tree)


def _chosen(
    given: Mapping[str, str], defaults: list[Any], folders: tuple[Path, ...]
) -> dict[str, str | None]:
    """Return the file of each group: the caller's, one that another file overrides, or the default."""
    chosen = {group: name for entry in defaults if isinstance(entry, dict) for group, name in entry.items()}
    chosen |= given
    for group in CHOICES:
        name = chosen[group]
        for entry in _read(group, name, folders).get("defaults", ()) if name is not None else ():
            if isinstance(entry, dict):  # such as `override /run: draws`
                ((key, other),) = entry.items()
                target = key.removeprefix("override /")
                chosen[target] = given.get(target, other)
    return chosen


def _file(group: str, name: str, folders: tuple[Path, ...]) -> dict[str, Any]:
    """Return one file, laid over those of its group that it builds on, where its package puts it."""
    own = _read(group, name, folders)
    tree: dict[str, Any] = {}
    for entry in own.get("defaults", ()):
        if isinstance(entry, str):  # `standard`, or `standard@run`: each file knows its own package
            tree = merged(tree, _file(group, entry.partition("@")[0], folders))
    # What an experiment sets of Hydra is no part of the configuration.
    body = {key: node for key, node in own.items() if key not in ("defaults", "hydra", _PACKAGE)}
    package = own[_PACKAGE]
    return merged(tree, body if package == "_global_" else nested(package, body))


@cache
def _read(group: str, name: str, folders: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Return the content of one file of a group, with the package that its first line names."""
    path = file_of(group, name, folders)
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    usual = "_global_" if group in _GLOBAL else group.replace("/", ".")
    named = first.removeprefix(_PACKAGE).strip() if first.startswith(_PACKAGE) else usual
    return {**read_yaml(path), _PACKAGE: named}


def file_of(group: str, name: str, folders: Iterable[Path] = ()) -> Path:
    """Return the file of a choice, in ``conf/`` or else in a further folder; raise ``ConfigError``."""
    there = choices(group, folders)
    if name not in there:
        raise unknown("choice", name, group, there)
    paths = (folder / group / f"{name}.yaml" for folder in (conf_folder(), *folders))
    return next(path for path in paths if path.exists())
