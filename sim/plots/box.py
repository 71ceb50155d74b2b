"""A box of scenario discovery: where in the ranges of a few numbers a strategy fails."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from sim.report import theme
from sim.report.frame import Edges, Frame, frame
from sim.report.theme import Table

ROW_PX = 84
_SHADE = theme.tint(theme.LATENT, 0.55)
BAR, FAILED_AT, HELD_AT, JITTER = 0.13, 0.28, -0.28, 0.09


def box(rows: Table, points: Table, words: Sequence[str], source: str, slug: str = "box") -> go.Figure:
    """Return the figure of one box.

    Parameters
    ----------
    rows : Table
        One row a number that the box limits: ``name`` (words), ``low`` and ``high`` (sides of the box in
        the range, 0..1), ``least`` and ``most`` (ends of the range in words) and ``side`` (limits in words).
    points : Table
        One row a draw: ``failed``, ``undecided`` (chance leaves it open) and ``inside`` (bool), and
        ``position`` (draws, numbers) in 0..1.
    words : sequence of str
        Title, and the sentence of the box.
    slug : str
        Short name of the figure.
    """
    figure = go.Figure()
    count = len(rows["name"])
    for i in range(count):
        for ends, hue in (((0, 1), theme.GRID), ((rows["low"][i], rows["high"][i]), _SHADE)):
            figure.add_shape(
                type="rect", x0=ends[0], x1=ends[1], y0=i - BAR, y1=i + BAR, fillcolor=hue, line={"width": 0},
                layer="below",
            )  # fmt: skip
        for text, x, anchor in ((rows["least"][i], -0.01, "right"), (rows["most"][i], 1.01, "left")):
            figure.add_annotation(text=text, x=x, xanchor=anchor, y=i, showarrow=False, font={"size": 11})
        figure.add_annotation(text=f"<b>{rows['name'][i]}</b>: {rows['side'][i]}", x=0, xanchor="left",
                              y=i - 0.44, showarrow=False, font={"size": 12})  # fmt: skip
    for failed, at, name, hue in (
        (True, -FAILED_AT, "draw in which it fails", theme.LATENT),
        (False, -HELD_AT, "draw in which it works", theme.OBSERVED),
    ):
        _draws(figure, points, failed, at, (name, hue))
    figure.update_yaxes(range=[count - 0.45, -0.62], showticklabels=False, ticks="", showgrid=False)
    figure.update_xaxes(range=[-0.02, 1.02], showticklabels=False, ticks="", showgrid=False,
                        title={"text": "from the low to the high end of each range"})  # fmt: skip
    described = "; ".join(f"{n}: {s}" for n, s in zip(rows["name"], rows["side"], strict=True))
    words_of = Frame(
        slug=slug, title=words[0], subtitle=words[1], unit="numbers in the units given",
        alt=f"{words[0]}. {words[1]} Limits: {described}.", plot_px=max(2, count) * ROW_PX,
        note="The orange part of each bar is the box; a draw in the orange part of every bar lies in the box "
        "(large dots). A hollow dot may be on the other side: chance leaves it open.",
    )  # fmt: skip
    return frame(figure, words_of, source, Edges(left=200, right=200, top=34))


def _draws(figure: go.Figure, points: Table, failed: bool, at: float, look: tuple[str, str]) -> None:
    """Add the draws of one kind: a strip above or below the bar of each number."""
    here = np.flatnonzero(points["failed"] == failed)
    numbers = points["position"].shape[1]
    # A fixed zigzag keeps dots apart without a random number.
    zigzag = JITTER * ((np.arange(len(here)) * 0.618) % 1.0 - 0.5)
    figure.add_scatter(
        x=points["position"][here].T.ravel(),
        y=np.concatenate([i + at + zigzag for i in range(numbers)]) if len(here) else [],
        mode="markers", name=look[0],
        marker={"color": theme.tint(look[1], 0.75),
                "symbol": np.tile(np.where(points["undecided"][here], "circle-open", "circle"), numbers),
                "size": np.tile(np.where(points["inside"][here], 8, 4), numbers)},
        hoverinfo="skip",
    )  # fmt: skip
