"""The scenario ladder: what each run changes in the fentanyl delivered, against what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from sim.plots import scenarios, theme
from sim.plots.frame import Edges, Frame, frame
from sim.plots.labels import CHAR_PX, Box, box_of
from sim.plots.theme import Table

PLOT_PX, WIDTH_PX, RADIUS_PX = 480, 1000, 8.0
BESIDE = "top right"
Looks = Mapping[str, scenarios.Look]
APART = 24
"""Runs up to which each has its label and a bar of its own colour."""
MILLION = 1e6


def ladder(rows: Table, source: str, period: str, looks: Looks | None = None) -> go.Figure:
    """Return effect against cost, a mark a run; down and to the left is better.

    Parameters
    ----------
    rows : Table
        Columns ``run``, ``cost`` (USD more than the reference), ``change``, ``low``, ``high`` (pure kg
        delivered) and ``verdict``.
    source : str
        Where the figures come from, for the footer.
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
    labels = _labels(rows, cost, (x_range, y_range))
    if len(cost) > APART:
        _add(figure, rows, cost, range(len(cost)), (labels, looks))
    else:
        for run in scenarios.in_order(map(str, rows["run"])):
            _add(figure, rows, cost, np.flatnonzero(rows["run"] == run)[:1].tolist(), (labels, looks))
    _finish(figure, (x_range, y_range), period)
    said = Frame(
        slug="scenario_ladder",
        title=_title(rows),
        subtitle="Lower is less fentanyl delivered, further right costs more. A bar that crosses the line of "
        "zero leaves the sign open.",
        unit=f"kilograms pure and dollars of 2022, {period}",
        alt="Change in fentanyl delivered against programme cost, the lowest first. "
        + " ".join(_told(rows, i) for i in _order(rows)[:APART]),
        plot_px=PLOT_PX,
        note="Bars are 95 % intervals that hold together.",
    )
    return frame(figure, said, source, Edges(left=90, right=30, top=10, bottom=56))


def _x_range(rows: Table, cost: np.ndarray) -> list[float]:
    """Return the ends of the axis of costs, with room for the longest label on the right."""
    left, right = min(0.0, cost.min()), max(0.0, cost.max())
    start = left - 0.12 * (right - left)
    longest = max(map(len, map(str, rows["run"]))) if len(cost) <= APART else 0
    beside = min(0.5, (CHAR_PX * longest + 4 * RADIUS_PX) / WIDTH_PX)
    return [start, max(right + 0.22 * (right - left), (right - beside * start) / (1.0 - beside))]


def _add(
    figure: go.Figure, rows: Table, cost: np.ndarray, at: Sequence[int], words: tuple[Sequence[str], Looks]
) -> None:
    """Add the marks of some runs, which share a bar's colour: that of the first, or grey where many meet."""
    labels, looks = words
    names = [str(rows["run"][i]) for i in at]
    hues = [looks[name][0] for name in names]
    value, low, high = (np.asarray(rows[name], dtype=np.float64)[at] for name in ("change", "low", "high"))
    figure.add_scatter(
        x=cost[at],
        y=value,
        mode="markers+text",
        text=[f"  {labels[i]}" for i in at],
        name=names[0],
        textposition=BESIDE,
        textfont={"color": hues},
        marker={"size": 12, "color": hues, "symbol": [looks[name][1] for name in names]},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": high - value,
            "arrayminus": value - low,
            "color": hues[0] if len(names) == 1 else theme.LOST,
            "thickness": 1.6,
            "width": 5,
        },
        customdata=[f"{name}; {rows['verdict'][i]}" for name, i in zip(names, at, strict=True)],
        hovertemplate="%{customdata}: %{y:+,.0f} kg for %{x:+,.1f} million USD<extra></extra>",
    )


def _finish(figure: go.Figure, ranges: tuple[list[float], list[float]], period: str) -> None:
    """Mark the reference and name the axes."""
    figure.add_hline(y=0, line={"color": theme.INK, "width": 1.5})
    figure.add_scatter(
        x=[0],
        y=[0],
        mode="markers+text",
        text=["reference"],
        textposition="bottom left",
        hoverinfo="skip",
        marker={"size": 12, "color": theme.INK, "symbol": "cross-thin", "line": {"width": 2}},
    )
    title = f"programme cost beyond the reference, million USD 2022 {period}"
    figure.update_xaxes(title={"text": title}, range=ranges[0])
    title = f"change in fentanyl delivered, pure kg {period}: below zero is less"
    figure.update_yaxes(title={"text": title}, range=ranges[1], tickformat=",.0f")
    figure.update_layout(showlegend=False)


def _labels(rows: Table, cost: np.ndarray, ranges: tuple[list[float], list[float]]) -> list[str]:
    """Return the label beside each mark, empty where it would lie on another or where marks are many."""
    (x0, x1), (y0, y1) = ranges
    x = (cost - x0) / (x1 - x0) * WIDTH_PX
    y = (np.asarray(rows["change"], dtype=np.float64) - y0) / (y1 - y0) * PLOT_PX
    taken: list[Box] = []
    found: list[str] = []
    if len(cost) > APART:
        return [""] * len(cost)
    for run, right, up in zip(rows["run"], x, y, strict=True):
        box = box_of(str(run), float(right), float(up), RADIUS_PX, BESIDE)
        free = not any(box.meets(other) for other in taken)
        taken += [box] * free
        found.append(str(run) if free else "")
    return found


def _order(rows: Table) -> list[int]:
    return [int(i) for i in np.argsort(rows["change"], kind="stable")]


def _title(rows: Table) -> str:
    better = [i for i in _order(rows) if rows["high"][i] < 0.0]
    if not better:
        return "No run is clearly below the reference in the fentanyl delivered"
    best = better[0]
    many = (
        f"{len(better)} of {len(rows['run'])} runs deliver less; most"
        if len(rows["run"]) > 1
        else "Less delivered"
    )
    kg = theme.compact(-float(rows["change"][best]), 2)
    paid = float(rows["cost"][best]) / MILLION
    cost = f"{abs(paid):,.0f} million USD {'more' if paid >= 0 else 'less'}"
    return f"{many}: {rows['run'][best]}, {kg} kg for {cost}"


def _told(rows: Table, i: int) -> str:
    span = f"{theme.short(float(rows['low'][i]))} to {theme.short(float(rows['high'][i]))}"
    return (
        f"{rows['run'][i]}: {theme.short(float(rows['change'][i]))} kg, interval {span}, "
        f"{float(rows['cost'][i]) / MILLION:+,.1f} million USD, {rows['verdict'][i]}."
    )
