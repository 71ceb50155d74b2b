"""Seizure events of whole field offices, drawn under a map: never by crossing (the dual-use rule)."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from sim.plots.marks import error_bar
from sim.plots.summary import by_month, months_of, official_by_month, per_year, present
from sim.report import numbers, theme
from sim.report.theme import Table
from sim.stats.intervals import Band, prediction_interval

BAR_DEG = 1.4
# Ends of the vertical axis in units of the largest value: room for the line below and the words above.
BELOW, ABOVE = -0.03, 1.5


def add_office_bars(
    figure: go.Figure, extents: dict[str, tuple[float, float]], measures: Table, official: Table | None
) -> list[str]:
    """Add seizure events a field office in the second panel, and return them in words.

    Parameters
    ----------
    figure : Figure
        Two panels with longitude in common.
    extents : dict of str to (float, float)
        The stretch of border of each office, degrees of longitude.
    measures : Table
        The long table.
    official : Table or None
        The official monthly series.
    """
    months = months_of(measures)
    factor, period = per_year(len(months))
    spoken, top = [], 1.0
    for office in theme.OFFICES:
        if office not in extents or office not in present(measures, "seizure_events"):
            continue
        year = prediction_interval(by_month(measures, "seizure_events", office).sum(axis=1) * factor)
        known = official_by_month(official, "seizure_events", office, months)
        text = numbers.bracket(float(year.mean), float(year.low), float(year.high))
        if known is not None:
            text += f"<br>CBP: {known.sum() * factor:,.0f}"
        _add_bar(figure, office, extents[office], year, text)
        spoken.append(f"{theme.label(office)} {text.replace('<br>', ', ')} {period}")
        top = max(top, float(np.nanmax([year.mean, year.high])))
    figure.update_yaxes(range=[BELOW * top, ABOVE * top], visible=False, fixedrange=True, row=2, col=1)
    if spoken:
        figure.add_annotation(
            text=f"<b>Seizure events {period}, whole field office</b> (simulated)",
            x=1,
            xref="x2 domain",
            y=1,
            yref="y2 domain",
            xanchor="right",
            yanchor="top",
            showarrow=False,
            font={"size": 13},
        )
    return spoken


def _add_bar(figure: go.Figure, office: str, extent: tuple[float, float], year: Band, text: str) -> None:
    """Add the bar of one office over a line as long as its stretch; all bars are equally wide."""
    hue, middle = theme.colour(office), sum(extent) / 2
    mean, low, high = float(year.mean), float(year.low), float(year.high)
    figure.add_scatter(
        x=list(extent),
        y=[0, 0],
        mode="lines",
        hoverinfo="skip",
        line={"color": hue, "width": 4},
        row=2,
        col=1,
    )
    figure.add_bar(
        x=[middle],
        y=[year.mean],
        width=BAR_DEG,
        hoverinfo="skip",
        marker={"color": theme.tint(hue, 0.75), "line": {"width": 0}},
        error_y=error_bar(mean, low, high, theme.INK, thickness=1.4) if np.isfinite(low) else None,
        row=2,
        col=1,
    )
    figure.add_annotation(
        text=f"<b>{theme.label(office)}</b> {text}",
        x=middle,
        y=float(np.nanmax([year.mean, year.high])),
        yanchor="bottom",
        yshift=2,
        showarrow=False,
        font={"size": 11},
        row=2,
        col=1,
    )
