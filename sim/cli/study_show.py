"""How the command shows a study: progress while it runs, text, the files that it leaves."""

from __future__ import annotations

import argparse
import hashlib
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.cli.screen import print_table, with_progress

if TYPE_CHECKING:
    from sim.report.folder import Written
    from sim.report.result import Result
    from sim.run.pool import OnProgress

_NOT_RECORDED = {"work", "command", "out", "results", "workers", "progress", "asked", "default"}


def answer(given: argparse.Namespace, study: Callable[[OnProgress], Result]) -> int:
    """Run a study with a progress bar, print what it found, write its folder; return the exit code.

    Parameters
    ----------
    given : Namespace
        The command line, with its words in ``command``, the name in ``study`` and the folder in ``out``.
    study : callable
        The study; it gets what to report progress to.
    """
    result = with_progress(given.study, study, given.progress)
    show(result)
    show_written(result.write(given.out, made_by(given)))
    return 0


def show_written(written: Written) -> None:
    """Print which files were written, and why there are no images."""
    for path in written.paths:
        print(f"wrote {path}")
    if written.missing:
        print(written.missing)


def show(result: Result) -> None:
    """Print a result: its text, what a reader must know, where it comes from."""
    from sim.report.tables import TextTable

    for part in result.text:
        if isinstance(part, TextTable):
            if part.title:
                print(part.title)
            gone = print_table(part.heads, part.rows, part.left, part.spare)
            if gone:
                print(f"no room for {', '.join(gone)}: the CSV files have them")
        else:
            print(part)
    for note in result.notes:
        print(note)
    print(result.provenance.sentence)


def add_out(parser: argparse.ArgumentParser, study: str) -> None:
    """Add ``--out``, the folder of tables and figures."""
    folder = f"results/{study}/<hash>"
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help=f"of tables and figures, one for each question ({folder})"
    )
    parser.set_defaults(study=study)


def folder_of(given: argparse.Namespace) -> Path:
    """Return the folder of a study that names none: one for each question, below the results folder."""
    question = hashlib.sha256(json.dumps(options_of(given), sort_keys=True).encode())
    return Path(getattr(given, "results", "results")) / given.study / question.hexdigest()[:8]


def made_by(given: argparse.Namespace) -> dict[str, Any]:
    """Return what a manifest keeps of the command line."""
    return {"command": shlex.join(["sim", "study", *given.command]), "options": options_of(given)}


def options_of(given: argparse.Namespace) -> dict[str, Any]:
    """Return what decides the results of a study."""
    return {
        name: str(value) if isinstance(value, Path) else value
        for name, value in vars(given).items()
        if name not in _NOT_RECORDED
    }
