"""Portfolios: what a budget buys, with its confidence region, and how the money is split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from sim.plots.marks import error_bar
from sim.report import numbers, theme
from sim.report.frame import Edges, Frame, frame
from sim.report.theme import Table

FRONTIER_PX, ROW_PX = 420, 56
MILLION = 1e6
_LOOKS = {
    "equal shares": ("equal shares of the budget", "#e69f00", "square"),
    "one lever": ("all of it for one lever", "#5b6470", "triangle-up"),
    "found": ("portfolio found by the search", theme.OBSERVED, "circle"),
}
_CYCLE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7a4e2d", "#b59f00", "#5b6470")


def budget_frontier(
    table: Table, title: str, outcome: tuple[str, str], heuristic: str, source: str
) -> go.Figure:
    """Return the change of an outcome against the budget: found portfolios and two simple ones.

    Parameters
    ----------
    table : Table
        Columns ``budget_usd`` (rising), ``portfolio`` (``found``, ``equal shares``, ``one lever``: one row of
        each a budget), ``change`` against no lever with ``low`` and ``high``, and ``low_at_once`` and
        ``high_at_once``, which hold at all budgets at once and are shown for the found ones.
    title : str
        What the study says.
    outcome : (str, str)
        Label of the outcome, and its unit with the time that it is counted over.
    heuristic : str
        What the search was, for the footer.
    """
    label, unit = outcome
    figure = go.Figure()
    parts = {kind: {n: v[table["portfolio"] == kind] for n, v in table.items()} for kind in _LOOKS}
    found = parts["found"]
    found.update(low=found["low_at_once"], high=found["high_at_once"])
    texts = {
        kind: [
            numbers.short_estimate(*map(float, ends))
            for ends in zip(part["change"], part["low"], part["high"], strict=True)
        ]
        for kind, part in parts.items()
    }
    x = found["budget_usd"] / MILLION
    if len(x) > 1:
        figure.add_scatter(
            x=np.concatenate([x, x[::-1]]), y=np.concatenate([found["high"], found["low"][::-1]]),
            fill="toself", fillcolor=theme.tint(theme.OBSERVED, 0.18), line={"width": 0}, mode="lines",
            name="95 % region of the found ones (between budgets drawn, not simulated)", hoverinfo="skip",
        )  # fmt: skip
    reach = float(x.max())
    # Side by side, so that one bar does not hide the other.
    for kind, aside in (("equal shares", 0.008), ("one lever", 0.016), ("found", 0.0)):
        _points(figure, x + aside * reach, parts[kind], kind, texts[kind])
    figure.add_hline(y=0, line={"color": theme.INK, "width": 1.5})
    figure.update_xaxes(
        title={"text": "budget, million USD of 2022 a year"}, range=[0, 1.1 * reach], tickformat=",.0f"
    )
    figure.update_yaxes(title={"text": f"change in {label.lower()}, {unit}"})
    described = "; ".join(
        f"{numbers.compact(usd)} million USD: "
        + ", ".join(f"{kind} {texts[kind][i]}" for kind in ("found", "equal shares", "one lever"))
        for i, usd in enumerate(x)
    )
    bars = "All bars hold alone with 95 %."
    if len(x) > 1:
        bars = (
            f"Blue bars and the shaded region hold at all {len(x)} budgets at once with 95 % (Bonferroni), "
            "the other bars each alone with 95 %; between budgets nothing was simulated."
        )
    words = Frame(
        slug="frontier",
        title=title,
        subtitle="Each mark is a set of levers that keeps to the budget, judged on draws that had no part in "
        f"choosing it. {heuristic}",
        unit=f"{unit}; million USD of 2022 a year",
        alt=f"{title}. {described}.",
        plot_px=FRONTIER_PX,
        note="Bars are intervals over replications against no lever with common random numbers: chance "
        f"alone. {bars}",
    )
    return frame(figure, words, source, Edges(left=90, right=40, top=34))


def _points(figure: go.Figure, x: np.ndarray, rows: Table, kind: str, texts: Sequence[str]) -> None:
    name, hue, symbol = _LOOKS[kind]
    value = rows["change"]
    figure.add_scatter(
        x=x, y=value, mode="lines+markers" if kind == "found" else "markers", name=name,
        marker={"size": 12, "color": hue, "symbol": symbol}, line={"width": 2.4, "color": hue},
        error_y=error_bar(value, rows["low"], rows["high"], hue, thickness=1.5, width=4),
        customdata=texts,
        hovertemplate=f"{name}: %{{customdata}}<extra></extra>",
    )  # fmt: skip


def budget_split(table: Table, budgets_usd: Sequence[float], heuristic: str, source: str) -> go.Figure:
    """Return how the found portfolios split their budgets: a bar a budget, a colour a lever.

    Parameters
    ----------
    table : Table
        Columns ``budget_usd``, ``portfolio`` (those that are not ``found`` are not shown), ``lever`` and
        ``cost_usd`` a year.
    budgets_usd : sequence of float
        All budgets, rising; one at which nothing is bought has no row.
    heuristic, source : str
        As in ``budget_frontier``.
    """
    figure = go.Figure()
    labels = [f"{numbers.compact(budget / MILLION)} million" for budget in budgets_usd]
    shares: dict[str, np.ndarray] = {}
    rows = zip(*(table[name] for name in ("portfolio", "budget_usd", "lever", "cost_usd")), strict=True)
    for portfolio, budget, lever, cost in rows:
        if portfolio == "found":
            share = shares.setdefault(str(lever), np.zeros(len(budgets_usd)))
            share[list(budgets_usd).index(budget)] = cost / budget
    unspent = 1.0 - np.sum(list(shares.values()), axis=0) if shares else np.ones(len(labels))
    for i, (name, share) in enumerate(shares.items()):
        _part(figure, labels, share, theme.label(name), _CYCLE[i % len(_CYCLE)])
    # Sizes are rounded down, which leaves a little of every budget.
    if (unspent > 0.01).any():
        _part(figure, labels, np.maximum(0.0, unspent), "Not spent", theme.GRID)
    figure.update_layout(barmode="stack", legend={"traceorder": "normal"})
    figure.update_xaxes(title={"text": "share of the budget"}, range=[0, 1], tickformat=".0%")
    figure.update_yaxes(autorange="reversed", ticks="", showgrid=False)
    described = "; ".join(
        f"{label}: " + ", ".join(f"{theme.label(n)} {s[i]:.0%}" for n, s in shares.items() if s[i] > 0)
        for i, label in enumerate(labels)
    )
    most = sorted((name for name in shares if shares[name][-1] > 0), key=lambda name: -shares[name][-1])[:2]
    split = " and ".join(f"{shares[name][-1]:.0%} to {theme.label(name).lower()}" for name in most)
    words = Frame(
        slug="budget_split",
        title=f"What the search does with {labels[-1]} USD a year: {split or 'nothing is worth it'}",
        subtitle=f"Portfolios that do about as well may look quite different. {heuristic}",
        unit="share of the budget; USD of 2022 a year",
        alt=f"How budgets are split. {described}.",
        plot_px=max(2, len(labels)) * ROW_PX,
    )
    return frame(figure, words, source, Edges(left=120, right=40, top=34))


def _part(figure: go.Figure, labels: list[str], share: np.ndarray, name: str, hue: str) -> None:
    figure.add_bar(
        x=share, y=labels, orientation="h", name=name, marker={"color": hue, "line": {"color": theme.PAPER}},
        text=[f"{value:.0%}" if value >= 0.04 else "" for value in share], textposition="inside",
        insidetextanchor="middle", textangle=0,
        hovertemplate=f"{name}: %{{x:.1%}}<extra></extra>",
    )  # fmt: skip
