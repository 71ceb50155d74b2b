"""Mass from the sources to the street and to each kind of seizure, as a Sankey figure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import plotly.graph_objects as go

from sim.plots.flows import COLUMNS, SUBSTANCES, Flows, fold, kind_of
from sim.plots.summary import months_of, per_year
from sim.report import numbers, theme
from sim.report.frame import Edges, Frame, frame
from sim.report.provenance import RunInfo
from sim.report.theme import Table
from sim.stats.intervals import Band, prediction_interval

INNER_PX = 570
LABEL_PX = 33
GAP_PX = 7
X_OF_COLUMN = (0.012, 0.175, 0.36, 0.515, 0.675, 0.82, 0.985)
HEADS = (
    "Sources",
    "Trade lanes",
    "Producers: precursor",
    "Fentanyl made",
    "Routes",
    "Wholesale",
    "Street, seizures",
)
WORDS = {
    "precursor_seized:gateway": "Seized: gateways",
    "precursor_seized:parcel": "Seized: parcels",
    "precursor_seized:southbound": "Seized: southbound",
    "seized:passenger": "Seized: port, cars",
    "seized:commercial": "Seized: port, trucks",
    "seized:pedestrian": "Seized: port, on foot",
    "seized:between_ports": "Seized: between ports",
    "seized:mail": "Seized: mail",
    "seized:interior": "Seized: interior",
    "street:us": "Street",
    "wholesale:us": "US wholesale",
}
# Order within a column: what goes on, then what is seized.
RANK = {"street": 0, "precursor": 0, "seized": 1, "precursor_seized": 1}


@dataclass(frozen=True)
class Node:
    """One drawn station: its words, mass in kg over runs and its centre as fractions of the plot."""

    station: str
    words: str
    mass: Band
    x: float
    y: float


def sankey(postings: Table, info: RunInfo) -> go.Figure:
    """Return the mass flow from the sources to the street and to each kind of seizure.

    Parameters
    ----------
    postings : Table
        Columns ``replication``, ``month``, ``from_account``, ``to_account``, ``commodity``, ``amount``.

    Returns
    -------
    Figure
        Widths are means over replications, kg; a label gives the mean and the 95 % interval.
    """
    months = len(months_of(postings))
    factor, period = per_year(months)
    flows = fold(postings).scaled(factor)
    scale = px_per_kg(flows)
    nodes = place(flows, scale)
    figure = go.Figure(_trace(flows, nodes, scale))
    for node in nodes:
        figure.add_annotation(_label(node))
    _add_heads(figure, nodes)
    figure.add_shape(
        type="line",
        x0=X_OF_COLUMN[COLUMNS["product"]],
        x1=X_OF_COLUMN[COLUMNS["product"]],
        y0=0,
        y1=1,
        xref="paper",
        yref="paper",
        line={"color": theme.MUTED, "width": 1, "dash": "dot"},
        layer="below",
    )
    # The postings may hold fewer runs than the other tables: the footer counts those drawn here.
    drawn = replace(info, replications=flows.runs)
    return frame(
        figure, _words(flows, nodes, period), drawn.sentence, Edges(left=30, right=30, bottom=16, top=60)
    )


def _stack(flows: Flows) -> list[list[str]]:
    """Return the stations of each column, top to bottom."""
    columns: list[list[str]] = [[] for _ in X_OF_COLUMN]
    order = {station: i for i, station in enumerate(WORDS)}
    places = {name: i for i, name in enumerate(theme.PLACES, start=len(order))}
    last = len(order) + len(places)

    def key(station: str) -> tuple[int, int, float]:
        rank = order.get(station, places.get(station.partition(":")[2], last))
        return RANK.get(kind_of(station), 0), rank, -float(flows.through(station).mean())

    for station in sorted(flows.stations, key=key):
        columns[COLUMNS[kind_of(station)]].append(station)
    return columns


def _size(flows: Flows, station: str) -> float:
    return float(max(flows.into(station).mean(), flows.out_of(station).mean()))


def _slot_px(size_px: float) -> float:
    """Return the height that a station needs: its bar or its label, and a gap."""
    return max(size_px, LABEL_PX) + GAP_PX


def px_per_kg(flows: Flows) -> float:
    """Return the largest scale at which every column fits, each station with room for its label."""
    columns = [[_size(flows, s) for s in column] for column in _stack(flows) if column]
    low, high = 0.0, INNER_PX / max((max(column) for column in columns), default=1.0)
    for _ in range(50):
        middle = (low + high) / 2
        fits = all(sum(_slot_px(size * middle) for size in column) <= INNER_PX for column in columns)
        low, high = (middle, high) if fits else (low, middle)
    return low


def place(flows: Flows, scale: float) -> list[Node]:
    """Return every station with its centre; what a column leaves free is spread between its stations."""
    nodes = []
    for column, x in zip(_stack(flows), X_OF_COLUMN, strict=True):
        slots = [_slot_px(_size(flows, s) * scale) for s in column]
        gap = (INNER_PX - sum(slots)) / (len(column) + 1)
        top = gap
        for station, slot in zip(column, slots, strict=True):
            name = station.partition(":")[2]
            words = WORDS.get(station, theme.label(name))
            nodes.append(
                Node(
                    station,
                    words,
                    prediction_interval(flows.through(station)),
                    x,
                    (top + slot / 2) / INNER_PX,
                )
            )
            top += slot + gap
    return nodes


def layers(flows: Flows) -> list[list[str]]:
    """Return the stations in the layers that the drawing library sets its scale by: depth, sinks last."""
    depth = dict.fromkeys(flows.stations, 0)
    for _ in depth:
        for start, end, _ in flows.links:
            depth[end] = max(depth[end], depth[start] + 1)
    last = max(depth.values(), default=0)
    starts = {key[0] for key in flows.links}
    out: list[list[str]] = [[] for _ in range(last + 1)]
    for station, at in depth.items():
        out[at if station in starts else last].append(station)
    return out


def _padding(flows: Flows, scale: float) -> float:
    """Return the padding at which the library arrives at our scale (px a kg)."""
    room = [
        (INNER_PX - sum(_size(flows, s) for s in layer) * scale) / (len(layer) - 1)
        for layer in layers(flows)
        if len(layer) > 1
    ]
    return max(0.0, min(room, default=0.0))


def _trace(flows: Flows, nodes: list[Node], scale: float) -> go.Sankey:
    words = {node.station: node.words for node in nodes}
    index = {node.station: i for i, node in enumerate(nodes)}
    keys = list(flows.links)
    hue = [theme.PRECURSOR if key[2] == SUBSTANCES[0] else theme.FENTANYL for key in keys]
    shade = [0.5 if "seized" in kind_of(key[1]) else 0.28 for key in keys]
    drawn = [_colour(node.station) for node in nodes]
    return go.Sankey(
        arrangement="fixed",
        node={
            "label": [""] * len(nodes),
            "customdata": [f"{node.words}: {amount(node.mass)}" for node in nodes],
            "hovertemplate": "%{customdata}<extra></extra>",
            "x": [node.x for node in nodes],
            "y": [node.y for node in nodes],
            "color": drawn,
            "pad": _padding(flows, scale),
            "thickness": 13,
            "line": {"width": 0},
        },
        link={
            "source": [index[key[0]] for key in keys],
            "target": [index[key[1]] for key in keys],
            "value": [float(flows.links[key].mean()) for key in keys],
            "color": [theme.tint(h, a) for h, a in zip(hue, shade, strict=True)],
            "customdata": [
                f"{words[start]} to {words[end]}<br>"
                f"{amount(prediction_interval(flows.links[start, end, what]))} "
                + ("precursor" if what == SUBSTANCES[0] else "pure fentanyl")
                for start, end, what in keys
            ],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
    )


def _colour(station: str) -> str:
    kind = kind_of(station)
    if "seized" in kind:
        return theme.SEIZED
    if "lost" in kind:
        return theme.LOST
    return theme.PRECURSOR if kind in ("origin", "transit", "precursor") else theme.FENTANYL


def amount(mass: Band) -> str:
    """Return a mass as ``mean kg`` with its 95 % interval, where there is one."""
    return numbers.bracket(float(mass.mean), float(mass.low), float(mass.high), "kg")


def _label(node: Node) -> dict[str, object]:
    last = node.x == X_OF_COLUMN[-1]
    return {
        "text": f"<b>{node.words}</b><br>{amount(node.mass)}",
        "x": node.x,
        "xref": "paper",
        "xanchor": "right" if last else "left",
        "xshift": -11 if last else 11,
        "y": 1 - node.y,
        "yref": "paper",
        "yanchor": "middle",
        "align": "right" if last else "left",
        "showarrow": False,
        "font": {"size": 11, "color": theme.INK},
        "bgcolor": "rgba(255,255,255,0.55)",
        "borderpad": 1,
    }


def _add_heads(figure: go.Figure, nodes: list[Node]) -> None:
    used = {COLUMNS[kind_of(node.station)] for node in nodes}
    for column, (x, words) in enumerate(zip(X_OF_COLUMN, HEADS, strict=True)):
        if column not in used:
            continue
        hue = theme.PRECURSOR if column <= COLUMNS["precursor"] else theme.FENTANYL
        last = column == len(HEADS) - 1
        figure.add_annotation(
            text=f"<b>{words}</b>",
            x=x,
            xref="paper",
            y=1,
            yref="paper",
            yanchor="bottom",
            yshift=6,
            showarrow=False,
            xanchor="right" if last else "left",
            xshift=7 if last else -7,
            font={"size": 12, "color": hue},
        )


def _words(flows: Flows, nodes: list[Node], period: str) -> Frame:
    nothing = np.zeros(flows.runs)
    made = prediction_interval(sum(flows.made.values(), nothing))
    used = prediction_interval(sum(flows.used.values(), nothing))
    street = prediction_interval(flows.into("street:us"))
    kinds = [node for node in nodes if kind_of(node.station) == "seized"]
    seized = prediction_interval(sum((flows.into(node.station) for node in kinds), nothing))
    each = "; ".join(f"{node.words} {amount(node.mass)}" for node in kinds)
    note = f"Widths: means over {flows.runs} replications; brackets: 95 % prediction interval, mass {period}."
    if flows.runs < 2:
        note = f"Mass {period}. One replication: no interval."
    return Frame(
        slug="mass_flow",
        title=(
            f"In the model {numbers.short(float(street.mean))} kg of fentanyl reach the street {period}; "
            f"{numbers.short(float(seized.mean))} kg are seized on the way"
        ),
        subtitle=(
            "Blue is precursor, orange is pure fentanyl, dark ends are seizures. Production turns "
            f"{amount(used)} of precursor into {amount(made)} of pure fentanyl. "
            "Latent layer: no agency sees all of it."
        ),
        unit="kg of precursor up to production, kg of pure fentanyl after it",
        alt=(
            f"Sankey diagram of mass {period}. Fentanyl made: {amount(made)} pure, from {amount(used)} "
            f"of precursor. Reaching the street: {amount(street)}. Seized: {amount(seized)}, of which {each}."
        ),
        plot_px=INNER_PX,
        note=note,
    )
