"""What each layer of screening found and let go, and the loads on which none of them alarmed.

For a run of the model by layer and mode of the whole border, never by crossing (the dual-use rule); for a
crossing that a user invented by layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sim.plots.summary import by_month, months_of, per_year, present
from sim.report import numbers, theme
from sim.report.frame import Edges, Frame, frame
from sim.report.provenance import RunInfo
from sim.report.theme import Table
from sim.stats.intervals import Band, prediction_interval

PLOT_PX = 380
ORDER = ("targeting", "scanner", "canine", "officer", "random")
NAMES = {
    "targeting": "Targeting alert",
    "scanner": "Scanner",
    "canine": "Canine",
    "officer": "Officer",
    "random": "Added examinations,<br>no alarm needed",
}
FOUND, MISSED, OVERLOOKED, QUIET = theme.OBSERVED, "#e0793f", "#f3c9a8", "#d3d7dc"
SHOWN = ("found", "missed", "overlooked")
KEYS = {
    "found": ("found (observed)", FOUND),
    "missed": ("alarm, and secondary let it go (latent)", MISSED),
    "overlooked": ("alarm, and a long line let it pass (latent)", OVERLOOKED),
    "quiet": ("no layer alarmed (latent)", QUIET),
}
MEASURES = {
    "found": "alarms_found", "missed": "alarms_cleared", "overlooked": "alarms_overlooked",
    "quiet": "loads_without_alarm",
}  # fmt: skip
WIDTHS = [0.56, 0.44]
THICK = 0.46
"""Thickness of a bar over the height of its row."""
LABEL_PX = 10


@dataclass(frozen=True)
class Bar:
    """One row: loads by what became of them, with the interval of those found.

    Parameters
    ----------
    name : str
    parts : dict of str to float
        By the names of ``KEYS``; counts in the left panel, shares in the right one.
    found : Band
        Of ``parts["found"]``.
    """

    name: str
    parts: dict[str, float]
    found: Band

    @property
    def whole(self) -> float:
        """Sum of the parts."""
        return sum(self.parts.values())


def screening_by_layer(measures: Table, info: RunInfo) -> go.Figure:
    """Return what layers found by layer and by mode in a run: means, 95 % prediction intervals of finds.

    Parameters
    ----------
    measures : Table
        The long table of one parameter set.
    """
    factor, period = per_year(len(months_of(measures)))
    reported = present(measures, "loads_alarmed")
    modes = ["all", *(mode for mode in theme.MODES if mode in present(measures, "loads_screened"))]

    def counts(place: str) -> dict[str, np.ndarray]:
        return {part: by_month(measures, name, place).sum(axis=1) * factor for part, name in MEASURES.items()}

    layers = [
        Bar(NAMES[name], {part: float(own[part].mean()) for part in SHOWN}, prediction_interval(own["found"]))
        for name in ORDER
        if name in reported
        for own in [counts(name)]
    ]
    wholes = []
    for mode in modes:
        own = counts(mode)
        total = np.sum(list(own.values()), axis=0)
        share = np.divide(own["found"], total, out=np.zeros_like(total), where=total > 0)
        mean = max(float(total.mean()), 1e-9)
        name = "All modes" if mode == "all" else theme.label(mode)
        wholes.append(
            Bar(name, {part: float(x.mean()) / mean for part, x in own.items()}, prediction_interval(share))
        )
    note = "Whiskers: 95 % prediction interval for one simulated year." if info.replications > 1 else ""
    return _figure(layers, wholes, (f"loads {period}", note), info.sentence)


def screening_of_crossing(outcomes: Table, source: str) -> go.Figure:
    """Return what layers found at an invented crossing: means, 95 % intervals of finds.

    Parameters
    ----------
    outcomes : Table
        Columns ``outcome``, ``mean``, ``low`` and ``high``; the crossing must be one that a user invented,
        with loads.
    """
    columns = (outcomes[name] for name in ("outcome", "mean", "low", "high"))
    values = {name: ends for name, *ends in zip(*columns, strict=True)}
    per_day = values["loads_per_day"][0]

    def interval(name: str) -> Band:
        return Band(*(np.array(end) for end in values[name]))

    layers = []
    for name in ORDER:
        if f"{name}.found_share" in values:
            parts = {part: values[f"{name}.{part}_share"][0] * per_day for part in SHOWN}
            layers.append(Bar(NAMES[name], parts, interval(f"{name}.finds_per_day")))
    quiet = values["loads_without_alarm_share"][0]
    shares = {part: sum(bar.parts[part] for bar in layers) / per_day for part in SHOWN}
    whole = Bar("All loads", {**shares, "quiet": quiet}, interval("detection_share"))
    note = "Whiskers: 95 % intervals over replications, chance alone."
    return _figure(layers, [whole], ("loads a day", note), source)


def _figure(layers: Sequence[Bar], wholes: Sequence[Bar], words: tuple[str, str], source: str) -> go.Figure:
    unit, note = words
    figure = make_subplots(
        rows=1, cols=2, column_widths=WIDTHS, horizontal_spacing=0.13,
        subplot_titles=[f"<b>First alarm on a load</b>, {unit}", "<b>All loads</b>, share"],
    )  # fmt: skip
    rows = max(len(layers), len(wholes))
    for panel, bars in ((1, layers), (2, wholes)):
        for part in KEYS:
            if any(bar.parts.get(part) for bar in (*layers, *wholes)):
                _add_part(figure, panel, bars, part, rows)
        _add_whiskers(figure, panel, bars)
        for bar in bars:
            _add_numbers(figure, panel, bar, rows)
    widest = max([_reach(bar) for bar in layers], default=1.0)
    figure.update_xaxes(range=[0, widest * 1.45], rangemode="tozero", row=1, col=1)
    figure.update_xaxes(range=[0, 1.001], tickformat=".0%", row=1, col=2)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(
        barmode="stack",
        legend={"y": 1.12, "yanchor": "bottom", "x": 0, "itemclick": False, "itemdoubleclick": False},
    )  # fmt: skip
    figure.update_annotations(font={"size": 13})
    return frame(
        figure, _words(layers, wholes, unit, note), source, Edges(left=150, right=40, top=86, bottom=40)
    )


def _reach(bar: Bar) -> float:
    return max(bar.whole, float(np.nan_to_num(bar.found.high)), 1e-9)


def _add_part(figure: go.Figure, panel: int, bars: Sequence[Bar], part: str, rows: int) -> None:
    name, hue = KEYS[part]
    number = "%{x:,.1f}" if panel == 1 else "%{x:.1%}"
    figure.add_bar(
        y=[bar.name for bar in bars],
        x=[bar.parts.get(part, 0.0) for bar in bars],
        # Bars of both panels are equally thick, however many there are.
        width=THICK * len(bars) / rows,
        name=name,
        orientation="h",
        marker={"color": hue, "line": {"width": 0}},
        legendgroup=part,
        showlegend=panel == 1,
        hovertemplate=f"%{{y}}, {name}: {number}<extra></extra>",
        row=1,
        col=panel,
    )


def _add_whiskers(figure: go.Figure, panel: int, bars: Sequence[Bar]) -> None:
    """Draw the intervals of finds over all bars, which would cover those of a bar itself."""
    known = [bar for bar in bars if np.isfinite(float(bar.found.low))]
    if not known:
        return
    ends = {
        "type": "data", "symmetric": False, "thickness": 1.6, "width": 6, "color": theme.INK,
        "array": [float(bar.found.high) - bar.parts["found"] for bar in known],
        "arrayminus": [bar.parts["found"] - float(bar.found.low) for bar in known],
    }  # fmt: skip
    figure.add_scatter(
        x=[bar.parts["found"] for bar in known],
        y=[bar.name for bar in known],
        mode="markers",
        marker={"size": 1, "color": theme.INK},
        error_x=ends,
        showlegend=False,
        hoverinfo="skip",
        row=1,
        col=panel,
    )


def _add_numbers(figure: go.Figure, panel: int, bar: Bar, rows: int) -> None:
    """Write what was found beside a bar of the left panel, and above one of the right panel."""
    if panel == 1:
        text = _found(bar)
        place = {"x": _reach(bar), "xanchor": "left", "xshift": 8, "yshift": 0}
    else:
        text = f"{_share(bar)} found, {bar.parts['quiet']:.0%} without alarm"
        above = LABEL_PX + PLOT_PX * THICK / rows / 2
        place = {"x": 0, "xanchor": "left", "xshift": 0, "yshift": above}
    figure.add_annotation(
        text=text, y=bar.name, showarrow=False, row=1, col=panel,
        font={"size": 12, "color": theme.MUTED}, **place,
    )  # fmt: skip


def _found(bar: Bar) -> str:
    return f"{numbers.bracket(bar.parts['found'], float(bar.found.low), float(bar.found.high))} found"


def _share(bar: Bar) -> str:
    text = f"{bar.parts['found']:.1%}"
    if np.isfinite(float(bar.found.low)):
        text += f" [{float(bar.found.low):.1%}\N{EN DASH}{float(bar.found.high):.1%}]"
    return text


def _words(layers: Sequence[Bar], wholes: Sequence[Bar], unit: str, note: str) -> Frame:
    title = "No load came"
    if wholes and wholes[0].whole > 0:
        title = f"{wholes[0].parts['found']:.0%} of the loads that come to be screened are found"
        title += f"; on {wholes[0].parts['quiet']:.0%} no layer alarms"
    spoken = [
        f"{bar.name.replace('<br>', ' ')}: {_found(bar)} of {numbers.short(bar.whole)} alarms"
        for bar in layers
    ]
    spoken += [f"{bar.name}: {_share(bar)} found, {bar.parts['quiet']:.0%} without alarm" for bar in wholes]
    return Frame(
        slug="screening",
        title=title,
        subtitle=(
            "Layers in the order in which a vehicle meets them; the first alarm counts. Officers see what is "
            "found; what is let go, and what no layer notices, only the model knows."
        ),
        unit=f"{unit}; share of loads",
        alt=f"Loads by the layer of screening that alarmed first, {unit}. {'; '.join(spoken)}.",
        plot_px=PLOT_PX,
        note=note,
    )
