"""A result as files: tables as CSV, figures as pages with images, and a manifest of what made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.report.result import Result
from sim.report.standalone_page import write_standalone
from sim.store.files import named_folder, write_text
from sim.store.manifest import record_folder


@dataclass(frozen=True)
class Written:
    """Files of a result.

    Parameters
    ----------
    paths : tuple of Path
        Tables, pages and manifest; images stand beside the pages.
    missing : str
        Why there are no images, empty where there are.
    """

    paths: tuple[Path, ...]
    missing: str


def write_result(result: Result, folder: Path, made_by: Mapping[str, Any]) -> Written:
    """Write a result; what an earlier one left in the folder and is unchanged goes.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    with named_folder(folder):
        tables = []
        for name, table in result.tables.items():
            if len(table):
                tables.append(folder / f"{name}.csv")
                write_text(tables[-1], table.csv())
        pages, missing = write_standalone(result.plot.all(), folder)
    about = {"question": result.question, **result.provenance.record(), **made_by}
    manifest = record_folder(folder, about, tables, pages, images=not missing)
    return Written((*tables, *pages, manifest), missing or "")
