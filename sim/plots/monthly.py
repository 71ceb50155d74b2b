"""Flow and seizures by month: the latent layer above, what agencies and CBP record below."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sim.plots.summary import by_month, months_of, official_by_month, present
from sim.report import numbers, theme
from sim.report.frame import Edges, Frame, frame
from sim.report.provenance import RunInfo
from sim.report.theme import Table
from sim.stats.intervals import Band, prediction_interval

PLOT_PX = 640
PANEL_PX = 177
LABEL_PX = 15
BAND = 0.18


@dataclass(frozen=True)
class Series:
    """One line of a panel: measure, place, words, colour and the panel (1 at the top)."""

    measure: str
    place: str
    words: str
    colour: str
    panel: int
    official: str = ""


LINES = (
    Series("shipped_pure_kg", "all", "shipped by producers", theme.INK, 1),
    Series("delivered_pure_kg", "all", "delivered to the US", theme.FENTANYL, 1),
    Series("seized_pure_kg", "all", "seized, pure", theme.OBSERVED, 1),
    Series("seized_gross_lb", "ports", "land ports", theme.OBSERVED, 2, "CBP, land ports"),
    Series(
        "seized_gross_lb",
        "between_ports",
        "between ports",
        theme.colour("between_ports"),
        2,
        "CBP, between ports",
    ),
    Series("seizure_events", "ports", "land ports", theme.OBSERVED, 3, "CBP, land ports"),
    Series(
        "seizure_events",
        "between_ports",
        "between ports",
        theme.colour("between_ports"),
        3,
        "CBP, between ports",
    ),
)
PANELS = (
    "<b>Latent</b>: fentanyl that moves, and the part that is seized (kg pure a month)",
    "<b>Observed</b>: weight that agencies record (lb gross a month)",
    "<b>Observed</b>: seizure events a month",
)
SYMBOLS = {"ports": "circle", "between_ports": "diamond"}


def monthly(measures: Table, info: RunInfo, official: Table | None = None) -> go.Figure:
    """Return flow and seizures by month, latent against observed, with 95 % prediction intervals.

    Parameters
    ----------
    measures : Table
        The long table of measures.
    official : Table, optional
        Columns ``measure``, ``place``, ``month``, ``value``: the official series, drawn where it covers
        the window.

    Returns
    -------
    Figure
        Three panels on one time axis.
    """
    months = months_of(measures)
    figure = make_subplots(rows=3, cols=1, shared_xaxes=True, vertical_spacing=0.085, subplot_titles=PANELS)
    figure.update_annotations(x=0, xanchor="left", font={"size": 13, "color": theme.INK})
    spoken, drawn = [], []
    for line in LINES:
        if line.place not in present(measures, line.measure):
            continue
        series = prediction_interval(by_month(measures, line.measure, line.place))
        _add_band(figure, months, series, line)
        drawn.append((line, series))
        spoken.append(
            f"{line.words}, {line.measure.replace('_', ' ')}: {numbers.short(float(series.mean.mean()))}"
        )
        known = official_by_month(official, line.measure, line.place, months)
        if known is not None and line.official:
            _add_official(figure, months, known, line)
    _add_end_labels(figure, months, drawn)
    figure.update_yaxes(rangemode="tozero", tickformat=",.0f")
    figure.update_xaxes(
        type="category", tickvals=months, ticktext=[_tick(m, i == 0) for i, m in enumerate(months)]
    )
    figure.update_xaxes(range=[-0.4, len(months) - 0.6])
    figure.update_layout(showlegend=False, hovermode="x unified")
    compared = any(trace.name == line.official for trace in figure.data for line in LINES if line.official)
    return frame(
        figure,
        _words(info, spoken, measures, compared),
        info.sentence,
        Edges(left=66, right=150, top=30, bottom=48),
    )


def _tick(month: str, first: bool) -> str:
    year, number = month.split("-")
    name = np.datetime64(month, "M").astype(object).strftime("%b")
    return f"{name}<br>{year}" if first or number == "01" else name


def _add_band(figure: go.Figure, months: list[str], series: Band, line: Series) -> None:
    hover = f"{line.words}: %{{y:,.0f}}"
    # A band cannot show a single month.
    bar = {"array": series.high - series.mean, "arrayminus": series.mean - series.low, "thickness": 1.5}
    if np.isfinite(series.low).all():
        figure.add_scatter(
            x=months + months[::-1],
            y=np.concatenate([series.high, series.low[::-1]]),
            fill="toself",
            mode="lines",
            line={"width": 0},
            fillcolor=theme.tint(line.colour, BAND),
            hoverinfo="skip",
            row=line.panel,
            col=1,
        )
        hover += " [%{customdata[0]:,.0f}\N{EN DASH}%{customdata[1]:,.0f}]"
    figure.add_scatter(
        x=months,
        y=series.mean,
        mode="lines" if len(months) > 1 else "markers",
        line={"color": line.colour, "width": 2.2},
        marker={"color": line.colour, "size": 8},
        error_y=bar if len(months) == 1 else None,
        name=line.words,
        customdata=np.column_stack([series.low, series.high]),
        hovertemplate=hover + "<extra></extra>",
        row=line.panel,
        col=1,
    )


def _add_official(figure: go.Figure, months: list[str], known: np.ndarray, line: Series) -> None:
    figure.add_scatter(
        x=months,
        y=known,
        mode="markers",
        cliponaxis=False,
        name=line.official,
        row=line.panel,
        col=1,
        marker={
            "symbol": SYMBOLS[line.place],
            "size": 8,
            "color": theme.PAPER,
            "line": {"color": theme.OFFICIAL, "width": 1.6},
        },
        hovertemplate=f"{line.official}: %{{y:,.0f}}<extra></extra>",
    )


def _add_end_labels(figure: go.Figure, months: list[str], drawn: list[tuple[Series, Band]]) -> None:
    """Name each line at its right end, pushed apart where two ends meet."""
    for panel in range(1, len(PANELS) + 1):
        here = sorted((s.mean[-1], line.words, line.colour, s) for line, s in drawn if line.panel == panel)
        if not here:
            continue
        top = max(float(np.nanmax([s.mean.max(), s.high.max()])) for *_, s in here) or 1.0
        at_px = np.array([value for value, *_ in here]) / top * PANEL_PX
        for (value, words, hue, _), shift in zip(here, spread(at_px, LABEL_PX) - at_px, strict=True):
            figure.add_annotation(
                text=words,
                x=months[-1],
                y=value,
                xanchor="left",
                xshift=12,
                yshift=float(shift),
                showarrow=False,
                row=panel,
                col=1,
                font={"color": hue, "size": 12},
            )


def spread(positions: np.ndarray, gap: float) -> np.ndarray:
    """Return ascending positions, moved apart to lie at least ``gap`` from each other."""
    steps = np.arange(positions.size) * gap
    level = np.maximum.accumulate(positions - steps)
    for start in np.unique(level):
        group = level == start
        level[group] = (positions - steps)[group].mean()
    return np.maximum.accumulate(level) + steps


def _words(info: RunInfo, spoken: list[str], measures: Table, compared: bool) -> Frame:
    moved, seized = (by_month(measures, name).mean() for name in ("shipped_pure_kg", "seized_pure_kg"))
    several = info.replications > 1
    band = "bands are 95 % prediction intervals of a month" if several else "one replication: no interval"
    marks = " Open marks are CBP's monthly figures (circles: land ports, diamonds: between ports)."
    return Frame(
        slug="monthly",
        title=(
            f"In the model {numbers.short(float(moved))} kg of fentanyl move a month; "
            f"{numbers.short(float(seized))} kg of it are seized"
        ),
        subtitle=f"Lines are means over replications, {band}.{marks if compared else ''}",
        unit="kg of pure fentanyl a month (latent), lb gross and events a month (observed)",
        alt=f"Three panels by month. Means a month: {'; '.join(spoken)}.",
        plot_px=PLOT_PX,
        note="Bands: 95 % prediction interval for one simulated month." if several else "",
    )
