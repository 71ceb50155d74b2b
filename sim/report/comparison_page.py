"""The page of a comparison: verdicts, caveats, figures, files and provenance; it works offline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from sim.report.page import INDEX, SCRIPT, figure_section, files_section
from sim.report.page_style import STYLE
from sim.store.files import write_text


@dataclass(frozen=True)
class ComparisonPage:
    """What the page of a comparison shows.

    Parameters
    ----------
    title, lead : str
        What is compared with what, and on how many runs.
    heads : sequence of str
        Names of the columns of the table.
    rows : sequence of sequence of str
        The table that the command prints too.
    figures : sequence of Figure
        In the order of the page, each from ``frame``.
    notes : sequence of str
        What a reader must know before the verdicts are used.
    facts : sequence of (str, str)
        Where it comes from.
    files : sequence of (str, str)
        Path of a file relative to the page, and what it holds.
    """

    title: str
    lead: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: Sequence[go.Figure]
    notes: Sequence[str]
    facts: Sequence[tuple[str, str]]
    files: Sequence[tuple[str, str]]


def write_comparison(page: ComparisonPage, folder: Path) -> Path:
    """Write ``index.html`` and the drawing library beside it; return the path of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / SCRIPT, get_plotlyjs())
    write_text(folder / INDEX, comparison_html(page))
    return folder / INDEX


def comparison_html(page: ComparisonPage) -> str:
    """Return the page as text."""
    title = escape(page.title)
    notes = "".join(f"<li>{escape(text)}</li>" for text in page.notes)
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in page.facts)
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Chokepoint, {title}</title><style>{STYLE}</style></head><body>",
        f'<header><p class="brand">Chokepoint</p><h1>{title}</h1>',
        f'<p class="lead">{escape(page.lead)}</p></header>',
        "<main>",
        '<section class="caveats" aria-labelledby="caveats">'
        f'<h2 id="caveats">Before you use these verdicts</h2><ul>{notes}</ul></section>',
        f'<script src="{SCRIPT}"></script>',
        *(figure_section(figure) for figure in page.figures),
        _table(page),
        files_section(page.files, "comparison"),
        '<section aria-labelledby="provenance"><h2 id="provenance">Where it comes from</h2>'
        f"<dl>{facts}</dl></section>",
        "</main>",
        "<footer><p>A model at policy level. What no source gives is an assumption with a range; the "
        "evidence table of each run lists every one.</p></footer>",
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _table(page: ComparisonPage) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in page.heads)
    rows = []
    for name, *cells in page.rows:
        tail = "".join(
            f'<td data-head="{escape(column)}">{escape(cell)}</td>'
            for column, cell in zip(page.heads[1:], cells, strict=True)
        )
        rows.append(f'<tr><th scope="row">{escape(name)}</th>{tail}</tr>')
    return (
        '<section aria-labelledby="verdicts"><h2 id="verdicts">What differs</h2><table class="stack">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></section>"
    )
