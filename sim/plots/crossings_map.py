"""The crossings on an outline of the border: trips, waits, and seizures by field office only.

Nothing is fetched: the outline is a table of the project. By the dual-use rule no crossing is joined
with a seizure; the bars below the map are sums over a whole field office.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sim.plots.crossings import MapPoint, spots_of
from sim.plots.labels import LabelBox, place_labels
from sim.plots.office_bars import add_office_bars
from sim.plots.outline import LAT, LON, add_outline
from sim.plots.summary import months_of, per_year
from sim.report import numbers, theme
from sim.report.frame import Edges, Frame, add_menu, frame
from sim.report.provenance import RunInfo
from sim.report.theme import Table

MIDDLE_LAT = 29.5
STRETCH = float(np.cos(np.radians(MIDDLE_LAT)))
EDGES = Edges(left=30, right=30, top=44, bottom=12)
WIDTH_PX = 1140
MAP_PX = WIDTH_PX * (LAT[1] - LAT[0]) / ((LON[1] - LON[0]) * STRETCH)
GAP_PX = 34
BARS_PX = 130
CIRCLE_MAX_PX = 50
NAMED = 16
KEY_LON, KEY_LAT, KEY_UP = (-110.9, -109.3, -108.0), 26.2, 0.5


def crossings_map(
    border_months: Table,
    geography: tuple[Table, Table],
    measures: Table,
    info: RunInfo,
    official: Table | None = None,
) -> go.Figure:
    """Return the map: circle size is trips, colour is the mean wait; bars are seizures by field office.

    Parameters
    ----------
    border_months : Table
        Trips and waits a lane group and month.
    geography : tuple of two Tables
        Places of the crossings (``crossing_id``, ``lon``, ``lat``) and the outline as ``read_outline``
        returns it.
    measures : Table
        The long table, for seizure events by field office.
    official : Table, optional
        Official monthly series; drawn where it covers the window.

    Returns
    -------
    Figure
        One view a mode, chosen by buttons; passenger vehicles first.
    """
    places, outline = geography
    factor, period = per_year(len(months_of(border_months)))
    plot_px = MAP_PX + GAP_PX + BARS_PX
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, vertical_spacing=GAP_PX / plot_px, row_heights=[MAP_PX, BARS_PX]
    )
    add_outline(figure, outline)
    views = {mode: spots_of(border_months, places, mode, factor) for mode in theme.MODES}
    views = {mode: spots for mode, spots in views.items() if spots}
    top = max([s.wait_min for spots in views.values() for s in spots if np.isfinite(s.wait_min)], default=1.0)
    fixed = len(figure.data)
    for mode, spots in views.items():
        for trace in _view(spots, mode, period, max(top, 1.0)):
            figure.add_trace(trace.update(visible=mode == next(iter(views))), row=1, col=1)
    _add_buttons(figure, list(views), fixed)
    spoken = add_office_bars(figure, _extents(views), measures, official)
    _set_axes(figure)
    return frame(figure, _words(views, spoken, period, round(plot_px)), info.sentence, EDGES)


def _view(spots: list[MapPoint], mode: str, period: str, top: float) -> list[go.Scatter]:
    """Return the circles of one mode, their names and the key of their sizes."""
    largest = spots[0].trips
    size = [CIRCLE_MAX_PX * float(np.sqrt(s.trips / largest)) for s in spots]
    circles = go.Scatter(
        x=[s.lon for s in spots],
        y=[s.lat for s in spots],
        mode="markers",
        customdata=["<br>".join(s.lines) for s in spots],
        hovertemplate="%{customdata}<extra></extra>",
        marker={
            "size": np.maximum(size, 5.0),
            "color": [s.wait_min for s in spots],
            "cmin": 0,
            "cmax": top,
            "opacity": 0.85,
            "colorscale": theme.WAIT_SCALE,
            "line": {"width": 1, "color": theme.PAPER},
            "colorbar": _colour_bar(),
        },
    )
    return [circles, _names(spots, size), _size_key(largest, mode, period)]


def _colour_bar() -> dict[str, Any]:
    plot_px = MAP_PX + GAP_PX + BARS_PX
    return {
        "orientation": "h",
        "x": 0.02,
        "xanchor": "left",
        "y": 1 - (MAP_PX - 20) / plot_px,
        "yanchor": "bottom",
        "len": 0.21,
        "thickness": 10,
        "outlinewidth": 0,
        "nticks": 5,
        "ticks": "outside",
        "ticklen": 3,
        "title": {"text": "mean wait, minutes", "side": "top", "font": {"size": 12}},
    }


def _names(spots: list[MapPoint], size: list[float]) -> go.Scatter:
    towns: list[str] = []
    for spot in spots:
        towns.append(spot.town if spot.town not in towns and len(set(towns) - {""}) < NAMED else "")
    px = WIDTH_PX / (LON[1] - LON[0])
    circles = [
        ((s.lon - LON[0]) * px, (s.lat - LAT[0]) * px / STRETCH, d / 2)
        for s, d in zip(spots, size, strict=True)
    ]
    positions = place_labels(towns, circles, LabelBox(0, 0, WIDTH_PX, MAP_PX))
    kept = [(s, t, p) for s, t, p in zip(spots, towns, positions, strict=True) if p]
    return go.Scatter(
        x=[s.lon for s, _, _ in kept],
        y=[s.lat for s, _, _ in kept],
        mode="markers+text",
        hoverinfo="skip",
        text=[t for _, t, _ in kept],
        textposition=[p for _, _, p in kept],
        textfont={"size": 11, "color": theme.INK},
        marker={"size": [size[spots.index(s)] for s, _, _ in kept], "opacity": 0},
    )


def _size_key(largest: float, mode: str, period: str) -> go.Scatter:
    """Return three empty circles of round sizes with their trips."""
    power = 10.0 ** np.floor(np.log10(largest))
    top = power * (5 if largest >= 5 * power else 2 if largest >= 2 * power else 1)
    trips = [top, top / 2, top / 10]
    words = [f"{numbers.compact(t / 1e6, 2)} M" if t >= 1e6 else f"{t:,.0f}" for t in trips]
    caption = f"trips {period}, {theme.MODES[mode][0]}"
    return go.Scatter(
        x=[*KEY_LON, KEY_LON[1]],
        y=[KEY_LAT] * len(trips) + [KEY_LAT + KEY_UP],
        mode="markers+text",
        hoverinfo="skip",
        text=[*words, caption],
        textposition=["bottom center"] * len(trips) + ["top center"],
        textfont={"size": 12},
        marker={
            "size": [CIRCLE_MAX_PX * float(np.sqrt(t / largest)) for t in trips] + [0],
            "color": "rgba(0,0,0,0)",
            "line": {"width": 1, "color": theme.MUTED},
        },
    )


def _add_buttons(figure: go.Figure, modes: list[str], fixed: int) -> None:
    """Let one mode at a time be seen; the outline before its traces and the bars after them stay."""
    traces = list(range(fixed, len(figure.data)))
    each = len(traces) // max(len(modes), 1)
    choices = [(theme.label(mode), [m == mode for m in modes for _ in range(each)]) for mode in modes]
    add_menu(figure, "buttons", choices, traces=traces)


def _extents(views: dict[str, list[MapPoint]]) -> dict[str, tuple[float, float]]:
    """Return the westernmost and easternmost longitude of the crossings of each office."""
    spots = [spot for view in views.values() for spot in view]
    lons = {office: [s.lon for s in spots if s.office == office] for office in theme.OFFICES}
    return {office: (min(found), max(found)) for office, found in lons.items() if found}


def _set_axes(figure: go.Figure) -> None:
    figure.update_xaxes(range=list(LON), visible=False, constrain="domain")
    figure.update_yaxes(
        range=list(LAT),
        visible=False,
        scaleanchor="x",
        scaleratio=1 / STRETCH,
        constrain="domain",
        row=1,
        col=1,
    )
    figure.update_layout(showlegend=False)


def _words(views: dict[str, list[MapPoint]], spoken: list[str], period: str, plot_px: int) -> Frame:
    first = next(iter(views.values()), [])
    mode = theme.MODES[next(iter(views), "passenger")][0]
    busiest = "; ".join(line for spot in first[:5] for line in spot.lines[:1])
    title = "The crossings: how many cross, and how long they wait"
    waited = [s for s in first if np.isfinite(s.wait_min)]
    if waited:
        slowest = max(waited, key=lambda s: s.wait_min)
        title = (
            f"{first[0].town} carries the most {mode}, {first[0].trips / 1e6:.1f} million {period}; "
            f"the longest mean wait is {numbers.minutes(slowest.wait_min)} min at {slowest.town}"
        )
    return Frame(
        slug="crossings_map",
        title=title,
        subtitle=(
            "Circle size is trips, colour is the mean wait. Bars: simulated seizure events of each whole "
            "field office below its stretch of border; seizures are never shown by crossing."
        ),
        unit=f"trips {period}, minutes of mean wait, seizure events {period}",
        alt=(
            f"Map of the crossings. Busiest for {mode}: {busiest}. "
            f"Seizures by field office: {'; '.join(spoken) or 'none'}."
        ),
        plot_px=plot_px,
        note="Brackets: 95 % prediction interval. Outline drawn by hand, about 10 km.",
    )
