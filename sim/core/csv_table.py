"""Tables in CSV files: one way to read rows, numbers and names, one line for what is wrong."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from sim.core.errors import TableError, nearest


def read_table(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Return the rows of a CSV file (``.gz`` allowed) that must have some columns; see ``read_lines``."""
    return [row for _, row in read_lines(path, columns)]


def read_lines(
    path: Path, columns: Sequence[str], same: Callable[[str], str] = str
) -> list[tuple[int, dict[str, str]]]:
    """Return line number and fields of the rows of a CSV file (``.gz`` allowed).

    Parameters
    ----------
    path : Path
    columns : sequence of str
        What the file must have; it may have more.
    same : callable
        Two heads are one column if this makes them equal: a function that forgets case, for instance.

    Raises
    ------
    TableError
        The file is missing, empty, unreadable, lacks a column or has it twice, or a row has fewer or
        more fields than the header; one line says which.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    needed = f"needed columns: {', '.join(columns)}"
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            found = list(reader.fieldnames or [])
            known = {same(name): name for name in columns}
            reader.fieldnames = heads = [known.get(same(name), name) for name in found]
            rows = [(reader.line_num, row) for row in reader]
    except FileNotFoundError:
        raise TableError(f"{path}: no such file; {needed}") from None
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, zlib.error) as error:
        raise TableError(f"{path}: not a readable CSV file ({error})") from None
    if not found:
        raise TableError(f"{path}: the file is empty; {needed}")
    if len(found) == 1 < len(columns) and (other := next((c for c in ";\t|" if c in found[0]), None)):
        raise TableError(f"{path}: fields are parted by {other!r}; save the file with commas; {needed}")
    missing = [name for name in columns if name not in heads]
    if missing:
        close = nearest(missing[0], found)
        shown = ", ".join(found[:12]) + (", ..." if len(found) > 12 else "")
        raise TableError(f"{path}: missing column {', '.join(missing)}{close}; it has: {shown}")
    if twice := [name for name in columns if heads.count(name) > 1]:
        raise TableError(f"{path}: column {twice[0]} comes twice; leave one")
    if not rows:
        raise TableError(f"{path}: the file has a header and no rows; {needed}")
    for line, row in rows:
        if any(row[name] is None for name in columns):
            raise TableError(f"{path}:{line}: the row has fewer fields than the header")
        if any(row.get(None, ())):  # type: ignore[call-overload]
            raise TableError(
                f"{path}:{line}: the row has more fields than the header; quote a number with commas"
            )
    return rows


# A blank or a comma may part thousands, the same one throughout.
_NUMBER = re.compile(
    r"[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+|[0-9]{1,3}( [0-9]{3})+)?(\.[0-9]*)?([eE][+-]?[0-9]+)?", re.ASCII
)


def number(
    text: str, where: str, *, whole: bool = False, low: float = 0.0, high: float = float("inf")
) -> float:
    """Return a finite number of a table from ``low`` to ``high``; every table is read with this one.

    ``1,700.50`` and ``1 700.50`` are 1700.5; a decimal comma is refused. ``whole`` refuses fractions.
    """
    plain = " ".join(text.split())
    try:
        value = float(plain.replace(",", "").replace(" ", "")) if _NUMBER.fullmatch(plain) else None
    except ValueError:
        value = None
    if value is None:
        raise TableError(f"{where}: {text!r} is not a number")
    kind = "whole number" if whole else "number"
    if not low <= value <= high or value == float("inf") or (whole and value != int(value)):
        bounds = f"of at least {low:g}" if high == float("inf") else f"from {low:g} to {high:,.12g}"
        raise TableError(f"{where}: {text!r} must be a {kind} {bounds}")
    return value


def one_of(text: str, allowed: Sequence[str], where: str) -> str:
    """Return ``text`` if it is in a closed list."""
    if text not in allowed:
        shown = ", ".join(allowed[:12]) + (", ..." if len(allowed) > 12 else "")
        raise TableError(f"{where}: unknown {text!r}{nearest(text, allowed)}; allowed: {shown}")
    return text
