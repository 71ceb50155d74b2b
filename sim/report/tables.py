"""Tables of a result: tidy data with typed columns for programs, cells for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.errors import ConfigError
from sim.core.tables import Column, Table, typed
from sim.stats.intervals import Interval
from sim.store.version import install_hint

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

Cell = str | int | float | bool
Row = dict[str, Cell]


def fields(row: object, *names: str) -> dict[str, Any]:
    """Return attributes of an object as cells of a row, under their own names."""
    return {name: getattr(row, name) for name in names}


def end_columns(unit: str, of: str, prefix: str = "") -> tuple[Column, Column]:
    """Return the columns of the ends of an interval; ``of`` says which, such as ``of its 95 % interval``."""
    return (
        Column(f"{prefix}low", "float64", unit, f"lower end {of}"),
        Column(f"{prefix}high", "float64", unit, "upper end"),
    )


def ends(interval: Interval, prefix: str = "") -> dict[str, float]:
    """Return the ends of an interval as the cells ``low`` and ``high`` of a row."""
    return {f"{prefix}low": interval.low, f"{prefix}high": interval.high}


@dataclass(frozen=True)
class DataTable:
    """A tidy table: one row per observation, one typed column per variable.

    Parameters
    ----------
    columns : tuple of Column
        Name, type, unit and meaning of each.
    data : Table
        Columns of equal length, in their declared types; a number that is not known is NaN.
    """

    columns: tuple[Column, ...]
    data: Table

    @classmethod
    def of(cls, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> DataTable:
        """Return a table from rows; each has a value for every column and for no other.

        Raises
        ------
        ValueError
            A row has other keys than the columns.
        """
        names = [column.name for column in columns]
        for row in rows:
            if set(row) != set(names):
                raise ValueError(f"row has {sorted(row)}, the table has {sorted(names)}")
        return cls(tuple(columns), {c.name: typed(c, [row[c.name] for row in rows]) for c in columns})

    def __len__(self) -> int:
        return len(next(iter(self.data.values()))) if self.data else 0

    def __iter__(self) -> Iterator[Row]:
        """Iterate over rows as dictionaries of plain Python values."""
        lists = [self.data[column.name].tolist() for column in self.columns]
        names = [column.name for column in self.columns]
        for cells in zip(*lists, strict=True):
            yield dict(zip(names, cells, strict=True))

    def __getitem__(self, name: str) -> np.ndarray:
        """Return the values of one column."""
        if name not in self.data:
            raise KeyError(f"no column {name!r}; there are {', '.join(self.data)}")
        return self.data[name]

    def rows(self) -> list[Row]:
        """Return all rows as dictionaries."""
        return list(self)

    def csv(self) -> str:
        """Return the table as CSV; numbers read back as the same numbers."""
        text = io.StringIO()
        out = csv.DictWriter(text, [column.name for column in self.columns], lineterminator="\n")
        out.writeheader()
        out.writerows(self)
        return text.getvalue()

    def df(self) -> pandas.DataFrame:
        """Return the table as a pandas frame; raise ``ConfigError`` where pandas is not installed."""
        try:
            import pandas
        except ImportError:
            raise _missing("pandas") from None
        return pandas.DataFrame(
            {
                c.name: pandas.Series(self.data[c.name].copy(), dtype="str" if c.dtype == "str" else None)
                for c in self.columns
            }
        )

    def pl(self) -> polars.DataFrame:
        """Return the table as a polars frame; raise ``ConfigError`` where polars is not installed."""
        try:
            import polars
        except ImportError:
            raise _missing("polars") from None
        return polars.DataFrame(
            {
                c.name: self.data[c.name].tolist() if c.dtype == "str" else self.data[c.name]
                for c in self.columns
            },
            schema_overrides={c.name: polars.String for c in self.columns if c.dtype == "str"},
        )

    def arrow(self) -> pyarrow.Table:
        """Return the table as an Arrow table; raise ``ConfigError`` where pyarrow is not installed."""
        try:
            import pyarrow
        except ImportError:
            raise _missing("pyarrow") from None
        return pyarrow.table(
            {
                c.name: pyarrow.array(self.data[c.name].tolist(), pyarrow.string())
                if c.dtype == "str"
                else pyarrow.array(self.data[c.name])
                for c in self.columns
            }
        )

    def _repr_html_(self) -> str:
        shown = [
            [f"{value:.6g}" if isinstance(value, float) else str(value) for value in row.values()]
            for _, row in zip(range(_SHOWN), self, strict=False)
        ]
        heads = [c.name for c in self.columns]
        more = f"<p>{len(self) - _SHOWN:,} more rows</p>" if len(self) > _SHOWN else ""
        return TextTable(heads, shown, left=[c.name for c in self.columns if c.dtype == "str"]).html() + more


_SHOWN = 20
_CELL = "padding:2px 10px;vertical-align:top"


def _missing(package: str) -> ConfigError:
    return ConfigError(f"{package} is not installed; install it with: {install_hint('frames')}")


@dataclass(frozen=True)
class TextTable:
    """Cells for people: what a terminal, a page and a notebook show alike.

    Parameters
    ----------
    heads : sequence of str
        Names of the columns.
    rows : sequence of sequence of str
        Cells.
    left : container of str
        Columns of text, set to the left and folded where room is short; numbers stand to the right.
    spare : sequence of str
        Columns that may go where room is short, the first one first.
    title : str
        One line above the table; may be empty.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: Container[str] = ()
    spare: Sequence[str] = ()
    title: str = ""

    def html(self) -> str:
        """Return the table as HTML."""
        ways = ["left" if head in self.left else "right" for head in self.heads]
        head = "".join(
            f'<th scope="col" style="text-align:{way};{_CELL}">{escape(name)}</th>'
            for name, way in zip(self.heads, ways, strict=True)
        )
        body = "".join(
            "<tr>"
            + "".join(
                f'<td style="text-align:{way};{_CELL}">{escape(cell)}</td>'
                for cell, way in zip(row, ways, strict=True)
            )
            + "</tr>"
            for row in self.rows
        )
        caption = f"<caption>{escape(self.title)}</caption>" if self.title else ""
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def markdown(self) -> str:
        """Return the table as Markdown, without its title; a bar in a cell becomes a slash."""
        ways = ["---" if head in self.left else "---:" for head in self.heads]
        lines = [
            "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"
            for cells in (self.heads, *self.rows)
        ]
        return "\n".join([lines[0], "|" + "|".join(ways) + "|", *lines[1:]])
