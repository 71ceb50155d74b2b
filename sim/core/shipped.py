"""The shipped configuration, composed without Hydra.

It lies in ``conf/`` in a checkout, in ``sim/conf`` in an installed wheel.
"""

from __future__ import annotations

import codecs
import copy
import csv
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from sim.core.errors import ConfigError, unknown
from sim.core.tree import at, has, merged, nested, refuse_fixed, replaced, unknown_key

CHOICES = ("scenario", "adversary", "run", "experiment")
"""Groups of files of which a configuration takes one each."""
_PACKAGE = "# @package"
# A user's own scenario or experiment may leave out the line of its package: it can mean nothing else.
_GLOBAL = ("scenario", "experiment")
if TYPE_CHECKING:
    from yaml import SafeLoader as _Loader
else:  # The parser in C reads the same, in a tenth of the time; PyYAML has it nearly everywhere.
    _Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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


class _StrictLoader(_Loader):
    """Refuses a key that stands twice in one group: the last one would win silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a group of keys."""
        seen: dict[tuple[str, str], int] = {}
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if not isinstance(key, yaml.ScalarNode):
                continue
            if (key.tag, key.value) in seen:
                first = seen[key.tag, key.value] + 1
                raise _TwiceError(f"{key.value}: given twice, first in line {first}", key.start_mark)
            seen[key.tag, key.value] = key.start_mark.line
        return super().construct_mapping(node, deep)


class _TwiceError(yaml.MarkedYAMLError):
    def __init__(self, problem: str, mark: yaml.Mark) -> None:
        super().__init__(problem=problem, problem_mark=mark)


def parse_yaml(text: str, where: str) -> Any:
    """Return what a text of YAML says.

    Parameters
    ----------
    text : str
    where : str
        Begins the message, such as the path of the file.

    Raises
    ------
    ConfigError
        It is not valid, or a key is given twice; the message has the line.
    """
    try:
        return yaml.load(text, Loader=_StrictLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{where}:{mark.line + 1}" if mark else where
        problem = getattr(error, "problem", None) or getattr(error, "reason", None)
        why = "nested too deeply" if isinstance(error, RecursionError) else problem or str(error)
        said = f": {why}" if isinstance(error, _TwiceError) else f": not valid YAML ({why})"
        raise ConfigError(" ".join(f"{place}{said}".split())) from None


def read_text(path: Path) -> str:
    """Return the text of a file of the configuration; a byte order mark is read over.

    Raises
    ------
    ConfigError
        It is not encoded in UTF-8; the message has the line.
    """
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise ConfigError(f"{path}: is UTF-16; save the file as UTF-8") from None
        line = content.count(b"\n", 0, error.start) + 1
        what = f"not UTF-8 (byte 0x{content[error.start]:02x})"
        raise ConfigError(f"{path}:{line}: {what}; save the file as UTF-8") from None


def read_yaml(path: Path) -> dict[str, Any]:
    """Return one YAML file as a dictionary; raise ``ConfigError`` with the line of a mistake."""
    tree = parse_yaml(read_text(path), str(path))
    if tree is not None and not isinstance(tree, dict):
        raise ConfigError(f"{path}: a list or a single value in place of key: value")
    return {} if tree is None else tree


def check_encodings(folder: Path) -> None:
    """Refuse files of a user's folder that Hydra would misread: it takes UTF-8 without a byte order mark.

    Raises
    ------
    ConfigError
        A file of a known group, or of the folder itself, is encoded otherwise.
    """
    groups = sorted({path.parent.relative_to(conf_folder()) for path in conf_folder().rglob("*.yaml")})
    for path in (path for group in groups for path in sorted((folder / group).glob("*.yaml"))):
        if path.is_file():
            read_text(path)
            with path.open("rb") as file:
                if file.read(3) == codecs.BOM_UTF8:
                    what = "begins with a byte order mark, which hides its first line"
                    raise ConfigError(f"{path}: {what}; save the file as UTF-8 without one (no BOM)")


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
        refuse_fixed(path)
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
    first = read_text(path).partition("\n")[0]
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
