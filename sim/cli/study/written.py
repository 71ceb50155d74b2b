"""What a study leaves in a folder, and the lines that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.plots.alone import Figure
    from sim.store.csv_tables import Rows


def write(folder: Path, tables: Mapping[str, Rows], figures: Sequence[Figure]) -> None:
    """Write tables as CSV, and pages and images of figures, and print what is there.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    from sim.plots.alone import write_alone
    from sim.store.csv_tables import named_folder, write_csvs

    paths = write_csvs(folder, tables)
    with named_folder(folder):
        pages, missing = write_alone(figures, folder)
    for path in (*paths, *pages):
        print(f"wrote {path}")
    if missing:
        print(missing)
