"""One colour, one order and one label a place, mode, office and scenario, and the look of every figure.

The categorical colours are those of Okabe and Ito (2008), chosen to stay apart for readers with any
common colour-vision deficiency; a test simulates the deficiencies and measures the distances.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import plotly.graph_objects as go

Table = Mapping[str, np.ndarray]

FONT = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"
INK = "#22272e"
MUTED = "#5b6470"
RULE = "#c6cbd2"
GRID = "#e4e7eb"
PAPER = "#ffffff"
SANS_LABEL_PX = 12

PRECURSOR = "#5b8db8"
FENTANYL = "#c2410c"
SEIZED = "#2f3640"
LATENT = "#c2410c"
OBSERVED = "#0072b2"
OFFICIAL = "#111111"
LOST = "#a3a9b1"
WAIT_SCALE = ((0.0, "#fff7e0"), (0.25, "#fdcf7d"), (0.5, "#f08a4b"), (0.75, "#b8405e"), (1.0, "#3f1052"))

PLACES: dict[str, tuple[str, str]] = {
    "all": ("All places", "#22272e"),
    "san_diego": ("San Diego", "#0072b2"),
    "tucson": ("Tucson", "#e69f00"),
    "el_paso": ("El Paso", "#009e73"),
    "laredo": ("Laredo", "#cc79a7"),
    "ports": ("All land ports", "#22272e"),
    "between_ports": ("Between ports", "#7a4e2d"),
    "mail": ("Mail", "#56b4e9"),
    "asia_china": ("China", "#5b8db8"),
    "asia_india": ("India", "#5b8db8"),
    "us_domestic": ("US exporters", "#5b8db8"),
    "central_america": ("Central America", "#5b8db8"),
    "sinaloa": ("Sinaloa", "#c2410c"),
    "cjng": ("CJNG", "#c2410c"),
    "independents": ("Independents", "#c2410c"),
}
OFFICES = ("san_diego", "tucson", "el_paso", "laredo")
MODES: dict[str, tuple[str, str]] = {
    "passenger": ("passenger vehicles", "passenger vehicle"),
    "commercial": ("trucks", "truck"),
    "pedestrian": ("pedestrians", "pedestrian"),
}
SCENARIOS: dict[str, str] = {
    "baseline": "#5b6470",
    "hsi_strategy": "#0072b2",
    "surge": "#e69f00",
    "no_enforcement": "#111111",
}
SCENARIO_CYCLE = ("#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#7a4e2d", "#b59f00")


def label(name: str) -> str:
    """Return the words for a place, route class, mode or other key; unknown keys are made readable."""
    if name in PLACES:
        return PLACES[name][0]
    if name in MODES:
        return MODES[name][0].capitalize()
    office, dot, mode = name.partition(".")
    if dot and office in PLACES and mode in MODES:
        return f"{PLACES[office][0]}, {MODES[mode][0]}"
    words = name.replace("_", " ").replace(".", ", ").capitalize()
    return re.sub(r"\b([Uu]s|[Hh]si)\b", lambda found: found[0].upper(), words)


def in_sentence(text: str) -> str:
    """Return a label as it stands within a sentence: without its capital."""
    return text[:1].lower() + text[1:]


def number_words(path: str) -> str:
    """Return the words for a configuration path, without the name of its package."""
    return label(path.partition(".")[2] or path)


def colour(name: str) -> str:
    """Return the one colour of a place; a route class wears the colour of its office."""
    return PLACES.get(name.partition(".")[0], ("", MUTED))[1]


def ordered(names: Iterable[str]) -> list[str]:
    """Return names in the one order of places and modes (west to east), then the rest by name."""
    rank = {name: i for i, name in enumerate([*PLACES, *MODES])}

    def key(name: str) -> tuple[int, int, str]:
        place, _, mode = name.partition(".")
        return rank.get(place, len(rank)), rank.get(mode, -1), name

    return sorted(set(names), key=key)


def tint(hex_colour: str, alpha: float) -> str:
    """Return a hex colour as ``rgba()`` with an opacity in 0..1."""
    red, green, blue = (int(hex_colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"


def template() -> go.layout.Template:
    """Return the template that every figure wears."""
    import plotly.graph_objects as go  # the words of this file are wanted where nothing is drawn

    axis: dict[str, Any] = {
        "gridcolor": GRID,
        "linecolor": "#b6bcc4",
        "zeroline": False,
        "ticks": "outside",
        "tickcolor": "#b6bcc4",
        "ticklen": 4,
        "automargin": True,
        "title": {"standoff": 8, "font": {"size": SANS_LABEL_PX, "color": MUTED}},
    }
    layout = go.Layout(
        font={"family": FONT, "size": SANS_LABEL_PX, "color": INK},
        paper_bgcolor=PAPER,
        plot_bgcolor=PAPER,
        xaxis=axis,
        yaxis=axis,
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1.0, "yanchor": "bottom"},
        hoverlabel={"font": {"family": FONT, "size": SANS_LABEL_PX}, "bgcolor": PAPER, "align": "left"},
        dragmode=False,
        colorway=[PLACES[p][1] for p in OFFICES],
    )
    return go.layout.Template(layout=layout)
