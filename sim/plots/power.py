"""When a change would be seen: months that each record needs, and how its power grows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sim.plots.marks import name_rows, write_beside
from sim.report import theme
from sim.report.frame import Edges, Frame, frame
from sim.report.theme import Table

ROW_PX, PANEL_PX, COLUMNS = 44, 210, 4
_ONE_WORLD = (
    "Each world is judged as an agency would: one record, the months after the start against those before "
    "it, by a test at 5 % that knows how much such records vary by chance."
)
_HONEST = "An agency does not know that spread as well, so these months are the fewest that can be hoped for."


def months_needed(
    table: Table, labels: Mapping[str, str], horizon: int, wanted: float, title: str, source: str
) -> go.Figure:
    """Return the months of data that each record needs: a row each, with the range that chance leaves.

    Parameters
    ----------
    table : Table
        Columns ``measure``, ``months_needed``, ``fewest`` and ``most`` (infinite: not within the horizon).
    labels : mapping of str to str
        Words for each measure, in the order of the rows.
    horizon : int
        Months simulated after the start.
    wanted : float
        Power, 0..1.
    title : str
        What the study says.
    """
    figure = go.Figure()
    ends = {
        str(measure): (float(months), float(fewest), float(most))
        for measure, months, fewest, most in zip(
            *(table[name] for name in ("measure", "months_needed", "fewest", "most")), strict=True
        )
    }
    described = [_needed(*ends[measure], horizon) for measure in labels]
    for i, (measure, label) in enumerate(labels.items()):
        months, fewest, most = ends[measure]
        hue = theme.OBSERVED if np.isfinite(months) else theme.LOST
        if np.isfinite(fewest):
            figure.add_scatter(
                x=[fewest, min(most, horizon + 1)], y=[i, i], mode="lines", showlegend=False,
                line={"width": 8, "color": theme.tint(hue, 0.3)}, hoverinfo="skip",
            )  # fmt: skip
        figure.add_scatter(
            x=[min(months, horizon + 1)], y=[i], mode="markers", showlegend=False,
            marker={"size": 14, "color": hue, "symbol": "circle" if np.isfinite(months) else "x"},
            hovertemplate=f"{label}: {described[i]}<extra></extra>",
        )  # fmt: skip
        write_beside(figure, described[i], i, font=None)
    figure.add_vline(x=horizon + 0.5, line={"color": theme.RULE, "width": 1.5, "dash": "dot"})
    name_rows(figure, list(labels.values()))
    ticks = list(range(0, horizon + 1, max(1, horizon // 12)))
    figure.update_xaxes(
        title={"text": f"months after the start until the change is seen with {wanted:.0%} power"},
        range=[0, horizon + 1.5], tickvals=[*ticks, horizon + 1], ticktext=[*map(str, ticks), "later"],
    )  # fmt: skip
    words = Frame(
        slug="months_needed",
        title=title,
        subtitle=f"{_ONE_WORLD} Pale bars: what chance leaves open; right of the dotted line: later than "
        f"{horizon} months, or never.",
        unit="months",
        alt=f"{title}. " + "; ".join(map(": ".join, zip(labels.values(), described, strict=True))) + ".",
        plot_px=max(3, len(labels)) * ROW_PX,
        note=_HONEST,
    )
    left = max(150, 8 * max(map(len, labels.values())))
    return frame(figure, words, source, Edges(left=left, right=320, top=10))


def _needed(months: float, fewest: float, most: float, horizon: int) -> str:
    if not np.isfinite(months):
        earliest = f" [month {fewest:.0f} at the earliest]" if np.isfinite(fewest) else ""
        return f"not within {horizon} months{earliest}"
    last = f"{most:.0f}" if np.isfinite(most) else f"more than {horizon}"
    return f"{months:.0f} month{'s' if months > 1 else ''} [{fewest:.0f} to {last}]"


def power_curves(table: Table, labels: Mapping[str, str], wanted: float, source: str) -> go.Figure:
    """Return the power against the months of data, a panel a record.

    Parameters
    ----------
    table : Table
        Columns ``measure``, ``months`` (1, 2, 3 ... of each measure), ``power`` with ``low`` and ``high``,
        and ``false_alarms``, the share of worlds without levers in which a change is seen.
    labels : mapping of str to str
        Words for each measure, in the order of the panels.
    wanted : float
        Power that is asked for, 0..1.
    """
    rows = -(-len(labels) // COLUMNS)
    columns = min(COLUMNS, len(labels))
    figure = make_subplots(
        rows, columns, shared_xaxes="all", shared_yaxes="all", subplot_titles=list(labels.values()),
        horizontal_spacing=0.03, vertical_spacing=0.22 / rows,
    )  # fmt: skip
    horizon, false_alarms, described = int(table["months"].max()), float(table["false_alarms"].mean()), []
    for i, (measure, label) in enumerate(labels.items()):
        mine = table["measure"] == measure
        months, power, low, high = (table[name][mine] for name in ("months", "power", "low", "high"))
        where = {"row": i // COLUMNS + 1, "col": i % COLUMNS + 1}
        figure.add_scatter(
            x=np.concatenate([months, months[::-1]]), y=np.concatenate([high, low[::-1]]), fill="toself",
            fillcolor=theme.tint(theme.OBSERVED, 0.2), line={"width": 0}, mode="lines", hoverinfo="skip",
            **where,
        )  # fmt: skip
        figure.add_scatter(
            x=months, y=power, mode="lines", line={"width": 2.6, "color": theme.OBSERVED},
            hovertemplate=f"{label}, %{{x}} months: %{{y:.0%}}<extra></extra>", **where,
        )  # fmt: skip
        figure.add_hline(y=wanted, line={"color": theme.INK, "width": 1.2, "dash": "dash"}, **where)
        figure.add_hline(y=0.05, line={"color": theme.MUTED, "width": 1.2, "dash": "dot"}, **where)
        described.append(f"{label} {power[-1]:.0%}")
    figure.update_xaxes(range=[1, horizon], dtick=max(1, horizon // 6), showticklabels=True)
    figure.update_xaxes(title={"text": "months of data after the start"}, row=rows)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    figure.update_annotations(font={"size": 13})
    figure.update_layout(showlegend=False)
    words = Frame(
        slug="power",
        title="How the chance to see the change grows with the months of data, record by record",
        subtitle=f"Upright: share of worlds in which the change is seen. {_ONE_WORLD} Dashed: the "
        f"{wanted:.0%} asked for. Dotted: the 5 % that the test sees where nothing changed (here "
        f"{false_alarms:.1%}).",
        unit="share of worlds; months",
        alt=f"Power after {horizon} months: {'; '.join(described)}. False alarms {false_alarms:.1%}.",
        plot_px=rows * PANEL_PX,
        note="Bands are 95 % intervals over replications, each alone (pairs of worlds resampled, at least "
        f"Wilson's). {_HONEST}",
    )
    return frame(figure, words, source, Edges(left=60, right=30, top=30))
