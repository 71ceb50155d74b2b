"""Security against facilitation at an invented crossing: loads found against the wait."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from sim.plots.marks import error_bar
from sim.report import numbers, theme
from sim.report.frame import Edges, Frame, frame
from sim.report.theme import Table

PLOT_PX = 460
# One hue from few lanes to many: the order is seen without a legend.
FEW, MANY = (116, 169, 216), (8, 38, 94)


def frontier(points: Table, title: str, source: str) -> go.Figure:
    """Return detection against mean wait: a line is a number of lanes, a mark on it a share scanned.

    Parameters
    ----------
    points : Table
        Columns ``scanned_share`` asked for and ``reached_share``, ``staffing_added``, ``wait_min`` and
        ``detection_share``, the last two with ``_low`` and ``_high``. The crossing must be one that a user
        invented.

    Returns
    -------
    Figure
        Up and to the left is better.
    """
    figure = go.Figure()
    staffing = np.unique(points["staffing_added"])
    for i, added in enumerate(staffing):
        here = points["staffing_added"] == added
        order = np.argsort(points["scanned_share"][here], kind="stable")
        line = {name: np.asarray(values)[here][order] for name, values in points.items()}
        _add_line(figure, line, _hue(i / max(1, len(staffing) - 1)), labelled=i == 0)
    widest, tallest = (float(np.nanmax(points[name])) for name in ("wait_min", "detection_share"))
    figure.update_xaxes(title_text="mean wait before primary, minutes", range=[0, widest * 1.18])
    figure.update_yaxes(title_text="share of loads found", range=[0, tallest * 1.35], tickformat=".0%")
    figure.update_layout(showlegend=False)
    return frame(figure, _words(points, title), source, Edges(left=76, right=40, top=20, bottom=56))


def _hue(depth: float) -> str:
    red, green, blue = (round(a + depth * (b - a)) for a, b in zip(FEW, MANY, strict=True))
    return f"rgb({red},{green},{blue})"


def lanes_in_words(added: float) -> str:
    """Return a number of lanes added or taken away in words."""
    if added == 0:
        return "lanes as given"
    return f"{abs(added):.0f} lane{'s' if abs(added) != 1 else ''} {'more' if added > 0 else 'fewer'}"


def _add_line(figure: go.Figure, line: Table, hue: str, labelled: bool) -> None:
    words = lanes_in_words(float(line["staffing_added"][0]))
    waits, finds = (
        error_bar(line[name], line[f"{name}_low"], line[f"{name}_high"], hue, thickness=1, width=2)
        for name in ("wait_min", "detection_share")
    )
    levels = [f"{share:.0%} scanned" for share in line["reached_share"]]
    figure.add_scatter(
        x=line["wait_min"],
        y=line["detection_share"],
        mode="lines+markers+text" if labelled else "lines+markers",
        text=[f"   {level}" for level in levels],
        textposition="bottom right",
        textfont={"size": 12, "color": theme.MUTED},
        line={"color": hue, "width": 2.6},
        marker={"size": 9, "color": hue},
        error_x=waits,
        error_y=finds,
        name=words,
        customdata=levels,
        hovertemplate=f"{words}, %{{customdata}}: %{{x:.1f}} min, %{{y:.1%}} found<extra></extra>",
    )
    figure.add_annotation(
        text=f"<b>{words}</b>",
        x=float(line["wait_min"][-1]),
        y=float(line["detection_share_high"][-1]),
        xanchor="left",
        yanchor="bottom",
        xshift=-6,
        yshift=3,
        textangle=-28,
        showarrow=False,
        font={"color": hue, "size": 13},
    )


def _words(points: Table, title: str) -> Frame:
    lanes, share = points["staffing_added"], points["reached_share"]
    base, widest = lanes[np.argmin(np.abs(lanes))], lanes == lanes.max()
    relieved = int(np.flatnonzero(widest)[np.argmax(share[widest])])
    subtitle = (
        "Up is safer, left is faster. Along a line only the share of vehicles scanned grows; "
        "from line to line only the number of open lanes."
    )
    if lanes[relieved] > base:
        more = lanes_in_words(float(lanes[relieved] - base))
        wait = numbers.minutes(float(points["wait_min"][relieved]))
        subtitle += f" With {more} the wait at the most scanned is {wait} minutes."
    rows = zip(share, lanes, points["detection_share"], points["wait_min"], strict=True)
    described = "; ".join(
        f"{scan:.0%} scanned, {lanes_in_words(float(added))}: {find:.0%} found, "
        f"{numbers.minutes(float(wait))} minutes"
        for scan, added, find, wait in rows
    )
    return Frame(
        slug="frontier",
        title=title,
        subtitle=subtitle,
        unit="minutes; share of loads",
        alt=f"Detection against mean wait at an invented crossing. {described}.",
        plot_px=PLOT_PX,
        note="Bars are 95 % intervals over replications: chance alone.",
    )
