"""Why two runs differ: pure kilograms delivered more or less, by the mechanism that flipped a fate."""

from __future__ import annotations

import plotly.graph_objects as go

from sim.plots.marks import error_bar, write_beside
from sim.report import numbers, theme
from sim.report.frame import Edges, Frame, frame
from sim.report.theme import Table
from sim.report.verdicts import LESS, MORE

BAR_PX = 34
ALL = "all"
HUES = {LESS: theme.OBSERVED, MORE: theme.LATENT}
"""Of a verdict that names a side; any other is grey."""


def why(rows: Table, title: str, source: str, window: str) -> go.Figure:
    """Return the figure.

    Parameters
    ----------
    rows : Table
        Columns ``mechanism``, ``meaning`` (in words), ``kg``, ``low`` and ``high`` (pure kg delivered in the
        second run less the first, with its 95 % interval; NaN ends for one pair), ``verdict`` and ``loads``,
        largest effect first; the mechanism ``all`` is their sum.
    window : str
        What kilograms and loads are counted over, such as ``a year``.
    """
    summed = rows["mechanism"] == ALL
    parts, whole = ({name: column[at] for name, column in rows.items()} for at in (~summed, summed))
    kg, labels = parts["kg"], list(parts["meaning"])
    texts = [
        f"{numbers.short_signed(value)} kg{_span(low, high)}, {numbers.compact(loads)} loads"
        for value, low, high, loads in zip(
            *(parts[name].tolist() for name in ("kg", "low", "high", "loads")), strict=True
        )
    ]
    figure = go.Figure()
    figure.add_bar(
        y=labels, x=kg, orientation="h", customdata=texts, hovertemplate="%{y}: %{customdata}<extra></extra>",
        marker={"color": [HUES.get(str(one), theme.MUTED) for one in parts["verdict"]]},
        error_x=error_bar(kg, parts["low"], parts["high"], theme.INK, thickness=1.2, width=4),
    )  # fmt: skip
    for word, text in zip(labels, texts, strict=True):
        write_beside(figure, text, word)
    figure.add_vline(x=0, line={"color": theme.INK, "width": 1})
    figure.update_yaxes(autorange="reversed", ticks="")
    figure.update_xaxes(title={"text": f"pure kg delivered {window}, second run less first"})
    value, low, high = (float(whole[name][0]) for name in ("kg", "low", "high"))
    total = f"{numbers.short(value)} kg{_span(low, high) or ', one pair only: no interval'}"
    words_of = Frame(
        slug="why",
        title=title,
        subtitle="Each bar sums loads whose fate differs between two runs with common random numbers, by "
        "what became of them; grey ones cannot tell. Loads that changed route class: their outcome, not the "
        f"effect of moving. All bars together: {total}.",
        unit=f"kilograms pure {window}, mean of pairs of runs",
        alt=f"Difference in delivered fentanyl {window} by mechanism, in all {total}. "
        f"{'; '.join(map(' '.join, zip(labels, texts, strict=True)))}.",
        plot_px=max(3, len(labels)) * BAR_PX,
        note="Bars carry 95 % intervals over paired replications: chance alone.",
    )
    return frame(figure, words_of, source, Edges(left=330, right=270))


def _span(low: float, high: float) -> str:
    span = numbers.short_span(low, high)
    return f" {span}" if span else ""
