"""A study as a value: a question, tables, verdicts, where it comes from, and figures on demand.

Whatever shows it (terminal, folder, page, notebook, browser) is a view of this one object. Nothing is drawn
or written until somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from sim.core.errors import nearest
from sim.report.numbers import counted
from sim.report.provenance import Provenance
from sim.report.tables import DataTable, TextTable

if TYPE_CHECKING:
    from sim.report.folder import Written


class Figure(Protocol):
    """A Plotly figure, as far as callers need it."""

    @property
    def layout(self) -> Any:
        """Layout, with title, footer and text alternative in ``layout.meta``."""

    @property
    def data(self) -> Any:
        """Traces."""

    def show(self) -> None:
        """Open the figure in a notebook or a browser."""

    def write_html(self, file: str, *, include_plotlyjs: bool | str = True) -> None:
        """Write the figure as a page."""

    def to_json(self) -> str:
        """Return the figure as JSON of Plotly."""


Draw = Callable[[], Figure]


class Plots:
    """The figures of a result by name; each is drawn when it is called, and once."""

    def __init__(self, draws: Mapping[str, Draw]) -> None:
        self._draws = dict(draws)
        self._drawn: dict[str, Figure] = {}

    def __getattr__(self, name: str) -> Draw:
        if name.startswith("_"):  # copies ask before there are any figures
            raise AttributeError(name)
        if name not in self._draws:
            names = ", ".join(self._draws) or "none"
            raise AttributeError(f"no figure {name!r}{nearest(name, self._draws)}; there are: {names}")
        return lambda: self._draw(name)

    def __dir__(self) -> list[str]:
        return sorted(self._draws)

    def __iter__(self) -> Iterator[str]:
        return iter(self._draws)

    def __len__(self) -> int:
        return len(self._draws)

    def all(self) -> list[Figure]:
        """Draw all figures, in their order."""
        return [self._draw(name) for name in self._draws]

    def _draw(self, name: str) -> Figure:
        if name not in self._drawn:
            self._drawn[name] = self._draws[name]()
        return self._drawn[name]

    def __repr__(self) -> str:
        return f"Plots({', '.join(self._draws)})"


@dataclass(frozen=True, repr=False)
class Result:
    """What a study found.

    Parameters
    ----------
    question : str
        What was asked, as a question.
    verdicts : tuple of str
        What can be said, one sentence each, the main one first.
    tables : mapping of str to DataTable
        Tidy tables by name.
    provenance : Provenance
        Where all this comes from.
    text : tuple of str or TextTable
        The result for a reader, from top to bottom: lines and tables of cells, the verdicts among them.
    draws : mapping of str to callable
        Figures by name, each drawn by a call without arguments.
    notes : tuple of str
        What a reader must know before the numbers are used; they are not in ``text``.
    """

    question: str
    verdicts: tuple[str, ...]
    tables: Mapping[str, DataTable]
    provenance: Provenance
    text: tuple[str | TextTable, ...] = ()
    draws: Mapping[str, Draw] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_plots", Plots(self.draws))

    @property
    def plot(self) -> Plots:
        """Figures by name: ``result.plot.rank()``; ``dir(result.plot)`` lists them."""
        return cast("Plots", self.__dict__["_plots"])

    @property
    def verdict(self) -> str:
        """The main sentence."""
        return self.verdicts[0] if self.verdicts else ""

    def table(self, name: str) -> DataTable:
        """Return one table by its name.

        Raises
        ------
        KeyError
            There is no such table; the message names those that there are.
        """
        if name not in self.tables:
            raise KeyError(
                f"no table {name!r}{nearest(name, self.tables)}; there are: {', '.join(self.tables)}"
            )
        return self.tables[name]

    def write(self, folder: str | Path, made_by: Mapping[str, Any] | None = None) -> Written:
        """Write tables as CSV, each figure as a page with PNG and SVG copies, and a manifest.

        Parameters
        ----------
        folder : str or Path
            Made where it is missing.
        made_by : mapping, optional
            What else the manifest keeps, such as a command line.

        Raises
        ------
        StoreError
            The folder cannot be written.
        """
        from sim.report.folder import write_result

        return write_result(self, Path(folder), made_by or {})

    def __repr__(self) -> str:
        tables = ", ".join(f"{name} ({counted(len(table), 'row')})" for name, table in self.tables.items())
        return "\n".join(
            [
                self.question,
                *(f"  {verdict}" for verdict in self.verdicts),
                f"tables: {tables or 'none'}; figures: {', '.join(self.plot) or 'none'}",
                self.provenance.sentence,
            ]
        )

    def _repr_html_(self) -> str:
        parts = [f"<h3>{escape(self.question)}</h3>"]
        parts += [f"<p><b>{escape(verdict)}</b></p>" for verdict in self.verdicts]
        parts += [
            part.html() if isinstance(part, TextTable) else f"<p>{escape(part)}</p>"
            for part in self.text
            if part not in self.verdicts
        ]
        if self.notes:
            notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
            parts.append(
                f"<details><summary>Before you use these numbers</summary><ul>{notes}</ul></details>"
            )
        parts.append(f"<p><small>{escape(self.provenance.sentence)}</small></p>")
        return "".join(parts)
