"""Tables of text for the terminal, without the packages that take a tenth of a second to load."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Container, Sequence
from typing import Any

# Off a terminal a line may be longer than a screen is wide.
_OFF_TERMINAL = 120
_GAP = 2


def screen_width() -> int:
    """Return how many columns there are."""
    return shutil.get_terminal_size((_OFF_TERMINAL, 24)).columns


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Container[str] = (),
    whole: Container[str] = (),
    width: int | None = None,
) -> list[str]:
    """Return the lines of a table that is no wider than the screen.

    Parameters
    ----------
    heads : sequence of str
        Names of the columns; those that are empty in all rows are left out.
    rows : sequence of sequence of str
        Cells; text is folded between words where room is short.
    right : container of str
        Columns of numbers, set to the right.
    whole : container of str
        Columns of names; like numbers they are never folded.
    width : int, optional
        In place of the screen's.
    """
    shown = [i for i in range(len(heads)) if any(row[i] for row in rows)]
    columns = [[heads[i], *(row[i] for row in rows)] for i in shown]
    wide = [max(map(len, column)) for column in columns]
    least = [
        size
        if heads[i] in right or heads[i] in whole
        else max(len(word) for cell in column for word in [*cell.split(), ""])
        for i, column, size in zip(shown, columns, wide, strict=True)
    ]
    screen, gaps = width or screen_width(), len(shown) - 1
    gap = _GAP if sum(least) + _GAP * gaps <= screen else 1
    room = screen - gap * gaps
    while sum(wide) > room and wide != least:
        wide[max((k for k in range(len(wide)) if wide[k] > least[k]), key=lambda k: wide[k])] -= 1
    lines = []
    for cells in zip(*columns, strict=True):
        folded = [
            textwrap.wrap(cell, size, break_on_hyphens=False) or [""]
            for cell, size in zip(cells, wide, strict=True)
        ]
        for n in range(max(map(len, folded))):
            parts = [part[n] if n < len(part) else "" for part in folded]
            aligned = [
                part.rjust(size) if heads[i] in right else part.ljust(size)
                for part, size, i in zip(parts, wide, shown, strict=True)
            ]
            lines.append((" " * gap).join(aligned).rstrip())
    return lines


def folded(text: str, indent: int = 0, width: int | None = None) -> list[str]:
    """Return a text as indented lines."""
    margin = " " * indent
    return textwrap.wrap(
        text, width or screen_width(), initial_indent=margin, subsequent_indent=margin,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def amount(value: Any) -> str:
    """Return a value as text: numbers with six digits and thousands separators."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer() and abs(value) < 1e15):
        return f"{value:,.0f}"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def print_json(found: Any) -> None:
    """Print something as JSON."""
    print(json.dumps(found, indent=2, ensure_ascii=True, default=str))
