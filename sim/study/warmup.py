"""Warm-up: how long the start of a run is felt, and how many replications each outcome needs.

Outcomes are measured by day, from the first hour on. Days are sums over the whole border and all routes;
they are averaged over replications before anybody sees them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from sim.core.calendar import Calendar
from sim.core.errors import ConfigError
from sim.core.settings import validated
from sim.core.tables import Column
from sim.measures.registry import registry
from sim.measures.replication import measure_outcome
from sim.report.numbers import compact, counted
from sim.report.provenance import provenance
from sim.report.result import Figure, Result
from sim.report.tables import DataTable, Row, TextTable
from sim.report.verdicts import CANNOT_TELL
from sim.run.ensemble import ensemble
from sim.run.plan import Replications
from sim.run.pool import OnProgress, map_jobs, silent
from sim.scenario import Scenario, ScenarioSettings
from sim.stats.warmup import Truncation, deseasonalised, moving_average, mser, replications_needed
from sim.study.responses import DesignQuestion, question_of
from sim.study.space import Names
from sim.world import simulate

OUTCOMES = ("delivered_pure_kg", "seized_pure_kg", "precursor_bought_kg", "price_index")
LEAST_DAYS = 28
WINDOWS = (7, 28, 91)
"""Days of the moving averages."""
DAYS_A_WEEK, DAYS_A_YEAR = 7, 365


START_COLUMNS = (
    Column("outcome", "str", "", "name in conf/measures.yaml"),
    Column("cut_days", "int64", "d", "days that MSER-5 leaves out"),
    Column("determined", "bool", "", "whether the cut lies in the first half, where the rule can be trusted"),
    Column("after_warmup_to_level", "float64", "1", "mean after the warm-up, of the mean of the second half"),
)
AVERAGE_COLUMNS = (
    Column("outcome", "str", "", "name in conf/measures.yaml"),
    Column("window_days", "int64", "d", "days of the moving average"),
    Column("day", "int64", "d", "days since the start of the simulation"),
    Column("of_level", "float64", "1", "moving average, of the mean of the second half"),
)
PILOT_COLUMNS = (
    Column("outcome", "str", "", "name in conf/measures.yaml"),
    Column("mean", "float64", "of the outcome", "mean of the pilot"),
    Column("sd", "float64", "of the outcome", "standard deviation of the pilot"),
    Column("margin", "float64", "of the outcome", "smallest difference that matters"),
    Column("needed", "int64", "1", "replications until the 95 % interval is within the margin"),
    Column("low", "int64", "1", "needed at the lower end of the deviation's 95 % interval"),
    Column("high", "int64", "1", "needed at its upper end"),
)


def warmup(
    scenario: Scenario,
    replications: Replications,
    outcomes: Names = OUTCOMES,
    *,
    baseline: Scenario | None = None,
    days: int = 730,
    pilot: int = 12,
    on_progress: OnProgress = silent,
) -> Result:
    """Return how long the start of a run is felt, and how many replications each outcome needs.

    Parameters
    ----------
    scenario : Scenario
    replications : Replications
        Its replications are those of the runs from the start.
    outcomes : str or sequence of str
        Names of ``conf/measures.yaml``.
    baseline : Scenario, optional
        Let the pilot ask what the scenario changes against it, instead of the level of an outcome.
    days : int
        Simulated from the start.
    pilot : int
        Replications of the scenario as it is configured; 0 for none.

    Raises
    ------
    ConfigError
        An argument is out of range, or a run does not report an outcome.
    StoreError
        A replication of the pilot failed, or the results folder cannot be written.
    """
    if not days >= LEAST_DAYS:
        raise ConfigError(f"study warmup: days must be at least {LEAST_DAYS} (got {days})")
    if pilot < 0 or pilot == 1:
        raise ConfigError(f"study warmup: pilot must be 0 or at least 2 (got {pilot})")
    question = question_of("warmup", scenario, baseline, outcomes)
    total = replications.count
    long = from_the_start(scenario, days)
    values = daily(long, question.outcomes, replications, on_progress)
    found = starts(long, question.outcomes, values)
    warmup_days = scenario.calendar.warmup_days
    tables = {
        "warmup": DataTable.of(START_COLUMNS, [_start_row(one, warmup_days) for one in found]),
        "averages": _averages(found),
    }
    title = _title(found, warmup_days)
    verdicts = [f"{title}."]
    text: list[str | TextTable] = [_start_cells(tables["warmup"], days, warmup_days), verdicts[0]]
    how = f"{counted(total, 'run')} of {scenario.name} over {days} days from the first hour"
    against = ""
    if pilot:
        needs = _pilot(question, replace(replications, count=pilot), on_progress)
        worst = max(needs, key=lambda row: row["needed"])
        label = question.label(str(worst["outcome"]))
        verdicts.append(f"{label} needs the most replications: {worst['needed']:,}.")
        text += [_pilot_cells(question, needs, pilot), verdicts[-1]]
        tables["replications"] = DataTable.of(PILOT_COLUMNS, needs)
        how += f", a pilot of {pilot} replications as configured"
        against = "" if baseline is None else f"against {baseline.name} with common random numbers"
    source = provenance(how, question.scenarios, replications.seed, against=against)

    def draw() -> Figure:
        from sim.plots.warmup import warmup

        tables_of = (tables["warmup"].data, tables["averages"].data)
        return warmup(*tables_of, title, warmup_days, (total, taken_out(days)), source.sentence)

    return Result(
        question=f"How long is the start of {scenario.name} felt, and how many replications does it need?",
        verdicts=tuple(verdicts),
        tables=tables,
        provenance=source,
        text=tuple(text),
        draws={"warmup": draw},
    )


class Daily(Calendar):
    """A calendar whose measures are summed by day instead of by month."""

    @cached_property
    def month_names(self) -> tuple[str, ...]:
        """Days of the window, in order."""
        return tuple(day.isoformat() for day in self._dates[self.warmup_days :])

    @cached_property
    def month_of_day(self) -> np.ndarray:
        """Index into ``month_names`` a day, int32; -1 in the warm-up."""
        return np.maximum(np.arange(self.total_days) - self.warmup_days, -1).astype(np.int32)


class DailyScenario(Scenario):
    """A scenario that is measured by day."""

    @property
    def calendar(self) -> Calendar:
        """Dates of the run."""
        own = super().calendar
        return Daily(own.start, own.days, own.warmup_days)


@dataclass(frozen=True)
class Start:
    """What the start leaves behind in one outcome.

    Parameters
    ----------
    outcome : str
    mean : ndarray of float64, shape (days,)
        Mean over replications, seasons taken out.
    cut : Truncation
        Where MSER-5 sees its end, in days.
    """

    outcome: str
    mean: np.ndarray
    cut: Truncation


def from_the_start(scenario: Scenario, days: int) -> DailyScenario:
    """Return a scenario without warm-up, measured by day."""
    values = {
        **scenario.values,
        "calendar": {**scenario.values["calendar"], "days": days, "warmup_days": 0},
    }
    return DailyScenario(validated(ScenarioSettings, values, ""), values, scenario.evidence)


def by_day(scenario: DailyScenario, outcomes: Sequence[str], seed: int, replication: int) -> np.ndarray:
    """Return outcomes of one replication, float64 of shape (outcomes, days).

    Raises
    ------
    ConfigError
        The run does not report an outcome.
    """
    rows = measure_outcome(simulate(scenario, seed, replication), scenario)
    found = []
    for outcome in outcomes:
        names = registry()[outcome].of or (outcome,)
        if any((name, "all") not in rows for name in names):
            raise ConfigError(
                f"outcome {outcome}: this run does not report it (no waits without queues; against "
                "worst_case nothing but what is delivered)"
            )
        series = [rows[name, "all"] for name in names]
        if len(series) == 2:
            shape = np.zeros_like(series[0])
            series = [np.divide(series[0], series[1], out=shape, where=series[1] > 0)]
        found.append(series[0])
    return np.array(found)


def daily(
    scenario: DailyScenario,
    outcomes: Sequence[str],
    replications: Replications,
    on_progress: OnProgress = silent,
) -> np.ndarray:
    """Return outcomes by day, float64 of shape (replications, outcomes, days).

    Errors are those of ``by_day`` and of ``map_jobs``.
    """
    work = partial(by_day, scenario, tuple(outcomes), replications.seed)
    numbers, processes = replications.numbers, replications.processes
    return np.array(map_jobs(work, numbers, processes, on_progress, "study warmup: replication"))


def starts(scenario: DailyScenario, outcomes: Sequence[str], values: np.ndarray) -> list[Start]:
    """Return what the start leaves behind in each outcome.

    Weekdays are taken out as they stand in the second half. Months too when that holds two years: one year
    would pass its chances for seasons.

    Parameters
    ----------
    values : ndarray of float64, shape (replications, outcomes, days)
        Of ``daily``; days without a value (a price between two readings) take the last one.
    """
    calendar, days = scenario.calendar, values.shape[2]
    reference = np.arange(days) >= days // 2
    first = calendar.first_day.weekday()
    kinds = [(np.arange(days) + first) % DAYS_A_WEEK]
    if _seasons_known(days):
        kinds.append(calendar.calendar_month_of_day.astype(np.int64))
    found = []
    for k, outcome in enumerate(outcomes):
        mean = _filled(values[:, k].mean(axis=0))
        series = deseasonalised(mean, np.array(kinds), reference)
        found.append(Start(outcome, series, mser(series)))
    return found


def taken_out(days: int) -> str:
    """Return in words what ``starts`` takes out of so many days."""
    return "weekdays and seasons" if _seasons_known(days) else "weekdays (not seasons)"


def _seasons_known(days: int) -> bool:
    return days - days // 2 >= 2 * DAYS_A_YEAR


def _filled(series: np.ndarray) -> np.ndarray:
    """Return a series whose gaps hold the last value before them, or the first one after."""
    known = np.flatnonzero(np.isfinite(series))
    if not len(known):
        return np.zeros_like(series)
    last = np.maximum.accumulate(np.where(np.isfinite(series), np.arange(len(series)), -1))
    return np.asarray(series[np.where(last < 0, known[0], last)])


def _start_row(one: Start, warmup_days: int) -> Row:
    half = len(one.mean) // 2
    level = float(one.mean[half:].mean())
    early = float(one.mean[warmup_days:half].mean()) if warmup_days < half else float("nan")
    return {
        "outcome": one.outcome,
        "cut_days": one.cut.observations,
        "determined": one.cut.determined,
        "after_warmup_to_level": early / level if level else float("nan"),
    }


def _averages(found: Sequence[Start]) -> DataTable:
    """Return the moving averages of Welch over the windows that fit, as shares of the level."""
    rows: list[Row] = []
    for one in found:
        half = len(one.mean) // 2
        level = one.mean[half:].mean() or 1.0
        for window in (window for window in WINDOWS if window < half):
            series = moving_average(one.mean / level, window // 2)
            rows += [
                {"outcome": one.outcome, "window_days": window, "day": day, "of_level": float(value)}
                for day, value in enumerate(series)
            ]
    return DataTable.of(AVERAGE_COLUMNS, rows)


def _title(found: Sequence[Start], warmup_days: int) -> str:
    left_open = sum(not one.cut.determined for one in found)
    if left_open:
        return f"Not every outcome settles: {left_open} of {len(found)} cannot be told"
    longest = max(one.cut.observations for one in found)
    return f"The start is over after {longest} days at the latest; {warmup_days} are left out"


def _start_cells(table: DataTable, days: int, warmup_days: int) -> TextTable:
    rows = [
        [
            registry()[str(row["outcome"])].label,
            str(row["cut_days"]) if row["determined"] else CANNOT_TELL,
            compact(float(row["after_warmup_to_level"]), 4),
        ]
        for row in table
    ]
    heads = ("outcome", "felt for, days", "mean after, of the second half")
    title = f"the start, by MSER-5 on {days} days ({warmup_days} are left out)"
    return TextTable(heads, rows, left=("outcome",), title=title)


def _pilot(question: DesignQuestion, replications: Replications, on_progress: OnProgress) -> list[Row]:
    """Run the pilot and return how many replications each outcome needs."""
    runs = ensemble(question.scenarios, replications, on_progress).yearly(question.outcomes)
    values = runs[0] if question.before is None else runs[0] - runs[1]
    rows: list[Row] = []
    for k, outcome in enumerate(question.outcomes):
        if not np.isfinite(values[:, k]).all():
            raise ConfigError(f"outcome {outcome}: undefined in some runs of the pilot; take another")
        margin = question.margin(outcome)
        needed = replications_needed(values[:, k], margin)
        rows.append(
            {
                "outcome": outcome,
                "mean": float(values[:, k].mean()),
                "sd": float(values[:, k].std(ddof=1)),
                "margin": margin,
                "needed": needed.count,
                "low": needed.low,
                "high": needed.high,
            }
        )
    return rows


def _pilot_cells(question: DesignQuestion, needs: Sequence[Row], pilot: int) -> TextTable:
    rows = [
        [
            question.words(str(row["outcome"])),
            *(compact(float(row[name])) for name in ("mean", "sd", "margin")),
            f"{row['needed']:,}",
            f"{row['low']:,} to {row['high']:,}",
        ]
        for row in needs
    ]
    heads = ("outcome", "mean", "deviation", "margin", "needed", "could be")
    title = f"replications until the 95 % interval is within the margin, from a pilot of {pilot}"
    return TextTable(heads, rows, left=("outcome",), title=title)
