"""Sobol' indices: how much of the variance of an outcome chance causes, and which numbers the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from sim.plots.marks import error_bar, write_beside
from sim.report import theme
from sim.report.frame import Edges, Frame, frame
from sim.report.numbers import percent
from sim.report.theme import Table, number_words

ROW_PX, SHOWN = 36, 12


def variance(
    rows: Table, title: str, answer: tuple[str, str], words: str, source: str, one: str = "run"
) -> go.Figure:
    """Return the figure of one outcome.

    Parameters
    ----------
    rows : Table
        Columns ``path``, ``first``, ``total``, ``total_low``, ``total_high`` and ``verdict``. The first row
        is the share of chance in the variance of one run; the others are shares of the variance that the
        numbers cause, largest total first.
    title : str
        What chance makes.
    answer : (str, str)
        The outcome in words, and its unit with the time that it is counted over.
    words : str
        What the sample can tell.
    one : str
        What chance acts on: a ``run``, or a ``pair`` of runs where a change is asked.
    """
    name_of_chance = f"<b>Chance</b>, of the variance of one {one}"
    chance = {name: column[:1] for name, column in rows.items()}
    top = {name: column[1 : SHOWN + 1] for name, column in rows.items()}
    names = [number_words(str(path)) for path in top["path"]]
    figure = go.Figure()
    _add_bars(figure, top, names, chance, name_of_chance)
    shown = [
        f"{percent(total)} in all, {percent(first)} alone: <b>{verdict}</b>"
        for total, first, verdict in zip(top["total"], top["first"], top["verdict"], strict=True)
    ]
    for name, text in zip([name_of_chance, *names], [percent(chance["total"][0]), *shown], strict=True):
        write_beside(figure, text, name)
    figure.add_vline(x=0, line={"color": theme.INK, "width": 1})
    figure.update_yaxes(
        categoryorder="array", categoryarray=[*names[::-1], name_of_chance], ticks="", showgrid=False
    )
    figure.update_xaxes(title={"text": "share of the variance"}, tickformat=".0%")
    figure.update_layout(barmode="overlay")
    what, unit = answer
    cut = f" The {SHOWN} largest are shown." if len(rows["path"]) > SHOWN + 1 else ""
    return frame(
        figure,
        Frame(
            slug="sobol", title=title,
            subtitle=f"The grey bar is what chance does to one {one}; the blue bars split what is left over "
            f"the assumed numbers. {words}{cut}",
            unit=f"shares of the variance of {unit}",
            alt=f"Shares of variance of {what}, {unit}. Chance {percent(chance['total'][0])}. "
            + "; ".join(f"{n} {t}" for n, t in zip(names, shown, strict=True)) + ".",
            plot_px=max(4, len(names) + 1) * ROW_PX,
            note=_note(top),
        ),
        source,
        Edges(left=360, right=290, top=30),
    )  # fmt: skip


def _add_bars(figure: go.Figure, top: Table, names: list[str], chance: Table, name_of_chance: str) -> None:
    """Add the bar of chance, and two a number: with its interactions, and alone."""

    def interval(rows: Table) -> dict[str, Any]:
        value, low, high = (rows[name] for name in ("total", "total_low", "total_high"))
        return error_bar(value, low, high, theme.INK, thickness=1.2, width=4)

    figure.add_bar(
        y=[name_of_chance], x=chance["total"], orientation="h", marker={"color": theme.MUTED},
        showlegend=False, error_x=interval(chance),
        hovertemplate="%{x:.0%}<extra></extra>",
    )  # fmt: skip
    for column, hue, width, name in (
        ("total", theme.tint(theme.OBSERVED, 0.35), 0.7, "with all its interactions"),
        ("first", theme.OBSERVED, 0.3, "alone"),
    ):
        figure.add_bar(
            y=names, x=top[column], orientation="h", name=name, width=width, marker={"color": hue},
            error_x=interval(top) if column == "total" else None,
            hovertemplate="%{y}: %{x:.0%}<extra></extra>",
        )  # fmt: skip


def _note(top: Table) -> str:
    shown = np.isfinite(top["total_low"])
    if not shown.any():
        return "Bars have no intervals: the sample cannot give them."
    few = "" if shown.all() else " A bar without one has none that the sample could give."
    return f"Bars carry 95 % bootstrap intervals; one that reaches below zero may be chance.{few}"
