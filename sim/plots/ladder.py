"""The scenario ladder: what each run changes in the fentanyl delivered, against what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from sim.plots.labels import CHAR_PX, CLEAR_PX, LabelBox, place_labels
from sim.plots.marks import error_bar
from sim.report import numbers, scenarios, theme
from sim.report.frame import Edges, Frame, frame
from sim.report.theme import Table

PLOT_PX, WIDTH_PX, RADIUS_PX = 480, 1000, 8.0
BESIDE = ("top right", "bottom right", "middle right", "top left", "bottom left", "middle left")
HALF_BAR_PX = 3.0
REFERENCE = "reference"
Looks = Mapping[str, scenarios.Look]
APART = 24
"""Runs up to which each has its label and a bar of its own colour; of more, only those that none beats."""
FAINT = 0.35
MILLION = 1e6


def ladder(rows: Table, title: str, source: str, period: str, looks: Looks | None = None) -> go.Figure:
    """Return effect against cost, a mark a run; down and to the left is better.

    Parameters
    ----------
    rows : Table
        Columns ``run``, ``cost`` (USD more than the reference), ``change``, ``low``, ``high`` (pure kg
        delivered) and ``verdict``.
    period : str
        What the numbers add up over, such as ``a year``.
    looks : mapping of str to (str, str), optional
        Colour and mark of each run of the page; by default those of the runs shown.
    """
    looks = looks or scenarios.looks(map(str, rows["run"]))
    figure = go.Figure()
    cost = np.asarray(rows["cost"], dtype=np.float64) / MILLION
    ends = np.concatenate([[0.0], rows["low"], rows["high"]])
    top, bottom = float(np.nanmax(ends)), float(np.nanmin(ends))
    y_range = [bottom - 0.12 * (top - bottom), top + 0.12 * (top - bottom)]
    x_range = _x_range(rows, cost)
    reference, *labels = _labels(rows, cost, (x_range, y_range))
    if len(cost) > APART:
        strong = unbeaten(cost, np.asarray(rows["change"]))
        for at in filter(np.any, (~strong, strong)):
            _add(figure, rows, cost, np.flatnonzero(at).tolist(), (labels, looks))
            figure.data[-1].opacity = 1.0 if at is strong else FAINT
    else:
        for run in scenarios.in_order(map(str, rows["run"])):
            _add(figure, rows, cost, np.flatnonzero(rows["run"] == run)[:1].tolist(), (labels, looks))
    _finish(figure, (x_range, y_range), period, reference)
    many = " Strong: runs that no other one beats on both." if len(cost) > APART else ""
    captions = Frame(
        slug="scenario_ladder",
        title=title,
        subtitle="Lower is less fentanyl delivered, further right costs more. A bar that crosses the line of "
        f"zero leaves the sign open.{many}",
        unit=f"kilograms pure and dollars of 2022, {period}",
        alt="Change in fentanyl delivered against programme cost, the lowest first. "
        + " ".join(_told(rows, int(i)) for i in np.argsort(rows["change"], kind="stable")[:APART]),
        plot_px=PLOT_PX,
        note="Bars are 95 % intervals that hold together.",
    )
    return frame(figure, captions, source, Edges(left=90, right=30, top=10, bottom=56))


def _x_range(rows: Table, cost: np.ndarray) -> list[float]:
    """Return the ends of the axis of costs, with room for the longest label on the right."""
    left, right = min(0.0, cost.min()), max(0.0, cost.max())
    start = left - 0.12 * (right - left)
    longest = max(map(len, map(str, rows["run"]))) if len(cost) <= APART else 0
    beside = min(0.5, (CHAR_PX * longest + 4 * RADIUS_PX) / WIDTH_PX)
    return [start, max(right + 0.22 * (right - left), (right - beside * start) / (1.0 - beside))]


def _add(
    figure: go.Figure,
    rows: Table,
    cost: np.ndarray,
    at: Sequence[int],
    words: tuple[Sequence[str | None], Looks],
) -> None:
    """Add the marks of some runs, which share a bar's colour: that of the first, or grey where many meet."""
    labels, looks = words
    names = [str(rows["run"][i]) for i in at]
    hues = [looks[name][0] for name in names]
    value, low, high = (np.asarray(rows[name], dtype=np.float64)[at] for name in ("change", "low", "high"))
    figure.add_scatter(
        x=cost[at],
        y=value,
        mode="markers",
        name=names[0],
        marker={"size": 12, "color": hues, "symbol": [looks[name][1] for name in names]},
        error_y=error_bar(value, low, high, hues[0] if len(names) == 1 else theme.LOST),
        customdata=[f"{name}; {rows['verdict'][i]}" for name, i in zip(names, at, strict=True)],
        hovertemplate="%{customdata}: %{y:+,.0f} kg for %{x:+,.1f} million USD<extra></extra>",
    )
    for k, i in enumerate(at):
        _label(figure, names[k], (float(cost[i]), float(value[k])), labels[i], hues[k])


def _label(figure: go.Figure, text: str, at: tuple[float, float], position: str | None, hue: str) -> None:
    """Write a label where it was placed, on a plate of paper: a bar that it must cross stops at its edge."""
    if position is None:
        return
    vertical, horizontal = position.split(" ")
    gap = RADIUS_PX + CLEAR_PX
    aside = gap if vertical == "middle" else HALF_BAR_PX + 1.0
    figure.add_annotation(
        text=text, x=at[0], y=at[1], showarrow=False, bgcolor=theme.PAPER, borderpad=0, font={"color": hue},
        yanchor={"top": "bottom", "middle": "middle", "bottom": "top"}[vertical],
        yshift={"top": gap, "middle": 0.0, "bottom": -gap}[vertical],
        xanchor={"left": "right", "right": "left"}[horizontal],
        xshift={"left": -aside, "right": aside}[horizontal],
    )  # fmt: skip


def _finish(
    figure: go.Figure, ranges: tuple[list[float], list[float]], period: str, beside: str | None
) -> None:
    """Mark the reference and name the axes."""
    figure.add_hline(y=0, line={"color": theme.INK, "width": 1.5})
    figure.add_scatter(
        x=[0],
        y=[0],
        mode="markers",
        name=REFERENCE,
        hoverinfo="skip",
        marker={"size": 12, "color": theme.INK, "symbol": "cross-thin", "line": {"width": 2}},
    )
    _label(figure, REFERENCE, (0.0, 0.0), beside, theme.INK)
    title = f"programme cost beyond the reference, million USD 2022 {period}"
    figure.update_xaxes(title={"text": title}, range=ranges[0])
    title = f"change in fentanyl delivered, pure kg {period}: below zero is less"
    figure.update_yaxes(title={"text": title}, range=ranges[1], tickformat=",.0f")
    figure.update_layout(showlegend=False)


def _labels(rows: Table, cost: np.ndarray, ranges: tuple[list[float], list[float]]) -> list[str | None]:
    """Return the text position of the reference and of each mark, None where no label fits or stands."""
    (x0, x1), (y0, y1) = ranges
    x = (cost - x0) / (x1 - x0) * WIDTH_PX
    y, low, high = (
        (np.asarray(rows[name], dtype=np.float64) - y0) / (y1 - y0) * PLOT_PX
        for name in ("change", "low", "high")
    )
    many = len(cost) > APART
    named = unbeaten(cost, np.asarray(rows["change"])) if many else np.ones(len(cost), dtype=bool)
    texts = [str(run) if name else "" for run, name in zip(rows["run"], named, strict=True)]
    texts.insert(0, REFERENCE)
    zero = -x0 / (x1 - x0) * WIDTH_PX, -y0 / (y1 - y0) * PLOT_PX
    circles = [(*at, RADIUS_PX) for at in (zero, *zip(x.tolist(), y.tolist(), strict=True))]
    lines = [
        LabelBox(right - HALF_BAR_PX, below, right + HALF_BAR_PX, above)
        for right, below, above in zip(x.tolist(), low.tolist(), high.tolist(), strict=True)
    ]
    lines.append(LabelBox(0.0, zero[1] - HALF_BAR_PX, WIDTH_PX, zero[1] + HALF_BAR_PX))
    return place_labels(texts, circles, LabelBox(0.0, 0.0, WIDTH_PX, PLOT_PX), lines, BESIDE)


def unbeaten(cost: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Return which runs neither another run nor the reference beats on one count without losing on the other.

    Parameters
    ----------
    cost, change : ndarray of float64, shape (runs,)
        Of the programme and in what is delivered, against the reference; less is better.

    Returns
    -------
    ndarray of bool, shape (runs,)
    """
    costs, changes = np.append(cost, 0.0)[:, None], np.append(change, 0.0)[:, None]
    as_good = (costs <= cost) & (changes <= change)
    better = (costs < cost) | (changes < change)
    return np.asarray(~(as_good & better).any(axis=0))


def _told(rows: Table, i: int) -> str:
    span = f"{numbers.short(float(rows['low'][i]))} to {numbers.short(float(rows['high'][i]))}"
    return (
        f"{rows['run'][i]}: {numbers.short(float(rows['change'][i]))} kg, interval {span}, "
        f"{float(rows['cost'][i]) / MILLION:+,.1f} million USD, {rows['verdict'][i]}."
    )
