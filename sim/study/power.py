"""Power: after how many months what agencies record would show that levers work."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sim.core.errors import ConfigError
from sim.core.tables import Column
from sim.measures.registry import outcome_named, registry
from sim.measures.replication import run_replication
from sim.report.numbers import compact, counted
from sim.report.provenance import provenance
from sim.report.result import Figure, Result
from sim.report.tables import DataTable, TextTable, end_columns
from sim.run.ensemble import ensemble
from sim.run.plan import Replications, Simulate
from sim.run.pool import OnProgress, silent
from sim.scenario import MAX_DAYS, Scenario
from sim.stats.detection import change, detected, lasting, power_ends, wilson, without_spread
from sim.stats.intervals import Interval
from sim.study.arguments import RECORDS, check_counts, check_share

OBSERVED = "observed"
MONTHS_A_YEAR = 12
DAYS_A_MONTH = 365.25 / MONTHS_A_YEAR
LEVEL = 0.05
"""Probability of seeing a change where there is none that the test is built for."""


@dataclass(frozen=True)
class PowerCurve:
    """How well one outcome shows the change, after 1, 2, 3 ... months.

    Parameters
    ----------
    outcome : str
    before, after : float
        Mean of a month before the start, and of a month after it over the whole horizon, with the levers.
    seen : ndarray of bool, shape (replications, months)
        Whether a single world with the levers stands out.
    false_alarms : ndarray of bool, shape (replications, months)
        Whether a single world without them does.
    ends : tuple of ndarray of float64, each of shape (months,)
        Lower and upper ends of the 95 % interval of the power.
    flat : ndarray of bool, shape (months,)
        Whether a world is held against others that are all equal, so that anything is seen.
    """

    outcome: str
    before: float
    after: float
    seen: np.ndarray
    false_alarms: np.ndarray
    ends: tuple[np.ndarray, np.ndarray]
    flat: np.ndarray

    @property
    def power(self) -> np.ndarray:
        """Share of worlds in which the change is seen, shape (months,)."""
        return np.asarray(self.seen.mean(axis=0))

    @property
    def alarms(self) -> Interval:
        """95 % interval of the share of false alarms over all months.

        Wilson on worlds: the months of one world go together, so they count as one try.
        """
        return wilson(float(self.false_alarms.mean()) * len(self.false_alarms), len(self.false_alarms))

    @property
    def doubt(self) -> str:
        """Why the power of this record says little, in words; empty where it does say something."""
        if self.flat.any():
            last = int(np.flatnonzero(self.flat)[-1]) + 1
            return (
                f"up to month {last} worlds without the levers are equal but for one or none, so that any "
                "difference counts as seen"
            )
        if not self.alarms.low <= LEVEL <= self.alarms.high:
            side = "more" if self.alarms.low > LEVEL else "fewer"
            return (
                f"clearly {side} false alarms than the {LEVEL:.0%} that the test is built for, so that its "
                "power is not that of such a test"
            )
        return ""

    def months(self, wanted: float) -> tuple[float, float, float]:
        """Return the months after which the power stays at ``wanted``, the fewest and the most it may be.

        Infinite where it does not within the horizon.
        """
        low, high = self.ends
        horizon = self.seen.shape[1]
        found = [lasting(share, wanted) for share in (self.power, high, low)]
        needed, fewest, most = (float(i + 1) if i < horizon else np.inf for i in found)
        return needed, fewest, most


@dataclass(frozen=True)
class PowerQuestion:
    """What is asked: months before the levers start, months after it at most, power wanted (0..1)."""

    before: int
    months: int
    wanted: float


def power(
    scenario: Scenario,
    replications: Replications,
    outcomes: Sequence[str] = RECORDS,
    *,
    before: int = 12,
    months: int = 36,
    wanted: float = 0.8,
    on_progress: OnProgress = silent,
) -> Result:
    """Return after how many months of each record it would be seen that levers work.

    Parameters
    ----------
    scenario : Scenario
        Its levers are started after ``before`` months; it must start with a month. Records of agencies need
        no queues, so ``border.model=instant`` is quick.
    replications : Replications
        At least 3: worlds with the levers, and as many without.
    outcomes : sequence of str
        Observed monthly sums of ``conf/measures.yaml``.
    before, months : int
        Months before the start, and after it at most.
    wanted : float
        Probability of seeing the change, 0..1.

    Raises
    ------
    ConfigError
        An argument is out of range, or the levers cannot start later.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    check_counts("power", replications=(replications.count, 3), before=(before, 1), months=(months, 1))
    check_share("power", "power", wanted)
    outcomes = tuple(dict.fromkeys(outcomes))
    check_outcomes(outcomes)
    later = starting_later(scenario, before, months)
    found = sights(later, outcomes, before, replications, on_progress)
    return result_of(found, later, PowerQuestion(before, months, wanted), replications)


def check_outcomes(outcomes: Sequence[str]) -> None:
    """Raise ``ConfigError`` for an outcome that nobody records, or that does not add up over months."""
    if not outcomes:
        raise ConfigError("study power: name at least one outcome, such as seizure_events")
    for name in outcomes:
        info = outcome_named(name, "study power")
        if info.layer != OBSERVED:
            raise ConfigError(f"study power: {name} is latent, nobody records it; choose an observed outcome")
        if info.over_months != "sum":
            raise ConfigError(f"study power: {name} is a {info.over_months}; choose a monthly sum")


def month_after(start: date, months: int) -> date:
    """Return the first day of a month so many months later."""
    year, month = divmod(start.year * MONTHS_A_YEAR + start.month - 1 + months, MONTHS_A_YEAR)
    return date(year, month + 1, 1)


def starting_later(scenario: Scenario, before: int, after: int) -> Scenario:
    """Return the scenario with its levers starting after some months, and its end some months later.

    Raises
    ------
    ConfigError
        The scenario pulls no lever, one with dates or a trigger, does not start with a month, or is too long.
    """
    start = scenario.calendar.start
    if not scenario.pulled:
        raise ConfigError(f"study power: scenario {scenario.name} pulls no lever, so nothing starts in it")
    for name in scenario.pulled:
        lever = scenario.settings.levers[name]
        if lever.time_limited or lever.start or lever.end or lever.trigger:
            raise ConfigError(
                f"study power: levers.{name} has dates or a trigger of its own; levers that stay are started"
            )
    if start.day != 1:
        raise ConfigError(f"calendar.start: {start} is not the first of a month, which power counts in")
    switch, end = month_after(start, before), month_after(start, before + after)
    if (end - start).days > MAX_DAYS:
        raise ConfigError(
            f"study power: {before} months before the start and {after} after it are {(end - start).days} "
            f"days together; a run has at most {MAX_DAYS}, {int(MAX_DAYS / DAYS_A_MONTH)} months"
        )
    starts = {f"levers.{name}.start": str(switch) for name in scenario.pulled}
    return scenario.changed({"calendar.days": (end - start).days, **starts})


def sights(
    scenario: Scenario,
    outcomes: Sequence[str],
    before: int,
    replications: Replications,
    on_progress: OnProgress = silent,
    simulate: Simulate = run_replication,
) -> list[PowerCurve]:
    """Simulate a scenario whose levers start after ``before`` months, and the same without them.

    Raises
    ------
    ConfigError
        An outcome is not reported.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    pair = [scenario.with_sizes({}), scenario]
    without, with_ = ensemble(pair, replications, on_progress, simulate).monthly(outcomes)
    found = []
    for k, name in enumerate(outcomes):
        null, changed = change(without[:, k], before), change(with_[:, k], before)
        means = with_[:, k, :before].mean(), with_[:, k, before:].mean()
        seen, alarms = detected(changed, null, LEVEL), detected(null, null, LEVEL)
        ends, flat = power_ends(changed, null), without_spread(null)
        found.append(PowerCurve(name, float(means[0]), float(means[1]), seen, alarms, ends, flat))
    return found


_MARK = " *"
"""Stands beside a record whose power says little."""
RECORD_COLUMNS = (
    Column("measure", "str", "", "name in conf/measures.yaml"),
    Column("unit", "str", "", "unit of a month's value"),
    Column("month_before", "float64", "of the row", "mean month before the start"),
    Column("month_after", "float64", "of the row", "mean month after it, with the levers"),
    Column("months_needed", "float64", "months", "from which on the power lasts; inf: not within the months"),
    Column("fewest", "float64", "months", "fewest that may be needed, by the interval of the power"),
    Column("most", "float64", "months", "most that may be needed"),
    Column("doubt", "str", "", "why the power of this record says little"),
)
POWER_COLUMNS = (
    Column("measure", "str", "", "name in conf/measures.yaml"),
    Column("months", "int64", "months", "months of data after the start"),
    Column("power", "float64", "1/1", "share of worlds in which the change is seen"),
    *end_columns("1/1", "of its 95 % interval"),
    Column("false_alarms", "float64", "1/1", "share of worlds without levers in which a change is seen"),
    Column("doubt", "str", "", "why the power of this record says little"),
)


def result_of(
    found: Sequence[PowerCurve], scenario: Scenario, question: PowerQuestion, replications: Replications
) -> Result:
    """Return how well records show the change as a result."""
    source = provenance(
        f"{replications.count} worlds with the levers of {scenario.name} and as many without, "
        f"{counted(question.before, 'month')} before the start",
        [scenario],
        replications.seed,
    )
    doubts = _doubts(found)
    tables = {
        "records": DataTable.of(RECORD_COLUMNS, [_record(curve, question) for curve in found]),
        "power": DataTable.of(POWER_COLUMNS, [row for curve in found for row in _curve(curve)]),
    }
    order = sorted(found, key=lambda curve: (bool(curve.doubt), curve.months(question.wanted)[0]))
    labels = {curve.outcome: _label(curve) for curve in order}
    footer = " ".join([*doubts, source.sentence])

    def draw_months() -> Figure:
        from sim.plots.power import months_needed

        title = _sentence(order[0], question).rstrip(".")
        return months_needed(tables["records"].data, labels, question.months, question.wanted, title, footer)

    def draw_curves() -> Figure:
        from sim.plots.power import power_curves

        return power_curves(tables["power"].data, labels, question.wanted, footer)

    verdicts = tuple(_sentence(curve, question) for curve in found)
    return Result(
        question=f"After how many months would records show that the levers of {scenario.name} work?",
        verdicts=verdicts,
        tables=tables,
        provenance=source,
        text=(_cells(found, question), *verdicts),
        notes=(*doubts, *_too_few(replications.count, question.wanted)),
        draws={"months_needed": draw_months, "power": draw_curves},
    )


def _label(curve: PowerCurve) -> str:
    return f"{registry()[curve.outcome].label}{_MARK * bool(curve.doubt)}"


def _cells(found: Sequence[PowerCurve], question: PowerQuestion) -> TextTable:
    power_after = f"power after {question.months}"
    heads = (
        "record", "a month before", "after", "unit", "months needed", "range", power_after, "95 % interval",
        "false alarms", "95 % of alarms",
    )  # fmt: skip
    rows = []
    for curve in found:
        needed, fewest, most = (
            f"{value:.0f}" if math.isfinite(value) else f"> {question.months}"
            for value in curve.months(question.wanted)
        )
        unit, (low, high) = registry()[curve.outcome].unit, curve.ends
        rows.append([
            _label(curve), compact(curve.before), compact(curve.after), unit, needed,
            f"[{fewest}, {most}]", f"{curve.power[-1]:.0%}", f"[{low[-1]:.0%}, {high[-1]:.0%}]",
            f"{curve.false_alarms.mean():.1%}", f"[{curve.alarms.low:.1%}, {curve.alarms.high:.1%}]",
        ])  # fmt: skip
    return TextTable(heads, rows, left=("record", "unit", "range", "95 % interval", "95 % of alarms"))


def _sentence(curve: PowerCurve, question: PowerQuestion) -> str:
    label = registry()[curve.outcome].label.lower()
    needed, fewest, most = curve.months(question.wanted)
    if not math.isfinite(needed):
        text = f"With {label} alone the change is not seen with {question.wanted:.0%} power"
        text += f" within {counted(question.months, 'month')}"
        return text + (f" (it may be from month {fewest:.0f} on)." if math.isfinite(fewest) else ".")
    last = f"{most:.0f}" if math.isfinite(most) else f"more than {question.months}"
    return (
        f"With {label} alone {needed:.0f} month{'s are' if needed > 1 else ' is'} needed to see the change "
        f"with {question.wanted:.0%} power ({fewest:.0f} to {last})."
    )


def _doubts(found: Sequence[PowerCurve]) -> list[str]:
    """Return a line for each reason why the power of some records says little."""
    labels: dict[str, list[str]] = {}
    for curve in found:
        if curve.doubt:
            labels.setdefault(curve.doubt, []).append(registry()[curve.outcome].label.lower())
    return [f"{_MARK.strip()} {' and '.join(names)}: {doubt}." for doubt, names in labels.items()]


def _too_few(replications: int, wanted: float) -> list[str]:
    """Return a line for replications of which even all together cannot prove the power, else nothing."""
    least = wilson(replications, replications).low
    if least >= wanted:
        return []
    return [
        f"{replications} replications cannot prove a power of {wanted:.0%}: even if every world shows the "
        f"change, it may be {least:.0%}; give more replications."
    ]


def _record(curve: PowerCurve, question: PowerQuestion) -> dict[str, str | float]:
    needed, fewest, most = curve.months(question.wanted)
    return {
        "measure": curve.outcome, "unit": registry()[curve.outcome].unit, "month_before": curve.before,
        "month_after": curve.after, "months_needed": needed, "fewest": fewest, "most": most,
        "doubt": curve.doubt,
    }  # fmt: skip


def _curve(curve: PowerCurve) -> list[dict[str, str | float]]:
    low, high = curve.ends
    return [
        {
            "measure": curve.outcome, "months": i + 1, "power": curve.power[i], "low": low[i],
            "high": high[i], "false_alarms": curve.false_alarms[:, i].mean(), "doubt": curve.doubt,
        }
        for i in range(len(low))
    ]  # fmt: skip
