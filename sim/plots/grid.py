"""A sweep of two keys as a heat map: the change of one outcome in every cell, and which cells cannot tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from sim.plots import theme
from sim.plots.frame import Edges, Frame, frame
from sim.plots.theme import Table

CELL_PX = 76
NONE = ""
OPEN = "cannot tell"
SCALE = ((0.0, theme.OBSERVED), (0.5, theme.PAPER), (1.0, theme.LATENT))


@dataclass(frozen=True)
class Axes:
    """What the two keys and the outcome are called, in words; ``unit`` is that of the outcome, a year."""

    x: str
    y: str
    outcome: str
    unit: str


def sweep_grid(cells: Table, axes: Axes, source: str) -> go.Figure:
    """Return a cell for every pair of values: change against the reference, pale where it cannot be told.

    Parameters
    ----------
    cells : Table
        Columns ``x`` and ``y`` (values of the two keys), ``change``, ``low``, ``high`` (95 % interval, a
        year) and ``verdict``, which is empty in the reference cell.
    axes : Axes
    source : str
        Where the figures come from, for the footer.

    Returns
    -------
    Figure
        Cells that the sweep did not run stay empty.
    """
    xs, ys = np.unique(cells["x"]), np.unique(cells["y"])
    z = np.full((len(ys), len(xs)), np.nan)
    figure = go.Figure()
    for i in range(len(cells["x"])):
        column, row = int(np.searchsorted(xs, cells["x"][i])), int(np.searchsorted(ys, cells["y"][i]))
        z[row, column] = 0.0 if cells["verdict"][i] in (NONE, OPEN) else cells["change"][i]
        figure.add_annotation(text=_words(cells, i), x=column, y=row, showarrow=False, **_ink(cells, i))
    reach = float(np.nanmax(np.abs(z), initial=0.0)) or 1.0
    figure.add_heatmap(
        z=z, x=list(range(len(xs))), y=list(range(len(ys))), zmin=-reach, zmax=reach, xgap=2, ygap=2,
        colorscale=[list(step) for step in SCALE], hoverinfo="skip",
        colorbar={"title": {"text": f"{axes.unit}<br>a year"}, "thickness": 14, "len": 0.9},
    )  # fmt: skip
    for update, values, name in ((figure.update_xaxes, xs, axes.x), (figure.update_yaxes, ys, axes.y)):
        update(
            tickvals=list(range(len(values))), ticktext=[f"{value:g}" for value in values], showgrid=False,
            ticks="", title={"text": name},
        )  # fmt: skip
    words_of = Frame(
        slug="sweep_grid",
        title=_title(cells, axes),
        subtitle="Each cell is a pair of values against the reference, on the same draws; white cells "
        "cannot be told from it.",
        unit=f"{axes.unit}, a year",
        alt=f"Change in {axes.outcome} by {axes.x} and {axes.y}. {_told(cells)}.",
        plot_px=max(3, len(ys)) * CELL_PX,
        note="In brackets: 95 % intervals over pairs of runs.",
    )
    return frame(figure, words_of, source, Edges(left=110, right=110, top=10))


def _words(cells: Table, i: int) -> str:
    if cells["verdict"][i] == NONE:
        return "reference"
    value, low, high = (float(cells[name][i]) for name in ("change", "low", "high"))
    sign = "+" if value > 0 else ""
    if not np.isfinite(low):
        return f"{sign}{theme.short(value)}"
    return f"<b>{sign}{theme.short(value)}</b><br>[{theme.short(low)}, {theme.short(high)}]"


def _ink(cells: Table, i: int) -> dict[str, Any]:
    """Return the font of a cell: white on the two strong ends of the scale, which are dark."""
    reach = float(np.nanmax(np.abs(cells["change"]), initial=0.0)) or 1.0
    strong = cells["verdict"][i] not in (NONE, OPEN) and abs(cells["change"][i]) > 0.75 * reach
    hue = theme.PAPER if strong else theme.MUTED if cells["verdict"][i] in (NONE, OPEN) else theme.INK
    return {"font": {"color": hue, "size": 12}}


def _title(cells: Table, axes: Axes) -> str:
    told = np.array([verdict not in (NONE, OPEN) for verdict in cells["verdict"]])
    if not told.any():
        return f"{axes.outcome}: no cell can be told from the reference"
    change = np.where(told, cells["change"], 0.0)
    best = int(np.abs(change).argmax())
    more = "more" if change[best] > 0 else "less"
    value = theme.short(abs(float(change[best])))
    where = f"{axes.x} {cells['x'][best]:g} and {axes.y} {cells['y'][best]:g}"
    return f"{axes.outcome}: {value} {axes.unit} {more} a year at most, with {where}"


def _told(cells: Table) -> str:
    return "; ".join(
        f"{cells['x'][i]:g} and {cells['y'][i]:g}: "
        + _words(cells, i).replace("<br>", " ").replace("<b>", "").replace("</b>", "")
        for i in range(len(cells["x"]))
    )
