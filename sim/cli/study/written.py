"""What a study leaves in a folder, and the lines that say so."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.plots.alone import Figure
    from sim.scenario import Scenario
    from sim.store.csv_tables import Rows

_IMAGES = (".png", ".svg")
_NOT_RECORDED = {"work", "command", "out", "results", "workers"}


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
    from sim.plots.alone import write_alone
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
    from sim.store.manifest import write_manifest
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
    options: dict[str, Any] = {
        name: str(value) if isinstance(value, Path) else value
        for name, value in vars(given).items()
        if name not in _NOT_RECORDED
    }
    study = {
        "command": shlex.join(["sim", "study", *given.command]),
        "options": options,
        "configurations": configurations,
        "seed": given.seed,
    }
    pages, missing = figures
    images = [] if missing else [page.with_suffix(end) for page in pages for end in _IMAGES]
    files = [*tables, *pages, *(image for image in images if image.exists())]
    write_manifest(given.out, study, [path.name for path in files])
    for path in (*tables, *pages, given.out / "manifest.json"):
        print(f"wrote {path}")
    if missing:
        print(missing)
