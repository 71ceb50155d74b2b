"""Where the flow goes instead: what each place delivers with routes frozen, and with routes that adapt."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from sim.plots.effects import adversary_words
from sim.plots.marks import error_bar
from sim.report import theme
from sim.report.frame import Edges, Frame, frame
from sim.report.theme import Table

ROW_PX = 30
ALL = "all"


def displacement_flow(rows: Table, title: str, source: str, window: str = "a year") -> go.Figure:
    """Return one row a place: from the direct change to the change after adaptation.

    Parameters
    ----------
    rows : Table
        Columns ``scenario``, ``adversary``, ``place``, ``direct_kg``, ``moved_kg``, ``low`` and ``high``
        (95 % interval of ``moved_kg``), pure kg in the window; ``all`` is the place of the sum over places.
    window : str
        What is counted over, in words.
    """
    figure, ticks, heads = go.Figure(), [], []
    at = 0.0
    for scenario, adversary in dict.fromkeys(zip(rows["scenario"], rows["adversary"], strict=True)):
        heads.append((at, f"<b>{theme.label(scenario)}</b>, {adversary_words(adversary)}"))
        for place, row in _group(rows, scenario, adversary):
            at += 1.0
            _arrow(figure, at, theme.colour(place), row)
            ticks.append((at, f"<b>{theme.label(place)}</b>" if place == ALL else theme.label(place)))
        at += 1.4
    for y, words in heads:
        figure.add_annotation(
            text=words, x=0, xref="paper", y=y, xanchor="left", showarrow=False, font={"size": 13}
        )
    figure.add_vline(x=0, line={"color": theme.INK, "width": 1.5})
    for name, marker in (
        ("routes frozen: direct effect", {"color": theme.PAPER, "line": {"color": theme.MUTED, "width": 2}}),
        ("routes adapt; bar: 95 % interval of what adapting adds", {"color": theme.MUTED}),
    ):
        figure.add_scatter(x=[None], y=[None], mode="markers", name=name, marker={"size": 11, **marker})
    figure.update_yaxes(
        tickvals=[y for y, _ in ticks], ticktext=[words for _, words in ticks], range=[at - 0.9, -0.6],
        ticks="", showgrid=False,
    )  # fmt: skip
    figure.update_xaxes(
        title={"text": f"change in fentanyl delivered, pure kg {window}: left of zero is less"}
    )
    columns = (rows[name] for name in ("scenario", "adversary", "place", "direct_kg", "moved_kg"))
    described = "; ".join(
        f"{theme.label(str(s))}, {a}, {theme.label(str(p))}: {d:+.0f} kg frozen, {d + m:+.0f} kg adapting"
        for s, a, p, d, m in zip(*columns, strict=True)
    )
    words_of = Frame(
        slug="displacement_flow",
        title=title,
        subtitle="Open circles: traffickers keep their routes. Full circles: they have adapted. An arrow to "
        "the right is flow that comes to a place.",
        unit=f"kilograms pure, {window}",
        alt=f"Change in what is delivered by place, routes frozen and adapting. {described}.",
        plot_px=max(6, round(at)) * ROW_PX,
        note="Intervals over pairs of runs with common random numbers: chance alone.",
    )
    return frame(figure, words_of, source, Edges(left=130, top=34))


def _group(rows: Table, scenario: str, adversary: str) -> list[tuple[str, list[float]]]:
    """Return the places of one scenario and adversary in the one order, their sum last."""
    mine = (rows["scenario"] == scenario) & (rows["adversary"] == adversary)
    columns = np.stack([rows[name][mine] for name in ("direct_kg", "moved_kg", "low", "high")], axis=1)
    by_place = {
        str(place): list(map(float, row)) for place, row in zip(rows["place"][mine], columns, strict=True)
    }
    return [(p, by_place[p]) for p in sorted(theme.ordered(by_place), key=lambda place: place == ALL)]


def _arrow(figure: go.Figure, y: float, hue: str, row: list[float]) -> None:
    direct, moved, low, high = row
    total = direct + moved
    figure.add_annotation(
        x=total, y=y, ax=direct, ay=y, xref="x", yref="y", axref="x", ayref="y", text="", showarrow=True,
        arrowhead=2, arrowwidth=2, arrowcolor=theme.tint(hue, 0.55), standoff=6, startstandoff=5,
    )  # fmt: skip
    figure.add_scatter(
        x=[direct], y=[y], mode="markers", showlegend=False,
        hovertemplate="routes frozen %{x:+.0f} kg<extra></extra>",
        marker={"size": 11, "color": theme.PAPER, "line": {"color": hue, "width": 2}},
    )  # fmt: skip
    bar = error_bar(moved, low, high, hue, thickness=1.4, width=4)
    figure.add_scatter(
        x=[total], y=[y], mode="markers", showlegend=False, marker={"size": 11, "color": hue},
        error_x=bar, hovertemplate="routes adapt %{x:+.0f} kg<extra></extra>",
    )  # fmt: skip
