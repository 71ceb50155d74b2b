"""The page of a comparison: verdicts, caveats, figures, files and provenance; it works offline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import plotly.graph_objects as go

from sim.report.export import write_images
from sim.report.page import (
    SCRIPT,
    caveats_section,
    document,
    figure_section,
    files_section,
    provenance_section,
    write_index,
)
from sim.store.files import writing


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
    answers : sequence of (str, sequence of str)
        Questions in a fixed order, each with one sentence a run; they come first.
    runs : sequence of (str, str)
        Name of a run, and the path of its page relative to this one; empty where it has none.
    """

    title: str
    lead: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: Sequence[go.Figure]
    notes: Sequence[str]
    facts: Sequence[tuple[str, str]]
    files: Sequence[tuple[str, str]]
    answers: Sequence[tuple[str, Sequence[str]]] = ()
    runs: Sequence[tuple[str, str]] = ()


def write_comparison(page: ComparisonPage, folder: Path) -> tuple[Path, str | None]:
    """Write the page, the drawing library and images; return its path, and why there are no images.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    with writing(folder):
        path = write_index(comparison_html(page), folder)
        return path, write_images(page.figures, folder / "figures")


def comparison_html(page: ComparisonPage) -> str:
    """Return the page as text."""
    title = escape(page.title)
    body = [
        _answers(page),
        f'<script src="{SCRIPT}"></script>',
        *(figure_section(figure) for figure in page.figures),
        _table(page),
        caveats_section(page.notes, "verdicts"),
        files_section(page.files, "comparison"),
        provenance_section(page.facts),
    ]
    return document(title, title, page.lead, body, "the evidence table of each run")


def _answers(page: ComparisonPage) -> str:
    """Return the questions that a decision turns on, each with its answer, and links to the runs."""
    parts = []
    for question, sentences in page.answers:
        said = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
        parts.append(f"<h3>{escape(question)}</h3><ul>{said}</ul>")
    linked = [
        f'<a href="{escape(path)}">{escape(name)}</a>' if path else escape(name) for name, path in page.runs
    ]
    if linked:
        parts.append(f"<p>Pages of the runs: {', '.join(linked)}.</p>")
    if not parts:
        return ""
    return f'<section aria-labelledby="answers"><h2 id="answers">The verdict</h2>{"".join(parts)}</section>'


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
