"""A finished run as a result: its tables, its headline outcomes, its figures on demand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sim.core.tables import Column
from sim.report.headline import HEADS, HeadlineRow
from sim.report.numbers import counted, number
from sim.report.provenance import provenance
from sim.report.result import Result
from sim.report.tables import DataTable, TextTable, end_columns, ends, fields
from sim.report.yearly import add_up
from sim.run.figures import figures_of, info_of
from sim.run.folder import RunTables, collect
from sim.run.headline import CAVEATS, headline_outcomes, headline_rows, notes_of, title_of
from sim.run.plan import Request
from sim.run.replicate import Report
from sim.run.sweep import write_sweep
from sim.scenario import Scenario
from sim.store.columns import COLUMNS

OUTCOMES = (
    Column("measure", "str", "", "name in conf/measures.yaml"),
    Column("place", "str", "", "all, or the places that CBP publishes"),
    Column("label", "str", "", "the outcome in words"),
    Column("layer", "str", "", "latent (what happened) or observed (what agencies would have recorded)"),
    Column("unit", "str", "", "unit of the numbers"),
    Column("mean", "float64", "of the row", "mean over replications of the central parameter set"),
    *end_columns("of the row", "of its 95 % interval: chance over replications"),
    *end_columns("of the row", "of the 95 % range over parameter sets", "parameter_"),
    Column("official", "float64", "of the row", "CBP's figure of the same year, NaN where there is none"),
)
TABLES = ("measures", "border_hours", "border_months", "postings", "evidence")


@dataclass(frozen=True, repr=False)
class RunResult(Result):
    """A run: ``tables`` holds ``outcomes`` and the tables of the run folder.

    Parameters
    ----------
    scenario : Scenario
        What was run.
    folder : Path
        The run folder, as the command writes it.
    """

    scenario: Scenario = field(kw_only=True)
    folder: Path = field(kw_only=True)

    @property
    def outcomes(self) -> DataTable:
        """Headline outcomes, one row each."""
        return self.tables["outcomes"]

    @property
    def measures(self) -> DataTable:
        """Every measure by replication, parameter set, month and place."""
        return self.tables["measures"]


def run_result(request: Request, folder: Path) -> RunResult:
    """Return a finished run as a result.

    Raises
    ------
    StoreError
        A stored replication is missing or differs from what was stored.
    """
    tables = collect(request)
    rows = headline_rows(request, tables)
    info = info_of(request)
    return RunResult(
        question=f"What happens in {request.scenario.name}?",
        verdicts=(title_of(request),),
        tables={
            "outcomes": outcomes_table(request, tables, rows),
            **{name: DataTable(COLUMNS[name], getattr(tables, name)) for name in TABLES},
        },
        provenance=replace(info.provenance, how=f"{info.counted} of scenario {info.scenario}"),
        text=(
            title_of(request),
            TextTable(HEADS, [row.cells() for row in rows], left=(HEADS[0], HEADS[4])),
        ),
        notes=(*notes_of(request, tables), *CAVEATS),
        draws=figures_of(request, tables),
        scenario=request.scenario,
        folder=folder,
    )


def outcomes_table(request: Request, tables: RunTables, headline: Sequence[HeadlineRow]) -> DataTable:
    """Return the headline outcomes with both intervals beside CBP's figures.

    Like the table for people, it leaves CBP's year out beside another window.
    """
    rows = []
    found = headline_outcomes(add_up(tables.measures, request.scenario.calendar.days))
    for one, shown in zip(found, headline, strict=True):
        rows.append({
            **fields(one, "measure", "place", "mean"), **fields(one.info, "label", "layer", "unit"),
            **ends(one.monte_carlo), **ends(one.parameter, "parameter_"),
            "official": math.nan if shown.official is None else shown.official,
        })  # fmt: skip
    return DataTable.of(OUTCOMES, rows)


@dataclass(frozen=True, repr=False)
class SweepResult(Result):
    """A sweep: ``tables`` holds ``points`` and ``outcomes``.

    Parameters
    ----------
    runs : tuple of RunResult
        One for each point, in order.
    folder : Path
        The record of the sweep, which a comparison takes too.
    """

    runs: tuple[RunResult, ...] = field(kw_only=True)
    folder: Path = field(kw_only=True)

    def __len__(self) -> int:
        return len(self.runs)

    def __iter__(self) -> Iterator[RunResult]:
        return iter(self.runs)

    def __getitem__(self, number: int) -> RunResult:
        return self.runs[number]


def sweep_result(requests: Sequence[Request], report: Report) -> SweepResult:
    """Write the record of a finished sweep and return it as a result.

    Raises
    ------
    StoreError
        The record cannot be written, or a stored replication is gone.
    """
    folder = write_sweep(requests, report, {})
    runs = tuple(run_result(*pair) for pair in zip(requests, report.folders, strict=True))
    head = (
        Column("number", "int64", "", "place in the sweep"),
        Column("label", "str", "", "what tells the point apart"),
    )
    axes = {path: [request.drawn[path] for request in requests] for path in requests[0].drawn}
    points = DataTable.of(
        (*head, *(_axis(path, values) for path, values in axes.items())),
        [{"number": r.number, "label": r.label, **r.drawn} for r in requests],
    )
    rows = [
        {"number": request.number, "label": request.label, **row}
        for request, run in zip(requests, runs, strict=True)
        for row in run.outcomes
    ]
    made = ", ".join(f"{path} ({len(set(values))} values)" for path, values in axes.items())
    heads = ("point", *(str(row["label"]) for row in runs[0].outcomes))
    cells = [
        [request.label, *(number(float(row["mean"])) for row in run.outcomes)]
        for request, run in zip(requests, runs, strict=True)
    ]
    settings = requests[0].settings
    how = f"{len(requests)} points, {counted(settings.replications, 'replication')} each"
    return SweepResult(
        question=f"How do outcomes move with {made}?",
        verdicts=(),
        tables={"points": points, "outcomes": DataTable.of((*head, *OUTCOMES), rows)},
        provenance=provenance(how, [request.scenario for request in requests], requests[0].seed),
        text=(TextTable(heads, cells, left=("point",)),),
        notes=("Levels, not differences: compare the points before judging between them.",),
        runs=runs,
        folder=folder,
    )


def _axis(path: str, values: Sequence[object]) -> Column:
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    return Column(path, "float64" if numbers else "str", "", "value of the point")
