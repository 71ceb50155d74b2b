"""The folder of a study: tables as CSV, figures as pages and pictures."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.core.errors import StoreError
from sim.plots.alone import Figure, write_figure
from sim.plots.export import write_images

Rows = Sequence[Mapping[str, Any]]


def write_folder(
    folder: Path, tables: Mapping[str, Rows], figures: Sequence[Figure]
) -> tuple[list[Path], str | None]:
    """Write tables and figures; return their paths, and why there are no images.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in tables.items():
            paths.append(folder / f"{name}.csv")
            with paths[-1].open("w", encoding="utf-8", newline="") as file:
                out = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                out.writeheader()
                out.writerows(rows)
        paths += [write_figure(figure, folder) for figure in figures]
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StoreError(
            f"{folder}: cannot write here ({reason}); choose another folder with --out"
        ) from error
    return paths, write_images(figures, folder)
