"""Options that studies share, and the smallest values that make sense."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.core.errors import ConfigError, unknown
from sim.core.shipped import choices

if TYPE_CHECKING:
    from sim.run.plan import Replications


# Settings of a run, and the options of a study that say the same.
_OPTIONS = {
    name: name for name in ("seed", "replications", "parameter_sets", "workers", "results", "progress")
}
_LEVER = re.compile(r"levers\.(\w+)\.size=([\d.]+)")
_INSTEAD = {("rank", "replications"): "that is --budget here, the most of each scenario"}


def add_options(parser: argparse.ArgumentParser, replications: int, of_what: str) -> None:
    """Add ``--replications``, ``--seed`` and ``--workers``."""
    text = f"{of_what} ({replications})"
    parser.add_argument("--replications", type=int, default=replications, help=text)
    add_simulation(parser)


def add_simulation(parser: argparse.ArgumentParser) -> None:
    """Add ``--seed`` and ``--workers``."""
    parser.add_argument("--seed", type=int, default=1, help="of all draws (1)")
    parser.add_argument("--workers", type=int, default=0, help="processes (one a core)")
    add_config_dir(parser)
    parser.set_defaults(progress=True)


def add_config_dir(parser: argparse.ArgumentParser) -> None:
    """Add ``--config-dir``: files of the user, beside those that are shipped."""
    text = "your own scenario/, lever/, chain/ ... files"
    parser.add_argument("--config-dir", "-cd", type=Path, metavar="FOLDER", help=text)


def add_results(parser: argparse.ArgumentParser) -> None:
    """Add ``--results``: where finished replications are kept."""
    parser.add_argument("--results", type=Path, default=Path("results"), help="folder of all results")


def add_page(parser: argparse.ArgumentParser, name: str) -> None:
    """Add ``--out`` of a study that writes one file: below the results folder unless said otherwise."""
    text = f"file to write (results/{name})"
    parser.add_argument("--out", type=Path, metavar="FILE", help=text)
    parser.set_defaults(page=name)


def check_least(given: argparse.Namespace, study: str, **least: int) -> None:
    """Raise ``ConfigError`` when an option lies below the least that makes sense."""
    for name, value in {"workers": 0, "seed": 0, **least}.items():
        if getattr(given, name) < value:
            raise ConfigError(f"study {study}: --{name.replace('_', '-')} must be at least {value}")


def replications_of(given: argparse.Namespace) -> Replications:
    """Return what ``add_options`` and ``add_results`` ask for: how many replications, and where they go."""
    from sim.run.plan import Replications

    return Replications(
        given.replications, given.seed, getattr(given, "parameter_sets", 0),
        workers=given.workers, results=given.results,
    )  # fmt: skip


def obey(given: argparse.Namespace, words: Sequence[str]) -> list[str]:
    """Take the settings of a run out of the words of a study, and set the options that say the same.

    Returns
    -------
    list of str
        The other words: names, and changes of the model.

    Raises
    ------
    ConfigError
        A setting is of ``sim run`` alone, is given twice, or is no value.
    """
    from sim.run.settings import RunSettings

    kept = []
    for word in words:
        key, sign, text = word.partition("=")
        name = key.removeprefix("run.")
        if not sign or (key != "seed" and not key.startswith(("run.", "hydra", "experiment"))):
            kept.append(word)
            continue
        if key.startswith("run.") and name not in RunSettings.model_fields:
            raise unknown("key", name, "run", RunSettings.model_fields)
        option = _OPTIONS.get(name)
        if option is None:
            raise ConfigError(f"study {given.asked}: {key}= is of sim run alone")
        instead = _INSTEAD.get((given.asked, option), "" if option in given else "this study has none")
        if instead:
            raise ConfigError(f"study {given.asked}: {key}=: {instead}")
        value = _read(option, key, text)
        if getattr(given, option) not in (given.default(option), value):
            raise ConfigError(
                f"study {given.asked}: {key}={text} contradicts --{option.replace('_', '-')} "
                f"{getattr(given, option)}"
            )
        setattr(given, option, value)
    return kept


def refuse_levers_of_both(given: argparse.Namespace, scenario: str, overrides: Sequence[str]) -> None:
    """Refuse a lever among the changes that both sides of a comparison share: it would cancel out.

    Raises
    ------
    ConfigError
        The line says how the lever is written as a part of the scenario.
    """
    found = [_LEVER.fullmatch(word) for word in overrides]
    sizes = [match for match in found if match and match[1] in choices("lever")]
    if sizes:
        name = "+".join([scenario, *(f"{match[1]}{match[2]}" for match in sizes)])
        raise ConfigError(
            f"study {given.asked}: {sizes[0][0]} would change both sides of the comparison; "
            f"for the scenario alone write it as {name}"
        )


def _read(option: str, key: str, text: str) -> Any:
    """Return the value of a setting; raise ``ConfigError``."""
    if option == "results":
        return Path(text.strip("'\""))
    if option == "progress":
        if text.lower() not in ("true", "false"):
            raise ConfigError(f"{key}: write true or false (got {text!r})")
        return text.lower() == "true"
    if option == "workers" and text == "auto":
        return 0
    try:
        return int(text)
    except ValueError:
        raise ConfigError(f"{key}: must be a whole number (got {text!r})") from None


def names_of(text: str) -> list[str]:
    """Return the names of a list with commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return names, each once, and overrides."""
    names = [word for word in words if "=" not in word]
    return list(dict.fromkeys(names)), [word for word in words if "=" in word]
