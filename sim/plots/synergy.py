"""Levers alone and together: what each contributes, and what overlap takes away."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from sim.report import numbers, theme
from sim.report.frame import Edges, Frame, frame
from sim.report.theme import Table

ROW_PX = 64
BAR = 0.3
PALE = 0.3


def synergy_figure(rows: Table, title: str, outcome: tuple[str, str], source: str) -> go.Figure:
    """Return two bars a lever, alone and as its share of the whole, and the same two for all together.

    Parameters
    ----------
    rows : Table
        Columns ``name``, ``alone`` and ``share`` with ``_low`` and ``_high``, in the outcome's unit. The
        last row is all levers: the sum of each alone, and the effect of all together.
    title : str
        What the factorial says.
    outcome : (str, str)
        Label of the outcome, and its unit with the time that it is counted over.
    source : str
        Where the figures come from, for the footer.
    """
    label, unit = outcome
    figure = go.Figure()
    last = len(rows["name"]) - 1
    labels = [theme.label(str(name)) for name in rows["name"]]
    labels[last] = "All levers"
    for part, dy, alpha in (("alone", -0.18, PALE), ("share", 0.18, 1.0)):
        for i in range(last + 1):
            _bar(figure, rows, part, i, i + dy, theme.tint(theme.INK if i == last else theme.OBSERVED, alpha))
    figure.add_hline(y=last - 0.5, line={"color": theme.RULE, "width": 1})
    figure.add_vline(x=0, line={"color": theme.INK, "width": 1.5})
    for i in range(last + 1):
        words = ("sum of each alone", "together") if i == last else ("alone", "share of the whole")
        for word, part, shift in zip(words, ("alone", "share"), (11, -11), strict=True):
            bold = ("<b>", "</b>") if part == "share" else ("", "")
            figure.add_annotation(
                text=f"{bold[0]}{word} {_span(rows, part, i)}{bold[1]}", x=1.01, xref="paper", y=i,
                xanchor="left", yshift=shift, showarrow=False,
                font={"size": 12, "color": theme.INK if part == "share" else theme.MUTED},
            )  # fmt: skip
    figure.update_yaxes(
        tickvals=list(range(last + 1)), ticktext=labels, range=[last + 0.6, -0.6], ticks="", showgrid=False
    )
    figure.update_xaxes(title={"text": f"change in {label.lower()}, {unit}"})
    told = "; ".join(
        f"{name}: alone {_span(rows, 'alone', i)}, share {_span(rows, 'share', i)}"
        for i, name in enumerate(labels)
    )
    words_of = Frame(
        slug="synergy",
        title=title,
        subtitle="Pale: what a lever does when it is the only one. Full: its share of what all do together "
        "(Shapley value, the mean over all orders in which they may be added); the shares add up to the last "
        "bar. Where the full bar is shorter, others do part of the same work.",
        unit=unit,
        alt=f"{title}. {told}.",
        plot_px=(last + 1) * ROW_PX,
        note="Thin lines are 95 % intervals over replications on the same draws: chance alone.",
    )
    return frame(figure, words_of, source, Edges(left=max(150, 8 * max(map(len, labels))), right=330, top=10))


def _bar(figure: go.Figure, rows: Table, part: str, i: int, y: float, hue: str) -> None:
    value, low, high = (float(rows[part + end][i]) for end in ("", "_low", "_high"))
    error = None
    if np.isfinite(low) and np.isfinite(high):
        error = {
            "type": "data", "symmetric": False, "array": [high - value], "arrayminus": [value - low],
            "color": theme.MUTED, "thickness": 1.4, "width": 4,
        }  # fmt: skip
    figure.add_bar(
        x=[value], y=[y], width=BAR, orientation="h", marker={"color": hue}, error_x=error, showlegend=False,
        hovertemplate=f"{part} {_span(rows, part, i)}<extra></extra>",
    )  # fmt: skip


def _span(rows: Table, part: str, i: int) -> str:
    value, low, high = (float(rows[part + end][i]) for end in ("", "_low", "_high"))
    text = f"{'+' if value > 0 else ''}{numbers.short(value)}"
    return f"{text} [{numbers.short(low)} to {numbers.short(high)}]" if np.isfinite(low) else text
