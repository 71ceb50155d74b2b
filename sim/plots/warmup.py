"""What the start of a run leaves behind: moving averages of daily outcomes, and where MSER-5 cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sim.report import theme
from sim.report.frame import Edges, Frame, frame

ROW_PX = 190
LOOKS = ((theme.LOST, 1.0), (theme.PRECURSOR, 1.6), (theme.LATENT, 2.6))
"""Colour and width of the lines, narrowest window first."""


@dataclass(frozen=True)
class Panel:
    """One outcome: words, moving averages by window (days), and the cut in days (None: not determined)."""

    name: str
    averages: dict[int, np.ndarray]
    cut_days: int | None


def warmup(
    panels: Sequence[Panel], warmup_days: int, replications: int, taken_out: str, source: str
) -> go.Figure:
    """Return Welch's picture: a panel an outcome, relative to its level in the second half.

    Parameters
    ----------
    panels : sequence of Panel
        Averages are shares of the level, float64 of shape (days,).
    warmup_days : int
        What the configuration leaves out.
    replications : int
        Averaged.
    taken_out : str
        What of the calendar the daily outcomes no longer hold, such as ``weekdays``.
    source : str
        Where the figures come from, for the footer.
    """
    figure = make_subplots(rows=len(panels), cols=1, shared_xaxes=True, vertical_spacing=0.06)
    for i, panel in enumerate(panels, start=1):
        for (window, series), (hue, width) in zip(panel.averages.items(), LOOKS, strict=False):
            figure.add_scatter(
                row=i, col=1, x=np.arange(len(series)), y=series, mode="lines", name=f"mean of {window} days",
                line={"color": hue, "width": width}, showlegend=i == 1,
                hovertemplate=f"day %{{x}}: %{{y:.2f}}<extra>{panel.name}</extra>",
            )  # fmt: skip
        figure.add_vrect(
            row=i, col=1, x0=0, x1=warmup_days, fillcolor=theme.tint(theme.MUTED, 0.12), line_width=0
        )
        figure.add_hline(row=i, col=1, y=1, line={"color": theme.MUTED, "width": 1, "dash": "dot"})
        if panel.cut_days is not None:
            figure.add_vline(row=i, col=1, x=panel.cut_days, line={"color": theme.INK, "width": 2})
        figure.add_annotation(
            text=f"<b>{panel.name}</b>: {_said(panel)}", row=i, col=1, x=1, xref="x domain", xanchor="right",
            y=1, yref="y domain", yanchor="bottom", showarrow=False, font={"size": 12},
        )  # fmt: skip
        figure.update_yaxes(range=_reach(panel), row=i, col=1, title={"text": "of its level"})
    figure.update_xaxes(title={"text": "days since the start of the simulation"}, row=len(panels), col=1)
    longest = max((panel.cut_days or 0 for panel in panels), default=0)
    open_ = [panel.name for panel in panels if panel.cut_days is None]
    title = (
        f"The start is over after {longest} days at the latest; {warmup_days} are left out"
        if not open_
        else f"Not every outcome settles: {len(open_)} of {len(panels)} cannot be told"
    )
    return frame(
        figure,
        Frame(
            slug="warmup", title=title,
            subtitle=f"Daily outcomes from the first hour on, means of {replications} runs, {taken_out} "
            "taken out; 1 is the level of the second half. Shaded: what a run leaves out.",
            unit="share of the level in the second half",
            alt=f"Moving averages from the start. {'; '.join(f'{p.name} {_said(p)}' for p in panels)}.",
            plot_px=len(panels) * ROW_PX,
            note="Black line: where MSER-5 cuts, so that the mean of the rest is known best.",
        ),
        source,
        Edges(left=80, right=40, top=40),
    )  # fmt: skip


def _said(panel: Panel) -> str:
    return "cannot be told" if panel.cut_days is None else f"start over after {panel.cut_days} days"


def _reach(panel: Panel) -> list[float]:
    """Return the range of a panel that holds all of its lines."""
    drawn = np.concatenate(list(panel.averages.values()))
    return [max(0.0, float(drawn.min()) - 0.15), float(drawn.max()) + 0.15]
