"""Effects of scenarios: on what is delivered by adversary, and beside what is seen of it."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from sim.plots.marks import error_bar, name_rows, write_beside
from sim.report import numbers, theme
from sim.report import scenarios as look
from sim.report.frame import Edges, Frame, frame
from sim.report.theme import Table
from sim.report.verdicts import LESS, MORE

ROW_PX, SQUARE_PX = 42, 520
SIGN_PX = 5.6
"""A sign of the text beside a row, tags of its bold words counted in."""
COLOUR_OF = {LESS: theme.OBSERVED, MORE: theme.LATENT}
"""Of a verdict that names a side; any other is grey."""
ADVERSARIES = {
    "none": "routes frozen",
    "logit": "adapts by experience",
    "salience": "adapts to what stands out",
    "bandit": "learns from own losses",
    "worst_case": "knows everything",
}
MARKS = dict(zip(ADVERSARIES, ("circle", "diamond", "square", "triangle-up", "x"), strict=True))
_INTERVALS = "Bars are 95 % intervals over pairs of runs with common random numbers: chance alone."
_SETS = " Pale bars are 95 % ranges over parameter sets that all fit the record."


def adversary_words(name: str) -> str:
    """Return a policy in words, with its name."""
    return f"{ADVERSARIES[name]} ({name})" if name in ADVERSARIES else name


def delivered_by_adversary(rows: Table, title: str, source: str, window: str = "a year") -> go.Figure:
    """Return the change in what is delivered: a row a scenario and adversary.

    Parameters
    ----------
    rows : Table
        Columns ``scenario``, ``adversary``, ``change``, ``low``, ``high`` (pure kg in the window),
        ``percent`` (of the baseline), ``verdict`` (``more``, ``less`` or what stands for neither), and
        ``parameter_low`` and ``parameter_high`` (NaN without parameter sets), rows of a scenario together.
    window : str
        What is counted over, in words.
    """
    scenarios = list(dict.fromkeys(rows["scenario"]))
    figure = go.Figure()
    labels = _labels(rows)
    for scenario in scenarios:
        _band(figure, rows, scenario)
    texts = [_text(rows, i) for i in range(len(labels))]
    for i, text in enumerate(texts):
        _whisker(figure, rows, i, text)
        write_beside(figure, text, i)
    figure.add_vline(x=0, line={"color": theme.INK, "width": 1.5})
    name_rows(figure, labels)
    figure.update_xaxes(
        title={"text": f"change in fentanyl delivered, pure kg {window}: left of zero is less"}
    )
    described = "; ".join(f"{name} {words}" for name, words in zip(labels, texts, strict=True))
    right = max(280, round(SIGN_PX * max(map(len, texts))) + 24)
    words_of = Frame(
        slug="effect_by_adversary",
        title=title,
        subtitle=_subtitle(rows),
        unit=f"kilograms pure, {window}",
        alt=f"Change in fentanyl delivered by adversary. {described}.",
        plot_px=max(3, len(labels)) * ROW_PX,
        note=_INTERVALS + _SETS * bool(np.isfinite(rows["parameter_low"]).any()),
    )
    return frame(
        figure, words_of, source, Edges(left=max(230, 8 * max(map(len, labels))), right=right, top=10)
    )


def _labels(rows: Table) -> list[str]:
    """Return what tells the rows apart: scenario, adversary or both."""
    if len(set(rows["scenario"])) == 1:
        return [adversary_words(a) for a in rows["adversary"]]
    if len(set(rows["adversary"])) == 1:
        return [theme.label(s) for s in rows["scenario"]]
    return [
        f"{theme.label(s)}: {adversary_words(a)}"
        for s, a in zip(rows["scenario"], rows["adversary"], strict=True)
    ]


def _subtitle(rows: Table) -> str:
    if len(set(rows["adversary"])) == 1:
        only = adversary_words(str(rows["adversary"][0]))
        return f"All with one way in which traffickers may choose routes, {only}; another may change this."
    return (
        "Each row is one way in which traffickers may choose routes; nobody knows which is right, "
        "so the shaded range over the rows is part of the answer."
    )


def _band(figure: go.Figure, rows: Table, scenario: str) -> None:
    """Shade the range of the means over the panel."""
    at = np.flatnonzero(rows["scenario"] == scenario)
    if len(at) < 2:
        return
    low, high = float(rows["change"][at].min()), float(rows["change"][at].max())
    figure.add_shape(
        type="rect", x0=low, x1=high, y0=at[0] - 0.42, y1=at[-1] + 0.42, layer="below",
        fillcolor=theme.GRID, line={"width": 0},
    )  # fmt: skip


def _whisker(figure: go.Figure, rows: Table, i: int, text: str) -> None:
    hue = COLOUR_OF.get(str(rows["verdict"][i]), theme.MUTED)
    if np.isfinite(rows["parameter_low"][i]):
        figure.add_scatter(
            x=[rows["parameter_low"][i], rows["parameter_high"][i]],
            y=[i, i],
            mode="lines",
            line={"width": 9, "color": theme.tint(hue, 0.25)},
            showlegend=False,
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[rows["change"][i]],
        y=[i],
        mode="markers",
        marker={"size": 12, "color": hue},
        error_x=_bar(rows, i, "", hue),
        showlegend=False,
        hovertemplate=f"{text}<extra></extra>",
    )


def _bar(rows: Table, i: int, prefix: str, hue: str) -> dict[str, object]:
    value, low, high = (
        float(rows[prefix + name][i])
        for name in (("change", "low", "high") if not prefix else ("", "_low", "_high"))
    )
    return error_bar(value, low, high, hue)


def _text(rows: Table, i: int) -> str:
    span = f"{numbers.short(float(rows['low'][i]))} to {numbers.short(float(rows['high'][i]))}"
    value = numbers.short_signed(float(rows["change"][i]))
    share = float(rows["percent"][i])
    percent = "0.0 %" if abs(share) < 0.05 else f"{share:+.1f} %"
    return f"<b>{rows['verdict'][i]}</b>  {value} kg [{span}], {percent}"


def seized_against_delivered(rows: Table, title: str, source: str) -> go.Figure:
    """Return the change in what agencies record as seized against the change in what is delivered.

    Parameters
    ----------
    rows : Table
        Columns ``scenario``, ``adversary``, and ``delivered`` and ``seized`` with ``_low`` and ``_high``, all
        in percent of the baseline.
    """
    figure = go.Figure()
    x_reach, y_reach = (_reach(rows, name) for name in ("delivered", "seized"))
    _quadrants(figure, x_reach, y_reach)
    worn, labels = look.looks(map(str, rows["scenario"])), _labels(rows)
    one_adversary = len(set(rows["adversary"])) == 1
    for i, words in enumerate(labels):
        hue, mark = worn[str(rows["scenario"][i])]
        figure.add_scatter(
            x=[rows["delivered"][i]],
            y=[rows["seized"][i]],
            mode="markers",
            name=words,
            marker={
                "size": 13,
                "color": hue,
                "symbol": mark if one_adversary else MARKS.get(str(rows["adversary"][i]), "circle"),
                "line": {"color": theme.PAPER, "width": 1},
            },
            error_x=_bar(rows, i, "delivered", hue),
            error_y=_bar(rows, i, "seized", hue),
            hovertemplate=f"{words}<br>delivered %{{x:+.1f}} %, seizures %{{y:+.1f}} %<extra></extra>",
        )
    figure.add_vline(x=0, line={"color": theme.INK, "width": 1.5})
    figure.add_hline(y=0, line={"color": theme.INK, "width": 1.5})
    below = "change in fentanyl delivered, % of baseline (latent: nobody sees it)"
    figure.update_xaxes(title={"text": below}, range=[-x_reach, x_reach], ticksuffix=" %")
    beside = "change in seizure events, % of baseline (observed: agencies report it)"
    figure.update_yaxes(title={"text": beside}, range=[-y_reach, y_reach], ticksuffix=" %")
    figure.update_layout(legend={"orientation": "v", "x": 1.02, "y": 1, "yanchor": "top", "xanchor": "left"})
    columns = (rows[name] for name in ("scenario", "adversary", "delivered", "seized"))
    described = "; ".join(
        f"{theme.label(str(s))}, {a}: delivered {x:+.1f} %, seizures {y:+.1f} %"
        for s, a, x, y in zip(*columns, strict=True)
    )
    words_of = Frame(
        slug="seized_against_delivered",
        title=title,
        subtitle="Right of the upright line more reaches the market, above the level line more is seized. In "
        "the shaded corners the count of seizures points the wrong way.",
        unit="percent of the baseline",
        alt=f"Change in seizures against change in what is delivered. {described}.",
        plot_px=SQUARE_PX,
        note=_INTERVALS,
    )
    return frame(figure, words_of, source, Edges(left=90, right=400, top=10))


def _reach(rows: Table, name: str) -> float:
    ends = np.concatenate([rows[name + part] for part in ("", "_low", "_high")])
    return 1.25 * max(1.0, float(np.nanmax(np.abs(ends[np.isfinite(ends)]), initial=0.0)))


def _quadrants(figure: go.Figure, x: float, y: float) -> None:
    for right, up, words in (
        (1, 1, "<b>MISLEADING</b><br>more seized, more delivered"),
        (-1, 1, "as it looks<br>more seized, less delivered"),
        (-1, -1, "<b>MISLEADING</b><br>less seized, less delivered"),
        (1, -1, "as it looks<br>less seized, more delivered"),
    ):
        if right == up:
            figure.add_shape(
                type="rect", x0=0, x1=right * x, y0=0, y1=up * y, layer="below", line={"width": 0},
                fillcolor=theme.tint(theme.LATENT, 0.08),
            )  # fmt: skip
        figure.add_annotation(
            text=words, x=0.97 * right * x, y=0.97 * up * y, showarrow=False, font={"color": theme.MUTED},
            xanchor="right" if right > 0 else "left", yanchor="top" if up > 0 else "bottom",
            align="right" if right > 0 else "left",
        )  # fmt: skip
