"""A difference over time: what has added up since the first month, with its interval."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from sim.report import numbers, scenarios, theme
from sim.report.frame import Edges, Frame, frame
from sim.report.theme import Table

PLOT_PX = 420
_TICKS, _LABEL_PX, _BOLD_PX = 6, 17, 8.0


def cumulated(
    rows: Table,
    verdicts: Mapping[str, str],
    title: str,
    source: str,
    looks: Mapping[str, scenarios.Look] | None = None,
) -> go.Figure:
    """Return the difference in what was delivered so far, a line a run.

    Parameters
    ----------
    rows : Table
        Columns ``run``, ``month`` (YYYY-MM), ``mean``, ``low`` and ``high`` (pure kg since the first month),
        the months of a run together and in order.
    verdicts : mapping of str to str
        What the table says of the whole difference of each run.
    looks : mapping of str to (str, str), optional
        Colour and mark of each run of the page; by default those of the runs shown.
    """
    figure = go.Figure()
    order = scenarios.in_order(map(str, rows["run"]))
    by_run = {run: {name: column[rows["run"] == run] for name, column in rows.items()} for run in order}
    worn = looks or scenarios.looks(order)
    for run in order:
        _add_run(figure, run, by_run[run], worn[run])
    bottom, top = _reach(by_run.values())
    ends = [float(by_run[run]["mean"][-1]) for run in order]
    for run, y in zip(order, spread(ends, (bottom, top)), strict=True):
        figure.add_annotation(
            text=f"<b>{run}</b>", x=1, xref="paper", xanchor="left", y=y, xshift=10, showarrow=False,
            font={"color": worn[run][0], "size": 12},
        )  # fmt: skip
    figure.add_hline(y=0, line={"color": theme.INK, "width": 1.5})
    months = [f"{name}-15" for name in by_run[order[0]]["month"]]
    step = -(-len(months) // _TICKS)
    figure.update_xaxes(
        tickformat="%b %Y", tickvals=months[::step], range=[months[0], months[-1]], tickangle=0
    )
    figure.update_yaxes(
        title={"text": "pure kg since the first month: below zero is less"}, tickformat=",.0f",
        range=[bottom, top],
    )  # fmt: skip
    figure.update_layout(showlegend=False)
    described = []
    for run in order:
        end, low, high = (numbers.short(float(by_run[run][name][-1])) for name in ("mean", "low", "high"))
        described.append(f"{run}, {verdicts[run]}: {end} kg by the end, interval {low} to {high}.")
    right = int(30 + _BOLD_PX * max(len(run) for run in order))
    words = Frame(
        slug="difference_over_time",
        title=title,
        subtitle="Fentanyl delivered since the first month, less that of the reference with common random "
        "numbers.",
        unit="kilograms pure, added up over months",
        alt=f"Difference in fentanyl delivered over time. {' '.join(described)}",
        plot_px=PLOT_PX,
        note="Bands are 95 % intervals of each month alone (pointwise).",
    )
    return frame(figure, words, source, Edges(left=86, right=right, top=16, bottom=46))


def _add_run(figure: go.Figure, run: str, line: Table, look: scenarios.Look) -> None:
    """Add the line of a run and its band."""
    hue, mark = look
    month = [f"{name}-15" for name in line["month"]]
    figure.add_scatter(
        x=[*month, *reversed(month)], y=[*line["high"], *line["low"][::-1]], fill="toself", mode="none",
        fillcolor=theme.tint(hue, 0.16), showlegend=False, hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=month, y=line["mean"], mode="lines+markers", name=run, line={"color": hue, "width": 2.4},
        marker={"size": 8, "symbol": mark}, cliponaxis=False,
        hovertemplate=f"{run}, up to %{{x|%B %Y}}: %{{y:+,.0f}} kg<extra></extra>",
    )  # fmt: skip


def _reach(lines: Iterable[Table]) -> tuple[float, float]:
    """Return the ends of the axis, kg: all bands and zero, with some air."""
    ends = np.concatenate([[0.0], *(line[name] for line in lines for name in ("low", "high", "mean"))])
    bottom, top = float(np.nanmin(ends)), float(np.nanmax(ends))
    air = 0.06 * ((top - bottom) or 1.0)
    return bottom - air, top + air


def spread(ends: Sequence[float], limits: tuple[float, float]) -> list[float]:
    """Return heights of labels near the ends of their lines, none on another, kg.

    Parameters
    ----------
    ends : sequence of float
        Where the lines end.
    limits : (float, float)
        Ends of the axis.
    """
    bottom, top = limits
    line = (top - bottom) * _LABEL_PX / PLOT_PX
    order = sorted(range(len(ends)), key=lambda i: -ends[i])
    found = list(ends)
    above, below = math.inf, bottom - line
    for i in order:
        found[i] = above = min(ends[i], above - line)
    for i in reversed(order):
        found[i] = below = max(found[i], below + line)
    return found
