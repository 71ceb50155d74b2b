"""A difference over time: what has added up since the first month, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go

from sim.plots import scenarios, theme
from sim.plots.frame import Edges, Frame, frame
from sim.plots.theme import Table

PLOT_PX = 420
_TICKS = 12


def cumulated(lines: Sequence[tuple[str, Table]], source: str) -> go.Figure:
    """Return the difference in what was delivered so far, a line a run.

    Parameters
    ----------
    lines : sequence of (str, Table)
        A run and its columns ``month`` (YYYY-MM), ``mean``, ``low``, ``high``: pure kg since the first month.
    source : str
        Where the figures come from, for the footer.
    """
    figure = go.Figure()
    order = scenarios.in_order(run for run, _ in lines)
    by_run = dict(lines)
    for run in order:
        line, hue = by_run[run], scenarios.colour(run)
        month = [f"{name}-15" for name in line["month"]]
        figure.add_scatter(
            x=[*month, *reversed(month)], y=[*line["high"], *line["low"][::-1]], fill="toself", mode="none",
            fillcolor=theme.tint(hue, 0.16), showlegend=False, hoverinfo="skip",
        )  # fmt: skip
        figure.add_scatter(
            x=month, y=line["mean"], mode="lines+markers", name=run, line={"color": hue, "width": 2.4},
            marker={"size": 8, "symbol": scenarios.mark(run)},
            hovertemplate=f"{run}, up to %{{x|%B %Y}}: %{{y:+,.0f}} kg<extra></extra>",
        )  # fmt: skip
        figure.add_annotation(
            text=f"<b>{run}</b>", x=month[-1], y=float(line["mean"][-1]), xanchor="left", xshift=10, yshift=9,
            showarrow=False, font={"color": hue, "size": 12},
        )  # fmt: skip
    figure.add_hline(y=0, line={"color": theme.INK, "width": 1.5})
    months = [f"{name}-15" for name in by_run[order[0]]["month"]]
    step = -(-len(months) // _TICKS)
    figure.update_xaxes(tickformat="%b %Y", tickvals=months[::step])
    figure.update_yaxes(
        title={"text": "pure kg since the first month: below zero is less"}, tickformat=",.0f"
    )
    figure.update_layout(showlegend=False)
    right = int(30 + 7 * max(len(run) for run in order))
    words = Frame(
        slug="difference_over_time",
        title=_title(order, by_run),
        subtitle="Fentanyl delivered since the first month, less that of the reference on the same draws.",
        unit="kilograms pure, added up over months",
        alt="Difference in fentanyl delivered over time. " + " ".join(_told(r, by_run[r]) for r in order),
        plot_px=PLOT_PX,
        note="Bands are 95 % intervals of each month alone (pointwise).",
    )
    return frame(figure, words, source, Edges(left=86, right=right, top=16, bottom=46))


def first_month_apart(low: np.ndarray, high: np.ndarray) -> int | None:
    """Return the month from which on an interval leaves out zero to the end, None when it does not."""
    apart = (low > 0.0) | (high < 0.0)
    if not apart[-1]:
        return None
    begun = [i + 1 for i, (before, after) in enumerate(pairwise(apart)) if after and not before]
    return begun[-1] if begun else 0


def _title(order: Sequence[str], by_run: dict[str, Table]) -> str:
    if len(order) == 1:
        return f"Fentanyl delivered: {_short(order[0], by_run[order[0]])}"
    ends = [(float(by_run[run]["low"][-1]), float(by_run[run]["high"][-1])) for run in order]
    less, more = sum(high < 0.0 for _, high in ends), sum(low > 0.0 for low, _ in ends)
    counts = [(less, "less"), (more, "more"), (len(order) - less - more, "cannot tell")]
    told = ", ".join(f"{count} {word}" for count, word in counts if count)
    return f"Fentanyl delivered by the end, {len(order)} runs against the reference: {told}"


def _short(run: str, line: Table) -> str:
    since = first_month_apart(line["low"], line["high"])
    kg = f"{theme.compact(abs(float(line['mean'][-1])), 2)} kg {'less' if line['mean'][-1] < 0 else 'more'}"
    if since is None:
        return f"{run}, cannot tell by the end"
    return f"{run} {kg} by the end, clear from {line['month'][since]} on"


def _told(run: str, line: Table) -> str:
    span = f"{theme.short(float(line['low'][-1]))} to {theme.short(float(line['high'][-1]))}"
    return f"{_short(run, line)}; at the end {theme.short(float(line['mean'][-1]))} kg, interval {span}."
