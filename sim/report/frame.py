"""What surrounds every figure: title, unit, interval, replications, source, and a text alternative."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import plotly.graph_objects as go

from sim.report.theme import INK, MUTED, PAPER, RULE, template

FOOT_PX = 11
# Characters a line at the width of an exported picture.
FOOT_WIDTH = 205
TITLE_WIDTH, SUBTITLE_WIDTH = 100, 178
FOOTER = "footer"


@dataclass(frozen=True)
class Frame:
    """Words around a figure.

    Parameters
    ----------
    slug : str
        Short name, used as file name and as element id.
    title, subtitle : str
        What the figure says, and how to read it.
    unit : str
        Unit of the quantities shown.
    alt : str
        Text alternative with the main numbers.
    plot_px : int
        Height of the plot itself; title and footer come on top of it.
    note : str
        Further sentence of the footer, e.g. what the interval means.
    """

    slug: str
    title: str
    subtitle: str
    unit: str
    alt: str
    plot_px: int
    note: str = ""


@dataclass(frozen=True)
class Edges:
    """Room in pixels around the plot, beside what title and footer take."""

    left: int = 70
    right: int = 30
    top: int = 24
    bottom: int = 58


def footer(source: str, unit: str, note: str = "") -> str:
    """Return the footer in words: unit, interval, and the sentence of a provenance."""
    return f"Unit: {unit}. {note} {source}" if note else f"Unit: {unit}. {source}"


def add_menu(
    figure: go.Figure,
    kind: str,
    choices: list[tuple[str, list[bool]]],
    active: int = 0,
    traces: list[int] | None = None,
) -> None:
    """Add a row of ``buttons`` or a ``dropdown`` above the plot that shows some traces and hides others.

    Parameters
    ----------
    figure : Figure
        The figure.
    kind : str
        ``buttons`` or ``dropdown``.
    choices : list of (str, list of bool)
        Words of a choice, and which traces it shows.
    active : int
        The choice shown first.
    traces : list of int, optional
        The traces that ``choices`` speak of; all by default.
    """
    chosen: list[list[int]] = [] if traces is None else [traces]
    menu = {
        "type": kind,
        "direction": "right" if kind == "buttons" else "down",
        "active": active,
        "buttons": [
            {"label": words, "method": "restyle", "args": [{"visible": shown}, *chosen]}
            for words, shown in choices
        ],
        "x": 0,
        "xanchor": "left",
        "y": 1,
        "yanchor": "bottom",
        "pad": {"b": 7, "t": 0, "l": 0},
        "bgcolor": PAPER,
        "bordercolor": RULE,
        "font": {"size": 12},
    }
    figure.update_layout(updatemenus=[menu])


def frame(figure: go.Figure, words: Frame, source: str, edges: Edges = Edges()) -> go.Figure:
    """Give a figure its template, title, footer and text alternative, and return it.

    ``source`` is the sentence of a provenance.
    The same words travel in ``layout.meta``, so that a page can set them as text of its own.
    """
    foot = footer(source, words.unit, words.note)
    foot_lines = textwrap.wrap(foot, FOOT_WIDTH)
    subtitle = textwrap.wrap(words.subtitle, SUBTITLE_WIDTH)
    title = textwrap.wrap(words.title, TITLE_WIDTH) or [""]
    head_px = 24 + 24 * len(title) + 20 * len(subtitle)
    foot_px = 16 + 15 * len(foot_lines)
    small = f"<span style='font-size:13px;color:{MUTED}'>{'<br>'.join(subtitle)}</span>"
    figure.update_layout(
        template=template(),
        title={
            "text": f"<b>{'<br>'.join(title)}</b><br>{small}",
            "font": {"size": 18, "color": INK},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"l": 14, "t": 22},
        },
        height=words.plot_px + head_px + edges.top + edges.bottom + foot_px,
        margin={
            "l": edges.left,
            "r": edges.right,
            "t": head_px + edges.top,
            "b": foot_px + edges.bottom,
            "autoexpand": False,
        },
        meta={
            "slug": words.slug,
            "title": words.title,
            "subtitle": words.subtitle,
            "footer": foot,
            "alt": words.alt,
            "head_px": head_px,
            "foot_px": foot_px,
        },
    )
    figure.add_annotation(
        name=FOOTER,
        text="<br>".join(foot_lines),
        x=0,
        xref="paper",
        xanchor="left",
        xshift=14 - edges.left,
        y=0,
        yref="paper",
        yanchor="bottom",
        yshift=8 - foot_px - edges.bottom,
        showarrow=False,
        align="left",
        font={"size": FOOT_PX, "color": MUTED},
    )
    return figure
