"""What Hydra complains about, in one line with the nearest name."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from sim.core.errors import ConfigError, nearest, unknown
from sim.store.files import store_error

_HINT = "sim run --cfg job shows every key"


class OneLineParser(argparse.ArgumentParser):
    """A parser of flags that tells a mistake in one line, and takes words and flags in any order."""

    _sorting = False

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Take words between, before and after flags: key=value may come last."""
        # argparse sorts them by calling this method again; a parser of subcommands it cannot sort.
        if self._sorting or self._subparsers is not None:
            return super().parse_known_args(args, namespace)
        self._sorting = True
        try:
            found, left = self.parse_known_intermixed_args(args, namespace)
        finally:
            self._sorting = False
        # The parser that has the flags complains: the one above it knows neither its name nor its flags.
        if left:
            self.error(f"unrecognized arguments: {' '.join(left)}{self._near_flag(left)}")
        return found, left

    def _near_flag(self, left: Sequence[str]) -> str:
        flag = next((word.partition("=")[0] for word in left if word.startswith("-")), "")
        names = [name[2:] for name in self._option_string_actions if name.startswith("--")]
        return nearest(flag.lstrip("-"), names).replace("'", "'--", 1)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Name the nearest of several choices, such as the study that a word may mean."""
        if action.choices is not None and value not in action.choices:
            choices = list(map(str, action.choices))
            raise argparse.ArgumentError(
                action,
                f"invalid choice: {value!r}{nearest(str(value), choices)}; allowed: {', '.join(choices)}",
            )

    def error(self, message: str) -> NoReturn:
        """Raise ``ConfigError`` in place of printing the usage and leaving."""
        raise ConfigError(f"{self.prog.removeprefix('sim ')}: {message}; see {self.prog} --help")


def finite(text: str) -> float:
    """Return the number that an option was given; every option that is no count or name takes it.

    A number that is infinite or none at all passes any check of the form ``value < least``.

    Raises
    ------
    ArgumentTypeError
        It is no finite number.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} is no finite number")
    return value


def wants_traceback() -> bool:
    """Tell whether the user asked for tracebacks, with Hydra's own ``HYDRA_FULL_ERROR=1``."""
    return os.environ.get("HYDRA_FULL_ERROR") == "1"


def refuse_value_overrides(overrides: Sequence[str]) -> None:
    """Refuse to change the value of a record and keep its source.

    Raises
    ------
    ConfigError
        The key of an override ends in ``.value``.
    """
    for override in overrides:
        key = override.partition("=")[0].lstrip("+~")
        if key.endswith(".value"):
            whole = key.removesuffix(".value")
            raise ConfigError(
                f"{key}: override the whole number, {whole}=...; under the old record the new value "
                "would keep a source that no longer matches it"
            )


def explained(error: Exception, overrides: Sequence[str]) -> str | None:
    """Return one line for an error of Hydra or of a YAML file; None when it is neither.

    Parameters
    ----------
    error : Exception
        What Hydra raised.
    overrides : sequence of str
        Overrides of the command line; the choices among them decide which keys there are.
    """
    import yaml
    from hydra.errors import HydraException, MissingConfigException, OverrideParseException
    from omegaconf.errors import OmegaConfBaseException

    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark
        where = f"{mark.name}:{mark.line + 1}" if mark else "configuration"
        return f"{where}: not valid YAML ({error.problem})"
    if isinstance(error, OverrideParseException):
        first = error.message.splitlines()[0].removeprefix(f"Error parsing override '{error.override}'")
        detail = f" ({first.strip()})" if first.strip() and "Exception" not in first else ""
        return f"{error.override}: not a valid override{detail}; write key=value, without spaces"
    if isinstance(error, MissingConfigException):
        return _missing_file(error)
    if isinstance(error, HydraException):
        return _composition(error, overrides)
    # A disk that fills up while Hydra writes has no name of a file.
    if isinstance(error, OSError) and (
        error.filename is None or ".sweeps" in Path(str(error.filename)).parts
    ):
        return str(store_error(Path(error.filename or "run.results"), error))
    if isinstance(error, OSError):
        return f"{error.filename}: {(error.strerror or str(error)).lower()}"
    if isinstance(error, OmegaConfBaseException):
        return _first_line(error)
    return None


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _missing_file(error: Any) -> str:
    group, slash, name = (error.missing_cfg_file or "").rpartition("/")
    if slash and error.options:
        return str(unknown("choice", name, group, error.options))
    if slash:
        return f"{group}={name}: there is no file {group}/{name}.yaml in conf/ or in --config-dir"
    return _first_line(error)


def _composition(error: Exception, overrides: Sequence[str]) -> str:
    first = _first_line(error)
    key = _quoted(first)
    if first.startswith(("Could not override", "Could not delete", "Override ")) and key:
        return _unknown_key(key.lstrip("/"), overrides)
    if first.startswith("Ambiguous value"):
        return f"{key}: several values need -m (a sweep); for a list write key=[a,b]"
    if first.startswith("Could not append"):
        return f"{key}: this key exists; leave the + away"
    if first.startswith("Multiple values for"):
        return first
    cause = error.__cause__
    return first if cause is None else f"{first}: {_first_line(cause)}"


def _quoted(text: str) -> str:
    parts = text.split("'")
    return parts[1] if len(parts) > 2 else ""


def _unknown_key(key: str, overrides: Sequence[str]) -> str:
    """Return the line for a key that does not exist: the level where it fails and the nearest name."""
    from sim.core.settings import is_record

    if key.startswith("hydra."):
        return f"{key}: there is no such setting of Hydra; sim run --cfg hydra shows them all"
    tree = _without_numbers(overrides)
    if "/" in key or "@" in key:
        return str(unknown("group", key, "choices", _groups()))
    parts = key.split(".")
    node: Any = tree
    for depth, part in enumerate(parts):
        where = ".".join(parts[:depth])
        if not isinstance(node, dict) or is_record(node):
            kind = "a number" if isinstance(node, int | float) or is_record(node) else "not set"
            return f"{key}: {where} is {kind} and has no keys; override it whole, {where}=..."
        if part not in node and depth == 0 and part in _groups():
            return f"{part}: no choice, all its files are composed; set a key of theirs; {_HINT}"
        if part not in node:
            names = [*node, *(name for name in _groups() if depth == 0)]
            near = nearest(part, names) or _nearest_path(key, tree)
            if near:
                return f"{where or 'configuration'}: unknown key {part!r}{near}; {_HINT}"
            return f"{unknown('key', part, where or 'configuration', node)}; {_HINT}"
        node = node[part]
    return f"{key}: cannot be changed here; {_HINT}"


def _nearest_path(key: str, tree: dict[str, Any]) -> str:
    """Return the full path of a key that was given without its beginning."""
    ends = [path for path in _paths(tree) if path.endswith(f".{key}")]
    return f" (did you mean {ends[0]!r}?)" if ends else ""


def _paths(tree: Any, path: str = "") -> Iterator[str]:
    from sim.core.settings import is_record

    if path:
        yield path
    if isinstance(tree, dict) and not is_record(tree):
        for key, node in tree.items():
            yield from _paths(node, f"{path}.{key}" if path else str(key))


def _groups() -> list[str]:
    from sim.core.shipped import conf_folder

    found = {path.parent.relative_to(conf_folder()).as_posix() for path in conf_folder().rglob("*.yaml")}
    return sorted(found - {"."})


def _without_numbers(overrides: Sequence[str]) -> dict[str, Any]:
    """Return the configuration that the user's choices give, to look names up in."""
    from sim.cli.hydra_setup import composed

    try:
        return composed([item for item in overrides if item.partition("=")[0].lstrip("+~") in _groups()])
    except Exception:
        # The choices may be what is wrong; the defaults still tell most names.
        return composed([])
