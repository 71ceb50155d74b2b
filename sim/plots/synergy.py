"""Levers alone and together: what each contributes, and what overlap takes away."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from sim.plots.marks import error_bar, name_rows, write_beside
from sim.report import numbers, theme
from sim.report.frame import Edges, Frame, frame
from sim.report.theme import Table

ROW_PX = 64
BAR = 0.3
PALE = 0.3
_WHOLE = "all"
# Pale and full bar of a lever, and of all levers in the last row.
_PAIR, _LAST = ("alone", "share (Shapley)"), ("sum of each alone", "together")
_WORDS = {"share (Shapley)": "share of the whole"}


def synergy_figure(table: Table, title: str, outcome: tuple[str, str], source: str) -> go.Figure:
    """Return two bars a lever, alone and as its share of the whole, and the same two for all together.

    Parameters
    ----------
    table : Table
        Columns ``lever``, ``quantity``, ``value``, ``low``, ``high``, in the outcome's unit. Each lever has
        the quantities ``alone`` and ``share (Shapley)``, the lever ``all`` has ``sum of each alone`` and
        ``together``; others are not shown.
    title : str
        What the factorial says.
    outcome : (str, str)
        Label of the outcome, and its unit with the time that it is counted over.
    """
    label, unit = outcome
    figure = go.Figure()
    names = [*dict.fromkeys(str(name) for name in table["lever"] if name != _WHOLE), _WHOLE]
    last = len(names) - 1
    labels = ["All levers" if name == _WHOLE else theme.label(name) for name in names]
    described = []
    for i, name in enumerate(names):
        ends = [_ends(table, name, quantity) for quantity in (_LAST if i == last else _PAIR)]
        texts = [numbers.short_estimate(*each) for each in ends]
        hue = theme.INK if i == last else theme.OBSERVED
        _bar(figure, ends[0], i - 0.18, theme.tint(hue, PALE), f"alone {texts[0]}")
        _bar(figure, ends[1], i + 0.18, hue, f"share {texts[1]}")
        words = [_WORDS.get(quantity, quantity) for quantity in (_LAST if i == last else _PAIR)]
        pale, full = f"{words[0]} {texts[0]}", f"<b>{words[1]} {texts[1]}</b>"
        write_beside(figure, pale, i, yshift=11, font={"size": 12, "color": theme.MUTED})
        write_beside(figure, full, i, yshift=-11, font={"size": 12, "color": theme.INK})
        described.append(f"{labels[i]}: alone {texts[0]}, share {texts[1]}")
    figure.add_hline(y=last - 0.5, line={"color": theme.RULE, "width": 1})
    figure.add_vline(x=0, line={"color": theme.INK, "width": 1.5})
    name_rows(figure, labels)
    figure.update_xaxes(title={"text": f"change in {label.lower()}, {unit}"})
    words_of = Frame(
        slug="synergy",
        title=title,
        subtitle="Pale: what a lever does when it is the only one. Full: its share of what all do together "
        "(Shapley value, the mean over all orders in which they may be added); the shares add up to the last "
        "bar. Where the full bar is shorter, others do part of the same work.",
        unit=unit,
        alt=f"{title}. {'; '.join(described)}.",
        plot_px=(last + 1) * ROW_PX,
        note="Thin lines are 95 % intervals over replications with common random numbers: chance alone.",
    )
    return frame(figure, words_of, source, Edges(left=max(150, 8 * max(map(len, labels))), right=330, top=10))


def _ends(table: Table, lever: str, quantity: str) -> tuple[float, float, float]:
    row = np.flatnonzero((table["lever"] == lever) & (table["quantity"] == quantity))[0]
    value, low, high = (float(table[name][row]) for name in ("value", "low", "high"))
    return value, low, high


def _bar(figure: go.Figure, ends: tuple[float, float, float], y: float, hue: str, text: str) -> None:
    value, low, high = ends
    known = np.isfinite(low) and np.isfinite(high)
    error = error_bar(value, low, high, theme.MUTED, thickness=1.4, width=4) if known else None
    figure.add_bar(
        x=[value], y=[y], width=BAR, orientation="h", marker={"color": hue}, error_x=error, showlegend=False,
        hovertemplate=f"{text}<extra></extra>",
    )  # fmt: skip
