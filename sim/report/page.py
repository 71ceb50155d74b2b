"""The page of a run: headline table, caveats, figures, files and provenance; it works offline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from sim.report.frame import FOOTER
from sim.report.headline import HEADS, HeadlineRow
from sim.report.page_style import STYLE
from sim.report.provenance import RunInfo
from sim.store.files import write_text
from sim.store.version import release

SCRIPT = "plotly.min.js"
INDEX = "index.html"
# The library's own default is a button that sends the figure's data to a server.
CONFIG = {
    "responsive": True,
    "displaylogo": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
}


@dataclass(frozen=True)
class Page:
    """What the page of a run shows.

    Parameters
    ----------
    info : RunInfo
        The run.
    headline : sequence of HeadlineRow
        The table that the command prints too.
    figures : sequence of Figure
        In the order of the page, each from ``frame``.
    caveats : sequence of str
        Sentences that a reader must know before the numbers are used.
    files : sequence of (str, str)
        Path of a file relative to the page, and what it holds.
    lead : str
        One sentence under the title.
    """

    info: RunInfo
    headline: Sequence[HeadlineRow]
    figures: Sequence[go.Figure]
    caveats: Sequence[str]
    files: Sequence[tuple[str, str]]
    lead: str = ""


def write_page(page: Page, folder: Path) -> Path:
    """Write ``index.html`` and the drawing library beside it; return the path of the page.

    The bytes depend on the content alone: no clock, no random element id, no path of the machine.
    """
    return write_index(html(page), folder)


def write_index(text: str, folder: Path) -> Path:
    """Write the text of a page as ``index.html``, and the drawing library beside it; return the path."""
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / SCRIPT, get_plotlyjs())
    write_text(folder / INDEX, text)
    return folder / INDEX


def html(page: Page) -> str:
    """Return the page as text."""
    title = f"{escape(page.info.scenario)}, {escape(page.info.provenance.window)}"
    body = [
        _headline(page),
        caveats_section(page.caveats, "numbers") if page.caveats else "",
        f'<script src="{SCRIPT}"></script>',
        *(figure_section(figure) for figure in page.figures),
        files_section(page.files),
        _provenance(page.info),
    ]
    return document(title, f"Scenario {title}", page.lead, body, "the evidence table")


def document(title: str, heading: str, lead: str, body: Sequence[str], table: str) -> str:
    """Return a page from its sections.

    Parameters
    ----------
    title, heading : str
        HTML; of the window and above the page.
    lead : str
        The sentence below it.
    body : sequence of str
        HTML of the sections.
    table : str
        Which table lists the assumptions, for the foot of the page.
    """
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Chokepoint, {title}</title><style>{STYLE}</style></head><body>",
        f'<header><p class="brand">Chokepoint</p><h1>{heading}</h1>',
        f'<p class="lead">{escape(lead)}</p></header>',
        "<main>",
        *body,
        "</main>",
        "<footer><p>A model at policy level. What no source gives is an assumption with a range; "
        f"{table} lists every one.</p></footer>",
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _headline(page: Page) -> str:
    head = "".join(f'<th scope="col"{_class(i)}>{escape(name)}</th>' for i, name in enumerate(HEADS))
    rows = []
    for row in page.headline:
        name, *cells = row.cells()
        tail = "".join(
            f'<td{_class(i)} data-head="{escape(HEADS[i])}">{escape(cell)}</td>'
            for i, cell in enumerate(cells, start=1)
        )
        rows.append(f'<tr><th scope="row">{escape(name)}</th>{tail}</tr>')
    caption = (
        f"Mean over {escape(page.info.counted)}. The Monte Carlo interval is chance alone (95 %); the "
        "parameter-uncertainty interval "
        "runs over parameter sets that all fit what was observed, and is the one to quote."
    )
    return (
        f'<section aria-labelledby="headline"><h2 id="headline">What came out</h2><table class="stack">'
        f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></section>"
    )


def _class(column: int) -> str:
    names = {1: "number mean", 2: "number", 3: "number", 4: "unit", 5: "number"}
    return f' class="{names[column]}"' if column in names else ""


def caveats_section(texts: Sequence[str], what: str) -> str:
    """Return what a reader must know before ``what`` is used, such as ``numbers``."""
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return (
        '<section class="caveats" aria-labelledby="caveats">'
        f'<h2 id="caveats">Before you use these {what}</h2><ul>{items}</ul></section>'
    )


def bare(figure: go.Figure) -> go.Figure:
    """Return a copy without title and footer, which the page sets as text of its own."""
    copy = go.Figure(figure.to_dict())
    meta, margin = copy.layout.meta, copy.layout.margin
    copy.layout.annotations = [note for note in copy.layout.annotations if note.name != FOOTER]
    copy.update_layout(
        title=None,
        meta=None,
        height=copy.layout.height - meta["head_px"] - meta["foot_px"],
        margin={"t": margin.t - meta["head_px"], "b": margin.b - meta["foot_px"]},
    )
    return copy


def figure_section(figure: go.Figure) -> str:
    """Return one figure with its words as text of the page."""
    meta = figure.layout.meta
    slug, title, alt = escape(meta["slug"]), escape(meta["title"]), escape(meta["alt"])
    drawn = bare(figure).to_html(
        full_html=False,
        include_plotlyjs=False,
        include_mathjax=False,
        div_id=f"plot-{slug}",
        config=CONFIG,
    )
    return (
        f'<figure id="{slug}" aria-labelledby="title-{slug}">'
        f'<h2 id="title-{slug}">{title}</h2><p class="subtitle">{escape(meta["subtitle"])}</p>'
        '<p class="hint">Swipe sideways to see the whole figure.</p>'
        f'<div class="scroll" tabindex="0" role="group" aria-label="{title}">'
        f'<div class="plot" role="img" aria-label="{alt}">{drawn}</div></div>'
        f"<figcaption>{escape(meta['footer'])}</figcaption>"
        f"<details><summary>This figure in words</summary><p>{alt}</p></details></figure>"
    )


def files_section(files: Sequence[tuple[str, str]], of: str = "run") -> str:
    """Return the table of files, each with what it holds."""
    rows = "".join(
        f'<tr><th scope="row"><a href="{escape(path)}"><code>{escape(path)}</code></a></th>'
        f"<td>{escape(text)}</td></tr>"
        for path, text in files
    )
    return (
        f'<section aria-labelledby="files"><h2 id="files">Files of this {of}</h2>'
        '<table><thead><tr><th scope="col">File</th><th scope="col">Holds</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></section>"
    )


def _provenance(info: RunInfo) -> str:
    source = info.provenance
    return provenance_section((
        ("Scenario", info.scenario),
        ("Window", source.window),
        ("Adversary", ", ".join(source.adversaries)),
        ("Simulated", info.counted),
        ("Seed", str(source.seed)),
        ("Assumed values", str(source.assumed)),
        ("Version", release()),
        ("Model", source.model),
        ("Configuration", source.configuration),
        ("Official sources", source.official),
    ))  # fmt: skip


def provenance_section(facts: Sequence[tuple[str, str]]) -> str:
    """Return where a page comes from: facts, each with its name."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    return (
        '<section aria-labelledby="provenance"><h2 id="provenance">Where it comes from</h2>'
        f"<dl>{rows}</dl></section>"
    )
