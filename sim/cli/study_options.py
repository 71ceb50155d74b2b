"""Options that studies share, and the smallest values that make sense."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.core.errors import ConfigError

if TYPE_CHECKING:
    from sim.run.plan import Replications


def add_options(parser: argparse.ArgumentParser, replications: int, of_what: str) -> None:
    """Add ``--replications``, ``--seed`` and ``--workers``."""
    text = f"{of_what} ({replications})"
    parser.add_argument("--replications", type=int, default=replications, help=text)
    add_simulation(parser)


def add_simulation(parser: argparse.ArgumentParser) -> None:
    """Add ``--seed`` and ``--workers``."""
    parser.add_argument("--seed", type=int, default=1, help="of all draws (1)")
    parser.add_argument("--workers", type=int, default=0, help="processes (one a core)")


def add_results(parser: argparse.ArgumentParser) -> None:
    """Add ``--results``: where finished replications are kept."""
    parser.add_argument("--results", type=Path, default=Path("results"), help="folder of all results")


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


def names_of(text: str) -> list[str]:
    """Return the names of a list with commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return names, each once, and overrides."""
    names = [word for word in words if "=" not in word]
    return list(dict.fromkeys(names)), [word for word in words if "=" in word]
