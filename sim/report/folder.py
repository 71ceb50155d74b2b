"""A result as files: tables as CSV, figures as pages with images, and a manifest of what made them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from plotly.offline import get_plotlyjs

from sim.report.export import write_images
from sim.report.page import CONFIG, SCRIPT
from sim.report.result import Result
from sim.report.tables import DataTable
from sim.report.theme import FONT
from sim.store.files import OTHER_OUT, named_folder, write_text
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
    about = {"question": result.question, **result.provenance.record(), **made_by}
    return write_files(result, folder, about, _write_csv)


def _write_csv(folder: Path, name: str, table: DataTable) -> Path | None:
    if not len(table):
        return None
    path = folder / f"{name}.csv"
    write_text(path, table.csv())
    return path


def write_files(
    result: Result,
    folder: Path,
    about: dict[str, Any],
    write_table: Callable[[Path, str, DataTable], Path | None],
) -> Written:
    """Write tables in a form of their own, figures as pages with images, and a manifest.

    Parameters
    ----------
    result : Result
    folder : Path
        Made where it is missing.
    about : dict
        What the manifest keeps.
    write_table : callable
        Gets folder, name and table; returns the path of the file, or None where it writes none.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    figures = result.plot.all()
    with named_folder(folder):
        made = [write_table(folder, name, table) for name, table in result.tables.items()]
        tables = [path for path in made if path is not None]
        pages = [write_figure(figure, folder) for figure in figures]
        missing = write_images(figures, folder) if figures else None
    manifest = record_folder(folder, about, tables, pages, images=not missing)
    return Written((*tables, *pages, manifest), missing or "")


def write_figure(figure: Any, folder: Path) -> Path:
    """Write ``<slug>.html``, and the drawing library beside it; return the path of the page.

    Parameters
    ----------
    figure : Figure
        With its words in ``layout.meta``, as ``frame`` leaves it.
    folder : Path
        Must exist.
    """
    meta = figure.layout.meta
    title, alt = escape(meta["title"]), escape(meta["alt"])
    drawn = figure.to_html(
        full_html=False,
        include_plotlyjs=False,
        include_mathjax=False,
        div_id=f"plot-{meta['slug']}",
        config=CONFIG,
        auto_play=False,
    )
    text = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>body{{font-family:{FONT};margin:1rem auto;max-width:1200px}}</style></head><body>"
        f'<script src="{SCRIPT}"></script><div role="img" aria-label="{alt}">{drawn}</div>'
        f"<details><summary>This figure in words</summary><p>{alt}</p></details></body></html>\n"
    )
    write_text(folder / SCRIPT, get_plotlyjs(), OTHER_OUT)
    path = folder / f"{meta['slug']}.html"
    write_text(path, text, OTHER_OUT)
    return path
