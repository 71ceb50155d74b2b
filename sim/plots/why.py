"""Why two runs differ: pure kilograms delivered more or less, by the mechanism that flipped a fate."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import plotly.graph_objects as go

from sim.report import numbers, theme
from sim.report.frame import Edges, Frame, frame
from sim.report.theme import Table

BAR_PX = 34
LESS, MORE = theme.OBSERVED, theme.LATENT


def why(
    rows: Table, total: tuple[float, float, float], names: Sequence[str], source: str, window: str
) -> go.Figure:
    """Return the figure.

    Parameters
    ----------
    rows : Table
        Columns ``mechanism`` (words), ``kg``, ``low`` and ``high`` (pure kg delivered in the second run
        less the first, a replication, with its 95 % interval) and ``loads``, largest effect first.
    total : tuple of float
        The whole difference in pure kg a replication, and the ends of its 95 % interval (NaN for one pair).
    names : sequence of str
        The two scenarios.
    source : str
        Where the figures come from, for the footer.
    window : str
        What kilograms and loads are counted over, such as ``a year``.
    """
    kg, labels = rows["kg"], list(rows["mechanism"])
    texts = [
        f"{numbers.short_signed(value)} kg{_span(low, high)}, {numbers.compact(loads)} loads"
        for value, low, high, loads in zip(
            *(rows[name].tolist() for name in ("kg", "low", "high", "loads")), strict=True
        )
    ]
    figure = go.Figure()
    figure.add_bar(
        y=labels, x=kg, orientation="h", customdata=texts, hovertemplate="%{y}: %{customdata}<extra></extra>",
        marker={"color": [MORE if value > 0 else LESS for value in kg]},
        error_x={
            "type": "data", "symmetric": False, "array": rows["high"] - kg, "arrayminus": kg - rows["low"],
            "color": theme.INK, "thickness": 1.2, "width": 4,
        },
    )  # fmt: skip
    for word, text in zip(labels, texts, strict=True):
        figure.add_annotation(
            text=text, x=1.01, xref="paper", xanchor="left", y=word, showarrow=False, font={"size": 12}
        )
    figure.add_vline(x=0, line={"color": theme.INK, "width": 1})
    figure.update_yaxes(autorange="reversed", ticks="")
    figure.update_xaxes(title={"text": f"pure kg delivered {window}, second run less first"})
    whole = f"{numbers.short(total[0])} kg{_span(*total[1:]) or ', one pair only: no interval'}"
    words_of = Frame(
        slug="why",
        title=_title(total, names, window),
        subtitle="Each bar sums loads whose fate differs between two runs on the same draws, by what "
        "became of them. Loads that changed route class: their outcome, not the effect of moving. "
        f"All bars together: {whole}.",
        unit=f"kilograms pure {window}, mean of pairs of runs",
        alt=f"Difference in delivered fentanyl {window} by mechanism, in all {whole}. "
        f"{'; '.join(map(_told, labels, texts))}.",
        plot_px=max(3, len(labels)) * BAR_PX,
        note="Bars carry 95 % intervals over paired replications: chance alone.",
    )
    return frame(figure, words_of, source, Edges(left=330, right=270))


def _title(total: tuple[float, float, float], names: Sequence[str], window: str) -> str:
    """Return the whole difference in words; "cannot tell" when its interval holds zero."""
    who, other = theme.label(names[1]), theme.label(names[0]).lower()
    mean, low, high = total
    if low <= 0.0 <= high:
        return f"{who}: cannot tell whether more or less is delivered than in {other}"
    direction = f"{numbers.compact(abs(mean))} kg {'more' if mean > 0 else 'less'} {window}"
    if not isfinite(low):
        return f"{who} delivers {direction} than {other} in one pair of runs, which tells no interval"
    return f"{who} delivers {direction} than {other}: what flipped"


def _span(low: float, high: float) -> str:
    return f" [{numbers.short(low)} to {numbers.short(high)}]" if isfinite(low) else ""


def _told(word: str, text: str) -> str:
    return f"{word} {text}"
