"""What figures with a row per result share: error bars, words beside a row, names of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go


def error_bar(
    value: float | np.ndarray,
    low: float | np.ndarray,
    high: float | np.ndarray,
    colour: str,
    thickness: float = 1.6,
    width: float = 5,
) -> dict[str, Any]:
    """Return the bar from ``low`` to ``high`` of one mark, or of several; thickness and width in px."""
    above, below = high - value, value - low
    if not isinstance(above, np.ndarray):
        above, below = [above], [below]
    return {
        "type": "data", "symmetric": False, "array": above, "arrayminus": below,
        "color": colour, "thickness": thickness, "width": width,
    }  # fmt: skip


def write_beside(figure: go.Figure, text: str, row: float | str, **more: Any) -> None:
    """Write a text to the right of the plot at the height of a row."""
    look = {"font": {"size": 12}, **more}
    figure.add_annotation(text=text, x=1.01, xref="paper", xanchor="left", y=row, showarrow=False, **look)


def name_rows(figure: go.Figure, labels: Sequence[str]) -> None:
    """Name the rows of a figure, the first one at the top."""
    figure.update_yaxes(
        tickvals=list(range(len(labels))), ticktext=list(labels), range=[len(labels) - 0.4, -0.6],
        ticks="", showgrid=False,
    )  # fmt: skip
