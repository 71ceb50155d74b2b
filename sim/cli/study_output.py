"""What a study leaves in a folder, and the lines that say so."""

from __future__ import annotations

import argparse
import hashlib
import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.report.standalone_page import Figure
    from sim.scenario import Scenario
    from sim.store.csv_tables import Rows

_NOT_RECORDED = {"work", "command", "out", "results", "workers"}


def add_out(parser: argparse.ArgumentParser, study: str) -> None:
    """Add ``--out``, the folder of tables and figures."""
    folder = f"results/{study}/<hash>"
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help=f"of tables and figures, one for each question ({folder})"
    )
    parser.set_defaults(study=study)


def folder_of(given: argparse.Namespace) -> Path:
    """Return the folder of a study that names none: one for each question, below the results folder."""
    question = hashlib.sha256(json.dumps(_options(given), sort_keys=True).encode())
    return Path(getattr(given, "results", "results")) / given.study / question.hexdigest()[:8]


def write(
    given: argparse.Namespace,
    tables: Mapping[str, Rows],
    figures: Sequence[Figure],
    scenarios: Iterable[Scenario],
) -> None:
    """Write tables as CSV, pages and images of figures and the manifest to ``--out``; print what is there.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    from sim.report.standalone_page import write_alone
    from sim.store.csv_tables import named_folder, write_csvs

    paths = write_csvs(given.out, tables)
    with named_folder(given.out):
        pages, missing = write_alone(figures, given.out)
    record(given, paths, (pages, missing), scenarios)


def record(
    given: argparse.Namespace,
    tables: Sequence[Path],
    figures: tuple[Sequence[Path], str | None],
    scenarios: Iterable[Scenario],
) -> None:
    """Write ``manifest.json``: what must be the same to get these files again, and their hashes.

    Parameters
    ----------
    given : Namespace
        The command line, with its words in ``command``.
    tables : sequence of Path
        What the study wrote, directly in ``--out``.
    figures : (sequence of Path, str or None)
        Pages of figures there, and why there are no images of them.
    scenarios : iterable of Scenario
        Those that it started from, before it changed sizes or numbers.
    """
    from sim.store.manifest import record_folder
    from sim.store.replications import scenario_hash

    configurations = {
        scenario_hash(one.canonical_json()): {
            "scenario": one.name,
            "adversary": one.settings.adversary.kind,
            "border_model": one.settings.border.model,
            "start": str(one.settings.calendar.start),
            "days": one.settings.calendar.days,
        }
        for one in scenarios
    }
    study = {
        "command": shlex.join(["sim", "study", *given.command]),
        "options": _options(given),
        "configurations": configurations,
        "seed": given.seed,
    }
    pages, missing = figures
    manifest = record_folder(given.out, study, tables, pages, images=not missing)
    for path in (*tables, *pages, manifest):
        print(f"wrote {path}")
    if missing:
        print(missing)


def _options(given: argparse.Namespace) -> dict[str, Any]:
    """Return what decides the results of a study."""
    return {
        name: str(value) if isinstance(value, Path) else value
        for name, value in vars(given).items()
        if name not in _NOT_RECORDED
    }
