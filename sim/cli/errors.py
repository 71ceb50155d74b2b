"""What Hydra complains about, in one line with the nearest name."""

from __future__ import annotations

import argparse
import math
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from sim.core.errors import ChokepointError, ConfigError, nearest, unknown
from sim.store.files import store_error

_HINT = "sim run --cfg job shows every key"
_FULL = "HYDRA_FULL_ERROR=1 shows where"
# What Hydra's grammar takes without quotes.
_PLAIN = re.compile(r"[\w/.:+@?|%-]+", re.ASCII)
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))
# What argparse says of a choice that there is not; Python 3.12 on leaves out the quotes of the names.
_CHOICE = re.compile(
    r"invalid choice: (?P<quote>['\"])(?P<given>.*)(?P=quote) \(choose from (?P<choices>.+)\)$"
)


class OneLineParser(argparse.ArgumentParser):
    """A parser of flags that tells a mistake in one line, and takes words and flags in any order."""

    _commands = _sorting = False

    def add_subparsers(self, **options: Any) -> Any:
        """Take subcommands: their own parsers sort words and flags."""
        self._commands = True
        return super().add_subparsers(**options)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Take words between, before and after flags: key=value may come last."""
        # argparse may sort them by calling this method again.
        if self._sorting or self._commands:
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
        if setting := self._setting(flag):
            return f" (write {setting}=..., without --)"
        names = re.findall(r"--([\w-]+)", self.format_usage())
        return nearest(flag.lstrip("-"), names).replace("'", "'--", 1)

    def _setting(self, flag: str) -> str:
        """Return the key of the configuration that was written as a flag, where the command takes keys."""
        from sim.core.shipped import CHOICES, compose_tree
        from sim.core.tree import path_ending

        name = flag.lstrip("-").replace("-", "_")
        if not name or self.prog.split()[1:2] not in (["run"], ["study"]):
            return ""
        return name if name in CHOICES else path_ending(compose_tree(), name)

    def error(self, message: str) -> NoReturn:
        """Raise ``ConfigError`` in place of leaving; name the nearest of several choices."""
        found = _CHOICE.search(message)
        if found:
            choices = [text.strip(" '\"") for text in found["choices"].split(",")]
            near = f"{nearest(found['given'], choices)}; allowed: {', '.join(choices)}"
            message = f"{message[: found.start('choices')].removesuffix(' (choose from ')}{near}"
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


def refuse_fixed_words(overrides: Sequence[str]) -> None:
    """Refuse to change what is no setting of a run, such as the unit of a lever; raise ``ConfigError``."""
    from sim.core.tree import refuse_fixed

    for override in overrides:
        refuse_fixed(override.partition("=")[0].lstrip("+~"))


@contextmanager
def explaining(overrides: Sequence[str]) -> Iterator[None]:
    """Turn what Hydra or YAML raises into one line, a ``ConfigError``, unless a traceback is wanted."""
    try:
        yield
    except (ChokepointError, KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:
        if wants_traceback():
            raise
        raise ConfigError(explained(error, overrides)) from None


def explained(error: Exception, overrides: Sequence[str]) -> str:
    """Return one line for whatever composing a configuration raised.

    Parameters
    ----------
    error : Exception
        What Hydra raised.
    overrides : sequence of str
        Overrides of the command line; the choices among them decide which keys there are.
    """
    from hydra.errors import HydraException, MissingConfigException, OverrideParseException
    from omegaconf.errors import OmegaConfBaseException

    if isinstance(error, OverrideParseException):
        first = error.message.splitlines()[0].removeprefix(f"Error parsing override '{error.override}'")
        detail = f" ({first.strip()})" if first.strip() and "Exception" not in first else ""
        return f"{error.override}: not a valid override{detail}; {_how_to_write(str(error.override))}"
    if isinstance(error, MissingConfigException):
        return _missing_file(error)
    if isinstance(error, HydraException):
        return _composition(error, overrides)
    if isinstance(error, OmegaConfBaseException):
        return _first_line(error)
    return _about_file(error) or _unforeseen(error)


def _about_file(error: Exception) -> str:
    """Return one line for a file that cannot be read or written, or is not valid YAML."""
    import yaml

    if isinstance(error, yaml.MarkedYAMLError):
        mark, problem = error.problem_mark, str(error.problem)
        where = f"{mark.name}:{mark.line + 1}" if mark else "configuration"
        if problem.startswith("found duplicate key "):
            return f"{where}: {problem.removeprefix('found duplicate key ')}: given twice"
        return f"{where}: not valid YAML ({problem})"
    if isinstance(error, yaml.reader.ReaderError):
        return f"{error.name}: not valid YAML ({error.reason})"
    # A disk that fills up while Hydra writes has no name of a file.
    if isinstance(error, OSError) and (
        error.filename is None or ".sweeps" in Path(str(error.filename)).parts
    ):
        return str(store_error(Path(error.filename or "run.results"), error))
    if isinstance(error, OSError):
        return f"{error.filename}: {(error.strerror or str(error)).lower()}"
    return ""


def _unforeseen(error: Exception) -> str:
    if sys.flags.optimize:
        return "Hydra cannot read this without its assertions; leave out python -O, and unset PYTHONOPTIMIZE"
    return f"configuration: {_first_line(error)} ({type(error).__name__}); {_FULL}"


def _how_to_write(override: str) -> str:
    """Return what to write in place of a word that Hydra's grammar refuses."""
    key, sign, value = override.partition("=")
    if not sign or key != key.strip() or value != value.strip():
        return "write key=value, without spaces"
    if value.startswith("~"):
        value = os.path.expanduser(value)
        if _PLAIN.fullmatch(value):
            return f"write the folder in full: {key}={value}"
    if set(value) & set("'\"") or any(value.count(one) != value.count(other) for one, other in _BRACKETS):
        return "close every quote and bracket, and put the whole in quotes for the shell"
    if value.endswith(","):
        return f"write the values without spaces between: {key}={value}..."
    if not _PLAIN.fullmatch(value):
        return f"put it in quotes: \"{key}='{value}'\""
    return "write key=value, without spaces"


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
        return _twice(first.removeprefix("Multiple values for ").partition(". ")[0], overrides)
    cause = error.__cause__
    return first if cause is None else f"{first}: {_first_line(cause)}"


def _twice(key: str, overrides: Sequence[str]) -> str:
    added = next((word for word in overrides if word.startswith(f"+{key}=")), None)
    if added is not None:
        return f"{added}: there is a choice of {key} already; leave the + away"
    given = [word for word in overrides if word.lstrip("+").startswith(f"{key}=")]
    return f"{' and '.join(given) or key}: several values for {key}; give one"


def _quoted(text: str) -> str:
    parts = text.split("'")
    return parts[1] if len(parts) > 2 else ""


def _unknown_key(key: str, overrides: Sequence[str]) -> str:
    """Return the line for a key that does not exist: the level where it fails and the nearest name."""
    from sim.core.tree import unknown_key

    if key.startswith("hydra."):
        return f"{key}: there is no such setting of Hydra; sim run --cfg hydra shows them all"
    groups, tree = _groups(), _chosen_tree(overrides)
    if "/" in key or "@" in key:
        return str(unknown("group", key, "choices", groups))
    if key in groups and key not in tree:
        return f"{key}: no choice, all its files are composed; set a key of theirs; {_HINT}"
    return str(unknown_key(tree, key, groups))


def _groups() -> list[str]:
    from sim.core.shipped import conf_folder

    found = {path.parent.relative_to(conf_folder()).as_posix() for path in conf_folder().rglob("*.yaml")}
    return sorted(found - {"."})


def _chosen_tree(overrides: Sequence[str]) -> dict[str, Any]:
    """Return the shipped configuration that the user's choices give, to look names up in."""
    from sim.core.shipped import CHOICES, compose_tree

    words = (word.lstrip("+~").partition("=") for word in overrides)
    chosen: dict[str, Any] = {group: name for group, _, name in words if group in CHOICES}
    try:
        return compose_tree(**chosen)
    except ConfigError:
        # The choices may be what is wrong; the defaults still tell most names.
        return compose_tree()
