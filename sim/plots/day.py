"""A day of an invented crossing that a class can watch: lanes, line, secondary, step by step."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from sim.report import theme
from sim.report.frame import Edges, Frame, frame
from sim.report.theme import Table

PLOT_PX = 560
FRAME_MS = 160
DOTS_A_LANE = 40
"""A lane shows at most so many; where more wait, each stands for several vehicles."""
WAITING, SENT, BUSY, FREE, CLOSED = theme.OBSERVED, "#d55e00", theme.INK, "#009e73", "#d9dde2"
BLOCKED = "#e69f00"
"""A booth whose vehicle has ended primary and finds secondary full."""
SCENE, LINE, BARS = [0.52, 1.0], [0.24, 0.43], [0.0, 0.15]
HOUR_MIN = 60
AHEAD = 3.0
"""Room to the right of the booths, in places of the line, before secondary begins."""


def day(steps: Table, name: str, source: str) -> go.Figure:
    """Return an animated day; it rests at the longest line until somebody presses play.

    Parameters
    ----------
    steps : Table
        ``minute`` of the day, open ``lanes``, ``busy`` lanes, lanes ``blocked`` by a full secondary,
        ``queue``, vehicles in ``secondary``, and ``referred`` in the step, by equal steps. The crossing must
        be one that a user invented.
    name : str
        What it is called.

    Returns
    -------
    Figure
        Lanes and vehicles above, line and referrals through the day below.
    """
    scene = _Scene(steps)
    worst = int(np.argmax(steps["queue"]))
    figure = go.Figure(data=[*scene.still(), *scene.moving(worst)])
    first = len(scene.still())
    moved = list(range(first, len(figure.data)))
    figure.frames = [
        go.Frame(data=scene.moving(step), name=_clock(minute), traces=moved)
        for step, minute in enumerate(steps["minute"])
    ]
    _lay_out(figure, scene)
    _add_controls(figure, steps, worst)
    return frame(
        figure, _words(steps, name, worst, scene.each), source, Edges(left=70, right=40, top=20, bottom=110)
    )


class _Scene:
    """The traces of every step."""

    def __init__(self, steps: Table) -> None:
        self.steps = steps
        self.rows = max(1, int(steps["lanes"].max()))
        per_lane = float(np.max(steps["queue"] / np.maximum(steps["lanes"], 1)))
        self.each = max(1, int(np.ceil(per_lane / DOTS_A_LANE)))
        self.longest = max(1, int(np.ceil(per_lane / self.each)))
        self.clock = [_clock(minute) for minute in steps["minute"]]

    def still(self) -> list[Any]:
        """Return what does not move: the whole day, faint."""
        minute = self.steps["minute"]
        return [
            go.Scatter(
                x=minute, y=self.steps["queue"], mode="lines",
                line={"color": theme.tint(WAITING, 0.25), "width": 1.5},
                xaxis="x2", yaxis="y2", hoverinfo="skip",
            ),
            go.Scatter(
                x=minute, y=self.steps["lanes"], mode="lines",
                line={"color": BUSY, "width": 1.5, "shape": "hv"},
                xaxis="x2", yaxis="y2", hovertemplate="%{y} lanes open<extra></extra>",
            ),
            go.Bar(
                x=minute, y=self.steps["referred"], marker={"color": theme.tint(SENT, 0.25)},
                xaxis="x3", yaxis="y3", hoverinfo="skip",
            ),
        ]  # fmt: skip

    def moving(self, step: int) -> list[Any]:
        """Return what moves, as it stands at a step."""
        lanes, busy, blocked, queue, inside = (
            int(self.steps[name][step]) for name in ("lanes", "busy", "blocked", "queue", "secondary")
        )
        # The one line is drawn spread over the open lanes.
        dots = np.arange(-(-queue // self.each))
        place, lane = (dots // max(1, lanes)).astype(np.float64), dots % max(1, lanes)
        row, column = np.arange(inside) % self.rows, np.arange(inside) // self.rows
        states = ([BLOCKED] * blocked + [BUSY] * busy + [FREE] * max(0, lanes - busy - blocked))[: self.rows]
        states += [CLOSED] * (self.rows - len(states))
        now = self.steps["minute"][: step + 1]
        return [
            go.Scatter(
                x=-1.0 - place, y=lane, mode="markers", hoverinfo="skip",
                marker={"color": WAITING, "size": 11, "symbol": "square"},
            ),
            go.Scatter(
                x=np.full(self.rows, 0.4), y=np.arange(self.rows), mode="markers",
                marker={"color": states, "size": 17, "symbol": "square"}, hoverinfo="skip",
            ),
            go.Scatter(
                x=AHEAD + column, y=row, mode="markers", hoverinfo="skip",
                marker={"color": SENT, "size": 11, "symbol": "square"},
            ),
            go.Scatter(
                x=[-self.longest - 0.5, 0.4, AHEAD], y=[self.rows] * 3, mode="text", hoverinfo="skip",
                text=[
                    f"<b>{self.clock[step]}</b>   {queue} wait",
                    f"{lanes} lane{'s' * (lanes != 1)} open" + f", {blocked} blocked" * (blocked > 0),
                    f"{inside} in secondary",
                ],
                textposition=["middle right", "middle center", "middle right"],
                textfont={"size": 16, "color": [WAITING, BUSY, SENT]},
            ),
            go.Scatter(
                x=now, y=self.steps["queue"][: step + 1], mode="lines", line={"color": WAITING, "width": 2.6},
                xaxis="x2", yaxis="y2", hovertemplate="%{y} wait<extra></extra>",
            ),
            go.Bar(
                x=now, y=self.steps["referred"][: step + 1], marker={"color": SENT},
                xaxis="x3", yaxis="y3", hovertemplate="%{y} sent to secondary<extra></extra>",
            ),
        ]  # fmt: skip


def _clock(minute: float) -> str:
    return f"{int(minute) // HOUR_MIN:02d}:{int(minute) % HOUR_MIN:02d}"


def _lay_out(figure: go.Figure, scene: _Scene) -> None:
    hidden = {"visible": False, "showgrid": False}
    most = -(-int(scene.steps["secondary"].max()) // scene.rows)
    right = AHEAD + max(most, scene.longest // 4, 4)
    hours = [HOUR_MIN * hour for hour in range(0, 25, 3)]
    day_axis = {"range": [-5, 24 * HOUR_MIN], "tickvals": hours, "ticktext": [_clock(hour) for hour in hours]}
    figure.update_layout(
        xaxis={**hidden, "range": [-scene.longest - 1.0, right], "domain": [0, 1], "anchor": "y"},
        yaxis={**hidden, "range": [-0.7, scene.rows + 0.6], "domain": SCENE},
        xaxis2={**day_axis, "anchor": "y2", "showticklabels": False},
        yaxis2={"domain": LINE, "rangemode": "tozero", "anchor": "x2", "nticks": 4},
        xaxis3={**day_axis, "anchor": "y3"},
        yaxis3={"domain": BARS, "rangemode": "tozero", "anchor": "x3", "nticks": 3},
        showlegend=False,
        bargap=0.15,
        barmode="overlay",
    )
    for words, hue, top in (
        (f"<b>Vehicles that wait</b>, <span style='color:{BUSY}'>open lanes</span>", WAITING, LINE[1]),
        ("<b>Sent to secondary</b>, in ten minutes", SENT, BARS[1]),
    ):
        figure.add_annotation(
            text=words, x=0, xref="paper", xanchor="left", y=top, yref="paper", yanchor="bottom",
            showarrow=False, font={"size": 13, "color": hue},
        )  # fmt: skip


def _add_controls(figure: go.Figure, steps: Table, active: int) -> None:
    still = {"mode": "immediate", "transition": {"duration": 0}}
    run = {**still, "frame": {"duration": FRAME_MS, "redraw": True}}
    stop = {**still, "frame": {"duration": 0, "redraw": True}}
    names = [_clock(minute) for minute in steps["minute"]]
    buttons = [
        {"label": "Play the day", "method": "animate", "args": [names, run]},
        {"label": "Pause", "method": "animate", "args": [[None], stop]},
        {"label": "Go on", "method": "animate", "args": [None, {**run, "fromcurrent": True}]},
    ]
    figure.update_layout(
        updatemenus=[
            {
                "type": "buttons", "direction": "right", "showactive": False, "buttons": buttons,
                "x": 0, "xanchor": "left", "y": -0.08, "yanchor": "top", "bgcolor": theme.PAPER,
                "bordercolor": theme.RULE, "font": {"size": 12},
            }
        ],
        sliders=[
            {
                "active": active, "x": 0.32, "len": 0.68, "y": -0.05, "yanchor": "top", "pad": {"t": 0},
                "currentvalue": {"visible": False}, "tickcolor": theme.PAPER,
                "font": {"size": 1, "color": theme.PAPER},
                "steps": [
                    {"label": name, "method": "animate", "args": [[name], stop]} for name in names
                ],
            }
        ],
    )  # fmt: skip


def _words(steps: Table, name: str, worst: int, each: int) -> Frame:
    queue, lanes = int(steps["queue"][worst]), int(steps["lanes"][worst])
    clock, sent = _clock(steps["minute"][worst]), int(steps["referred"].sum())
    blocked = int(steps["blocked"].max())
    full = "yellow is blocked because secondary is full, " * (blocked > 0)
    dot = "one vehicle" if each == 1 else f"up to {each} vehicles"
    return Frame(
        slug="day",
        title=f"{name}: at {clock} the line is longest, {queue} vehicles wait for {lanes} lanes",
        subtitle=(
            f"Blue: a square is {dot} that waits. Booths: dark serves, {full}green is free, grey is closed. "
            "Orange: in secondary."
        ),
        unit="vehicles",
        alt=(
            f"Animated day of an invented crossing in steps of ten minutes. Longest line {queue} vehicles "
            f"at {clock} with {lanes} lanes open; {sent} vehicles sent to secondary; "
            f"at most {blocked} lanes blocked by a full secondary; mean line {steps['queue'].mean():.0f}."
        ),
        plot_px=PLOT_PX,
        note="One replication, one day: chance is not averaged out.",
    )
