"""Why two runs differ: pure kilograms delivered more or less, by the mechanism that flipped a fate."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import plotly.graph_objects as go

from sim.plots import theme
from sim.plots.frame import Edges, Frame, frame
from sim.plots.theme import Table

BAR_PX = 34
LESS, MORE = theme.OBSERVED, theme.LATENT


def why(rows: Table, names: Sequence[str], source: str) -> go.Figure:
    """Return the figure.

    Parameters
    ----------
    rows : Table
        Columns ``mechanism`` (words), ``kg``, ``low`` and ``high`` (pure kg delivered in the second run
        less the first, a replication, with its 95 % interval) and ``loads``, largest effect first.
    names : sequence of str
        The two scenarios.
    source : str
        Where the figures come from, for the footer.
    """
    kg, words = rows["kg"], list(rows["mechanism"])
    texts = [
        f"{theme.short(float(value))} kg{_span(float(low), float(high))}, {theme.compact(float(loads))} loads"
        for value, low, high, loads in zip(kg, rows["low"], rows["high"], rows["loads"], strict=True)
    ]
    figure = go.Figure()
    figure.add_bar(
        y=words,
        x=kg,
        orientation="h",
        marker={"color": [MORE if value > 0 else LESS for value in kg]},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": rows["high"] - kg,
            "arrayminus": kg - rows["low"],
            "color": theme.INK,
            "thickness": 1.2,
            "width": 4,
        },
        customdata=texts,
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    for word, text in zip(words, texts, strict=True):
        figure.add_annotation(
            text=text, x=1.01, xref="paper", xanchor="left", y=word, showarrow=False, font={"size": 12}
        )
    figure.add_vline(x=0, line={"color": theme.INK, "width": 1})
    figure.update_yaxes(autorange="reversed", ticks="")
    figure.update_xaxes(title={"text": "pure kg delivered, second run less first"})
    total = float(kg.sum())
    direction = "more" if total > 0 else "less"
    words_of = Frame(
        slug="why",
        title=f"{theme.label(names[1])} delivers {theme.compact(abs(total))} kg {direction} than "
        f"{theme.label(names[0]).lower()}: what flipped",
        subtitle="Each bar sums the loads whose fate differs between two runs on the same draws, by the "
        "mechanism that made the difference. The bars add up to the whole difference.",
        unit="kilograms pure, a replication",
        alt=f"Difference in delivered fentanyl by mechanism. {'; '.join(map(_told, words, texts))}.",
        plot_px=max(3, len(words)) * BAR_PX,
        note="Bars carry 95 % intervals over paired replications: chance alone.",
    )
    return frame(figure, words_of, source, Edges(left=330, right=270))


def _span(low: float, high: float) -> str:
    return f" [{theme.short(low)} to {theme.short(high)}]" if isfinite(low) else ""


def _told(word: str, text: str) -> str:
    return f"{word} {text}"
