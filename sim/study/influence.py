"""Influence: every assumed number at both ends of its range, one at a time, with common random numbers.

A screen, not a sensitivity analysis: it sees no interaction. It answers which assumptions deserve an
argument first. The border runs without queues, so numbers that act on waits alone move nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from sim.core.errors import ConfigError
from sim.core.settings import EvidenceRow
from sim.core.tables import Column
from sim.measures.registry import registry
from sim.report import numbers
from sim.report.provenance import provenance
from sim.report.result import Result
from sim.report.tables import DataTable, Row, TextTable
from sim.report.verdicts import LESS, MORE, NOTHING, direction
from sim.run.ensemble import ensemble
from sim.run.plan import Replications
from sim.run.pool import OnProgress, silent
from sim.scenario import Scenario
from sim.stats.intervals import Interval, mean_interval
from sim.study.design.values import variant, without_queues
from sim.study.space import assumptions

OUTCOMES = {
    "delivered_pure_kg": "delivered",
    "seized_pure_kg": "seized",
    "adversary_profit_usd": "profit",
}
"""Outcomes with their short names; the first one decides the order. Not the precursors stopped: few finds
a year, whose change no few replications tell from chance."""
FROZEN = "none"
OF_ONE_POLICY = {
    "salience": ("local_thinking",),
    "bandit": ("learning_rate", "implicit_exploration"),
    "worst_case": ("ceiling",),
}
"""Numbers of ``conf/adversary`` that one policy reads alone."""
ENDS = ("low", "high")
_SHOWN = 10

COLUMNS = (
    Column(
        "place", "int64", "1", "place in the order of influence; 0 when it moves the first outcome nowhere"
    ),
    Column("path", "str", "", "configuration path of the number"),
    Column("unit", "str", "", "of the number"),
    Column("end", "str", "", "end of the range that it was set to: low or high"),
    Column("value", "float64", "of the row", "value there"),
    Column("outcome", "str", "", "name in conf/measures.yaml"),
    Column("change", "float64", "1", "change against the baseline, as a share of the baseline's mean"),
    Column("half", "float64", "1", "half the 95 % interval of change"),
    Column("verdict", "str", "", "more, less, no difference, or cannot tell"),
)
OFF_COLUMNS = (Column("path", "str", "", "number of a part that the scenario has switched off"),)
BASELINE_COLUMNS = (
    Column("outcome", "str", "", "name in conf/measures.yaml"),
    Column("mean", "float64", "of the row", "mean over replications"),
    Column("unit", "str", "", "of the outcome"),
)


@dataclass(frozen=True)
class Influence:
    """What one number moves.

    Parameters
    ----------
    row : EvidenceRow
        The number with its range and source.
    change : ndarray of float64, shape (2, outcomes)
        Change of each of ``OUTCOMES`` against the baseline at the low and the high end of the range, as a
        share of the baseline's mean.
    half : ndarray of float64, shape (2, outcomes)
        Half the width of its 95 % interval (Student), on common random numbers.
    """

    row: EvidenceRow
    change: np.ndarray
    half: np.ndarray

    def verdict(self, end: int, outcome: int) -> str:
        """Return which way an outcome moves at an end of the range."""
        change, half = self.change[end, outcome], self.half[end, outcome]
        return direction([Interval(change - half, change + half)])

    @property
    def swing(self) -> float:
        """The larger change of the first outcome whose interval leaves out zero, in absolute terms."""
        moved = [abs(float(self.change[end, 0])) for end in (0, 1) if self.verdict(end, 0) in (MORE, LESS)]
        return max(moved, default=0.0)


def influence(scenario: Scenario, replications: Replications, *, on_progress: OnProgress = silent) -> Result:
    """Return the assumptions of a scenario in the order of what they move.

    Parameters
    ----------
    scenario : Scenario
        Simulated without queues.
    replications : Replications
        Its replications, at least 2, are those of every variant.

    Raises
    ------
    ConfigError
        There are fewer than 2 replications.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    if replications.count < 2:
        raise ConfigError(f"study influence: replications must be at least 2 (got {replications.count})")
    rows, off = active_and_off(scenario)
    found, central = swings(scenario, rows, replications, on_progress)
    moving = [one for one in found if one.swing]
    first = next(iter(OUTCOMES.values()))
    verdict = f"{len(moving)} of {len(rows)} assumptions move what is {first} beyond their 95 % intervals."
    how = (
        f"{len(rows) + len(off)} assumptions of {scenario.name}, {len(off)} of them in parts that are "
        f"switched off, {replications.count} replications of each variant"
    )
    table = DataTable.of(COLUMNS, [row for place, one in enumerate(found, 1) for row in _rows(one, place)])
    means = [
        {"outcome": name, "mean": value, "unit": registry()[name].unit}
        for name, value in zip(OUTCOMES, central, strict=True)
    ]
    return Result(
        question=f"Which assumptions move the outcomes of {scenario.name} most?",
        verdicts=(verdict,),
        tables={
            "influence": table,
            "baseline": DataTable.of(BASELINE_COLUMNS, means),
            "switched_off": DataTable.of(OFF_COLUMNS, [{"path": row.path} for row in off]),
        },
        provenance=provenance(how, [without_queues(scenario, {})], replications.seed),
        text=(_cells(table, _SHOWN), verdict),
    )


def active_and_off(scenario: Scenario) -> tuple[list[EvidenceRow], list[EvidenceRow]]:
    """Return the assumptions that a scenario can feel, and those of parts that it has switched off."""
    rows, off = assumptions(scenario), _switched_off(scenario)
    return [row for row in rows if not off(row.path)], [row for row in rows if off(row.path)]


def _switched_off(scenario: Scenario) -> Callable[[str], bool]:
    """Return which paths belong to a policy, a rule of leniency or a limit that is not chosen."""
    border, kind = scenario.settings.border, scenario.settings.adversary.kind
    others = [name for policy, names in OF_ONE_POLICY.items() if policy != kind for name in names]
    adversary = ["adversary."] if kind == FROZEN else [f"adversary.{name}" for name in others]
    rules = [
        f"border.leniency.{rule}."
        for rule in scenario.values["border"]["leniency"]
        if rule != border.leniency.kind
    ]
    prefixes = tuple(adversary + rules)
    endless = border.screening.secondary_space == "unlimited"
    return lambda path: path.startswith(prefixes) or (endless and path.endswith(".waiting_places"))


def swings(
    scenario: Scenario,
    rows: Sequence[EvidenceRow],
    replications: Replications,
    on_progress: OnProgress = silent,
) -> tuple[list[Influence], np.ndarray]:
    """Set each number to both ends of its range; finished replications are kept in the store.

    Returns
    -------
    list of Influence
        Largest swing first.
    ndarray of float64, shape (outcomes,)
        Means of the baseline.
    """
    base = without_queues(scenario, {})
    variants: list[Scenario] = [base]
    places: list[tuple[int, int]] = []
    for row in rows:
        ends = []
        for value in (row.low, row.high):
            made = variant(base, row.path, value) if value != row.value else None
            ends.append(len(variants) if made is not None else 0)
            variants += [made] if made is not None else []
        places.append((ends[0], ends[1]))
    outcomes = ensemble(variants, replications, on_progress).yearly(list(OUTCOMES))
    central = outcomes[0].mean(axis=0)
    found, undefined = [], np.full(outcomes[0].shape, np.nan)
    for row, ends_of in zip(rows, places, strict=True):
        changes = [
            np.divide(outcomes[i] - outcomes[0], central, out=undefined.copy(), where=central != 0.0)
            for i in ends_of
        ]
        found.append(
            Influence(
                row,
                np.array([change.mean(axis=0) for change in changes]),
                np.array([_half_width(change) for change in changes]),
            )
        )
    return sorted(found, key=lambda one: (-one.swing, one.row.path)), central


def _half_width(change: np.ndarray) -> np.ndarray:
    """Return half the width of the 95 % interval of the mean over replications, by outcome."""
    ends = [mean_interval(column) for column in change.T]
    return np.array([(end.high - end.low) / 2.0 for end in ends])


def _rows(one: Influence, place: int) -> list[Row]:
    return [
        {
            "place": place if one.swing else 0,
            "path": one.row.path,
            "unit": one.row.unit,
            "end": name,
            "value": value,
            "outcome": outcome,
            "change": float(one.change[end, k]),
            "half": float(one.half[end, k]),
            "verdict": one.verdict(end, k),
        }
        for end, (name, value) in enumerate(zip(ENDS, (one.row.low, one.row.high), strict=True))
        for k, outcome in enumerate(OUTCOMES)
    ]


def influence_page(result: Result) -> str:
    """Return the page of assumptions, largest influence on what is delivered first, as Markdown."""
    table = result.table("influence")
    means = ", ".join(
        f"{OUTCOMES[str(row['outcome'])]} {row['mean']:,.0f} {str(row['unit']).partition(' ')[0]}"
        for row in result.table("baseline")
    )
    still = dict.fromkeys(str(row["path"]) for row in table if not row["place"])
    off = [str(row["path"]) for row in result.table("switched_off")]
    lines = [
        *_INTRODUCTION,
        "",
        f"{result.provenance.sentence} Baseline: {means}.",
        "",
        _cells(table).markdown(),
        *_section("No change of what is delivered beyond its 95 % interval", list(still)),
        *_section("Not active in this run: numbers of parts that are switched off", off),
    ]
    return "\n".join(lines) + "\n"


_INTRODUCTION = (
    "# Assumptions in the order of influence",
    "",
    "Written by `sim study influence`; do not edit by hand. Each assumed number is set to both ends of",
    "its range, one at a time, with common random numbers. The table shows the change of yearly outcomes "
    "against",
    "the baseline in per cent, at the low and at the high end, with half its 95 % interval (Student);",
    "`?` is a change whose interval holds zero. It sees no interactions, and the border",
    "runs without queues: what acts on waits alone stands among the numbers that move nothing.",
    "Levels that calibration would refit (loads, detection) are held. So the page is a map of what the",
    "model leans on; the uncertainty of headlines comes from the sets that fit the evidence.",
)


def _cells(table: DataTable, most: int | None = None) -> TextTable:
    """Return the numbers that move the first outcome, the largest first."""
    cells = []
    moving = (row for row in table if row["place"])
    for place, rows in groupby(moving, key=lambda row: row["place"]):
        ends = list(rows)
        low, high = ends[: len(OUTCOMES)], ends[len(OUTCOMES) :]
        changes = [
            f"{_change(at_low)} / {_change(at_high)}" for at_low, at_high in zip(low, high, strict=True)
        ]
        reach = numbers.full_range(float(low[0]["value"]), float(high[0]["value"]))
        cells.append([str(place), str(low[0]["path"]), reach, str(low[0]["unit"]), *changes])
    heads = ("place", "assumption", "range", "unit", *(f"{name}, %" for name in OUTCOMES.values()))
    return TextTable(heads, cells[:most], left=("assumption", "unit"))


def _change(row: Row) -> str:
    """Return a change in per cent with half its interval; a question mark when that holds zero."""
    if row["verdict"] == NOTHING:
        return "0"
    if row["verdict"] not in (MORE, LESS):
        return "?"
    return f"{100 * float(row['change']):+.1f} ± {100 * float(row['half']):.1f}"


def _section(title: str, paths: Sequence[str]) -> list[str]:
    return ["", f"## {title} ({len(paths)})", "", *(f"* `{path}`" for path in paths)]
