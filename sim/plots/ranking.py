"""A ranking of scenarios: how far each is behind the leader, and when it was dropped."""

from __future__ import annotations

import plotly.graph_objects as go

from sim.plots.marks import error_bar, name_rows, write_beside
from sim.report import numbers, scenarios, theme
from sim.report.frame import Edges, Frame, frame
from sim.report.scenarios import Look
from sim.report.theme import Table

ROW_PX = 46


def race_figure(rows: Table, verdict: str, outcome: tuple[str, str], margin: float, source: str) -> go.Figure:
    """Return how far scenarios are behind the leader: a row each, the leader first.

    Parameters
    ----------
    rows : Table
        Columns ``scenario``, ``behind``, ``low``, ``high`` (in the outcome's unit; zero for the leader) and
        ``status``, words that stand beside the row.
    verdict : str
        The verdict, for the title.
    outcome : (str, str)
        Label of the outcome, and its unit with the time that it is counted over.
    margin : float
        Smallest difference that matters, in the outcome's unit.
    """
    label, unit = outcome
    figure = go.Figure()
    figure.add_shape(
        type="rect", x0=-margin, x1=margin, y0=-0.6, y1=len(rows["scenario"]) - 0.4, layer="below",
        fillcolor=theme.GRID, line={"width": 0},
    )  # fmt: skip
    worn = scenarios.looks(map(str, rows["scenario"]))
    ends = zip(rows["behind"], rows["low"], rows["high"], strict=True)
    gaps = [f"{numbers.short_estimate(*map(float, each))} {unit}" for each in ends]
    for i, name in enumerate(rows["scenario"]):
        _add_row(figure, rows, i, gaps[i], worn[str(name)])
    labels = [theme.label(str(name)) for name in rows["scenario"]]
    figure.add_vline(x=0, line={"color": theme.INK, "width": 1.5})
    name_rows(figure, labels)
    figure.update_xaxes(title={"text": f"{label.lower()}: difference to the leader, {unit}"})
    described = "; ".join(f"{name} {gaps[i]}, {rows['status'][i]}" for i, name in enumerate(labels))
    words = Frame(
        slug="rank",
        title=verdict,
        subtitle="All scenarios run with common random numbers; one is dropped as soon as it can hardly be "
        "the best. "
        f"In the grey band a difference is too small to matter ({numbers.short(margin)} {unit}).",
        unit=unit,
        alt=f"{verdict}. Differences to the leader: {described}.",
        plot_px=max(3, len(labels)) * ROW_PX,
        note="Bars are 95 % intervals of the difference up to where a scenario was dropped, each alone, to a "
        "leader that was picked from the same replications; those that were dropped early look a little "
        "worse than they are.",
    )
    return frame(figure, words, source, Edges(left=max(150, 8 * max(map(len, labels))), right=300, top=10))


def _add_row(figure: go.Figure, rows: Table, i: int, gap: str, look: Look) -> None:
    """Add the mark of a scenario, and beside it what became of it."""
    name = str(rows["scenario"][i])
    hue, mark = look
    value, low, high = (float(rows[part][i]) for part in ("behind", "low", "high"))
    figure.add_scatter(
        x=[value],
        y=[i],
        mode="markers",
        marker={"size": 13, "color": hue, "symbol": mark},
        error_x=error_bar(value, low, high, hue, thickness=1.8),
        showlegend=False,
        hovertemplate=f"{theme.label(name)}: {gap}<extra></extra>",
    )
    write_beside(figure, f"<b>{rows['status'][i]}</b>", i, yshift=8, font=None)
    write_beside(figure, "the leader" if i == 0 else gap, i, yshift=-8, font={"color": theme.MUTED})
