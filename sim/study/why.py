"""Why did it change: which fates differ between two scenarios, by the mechanism that made the difference.

Both run with common random numbers, and what flipped is summed over pairs of runs. Orders, consignments and
takedowns are in no record: the first recorded difference of a lever upstream lies downstream of its cause.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from sim.core.errors import ConfigError
from sim.core.tables import Column
from sim.disclosure import refuse_withheld
from sim.report import numbers, theme
from sim.report.provenance import provenance
from sim.report.result import Figure, Result
from sim.report.tables import DataTable, TextTable, end_columns
from sim.report.verdicts import CANNOT_TELL, NOTHING, UNDEFINED, direction
from sim.report.yearly import DAYS_A_YEAR, window_of
from sim.run.plan import Replications
from sim.run.pool import OnProgress, map_jobs, silent
from sim.scenario import Scenario
from sim.stats.intervals import Interval, mean_interval
from sim.study.fates import CASE, LOAD, MECHANISMS, WARMUP, ChangedFate, pair

ALL = "all"
FLIPS = (
    Column("kind", "str", "", "load or case"),
    Column("month", "str", "", "YYYY-MM in which the records of the two runs first differ"),
    Column("place", "str", "", "route class, or kind of lead"),
    Column("before", "str", "", "fate in the first scenario"),
    Column("after", "str", "", "fate in the second scenario"),
    Column("mechanism", "str", "", "what made the difference"),
    Column("count", "float64", "per replication", "loads or cases in the month"),
    Column("delivered_kg", "float64", "kg pure", "delivered in the second less the first, per replication"),
)
MECHANISM = (
    Column("mechanism", "str", "", "what made the difference; all is the sum"),
    Column("meaning", "str", "", "the mechanism in words"),
    Column("loads", "float64", "per replication", "loads with another fate, over a year or the window"),
    Column("kg", "float64", "kg pure", "delivered in the second scenario less the first, same time"),
    *end_columns("kg pure", "of the 95 % interval of kg over pairs of runs"),
    Column("verdict", "str", "", "whether more or less is delivered"),
)
_FIRST = 3
_RECORDED = (
    "recorded are loads and cases, not orders, consignments or takedowns: the first recorded difference of a "
    "lever upstream lies downstream of its cause"
)


@dataclass(frozen=True)
class Why:
    """The flips of all replications, means over them.

    ``first`` is the fate that differs first in each replication, by the time at which its records part;
    ``effect_kg`` (float64, one a replication) what the second run delivers more, a year where the window is
    longer, and ``by_mechanism`` the same by mechanism: they add up to it exactly. ``changed_fates`` are those
    of the months themselves; ``per_year`` is the share of them that a year has, 1 up to a year.
    """

    names: tuple[str, str]
    changed_fates: tuple[ChangedFate, ...]
    first: tuple[ChangedFate, ...]
    effect_kg: np.ndarray
    by_mechanism: dict[str, np.ndarray]
    per_year: float = 1.0


def why(
    before: Scenario, after: Scenario, replications: Replications, *, on_progress: OnProgress = silent
) -> Result:
    """Return which loads and cases have another fate in the second scenario, and what made the difference.

    Parameters
    ----------
    before, after : Scenario
        Over the same dates.
    replications : Replications
        Pairs of runs; two give intervals. None is stored.
    on_progress : callable
        Called in this process after every pair of runs.

    Raises
    ------
    ConfigError
        The dates differ, there is no replication, or an adversary's choices are never reported.
    """
    if before.calendar != after.calendar:
        ends = [f"{one.calendar.days} days from {one.settings.calendar.start}" for one in (before, after)]
        raise ConfigError(
            f"study why: {before.name} runs {ends[0]} and {after.name} {ends[1]}; only runs of the same "
            "window can be compared: set calendar.days= and calendar.start=, or take baseline_3y"
        )
    return result_of(explain(before, after, replications, on_progress), (before, after), replications)


def result_of(found: Why, scenarios: tuple[Scenario, Scenario], replications: Replications) -> Result:
    """Return the flips of two scenarios as a result."""
    (old, new), window = found.names, window_of(scenarios[1].calendar.days)
    pairs = f"{numbers.counted(replications.count, 'pair')} of runs"
    changed_fates = DataTable.of(FLIPS, [asdict(changed_fate) for changed_fate in found.changed_fates])
    table = DataTable.of(MECHANISM, _mechanisms(found))
    source = provenance(pairs, scenarios, replications.seed, against=f"scenarios {old} and {new}")
    question = f"Why does {new} differ from {old}?"
    tables = {"flips": changed_fates, "mechanisms": table}
    if not found.first:
        nothing = f"no load and no case has another fate in {pairs}: nothing to explain"
        return Result(question, (nothing,), tables, source, (nothing,))
    verdict = (
        sentence(table.rows()[-1], found.names, window)
        if len(table)
        else "no load has another fate in the window"
    )
    cases = found.per_year * sum(
        changed_fate.count for changed_fate in found.changed_fates if changed_fate.kind == CASE
    )
    lines = [f"cases and leads with another fate: {numbers.number(cases)} {window}"]
    lines += [
        f"first recorded difference of pair {number}: {changed_fate.month}, a {changed_fate.kind} "
        f"({changed_fate.place}): {changed_fate.before} became {changed_fate.after} "
        f"({MECHANISMS[changed_fate.mechanism]})"
        for number, changed_fate in enumerate(found.first[:_FIRST])
    ]

    def draw() -> Figure:
        from sim.plots.why import why as figure

        return figure(table.data, verdict, source.sentence, window)

    title = f"{new} less {old}: means of {pairs} with common random numbers"
    shown = [_cells(table, title, window)] if len(table) else []
    return Result(
        question,
        (f"{verdict}.",),
        tables,
        source,
        (*shown, f"{verdict}.", *lines),
        {"why": draw} if len(table) else {},
        (_RECORDED,),
    )


def _mechanisms(found: Why) -> list[dict[str, str | float]]:
    """Return kilograms with interval and loads by mechanism, largest effect first, and their sum last."""
    loads = dict.fromkeys(MECHANISMS, 0.0)
    for changed_fate in found.changed_fates:
        loads[changed_fate.mechanism] += (
            changed_fate.count * found.per_year if changed_fate.kind == LOAD else 0.0
        )
    kg = found.by_mechanism
    names = sorted((name for name in MECHANISMS if loads[name]), key=lambda name: -abs(kg[name].mean()))
    parts = [(name, MECHANISMS[name], loads[name], kg[name]) for name in names]
    whole = [(ALL, ALL, sum(loads.values()), found.effect_kg)] if parts else []
    rows = []
    for name, meaning, count, values in (*parts, *whole):
        ends = mean_interval(values)
        verdict = direction([ends]) if ends.known else UNDEFINED
        rows.append({
            "mechanism": name, "meaning": meaning, "loads": count, "kg": float(values.mean()),
            "low": ends.low, "high": ends.high, "verdict": verdict,
        })  # fmt: skip
    return rows


def sentence(whole: Mapping[str, Any], names: Sequence[str], window: str) -> str:
    """Return what the sum of all mechanisms says of the fentanyl delivered.

    Parameters
    ----------
    whole : mapping
        ``kg`` and ``verdict`` of the sum.
    names : sequence of str
        First and second scenario.
    window : str
        What is counted over, in words.
    """
    who, other = theme.label(names[1]), theme.label(names[0]).lower()
    if whole["verdict"] == CANNOT_TELL:
        return f"{who}: cannot tell whether more or less is delivered than in {other}"
    if whole["verdict"] == NOTHING:
        return f"{who}: no difference from {other} in what is delivered"
    kg = float(whole["kg"])
    entries = f"{numbers.compact(abs(kg))} kg {'more' if kg > 0 else 'less'} {window}"
    if whole["verdict"] == UNDEFINED:
        return f"{who} delivers {entries} than {other} in one pair of runs, which tells no interval"
    return f"{who} delivers {entries} than {other}"


def _cells(table: DataTable, title: str, window: str) -> TextTable:
    heads = ("mechanism", f"loads {window}", f"kg delivered {window}", "95 % interval")
    rows = []
    for row in table:
        ends = Interval(float(row["low"]), float(row["high"]))
        rows.append([
            str(row["meaning"]), numbers.number(float(row["loads"])), numbers.signed(float(row["kg"])),
            numbers.span(ends) or "one pair only",
        ])  # fmt: skip
    return TextTable(heads, rows, left=heads[:1], title=title)


def explain(
    before: Scenario, after: Scenario, replications: Replications, on_progress: OnProgress = silent
) -> Why:
    """Compare two scenarios over replications on common random numbers.

    Parameters
    ----------
    before, after : Scenario
        With the same calendar.
    replications : Replications
        Pairs of runs; none is stored.
    on_progress : callable
        Called in this process at the start and after every pair.

    Returns
    -------
    Why

    Raises
    ------
    ConfigError
        An adversary's choices are never reported.
    ChokepointError
        A worker process died every time that a pair was tried.
    """
    for scenario in (before, after):
        refuse_withheld(
            scenario.settings.adversary.kind,
            "why",
            "sim study effect SCENARIO --adversaries worst_case tells what it delivers",
        )
    work = partial(pair, before, after, replications.seed)
    pairs = map_jobs(
        work, replications.numbers, replications.processes, on_progress, "study why: replication"
    )
    return summed((before.name, after.name), pairs, after.calendar.days)


def summed(names: tuple[str, str], pairs: list[list[ChangedFate]], days: int = DAYS_A_YEAR) -> Why:
    """Sum single flips over the replications of a study, for a window of so many days."""
    per_year = DAYS_A_YEAR / days if days > DAYS_A_YEAR + 1 else 1.0
    sums: dict[tuple[str, str, str, str, str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    by_mechanism = {name: np.zeros(len(pairs)) for name in MECHANISMS}
    for number, changed_fates in enumerate(pairs):
        for changed_fate in (changed_fate for changed_fate in changed_fates if changed_fate.month != WARMUP):
            key = (
                changed_fate.kind,
                changed_fate.month,
                changed_fate.place,
                changed_fate.before,
                changed_fate.after,
                changed_fate.mechanism,
            )
            sums[key][0] += changed_fate.count / len(pairs)
            sums[key][1] += changed_fate.delivered_kg / len(pairs)
            by_mechanism[changed_fate.mechanism][number] += changed_fate.delivered_kg * per_year
    rows = tuple(ChangedFate(*key, count, kg) for key, (count, kg) in sorted(sums.items()))
    effect = np.sum(list(by_mechanism.values()), axis=0)
    return Why(
        names,
        rows,
        tuple(changed_fates[0] for changed_fates in pairs if changed_fates),
        effect,
        by_mechanism,
        per_year,
    )
