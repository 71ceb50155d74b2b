"""Waits by hour of the week: all crossings on an average weekday, and one crossing's whole week."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from sim.core.calendar import HOURS_PER_DAY
from sim.plots.crossings import hourly, hourly_trips, weighted_mean
from sim.report import numbers, theme
from sim.report.frame import Edges, Frame, add_menu, frame
from sim.report.provenance import RunInfo
from sim.report.theme import Table

WEEKDAYS = slice(0, 5)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ROW_PX = 17
CHAR_PX = 6
WHOLE_FROM_MIN = 20
WEEK_PX = 300
# The scale ends where nineteen of twenty cells lie, so that one closed lane does not bleach the rest.
SCALE_QUANTILE = 0.95
SCALE_ENDS_MIN = (2, 4, 8, 12, 20, 40, 60, 80, 120, 160, 240, 480)
CLOSED = "#eef0f2"


def waits_by_hour(border_hours: Table, info: RunInfo) -> go.Figure:
    """Return mean waits of every crossing by hour of an average weekday, longest first, one view a mode.

    Parameters
    ----------
    border_hours : Table
        Waits and trips a lane group and hour of the week.

    Returns
    -------
    Figure
        A heat map a mode behind buttons; passenger vehicles first.
    """
    views = {mode: ranked_weekdays(border_hours, mode) for mode in theme.MODES}
    views = {mode: rows for mode, rows in views.items() if rows}
    top = _scale_top([hours for rows in views.values() for _, hours, _ in rows])
    figure = go.Figure()
    longest = 0
    for mode, rows in views.items():
        longest = max([longest, *(len(name) for name, *_ in rows)])
        names = [f"{name}  <b>{numbers.minutes(mean)}</b>" for name, _, mean in rows]
        figure.add_heatmap(
            z=[hours for _, hours, _ in rows],
            y=names,
            x=_clock(),
            visible=mode == next(iter(views)),
            **_look(top),
        )
    figure.update_yaxes(autorange="reversed", showgrid=False, ticks="", tickfont={"size": 11})
    _finish_axes(figure)
    modes = list(views)
    add_menu(figure, "buttons", [(theme.label(m), [m == other for other in modes]) for m in modes])
    first = views[modes[0]] if modes else []
    words = _hour_words(first, theme.MODES[modes[0]][0] if modes else "", max(ROW_PX * len(first), 120))
    return frame(
        figure, words, info.sentence, Edges(left=CHAR_PX * longest + 44, right=80, top=46, bottom=52)
    )


def ranked_weekdays(border_hours: Table, mode: str) -> list[tuple[str, np.ndarray, float]]:
    """Return (crossing, mean wait of 24 hours, mean wait weighted by trips) of weekdays, longest first."""
    waits, trips = hourly(border_hours, mode), hourly_trips(border_hours, mode)
    rows = []
    for name, week in waits.items():
        weight = trips[name][WEEKDAYS]
        by_clock = [weighted_mean(week[WEEKDAYS, h], weight[:, h]) for h in range(HOURS_PER_DAY)]
        mean = weighted_mean(week[WEEKDAYS], weight)
        if np.isfinite(mean):
            rows.append((name, np.array(by_clock), mean))
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def waits_by_week(border_hours: Table, info: RunInfo) -> go.Figure:
    """Return the mean waits of one crossing by day and hour; a menu chooses the crossing and mode.

    Parameters
    ----------
    border_hours : Table
        Waits and trips a lane group and hour of the week.

    Returns
    -------
    Figure
        Seven days by 24 hours; the crossing with most trips comes first.
    """
    views = []
    for mode in theme.MODES:
        trips = hourly_trips(border_hours, mode)
        for name, week in hourly(border_hours, mode).items():
            views.append((f"{name}, {theme.MODES[mode][0]}", week, float(trips[name].sum())))
    views.sort(key=lambda view: view[0])
    first = int(np.argmax([trips for *_, trips in views])) if views else 0
    top = _scale_top([week for _, week, _ in views])
    figure = go.Figure()
    for i, (_, week, _) in enumerate(views):
        figure.add_heatmap(
            z=week,
            y=list(DAYS),
            x=_clock(),
            visible=i == first,
            texttemplate="%{z:.0f}" if top >= WHOLE_FROM_MIN else "%{z:.1f}",
            **_look(top),
        )
    figure.update_yaxes(autorange="reversed", showgrid=False, ticks="")
    _finish_axes(figure)
    choices = [(name, [i == j for j in range(len(views))]) for i, (name, *_) in enumerate(views)]
    add_menu(figure, "dropdown", choices, first)
    words = _week_words(views[first] if views else ("no crossing", np.full((7, 24), np.nan), 0.0), len(views))
    return frame(figure, words, info.sentence, Edges(left=110, right=80, top=50, bottom=52))


def _clock() -> list[str]:
    return [f"{hour:02d}" for hour in range(HOURS_PER_DAY)]


def _scale_top(tables: Sequence[np.ndarray]) -> float:
    cells = np.concatenate([np.ravel(table) for table in tables]) if tables else np.zeros(0)
    cells = cells[np.isfinite(cells)]
    aim = float(np.quantile(cells, SCALE_QUANTILE)) if cells.size else 0.0
    return float(next((end for end in SCALE_ENDS_MIN if end >= aim), SCALE_ENDS_MIN[-1]))


def _look(top: float) -> dict[str, Any]:
    ticks = np.linspace(0, top, 5)
    return {
        "zmin": 0,
        "zmax": top,
        "colorscale": theme.WAIT_SCALE,
        "xgap": 1,
        "ygap": 1,
        "hoverongaps": False,
        "hovertemplate": "%{y}<br>%{x}:00, mean wait %{z:.1f} min<extra></extra>",
        "colorbar": {
            "title": {"text": "min", "side": "top"},
            "thickness": 12,
            "outlinewidth": 0,
            "tickvals": ticks.tolist(),
            "ticktext": [*(f"{t:g}" for t in ticks[:-1]), f"{top:g}+"],
            "len": 1.0,
            "y": 0.5,
            "x": 1.012,
        },
    }


def _finish_axes(figure: go.Figure) -> None:
    figure.update_xaxes(showgrid=False, ticks="", title={"text": "local hour of day"}, type="category")
    figure.update_layout(plot_bgcolor=CLOSED)


def _hour_words(rows: list[tuple[str, np.ndarray, float]], mode: str, plot_px: int) -> Frame:
    described = "; ".join(
        f"{name} {numbers.minutes(mean)} min, longest at {int(np.nanargmax(hours)):02d}:00"
        for name, hours, mean in rows[:5]
    )
    title = "Waits by hour of an average weekday"
    if rows:
        longest, shortest = rows[0], rows[-1]
        title = f"On weekdays {mode} wait {numbers.minutes(longest[2])} min at {longest[0]}"
        if len(rows) > 1:
            title += f", {numbers.minutes(shortest[2])} min at {shortest[0]}"
    return Frame(
        slug="waits_by_hour",
        title=title,
        subtitle=(
            "Mean wait for primary inspection by hour, Monday to Friday, all lane classes; the bold number "
            "is the mean over trips, minutes. Grey: closed or nobody crosses."
        ),
        unit="minutes",
        alt=f"Heat map of {len(rows)} crossings by 24 hours, {mode}, longest mean wait first: {described}.",
        plot_px=plot_px,
        note="Cells are means over replications.",
    )


def _week_words(view: tuple[str, np.ndarray, float], count: int) -> Frame:
    name, week, _ = view
    described = "no waits"
    if np.isfinite(week).any():
        day, hour = np.unravel_index(int(np.nanargmax(week)), week.shape)
        described = f"longest on {DAYS[day]} at {hour:02d}:00, {np.nanmax(week):.0f} minutes"
    return Frame(
        slug="waits_by_week",
        title="Waits through the week, one crossing at a time",
        subtitle=(
            "Choose a crossing and mode from the menu. Mean wait for primary inspection. "
            "Grey: closed or nobody crosses."
        ),
        unit="minutes",
        alt=(
            f"Heat map of waits by weekday and hour for {count} crossings and modes. "
            f"Shown first: {name}, {described}."
        ),
        plot_px=WEEK_PX,
        note="Cells are means over replications.",
    )
