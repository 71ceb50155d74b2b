"""What the start of a run leaves behind: moving averages of daily outcomes, and where MSER-5 cuts."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sim.measures.registry import registry
from sim.report import theme
from sim.report.frame import Edges, Frame, frame
from sim.report.numbers import counted
from sim.report.theme import Table

ROW_PX = 190
LOOKS = ((theme.LOST, 1.0), (theme.PRECURSOR, 1.6), (theme.LATENT, 2.6))
"""Colour and width of the lines, narrowest window first."""


def warmup(
    starts: Table, averages: Table, title: str, warmup_days: int, made: tuple[int, str], source: str
) -> go.Figure:
    """Return Welch's picture: a panel an outcome, relative to its level in the second half.

    Parameters
    ----------
    starts : Table
        One row an outcome: ``outcome``, ``cut_days`` and ``determined``.
    averages : Table
        Columns ``outcome``, ``window_days``, ``day`` and ``of_level``, a share of the level.
    title : str
        When the start is over.
    warmup_days : int
        What the configuration leaves out.
    made : (int, str)
        Replications that were averaged, and what of the calendar the daily outcomes no longer hold, such as
        ``weekdays``.
    """
    names = [registry()[str(outcome)].label for outcome in starts["outcome"]]
    described = [
        f"start over after {cut} days" if determined else "cannot be told"
        for cut, determined in zip(starts["cut_days"], starts["determined"], strict=True)
    ]
    figure = make_subplots(rows=len(names), cols=1, shared_xaxes=True, vertical_spacing=0.06)
    for i, (name, text) in enumerate(zip(names, described, strict=True)):
        mine = averages["outcome"] == starts["outcome"][i]
        drawn = averages["of_level"][mine]
        windows = np.unique(averages["window_days"][mine])
        for window, (hue, width) in zip(windows, LOOKS, strict=False):
            here = mine & (averages["window_days"] == window)
            figure.add_scatter(
                row=i + 1, col=1, x=averages["day"][here], y=averages["of_level"][here], mode="lines",
                name=f"mean of {window} days", line={"color": hue, "width": width}, showlegend=i == 0,
                hovertemplate=f"day %{{x}}: %{{y:.2f}}<extra>{name}</extra>",
            )  # fmt: skip
        figure.add_vrect(
            row=i + 1, col=1, x0=0, x1=warmup_days, fillcolor=theme.tint(theme.MUTED, 0.12), line_width=0
        )
        figure.add_hline(row=i + 1, col=1, y=1, line={"color": theme.MUTED, "width": 1, "dash": "dot"})
        if starts["determined"][i]:
            line = {"color": theme.INK, "width": 2}
            figure.add_vline(row=i + 1, col=1, x=int(starts["cut_days"][i]), line=line)
        figure.add_annotation(
            text=f"<b>{name}</b>: {text}", row=i + 1, col=1, x=1, xref="x domain", xanchor="right",
            y=1, yref="y domain", yanchor="bottom", showarrow=False, font={"size": 12},
        )  # fmt: skip
        reach = [max(0.0, float(drawn.min()) - 0.15), float(drawn.max()) + 0.15]
        figure.update_yaxes(range=reach, row=i + 1, col=1, title={"text": "of its level"})
    figure.update_xaxes(title={"text": "days since the start of the simulation"}, row=len(names), col=1)
    replications, taken_out = made
    return frame(
        figure,
        Frame(
            slug="warmup", title=title,
            subtitle=f"Daily outcomes from the first hour on, means of {counted(replications, 'run')}, "
            f"{taken_out} taken out; 1 is the level of the second half. Shaded: what a run leaves out.",
            unit="share of the level in the second half",
            alt="Moving averages from the start. "
            + "; ".join(f"{name} {text}" for name, text in zip(names, described, strict=True)) + ".",
            plot_px=len(names) * ROW_PX,
            note="Black line: where MSER-5 cuts, so that the mean of the rest is known best.",
        ),
        source,
        Edges(left=80, right=40, top=40),
    )  # fmt: skip
