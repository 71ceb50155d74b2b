"""A figure on a page of its own, which works offline; an animation waits until somebody starts it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from sim.report.export import write_images
from sim.report.page import CONFIG, SCRIPT
from sim.report.theme import FONT
from sim.store.files import OTHER_OUT, write_text


def write_figure(figure: go.Figure, folder: Path) -> Path:
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


def write_standalone(figures: Sequence[go.Figure], folder: Path) -> tuple[list[Path], str | None]:
    """Write a page and images of each figure; return the pages, and why there are no images.

    Parameters
    ----------
    figures : sequence of Figure
        With their words in ``layout.meta``; there may be none.
    folder : Path
        Must exist.
    """
    pages = [write_figure(figure, folder) for figure in figures]
    return pages, write_images(figures, folder) if figures else None
