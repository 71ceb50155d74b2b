"""Differences by outcome in units of the smallest difference that matters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from sim.plots.marks import write_beside
from sim.report import scenarios, theme
from sim.report.frame import Edges, Frame, frame
from sim.report.theme import Table

ROW_PX, GAP_ROWS = 30, 0.6
TICKS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)
Looks = Mapping[str, scenarios.Look]
# Widths of the widest font that a browser may fall back to.
_CHAR_PX, _BOLD_PX, _SYMBOL_PX, _LEGEND_PX, _PAGE_PX = 7.2, 8.0, 50, 20, 1170


def forest(rows: Table, title: str, source: str, left_out: int = 0, looks: Looks | None = None) -> go.Figure:
    """Return a row an outcome and run, with interval, parameter-uncertainty interval and verdict.

    Parameters
    ----------
    rows : Table
        Columns ``outcome`` (in words), ``run``, ``change``, ``low``, ``high``, ``parameter_low``,
        ``parameter_high`` (all divided by the margin, NaN where unknown), ``text`` (difference with its
        unit) and ``verdict``; rows of an outcome together. Where ``input`` is true a difference was
        chosen, not found: the title does not count it.
    left_out : int
        Rows that are only in the table.
    looks : mapping of str to (str, str), optional
        Colour and mark of each run of the page; by default those of the runs shown.
    """
    figure = go.Figure()
    runs = scenarios.in_order(map(str, rows["run"]))
    worn = looks or scenarios.looks(runs)
    at = _places(rows, runs)
    figure.add_vrect(x0=-1, x1=1, fillcolor=theme.GRID, line={"width": 0}, layer="below")
    for run in runs:
        _add_run(figure, rows, run, at, worn[run])
    figure.add_vline(x=0, line={"color": theme.INK, "width": 1.5})
    beside = [f"<b>{v}</b>  {s}" for v, s in zip(rows["verdict"], rows["text"], strict=True)]
    for text, y in zip(beside, at, strict=True):
        write_beside(figure, text, y)
    names = _axes(figure, rows, at)
    shown = len(runs) > 1 and bool((names == rows["outcome"]).all())
    left = int(max(150, _CHAR_PX * max(map(len, map(str, names))) + 20))
    pairs = zip(rows["verdict"], rows["text"], strict=True)
    right = int(20 + max(_BOLD_PX * len(bold) + _CHAR_PX * (len(text) + 2) for bold, text in pairs))
    top = _legend(figure, runs, _PAGE_PX - left - right) if shown else 12
    figure.update_layout(showlegend=shown)
    columns = (rows[name] for name in ("outcome", "run", "verdict", "text"))
    described = " ".join(f"{o}, {r}: {v}, {t}." for o, r, v, t in zip(*columns, strict=True))
    inputs = rows.get("input", np.zeros(0, dtype=bool))
    some_are_inputs = bool(inputs.any() and not inputs.all())
    words = Frame(
        slug="differences",
        title=title,
        subtitle="Inside the grey band a difference is too small to matter, whatever its sign. An interval "
        "that leaves zero out has a sign; one that lies wholly within the band does not matter.",
        unit="margins of conf/measures.yaml (the smallest difference that matters, of sums in proportion to "
        "the window); the scale is logarithmic beyond 1",
        alt=f"Differences by outcome. {described}",
        plot_px=int(ROW_PX * (float(at.max()) + 1.5)),
        note="Bars are 95 % intervals that hold together; pale bars are ranges over parameter sets."
        + f" {left_out} more rows are in the table." * (left_out > 0)
        + " What is an input, such as a programme's cost, is not counted above." * some_are_inputs,
    )
    return frame(figure, words, source, Edges(left=left, right=right, top=top, bottom=50))


def _legend(figure: go.Figure, runs: list[str], plot_px: int) -> int:
    """Lay the runs out above the plot, from the edge of the page on, and return the height they take, px.

    Columns are as many as fit the width of the plot, the most that a legend takes.
    """
    wide = _SYMBOL_PX + _CHAR_PX * max(map(len, runs))
    columns = max(1, int(plot_px // wide))
    figure.update_layout(
        legend={"xref": "container", "x": 0, "entrywidth": wide - _SYMBOL_PX, "entrywidthmode": "pixels"}
    )
    return int(18 + _LEGEND_PX * -(-len(runs) // columns))


def _axes(figure: go.Figure, rows: Table, at: np.ndarray) -> np.ndarray:
    """Name rows by outcome, or by run where there is one outcome; return the names."""
    names = rows["run"] if len(set(rows["outcome"])) == 1 else rows["outcome"]
    middles = {str(name): float(np.mean(at[names == name])) for name in dict.fromkeys(names)}
    figure.update_yaxes(
        tickvals=list(middles.values()), ticktext=list(middles), range=[float(at.max()) + 0.7, -0.8],
        ticks="", showgrid=False,
    )  # fmt: skip
    reach = _reach(rows)
    ticks = [tick for tick in TICKS if tick <= max(3.0, reach)]
    values = [*(-tick for tick in reversed(ticks)), 0, *ticks]
    figure.update_xaxes(
        tickvals=[float(scaled(value)) for value in values], ticktext=[f"{value:,}" for value in values],
        range=[-float(scaled(1.15 * reach)), float(scaled(1.15 * reach))],
        title={"text": "difference from the reference, in margins: 1 is the smallest that matters"},
    )  # fmt: skip
    return names


def scaled(margins: np.ndarray | float) -> np.ndarray:
    """Return a place on the axis: linear inside the margin, logarithmic beyond, the margin at 1."""
    return np.arcsinh(np.asarray(margins, dtype=np.float64)) / np.arcsinh(1.0)


def _places(rows: Table, runs: list[str]) -> np.ndarray:
    """Return the height of each row: outcomes apart, runs of one outcome in the order of scenarios."""
    first = dict.fromkeys(rows["outcome"])
    height, at = 0.0, np.zeros(len(rows["run"]))
    for outcome in first:
        here = sorted(
            np.flatnonzero(rows["outcome"] == outcome), key=lambda i: runs.index(str(rows["run"][i]))
        )
        for i in here:
            at[i], height = height, height + 1.0
        height += GAP_ROWS if len(here) > 1 else 0.0
    return at


def _reach(rows: Table) -> float:
    ends = np.abs(
        np.concatenate([rows[name] for name in ("change", "low", "high", "parameter_low", "parameter_high")])
    )
    return float(np.max(ends[np.isfinite(ends)], initial=2.0))


def _add_run(figure: go.Figure, rows: Table, run: str, at: np.ndarray, look: scenarios.Look) -> None:
    mine = np.flatnonzero(rows["run"] == run)
    hue, mark = look
    for low, high, width, opacity in (("parameter_low", "parameter_high", 9, 0.25), ("low", "high", 2, 1.0)):
        x: list[float | None] = []
        y: list[float | None] = []
        for i in mine:
            x += [float(scaled(rows[low][i])), float(scaled(rows[high][i])), None]
            y += [float(at[i]), float(at[i]), None]
        line = {"width": width, "color": theme.tint(hue, opacity)}
        figure.add_scatter(x=x, y=y, mode="lines", line=line, showlegend=False, hoverinfo="skip")
    edge = {"color": theme.PAPER, "width": 1}
    figure.add_scatter(
        x=scaled(rows["change"][mine]), y=at[mine], mode="markers", name=run,
        marker={"size": 10, "color": hue, "symbol": mark, "line": edge},
        text=[f"{rows['outcome'][i]}, {run}<br>{rows['verdict'][i]}: {rows['text'][i]}" for i in mine],
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
