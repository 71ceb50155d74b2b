"""A sweep of two keys as a heat map: the change of one outcome in every cell, and which cells cannot tell."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from sim.report import theme
from sim.report.frame import Edges, Frame, frame
from sim.report.theme import Table
from sim.report.verdicts import BASE, CLEAR, SAME

CELL_PX = 76
FEW = 3
SCALE = ((0.0, theme.OBSERVED), (0.5, theme.PAPER), (1.0, theme.LATENT))
_STRONG, _TITLE_CHARS = 0.8, 34


@dataclass(frozen=True)
class Axes:
    """What the two keys and the outcome are called.

    Parameters
    ----------
    x, y : (str, str)
        Name of a key, and its unit or nothing.
    outcome, unit : str
        Label and unit of the outcome.
    period : str
        What it adds up over, in words, such as ``"a year"``.
    slug : str
        Name of the file.
    """

    x: tuple[str, str]
    y: tuple[str, str]
    outcome: str
    unit: str
    period: str
    slug: str

    @property
    def beside(self) -> str:
        """The unit beside a number; shares and indices go without."""
        return "" if self.unit.startswith(("1 =", "share")) else f" {self.unit}"


def sweep_grid(cells: Table, axes: Axes, title: str, source: str) -> go.Figure:
    """Return a cell for every pair of values: change against the base, coloured where it has a clear sign.

    Parameters
    ----------
    cells : Table
        Columns ``x`` and ``y`` (values of the two keys), ``change`` (in the outcome's unit), ``text`` and
        ``span`` (change and 95 % interval in words) and ``verdict``; in the cell of the reference the
        verdict is ``BASE`` and ``text`` its level.
    axes : Axes

    Returns
    -------
    Figure
        Cells that the sweep did not run stay empty.
    """
    xs, ys = np.unique(cells["x"]), np.unique(cells["y"])
    clear = np.isin(cells["verdict"], CLEAR)
    reach = float(np.max(np.abs(cells["change"][clear]), initial=0.0))
    z = np.full((len(ys), len(xs)), np.nan)
    figure = go.Figure()
    for i, verdict in enumerate(cells["verdict"]):
        column, row = int(np.searchsorted(xs, cells["x"][i])), int(np.searchsorted(ys, cells["y"][i]))
        _outline(figure, column, row, str(verdict))
        if clear[i]:
            z[row, column] = cells["change"][i]
        dark = clear[i] and abs(cells["change"][i]) > _STRONG * reach
        hue = theme.PAPER if dark else theme.INK if clear[i] or verdict == BASE else theme.MUTED
        figure.add_annotation(
            text=_words(cells, i, axes, "<br>"),
            x=column,
            y=row,
            showarrow=False,
            font={"color": hue, "size": 12},
        )
    figure.add_heatmap(
        z=z, x=list(range(len(xs))), y=list(range(len(ys))), zmin=-(reach or 1.0), zmax=reach or 1.0,
        xgap=2, ygap=2, colorscale=[list(step) for step in SCALE], hoverinfo="skip", showscale=reach > 0.0,
        colorbar={"title": {"text": "change"}, "thickness": 14, "len": 1.0},
    )  # fmt: skip
    _name_axes(figure, (xs, ys), axes)
    words = Frame(
        slug=axes.slug,
        title=title,
        subtitle="Each cell is a run against the base with common random numbers. Blue: less. Orange: more. "
        "Grey: no difference that matters. White: cannot tell.",
        unit=f"{axes.unit}, {axes.period}",
        alt=f"Change of {axes.outcome} ({axes.unit}) by {axes.x[0]} and {axes.y[0]}. {_told(cells, axes)}.",
        plot_px=max(FEW, len(ys)) * CELL_PX,
        note="In brackets: 95 % intervals that hold together, over all cells and outcomes compared.",
    )
    return frame(figure, words, source, Edges(left=120, right=110, top=34))


def _outline(figure: go.Figure, column: int, row: int, verdict: str) -> None:
    """Draw the ground of a cell: grey where nothing matters, as the band of a forest; the base ringed."""
    line = {"color": theme.INK, "width": 2} if verdict == BASE else {"color": theme.RULE, "width": 1}
    figure.add_shape(
        type="rect", x0=column - 0.49, x1=column + 0.49, y0=row - 0.48, y1=row + 0.48, layer="below",
        fillcolor=theme.GRID if verdict == SAME else theme.PAPER, line=line,
    )  # fmt: skip


def _name_axes(figure: go.Figure, values: tuple[np.ndarray, np.ndarray], axes: Axes) -> None:
    updates = (figure.update_xaxes, figure.update_yaxes)
    for update, ends, (name, unit) in zip(updates, values, (axes.x, axes.y), strict=True):
        title = f"{name} ({unit})" if unit else name
        update(
            tickvals=list(range(len(ends))), ticktext=[f"{value:,.10g}" for value in ends], showgrid=False,
            ticks="", showline=False, range=[-0.52, len(ends) - 0.48],
            title={"text": "<br>".join(textwrap.wrap(title, _TITLE_CHARS)) if ends is values[1] else title},
        )  # fmt: skip


def _words(cells: Table, i: int, axes: Axes, gap: str) -> str:
    text, span, verdict = (str(cells[name][i]) for name in ("text", "span", "verdict"))
    if verdict == BASE:
        return f"<b>{BASE}</b>{gap}{text}{axes.beside}"
    return gap.join(part for part in (f"<b>{text}</b>" if text else "", span, verdict) if part)


def _told(cells: Table, axes: Axes) -> str:
    return "; ".join(
        f"{cells['x'][i]:,.10g} and {cells['y'][i]:,.10g}: "
        + _words(cells, i, axes, " ").replace("<b>", "").replace("</b>", "")
        for i in range(len(cells["x"]))
    )
