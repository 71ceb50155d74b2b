"""Tornado: how far each assumed number moves an outcome, largest first."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go

from sim.plots.marks import write_beside
from sim.report import numbers, theme
from sim.report.frame import Edges, Frame, frame
from sim.report.theme import Table, in_sentence, number_words
from sim.report.verdicts import CHANCE_UNKNOWN, MATTERS

ROW_PX, LEGEND_PX, SHOWN = 30, 28, 15
ONE_WAY = 0.9
"""Share of the absolute effect that must point one way before a bar wears a direction."""
RAISES, LOWERS, MIXED, STILL = "raises it", "lowers it", "either way", "does not move it"
HUES = {RAISES: theme.LATENT, LOWERS: theme.OBSERVED, MIXED: theme.MUTED, STILL: theme.LOST}


def tornado(
    rows: Table, title: str, answer: tuple[str, str], margin: float, source: str, slug: str = "screen"
) -> go.Figure:
    """Return the figure of one outcome.

    Parameters
    ----------
    rows : Table
        Columns ``path``, ``mu``, ``mu_star``, ``half``, ``noise`` (unit of the outcome) and ``verdict``,
        largest first.
    title : str
        How many numbers matter.
    answer : (str, str)
        The outcome in words, and its unit with the time that it is counted over.
    margin : float
        Smallest difference that matters.
    slug : str
        Short name of the figure.
    """
    top = {name: column[:SHOWN] for name, column in rows.items()}
    names = [number_words(str(path)) for path in top["path"]]
    ways = [_way(mu, star) for mu, star in zip(top["mu"], top["mu_star"], strict=True)]
    figure = go.Figure()
    for way, hue in HUES.items():
        at = [i for i, one in enumerate(ways) if one == way]
        if not at:
            continue
        figure.add_bar(
            y=[names[i] for i in at], x=[top["mu_star"][i] for i in at], orientation="h", name=way,
            marker={"color": [hue if top["verdict"][i] == MATTERS else theme.tint(hue, 0.35) for i in at]},
            error_x={"type": "data", "array": [top["half"][i] for i in at], "color": theme.INK,
                     "thickness": 1.2, "width": 4},
            hovertemplate="%{y}: %{x:,.3g}<extra></extra>",
        )  # fmt: skip
    if np.isfinite(top["noise"]).all():
        figure.add_scatter(
            y=names, x=top["noise"], mode="markers", name="chance alone would give this",
            marker={"symbol": "line-ns-open", "size": 16, "color": theme.INK, "line": {"width": 2}},
            hovertemplate="chance alone: %{x:,.3g}<extra></extra>",
        )  # fmt: skip
    figure.add_vline(x=margin, line={"color": theme.MUTED, "width": 1.5, "dash": "dash"})
    figure.add_scatter(
        x=[None], y=[None], mode="lines", name="smallest difference that matters",
        line={"color": theme.MUTED, "width": 1.5, "dash": "dash"},
    )  # fmt: skip
    for name, way, star, verdict in zip(names, ways, top["mu_star"], top["verdict"], strict=True):
        write_beside(figure, f"{numbers.compact(float(star))}, {way}: <b>{verdict}</b>", name)
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1], ticks="", showgrid=False)
    what = f"{in_sentence(answer[0])}, {answer[1]}"
    figure.update_xaxes(title={"text": f"mean size of the effect over the whole range: {what}"})
    figure.update_layout(barmode="overlay", bargap=0.3)
    described = "; ".join(
        f"{name} {numbers.compact(float(star))}, {way}, {verdict}"
        for name, way, star, verdict in zip(names, ways, top["mu_star"], top["verdict"], strict=True)
    )
    total = len(rows["path"])
    cut = f" The {SHOWN} largest are shown." if total > SHOWN else ""
    words = Frame(
        slug=slug,
        title=title,
        subtitle="Each bar is how far the outcome moves, on average over the space of assumptions, when one "
        f"number crosses the whole of its range. Pale bars are not told from small ones or from chance.{cut}",
        unit=answer[1],
        alt=f"Effects of assumed numbers on {what}. {described}.",
        plot_px=max(4, min(total, SHOWN)) * ROW_PX,
        note="Bars carry Student's 95 % intervals over trajectories of Morris."
        + ("" if np.isfinite(rows["noise"]).all() else f" {CHANCE_UNKNOWN}"),
    )
    top_px = LEGEND_PX * math.ceil(len(figure.data) / 2)
    return frame(figure, words, source, Edges(left=360, right=290, top=top_px))


def _way(mu: float, star: float) -> str:
    if star == 0:
        return STILL
    if abs(mu) < ONE_WAY * star:
        return MIXED
    return RAISES if mu > 0 else LOWERS
