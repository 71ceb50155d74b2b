"""What surrounds every figure: title, unit, interval, replications, source, and a text alternative."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import plotly.graph_objects as go

from sim.report.numbers import counted
from sim.report.theme import INK, MUTED, PAPER, RULE, template

FOOT_PX = 11
# Characters a line at the width of an exported picture.
FOOT_WIDTH = 205
TITLE_WIDTH, SUBTITLE_WIDTH = 100, 178
FOOTER = "footer"


@dataclass(frozen=True)
class RunInfo:
    """What identifies a run on its figures and its page.

    Parameters
    ----------
    scenario, version, config_hash, adversary : str
        Name of the scenario, model version, hash of the composed configuration, adversary policy.
    replications, parameter_sets, seed, assumptions : int
        Replications of the central parameter set, which the figures show; further sets with one
        replication each; seed; assumed values that the run rests on.
    window : str
        Reported window in words, e.g. ``"October 2021 to September 2022"``.
    source : str
        Line that names the official sources, without the model itself.
    """

    scenario: str
    replications: int
    parameter_sets: int
    seed: int
    version: str
    config_hash: str
    assumptions: int
    adversary: str
    window: str
    source: str

    @property
    def counted(self) -> str:
        """The count of runs in words."""
        runs = f"{counted(self.replications, 'replication')} of the central parameter set"
        sets = counted(self.parameter_sets, "further parameter set")
        return f"{runs}, {sets} in the table" if self.parameter_sets else runs


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


def footer(info: RunInfo | str, unit: str, note: str = "") -> str:
    """Return the footer in words: unit, interval, replications, assumptions, scenario, seed and source.

    What is no run of the model, such as an invented crossing, says in its own words where it comes from.
    """
    interval = f" {note}" if note else ""
    if isinstance(info, str):
        return f"Unit: {unit}.{interval} {info}"
    source = f"; {info.source}" if info.source else ""
    return (
        f"Unit: {unit}.{interval} Simulated: {info.counted}; scenario {info.scenario}, "
        f"adversary {info.adversary}, {info.window}; rests on {info.assumptions} assumed values. "
        f"Source: Chokepoint {info.version}, seed {info.seed}, configuration {info.config_hash[:8]}{source}."
    )


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


def frame(figure: go.Figure, words: Frame, info: RunInfo | str, edges: Edges = Edges()) -> go.Figure:
    """Give a figure its template, title, footer and text alternative, and return it.

    The same words travel in ``layout.meta``, so that a page can set them as text of its own.
    """
    foot = footer(info, words.unit, words.note)
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
