"""Simulated seizures of a year against CBP's, by field office, with Border Patrol and mail beside them."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sim.plots.summary import by_month, months_of, official_by_month, per_year, present
from sim.report import numbers, theme
from sim.report.frame import Edges, Frame, frame
from sim.report.provenance import RunInfo
from sim.report.theme import Table
from sim.stats.intervals import Band, prediction_interval

PLOT_PX = 380
ROWS = ("san_diego", "tucson", "el_paso", "laredo", "ports", "between_ports", "mail")
NAMES = {"ports": "<b>All land ports</b>", "between_ports": "Between ports<br>(Border Patrol)"}
# A logarithmic axis has no zero: what reaches it runs off the left edge.
TINY = 1e-9
# A wider axis than this has room for two ticks a decade only.
WIDE = 500.0
PANEL_LEFT = (0.0, 0.53)
PANELS = (("seizure_events", "events"), ("seized_gross_lb", "lb gross"))


def seizures_by_office(measures: Table, info: RunInfo, official: Table | None = None) -> go.Figure:
    """Return events and weight by place: mean, 95 % prediction interval for a year, and CBP's figure.

    Parameters
    ----------
    measures : Table
        The long table of measures.
    official : Table, optional
        Columns ``measure``, ``place``, ``month``, ``value``; shown where it covers the window.

    Returns
    -------
    Figure
        Two panels with one row a place.
    """
    months = months_of(measures)
    factor, period = per_year(len(months))
    figure = make_subplots(
        rows=1,
        cols=2,
        shared_yaxes=True,
        horizontal_spacing=0.06,
        subplot_titles=[
            f"<b>{'Events' if unit == 'events' else 'Weight'}</b> ({unit} {period}, logarithmic)"
            for _, unit in PANELS
        ],
    )
    for title, left in zip(figure.layout.annotations, PANEL_LEFT, strict=True):
        title.update(x=left, xanchor="left", yshift=2, font={"size": 13, "color": theme.INK})
    spoken, hits, scored, compared = [], 0, 0, 0
    for panel, (measure, unit) in enumerate(PANELS, start=1):
        places = [p for p in ROWS if p in present(measures, measure)]
        for place in places:
            year = prediction_interval(by_month(measures, measure, place).sum(axis=1) * factor)
            known = official_by_month(official, measure, place, months)
            total = None if known is None else float(known.sum() * factor)
            _add_row(figure, panel, place, year, total)
            cbp = "" if total is None else f", CBP {total:,.0f}"
            spoken.append(f"{theme.label(place)} {_numbers(year)} {unit}{cbp}")
            compared += total is not None
            if total is not None and np.isfinite(year.low):
                scored += 1
                hits += int(year.low <= total <= year.high)
    _add_key(figure, compared > 0)
    for panel, (measure, _) in enumerate(PANELS, start=1):
        figure.update_xaxes(_axis(measures, measure, factor), row=1, col=panel)
    shown = [p for p in ROWS if any(p in present(measures, m) for m, _ in PANELS)]
    figure.update_yaxes(categoryorder="array", categoryarray=[_name(p) for p in shown][::-1], ticks="")
    figure.update_yaxes(range=[-0.6, len(shown) - 0.4])
    words = _words(info, period, spoken, (hits, scored), compared > 0)
    return frame(figure, words, info.sentence, Edges(left=130, right=70, top=60, bottom=44))


def _axis(measures: Table, measure: str, factor: float) -> dict[str, object]:
    """Return a logarithmic axis from below the smallest mean to above the largest, with round ticks."""
    means = [
        by_month(measures, measure, p).sum(axis=1).mean() * factor
        for p in present(measures, measure)
        if p in ROWS
    ]
    sizes = [m for m in means if m > 0] or [1.0]
    low, high = min(sizes) / 2.2, max(sizes) * 5
    steps = (1, 2, 5) if high / low < WIDE else (1, 3)
    ticks = [step * 10.0**power for power in range(-3, 9) for step in steps]
    shown = [t for t in ticks if low <= t <= high]
    return {
        "type": "log",
        "range": [float(np.log10(low)), float(np.log10(high))],
        "tickvals": shown,
        "ticktext": [f"{t:,.10g}" for t in shown],
        "tickangle": 0,
    }


def _name(place: str) -> str:
    return NAMES.get(place, theme.label(place))


def _add_row(figure: go.Figure, panel: int, place: str, year: Band, official: float | None) -> None:
    hue, name = theme.colour(place), _name(place)
    if np.isfinite(year.low):
        low = max(float(year.low), TINY)
        figure.add_scatter(
            x=[low, year.high],
            y=[name, name],
            mode="lines",
            hoverinfo="skip",
            showlegend=False,
            line={"color": theme.tint(hue, 0.35), "width": 12},
            row=1,
            col=panel,
        )
    figure.add_scatter(
        x=[year.mean],
        y=[name],
        mode="markers",
        showlegend=False,
        row=1,
        col=panel,
        marker={"color": hue, "size": 11, "line": {"color": theme.PAPER, "width": 1}},
        hovertemplate=f"{theme.label(place)}: {_numbers(year)}<extra>simulated</extra>",
    )
    if official is not None:
        figure.add_scatter(
            x=[official],
            y=[name],
            mode="markers",
            showlegend=False,
            row=1,
            col=panel,
            marker={"symbol": "line-ns", "size": 20, "line": {"color": theme.OFFICIAL, "width": 2.5}},
            hovertemplate=f"{theme.label(place)}: %{{x:,.0f}}<extra>CBP</extra>",
        )
    ends = [float(np.nanmax([year.mean, year.high])), official or 0.0, TINY]
    figure.add_annotation(
        text=f"{numbers.short(float(year.mean))}" + (f" | {official:,.0f}" if official is not None else ""),
        x=float(np.log10(max(ends))),
        y=name,
        xanchor="left",
        xshift=8,
        showarrow=False,
        row=1,
        col=panel,
        font={"size": 11, "color": theme.MUTED},
    )


def _add_key(figure: go.Figure, compared: bool) -> None:
    grey = theme.MUTED
    keys = (
        ("mean of the simulated years", {"color": grey, "size": 11}, "markers", None),
        (
            "95 % prediction interval for a year",
            None,
            "lines",
            {"color": theme.tint(grey, 0.35), "width": 12},
        ),
        (
            "CBP",
            {"symbol": "line-ns", "size": 14, "line": {"color": theme.OFFICIAL, "width": 2.5}},
            "markers",
            None,
        ),
    )
    for name, marker, mode, line in keys if compared else keys[:-1]:
        figure.add_scatter(x=[None], y=[None], name=name, mode=mode, marker=marker, line=line, row=1, col=1)
    figure.update_layout(
        legend={"y": 1.075, "yanchor": "bottom", "x": 0, "itemclick": False, "itemdoubleclick": False}
    )


def _numbers(year: Band) -> str:
    return numbers.bracket(float(year.mean), float(year.low), float(year.high))


def _words(info: RunInfo, period: str, spoken: list[str], score: tuple[int, int], compared: bool) -> Frame:
    hits, scored = score
    title = "Simulated seizures by place"
    if scored:
        title = f"{hits} of {scored} of CBP's figures lie inside the simulated year's 95 % interval"
    return Frame(
        slug="seizures_by_office",
        title=title,
        subtitle=(
            "Fentanyl seizures as agencies record them (observed layer). "
            f"Numbers beside a row: simulated mean{' | CBP' if compared else ''}."
        ),
        unit=f"events and lb gross {period}",
        alt=f"Seizures by place, simulated mean with 95 % prediction interval. {'; '.join(spoken)}.",
        plot_px=PLOT_PX,
        note="Bars: 95 % prediction interval for one simulated year." if info.replications > 1 else "",
    )
