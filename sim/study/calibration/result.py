"""Which parameter sets fit the record of fiscal year 2022, and whether half a year predicts the other."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

from sim.core.errors import ConfigError
from sim.core.tables import Column
from sim.disclosure import refuse_withheld
from sim.measures.official import FISCAL_YEAR, fiscal_months
from sim.report import numbers
from sim.report.provenance import provenance
from sim.report.result import Result
from sim.report.tables import DataTable, Row, end_columns
from sim.report.verdicts import Standing, standing
from sim.report.yearly import DAYS_A_YEAR
from sim.run.plan import Replications
from sim.run.pool import OnProgress, silent
from sim.scenario import Scenario
from sim.stats.detection import wilson
from sim.store.files import named_folder, write_text
from sim.study.calibration.forecast import LEVEL, QUANTITIES, Forecast, forecast
from sim.study.calibration.record import FISCAL_MONTHS, PLACES, observed_year
from sim.study.calibration.sets import fit
from sim.study.design.values import without_queues

DIGITS = 9
"""Significant digits of a parameter in a set, in the result and in the file alike."""
FORECAST = (
    Column("quantity", "str", "", "events (seizures) or pounds (gross weight)"),
    Column("figures", "int64", "1", "recorded figures: places times months, April to September"),
    Column("inside", "int64", "1", "figures inside their 90 % interval"),
    Column("coverage", "float64", "1", "inside over figures; 0.9 is promised"),
    Column("width", "float64", "1", "median width of the intervals over the mean figure of the place"),
)
MONTHS = (
    Column("quantity", "str", "", "events (seizures) or pounds (gross weight)"),
    Column("place", "str", "", "field office, or between_ports"),
    Column("month", "str", "", "YYYY-MM"),
    Column("recorded", "float64", "of the quantity", "what CBP recorded"),
    *end_columns("of the quantity", "of the 90 % interval predicted by October to March"),
    Column("inside", "bool", "", "whether the record lies inside"),
)
_NOT_INDEPENDENT = (
    "Months of one place are not quite independent, so the check of the forecast is a little too strict."
)


def calibrate(
    scenario: Scenario,
    years: Replications,
    *,
    candidates: int = 200,
    keep: int = 100,
    on_progress: OnProgress = silent,
) -> Result:
    """Return the parameter sets that fit fiscal year 2022, and how well half a year predicts the other.

    Parameters
    ----------
    scenario : Scenario
        Over fiscal year 2022. It is simulated without queues, which change no fate of a load.
    years : Replications
        Simulated years of each candidate, at least 2; its seed also draws the candidates.
    candidates : int
        Parameter sets drawn, at least 2: once for the whole year, once more for the first half.
    keep : int
        Fitting sets in the result, at most.

    Raises
    ------
    ConfigError
        An argument is out of range, the scenario covers another window, or its adversary reports no
        seizures by place.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    settings = scenario.settings
    refuse_withheld(
        settings.adversary.kind, "calibrate", "take another adversary, the record is of seizures by place"
    )
    given: list[tuple[str, Any, int]] = [
        ("candidates", candidates, 2),
        ("keep", keep, 1),
        ("replications", years.count, 2),
    ]
    for name, value, least in given:
        if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
            raise ConfigError(f"study calibrate: {name} must be a whole number of at least {least}")
    if years.parameter_sets:
        raise ConfigError("study calibrate: parameter_sets must be 0; the study draws sets of its own")
    dates, first = settings.calendar, f"{FISCAL_YEAR - 1}-10-01"
    if (dates.start, dates.days) != (first, DAYS_A_YEAR):
        raise ConfigError(
            f"study calibrate: {scenario.name} covers {dates.days} days from {dates.start}; the record is of "
            f"fiscal year {FISCAL_YEAR}, {DAYS_A_YEAR} days from {first}"
        )
    record = observed_year(FISCAL_YEAR)
    kept = fit(scenario, record, candidates, years, on_progress)
    tested = forecast(scenario, record, candidates, years, on_progress)
    fits = f"{len(kept)} of {candidates} parameter sets fit fiscal year {FISCAL_YEAR}."
    scores = DataTable.of(FORECAST, _score_rows(tested))
    verdicts = (fits, *(_predicted(row) for row in scores))
    widths = ", ".join(
        f"{numbers.number(width)} for {quantity}"
        for quantity, width in zip(QUANTITIES, tested.width, strict=True)
    )
    return Result(
        question=(
            f"Which parameter sets fit the record of fiscal year {FISCAL_YEAR}, "
            "and does half a year predict the other half?"
        ),
        verdicts=verdicts,
        tables={
            "sets": _sets_table(scenario, kept[:keep]),
            "forecast": scores,
            "forecast_months": DataTable.of(MONTHS, _month_rows(tested)),
        },
        provenance=provenance(
            f"{candidates} parameter sets to fit the year and {candidates} to fit its first half, "
            f"{numbers.counted(years.count, 'year')} of each",
            [without_queues(scenario, {})],
            years.seed,
        ),
        text=(*verdicts, f"Median width of the intervals over the mean figure of their place: {widths}."),
        notes=(_NOT_INDEPENDENT,),
    )


def write_sets(sets: DataTable, path: Path) -> None:
    """Write parameter sets as the table that ``conf/calibration`` holds: a row a set, a column a path.

    Raises
    ------
    StoreError
        The file cannot be written.
    """
    head, *paths = (column.name for column in sets.columns)
    lines = [",".join([head, *paths])]
    lines += [",".join([str(row[head]), *(f"{row[path]:.{DIGITS}g}" for path in paths)]) for row in sets]
    with named_folder(path.parent):
        write_text(path, "\n".join(lines) + "\n", "choose another file")


def _sets_table(scenario: Scenario, sets: Sequence[dict[str, float]]) -> DataTable:
    """Return parameter sets with one column per configuration path, rounded as they are written."""
    units = {row.path: row.unit for row in scenario.evidence}
    paths = list(sets[0]) if sets else []
    columns = [
        Column("set", "int64", "", "number of the set, from 1"),
        *(Column(path, "float64", units[path], "value of this configuration path") for path in paths),
    ]
    rows = [
        {"set": number, **{path: float(f"{value:.{DIGITS}g}") for path, value in chosen.items()}}
        for number, chosen in enumerate(sets, start=1)
    ]
    return DataTable.of(columns, rows)


def _score_rows(tested: Forecast) -> list[dict[str, Any]]:
    return [
        {
            "quantity": quantity,
            "figures": inside.size,
            "inside": inside.sum(),
            "coverage": inside.mean(),
            "width": width,
        }
        for quantity, inside, width in zip(QUANTITIES, tested.inside, tested.width, strict=True)
    ]


def _month_rows(tested: Forecast) -> list[dict[str, Any]]:
    months = fiscal_months()[FISCAL_MONTHS // 2 :]
    return [
        {
            "quantity": quantity,
            "place": place,
            "month": month,
            "recorded": tested.recorded[q, p, m],
            "low": tested.low[q, p, m],
            "high": tested.high[q, p, m],
            "inside": tested.inside[q, p, m],
        }
        for q, quantity in enumerate(QUANTITIES)
        for p, place in enumerate(PLACES)
        for m, month in enumerate(months)
    ]


def _predicted(row: Row) -> str:
    """Return the verdict on the forecast of one quantity: whether its intervals hold what they promise."""
    inside, figures = int(row["inside"]), int(row["figures"])
    where = standing([wilson(inside, figures)], bound=LEVEL)
    says = {
        Standing.BELOW: f"The forecast of {row['quantity']} is surer than it may be",
        Standing.ABOVE: f"The forecast of {row['quantity']} could be surer",
    }.get(where, f"Nothing speaks against the forecast of {row['quantity']}")
    return (
        f"{says}: {inside} of {figures} recorded figures by place and month ({inside / figures:.0%}) "
        "lie inside the 90 % intervals for April to September."
    )
