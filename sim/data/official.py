"""What all official files share: names of months, whole counts, tables written one way."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sim.core.errors import TableError
from sim.store.files import OTHER_OUT, write_text

FIRST_MONTH = 10
MONTHS_A_YEAR = 12
MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DECIMALS = 2


@dataclass
class RebuildReport:
    """What a rebuild did: files written, totals, and what the user should know.

    Attributes
    ----------
    files : list of Path
    totals : dict
        Entries by ``<mode>``, ``<mode>.outside`` and ``<mode>.official``.
    lines : list of str
        One sentence each, ready to be shown.
    """

    files: list[Path] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


def month_number(name: str, where: str) -> int:
    """Return 1..12 for a month's English abbreviation, in any case."""
    if name.capitalize() not in MONTH_NAMES:
        raise TableError(f"{where}: unknown month {name!r}; allowed: {', '.join(MONTH_NAMES)}")
    return MONTH_NAMES.index(name.capitalize()) + 1


def whole(text: str, where: str) -> int:
    """Return a count of at least 0."""
    if not text.isdigit():
        raise TableError(f"{where}: {text!r} is not a whole number of at least 0")
    return int(text)


def short(value: float) -> str:
    """Return a number with at most two decimals and no trailing zeros."""
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")


def split_whole(total: int, weights: Sequence[float]) -> list[int]:
    """Split a count in proportion to weights so that the parts add up (largest remainders)."""
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [int(value) for value in exact]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """Write a CSV file with plain line ends and return its path."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_text(path, text.getvalue(), OTHER_OUT)
    return path
