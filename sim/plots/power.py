"""When a change would be seen: months that each record needs, and how its power grows."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from sim.report import theme
from sim.report.frame import Edges, Frame, frame
from sim.report.theme import Table

ROW_PX, PANEL_PX, COLUMNS = 44, 210, 4
_ONE_WORLD = (
    "Each world is judged as an agency would: one record, the months after the start against those before "
    "it, by a test at 5 % that knows how much such records vary by chance."
)
_HONEST = "An agency does not know that spread as well, so these months are the fewest that can be hoped for."


def months_needed(rows: Table, horizon: int, wanted: float, title: str, source: str) -> go.Figure:
    """Return the months of data that each record needs: a row each, with the range that chance leaves.

    Parameters
    ----------
    rows : Table
        Columns ``label``, ``months``, ``fewest`` and ``most`` (infinite: not within the horizon).
    horizon : int
        Months simulated after the start.
    wanted : float
        Power, 0..1.
    title : str
        What the study says.
    source : str
        Where the figures come from, for the footer.
    """
    figure = go.Figure()
    for i in range(len(rows["label"])):
        months, fewest, most = (float(rows[name][i]) for name in ("months", "fewest", "most"))
        hue = theme.OBSERVED if np.isfinite(months) else theme.LOST
        if np.isfinite(fewest):
            figure.add_scatter(
                x=[fewest, min(most, horizon + 1)], y=[i, i], mode="lines", showlegend=False,
                line={"width": 8, "color": theme.tint(hue, 0.3)}, hoverinfo="skip",
            )  # fmt: skip
        figure.add_scatter(
            x=[min(months, horizon + 1)], y=[i], mode="markers", showlegend=False,
            marker={"size": 14, "color": hue, "symbol": "circle" if np.isfinite(months) else "x"},
            hovertemplate=f"{rows['label'][i]}: {_said(rows, i, horizon)}<extra></extra>",
        )  # fmt: skip
        figure.add_annotation(
            text=_said(rows, i, horizon), x=1.01, xref="paper", xanchor="left", y=i, showarrow=False
        )
    labels = [str(name) for name in rows["label"]]
    figure.add_vline(x=horizon + 0.5, line={"color": theme.RULE, "width": 1.5, "dash": "dot"})
    figure.update_yaxes(
        tickvals=list(range(len(labels))), ticktext=labels, range=[len(labels) - 0.4, -0.6], ticks="",
        showgrid=False,
    )  # fmt: skip
    ticks = list(range(0, horizon + 1, max(1, horizon // 12)))
    figure.update_xaxes(
        title={"text": f"months after the start until the change is seen with {wanted:.0%} power"},
        range=[0, horizon + 2], tickvals=[*ticks, horizon + 1], ticktext=[*map(str, ticks), "later"],
    )  # fmt: skip
    words = Frame(
        slug="months_needed",
        title=title,
        subtitle=f"{_ONE_WORLD} Pale bars: what chance leaves open; right of the dotted line: later than "
        f"{horizon} months, or never.",
        unit="months",
        alt=f"{title}. " + "; ".join(f"{n}: {_said(rows, i, horizon)}" for i, n in enumerate(labels)) + ".",
        plot_px=max(3, len(labels)) * ROW_PX,
        note=_HONEST,
    )
    return frame(figure, words, source, Edges(left=max(150, 8 * max(map(len, labels))), right=250, top=10))


def _said(rows: Table, i: int, horizon: int) -> str:
    months, fewest, most = (float(rows[name][i]) for name in ("months", "fewest", "most"))
    if not np.isfinite(months):
        earliest = f" [month {fewest:.0f} at the earliest]" if np.isfinite(fewest) else ""
        return f"not within {horizon} months{earliest}"
    last = f"{most:.0f}" if np.isfinite(most) else f"more than {horizon}"
    return f"{months:.0f} month{'s' if months > 1 else ''} [{fewest:.0f} to {last}]"


def power_curves(curves: dict[str, np.ndarray], false_alarms: float, wanted: float, source: str) -> go.Figure:
    """Return the power against the months of data, a panel a record.

    Parameters
    ----------
    curves : dict of str to ndarray of float64, shape (3, months)
        Power, lower and upper end of its 95 % interval, by label.
    false_alarms : float
        Share of worlds without levers in which the test sees a change, over all records and months.
    wanted : float
        Power that is asked for, 0..1.
    source : str
        Where the figures come from, for the footer.
    """
    rows = -(-len(curves) // COLUMNS)
    columns = min(COLUMNS, len(curves))
    figure = make_subplots(
        rows, columns, shared_xaxes="all", shared_yaxes="all", subplot_titles=list(curves),
        horizontal_spacing=0.03, vertical_spacing=0.22 / rows,
    )  # fmt: skip
    horizon = 0
    for i, (label, (power, low, high)) in enumerate(curves.items()):
        horizon = max(horizon, len(power))
        months, where = np.arange(1, len(power) + 1), {"row": i // COLUMNS + 1, "col": i % COLUMNS + 1}
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
    figure.update_xaxes(range=[1, horizon], dtick=max(1, horizon // 6), showticklabels=True)
    figure.update_xaxes(title={"text": "months of data after the start"}, row=rows)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    figure.update_annotations(font={"size": 13})
    figure.update_layout(showlegend=False)
    told = "; ".join(f"{label} {values[0][-1]:.0%}" for label, values in curves.items())
    words = Frame(
        slug="power",
        title="How the chance to see the change grows with the months of data, record by record",
        subtitle=f"Upright: share of worlds in which the change is seen. {_ONE_WORLD} Dashed: the "
        f"{wanted:.0%} asked for. Dotted: the 5 % that the test sees where nothing changed (here "
        f"{false_alarms:.1%}).",
        unit="share of worlds; months",
        alt=f"Power after {horizon} months: {told}. False alarms {false_alarms:.1%}.",
        plot_px=rows * PANEL_PX,
        note="Bands are 95 % intervals over replications, each alone (pairs of worlds resampled, at least "
        f"Wilson's). {_HONEST}",
    )
    return frame(figure, words, source, Edges(left=60, right=30, top=30))
