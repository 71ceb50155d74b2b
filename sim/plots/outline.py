"""The outline of the border under a map: read from a table of the project, drawn without a network."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import plotly.graph_objects as go

from sim.core.errors import TableError
from sim.report.theme import Table

LON = (-118.3, -96.3)
LAT = (25.2, 33.75)
LAND = "#f4f5f7"
GEOGRAPHY = (
    ("UNITED STATES", -105.2, 33.2),
    ("MEXICO", -103.6, 27.0),
    ("California", -115.9, 33.55),
    ("Arizona", -111.8, 32.9),
    ("New Mexico", -107.7, 32.7),
    ("Texas", -99.8, 31.2),
    ("Pacific", -117.6, 31.2),
    ("Gulf", -96.75, 26.9),
)


def read_outline(path: Path) -> Table:
    """Read the outline: columns ``line`` (str), ``lon`` and ``lat`` (float64, degrees).

    Raises
    ------
    TableError
        A column is missing.
    """
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    missing = sorted({"line", "lon", "lat"} - set(rows[0] if rows else ()))
    if missing:
        raise TableError(f"{path}: column {missing[0]!r} is missing; needed: line, lon, lat")
    out = {name: np.array([float(row[name]) for row in rows]) for name in ("lon", "lat")}
    return {"line": np.array([row["line"] for row in rows], dtype=object), **out}


def _us_land(outline: Table) -> tuple[list[float], list[float]]:
    """Return the corner points of the land north of the border, from coast to coast."""
    name, lon, lat = (np.asarray(outline[c]) for c in ("line", "lon", "lat"))
    border = name == "border"
    west = (name == "pacific") & (lat >= lat[border][0])
    east = (name == "mexico_gulf") & (lat >= lat[border][-1])
    x = [*lon[west], *lon[border], *lon[east][::-1], LON[1], LON[1], LON[0]]
    y = [*lat[west], *lat[border], *lat[east][::-1], lat[east].max(initial=LAT[0]), LAT[1], LAT[1]]
    return x, y


def add_outline(figure: go.Figure, outline: Table) -> None:
    """Draw land, border, coasts and state lines in the first panel."""
    lines = np.asarray(outline["line"]).astype(str)
    x, y = _us_land(outline)
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        fill="toself",
        fillcolor=LAND,
        line={"width": 0},
        hoverinfo="skip",
        row=1,
        col=1,
    )
    for name in dict.fromkeys(lines.tolist()):
        here = lines == name
        border = name == "border"
        figure.add_scatter(
            x=outline["lon"][here],
            y=outline["lat"][here],
            mode="lines",
            hoverinfo="skip",
            row=1,
            col=1,
            line={"color": "#8a929c" if border else "#d3d7dc", "width": 2.2 if border else 1.2},
        )
    for text, lon, lat in GEOGRAPHY:
        loud = text.isupper()
        figure.add_annotation(
            text=text,
            x=lon,
            y=lat,
            showarrow=False,
            row=1,
            col=1,
            font={"size": 13 if loud else 11, "color": "#a8afb8" if loud else "#b9bfc7"},
        )
