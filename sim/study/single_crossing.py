"""A crossing that the user invents: how long vehicles wait, and what is found; or both by scanning and lanes.

The model is ``sim.border.single``. A frontier holds levels of scanning and of lanes against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.border.single.crossing import SingleCrossing
from sim.border.single.frontier import border_frontier
from sim.border.single.summary import BorderResult, OutcomeEstimate, simulate_border
from sim.core.tables import Table
from sim.report import numbers
from sim.report.provenance import Provenance
from sim.report.result import Figure, Result
from sim.report.tables import DataTable, TextTable
from sim.report.verdicts import Standing, standing
from sim.stats.intervals import Interval
from sim.store.columns import COLUMNS, checked

if TYPE_CHECKING:
    from sim.report.folder import Written

FOUND = "detection_share"
LAYER_HEADS = {
    "referrals_per_day": "sent on/d",
    "lawful_referrals_per_day": "lawful/d",
    "finds_per_day": "finds/d",
    "finds_per_referral": "finds a sent one",
    "alarmed_share": "share of loads alarmed",
    "found_share": "found",
    "missed_share": "let go",
    "overlooked_share": "overlooked",
}
HOUR_HEADS = {"wait_min": "wait, min", "delayed_share": "P(wait)", "queue": "queue"}
FRONTIER_HEADS = {
    "wait_min": "wait, min",
    "detection_share": "found",
    "lawful_referrals_per_day": "lawful/d",
}


def crossing(border: SingleCrossing) -> Result:
    """Return how long vehicles wait at an invented crossing, by hour and on the whole, and what is found.

    Raises
    ------
    ConfigError
        Vehicles still wait a week after the counted days.
    """
    found = simulate_border(border)
    outcomes = _table("outcomes", _outcomes(found))
    source = _provenance(border)
    verdicts = (_wait(found), *_finds(found))

    def draw_day() -> Figure:
        from sim.plots.day import day
        from sim.study.single_crossing_day import day_of

        return day(day_of(border), border.name, source.sentence)

    def draw_screening() -> Figure:
        from sim.plots.screening import screening_of_crossing

        return screening_of_crossing(outcomes.data, source.sentence)

    searched = border.loads is not None and found["loads_per_day"].mean > 0
    return Result(
        question=f"How long do vehicles wait at {border.name}{', and what is found' if searched else ''}?",
        verdicts=verdicts,
        tables={"hours": _table("hours", found.hours), "outcomes": outcomes},
        provenance=source,
        text=(_hour_cells(found), _outcome_cells(found), *_layer_cells(found), *verdicts),
        draws={"day": draw_day, **({"screening": draw_screening} if searched else {})},
    )


def crossing_frontier(
    border: SingleCrossing, shares: Sequence[float] | None = None, added_lanes: Sequence[int] | None = None
) -> Result:
    """Return what an invented crossing finds and how long it lets wait, by scanning and lanes.

    Parameters
    ----------
    border : SingleCrossing
        With a scanner in ``screening``, and loads.
    shares, added_lanes
        As in ``border_frontier``.

    Raises
    ------
    ConfigError
        A point is impossible; the message says which.
    """
    points = _table("frontier", border_frontier(border, shares, added_lanes))
    verdict, source = _trade(points.data), _provenance(border)

    def draw() -> Figure:
        from sim.plots.frontier import frontier

        return frontier(points.data, verdict, source.sentence)

    return Result(
        question=f"What does {border.name} find, and how long does it let wait, by scanning and lanes?",
        verdicts=(f"{verdict}.",),
        tables={"frontier": points},
        provenance=source,
        text=(_frontier_cells(border, points.data), f"{verdict}."),
        draws={"frontier": draw},
    )


def write_crossing(result: Result, border: SingleCrossing, folder: Path) -> Written:
    """Write the tables of a crossing or frontier as parquet, its figures as pages with images, a manifest.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    from sim.report.folder import write_files
    from sim.store.parquet import write_table

    def write_parquet(folder: Path, name: str, table: DataTable) -> Path:
        path = folder / f"single_crossing_{name}.parquet"
        write_table(path, f"single_crossing_{name}", table.data)
        return path

    about = {"command": "sim border", "seed": border.seed, "crossing": border.model_dump(mode="json")}
    return write_files(result, folder, about, write_parquet)


def _table(name: str, columns: Table) -> DataTable:
    return DataTable(COLUMNS[f"single_crossing_{name}"], checked(f"single_crossing_{name}", columns))


def _outcomes(found: BorderResult) -> Table:
    rows = found.outcomes
    texts = {"outcome": [row.name for row in rows], "unit": [row.unit for row in rows]}
    texts["layer"] = [row.layer for row in rows]
    ends = {end: np.array([getattr(row.value, end) for row in rows]) for end in ("mean", "low", "high")}
    return {**{name: np.array(cells, dtype=object) for name, cells in texts.items()}, **ends}


def _provenance(border: SingleCrossing) -> Provenance:
    rule = border.leniency.kind if border.leniency else "none"
    return Provenance(
        f"an invented crossing, {border.name}, {border.replications} replications of {border.days} days, "
        f"leniency {rule}; its numbers are the user's, none is measured or taken from a real crossing",
        border.seed,
    )


def _title(border: SingleCrossing) -> str:
    window = f"{border.days} days after {border.warmup_days} of warm-up, {border.replications} replications"
    return f"{border.name}: {window}, seed {border.seed}; in brackets 95 % intervals of chance alone"


def _wait(found: BorderResult) -> str:
    wait, hours = found["wait_min"], found.hours["wait_min"]
    if not np.isfinite(wait.mean):
        return "Nobody comes."
    worst = int(np.nanargmax(hours))
    return (
        f"Vehicles wait {' '.join(_cells(wait))} minutes on average; the wait is longest at "
        f"{found.border.hour_name(worst)}, {numbers.number(hours[worst])} minutes."
    )


def _finds(found: BorderResult) -> tuple[str, ...]:
    if found.border.loads is None or not found["loads_per_day"].mean > 0:
        return ()
    share, quiet = found["detection_share"], found["loads_without_alarm_share"].mean
    ends = f" [{share.low:.0%}, {share.high:.0%}]" if np.isfinite(share.low) else ""
    return (f"{share.mean:.0%}{ends} of the loads are found; on {quiet:.0%} no layer alarms.",)


def _trade(points: Table) -> str:
    """Return what the most scanning does against the least, at the number of lanes nearest to that given."""
    lanes = points["staffing_added"]
    base = np.flatnonzero(lanes == lanes[np.argmin(np.abs(lanes))])
    reached = points["reached_share"]
    least, most = (int(base[end(reached[base])]) for end in (np.argmin, np.argmax))
    share, find = ([f"{points[name][i]:.0%}" for i in (least, most)] for name in ("reached_share", FOUND))
    wait = [numbers.minutes(float(points["wait_min"][i])) for i in (least, most)]
    if reached[least] == reached[most]:
        return f"Scanning {share[0]} finds {find[0]} of loads at a mean wait of {wait[0]} minutes"
    delay = f"the wait goes from {wait[0]} to {wait[1]} minutes"
    # All points share their draws: an interval of the difference would be no wider than this one.
    low, high = points[f"{FOUND}_low"], points[f"{FOUND}_high"]
    if standing([Interval(low[most] - high[least], high[most] - low[least])]) is Standing.OPEN:
        return (
            f"Cannot tell whether scanning {share[1]} instead of {share[0]} finds more loads ({find[1]} "
            f"against {find[0]}, and the intervals overlap); {delay}"
        )
    return f"Scanning {share[1]} instead of {share[0]} finds {find[1]} of loads, not {find[0]}; {delay}"


def _cells(value: OutcomeEstimate) -> list[str]:
    """Return a mean and its interval as two cells."""
    return [numbers.number(value.mean), numbers.plain_span(value.low, value.high)]


def _with_ends(heads: Sequence[str]) -> list[str]:
    """Return heads, each followed by that of its interval."""
    return [text for head in heads for text in (head, f"{head.partition(',')[0]} (95 %)")]


def _row_cells(table: Table, names: Sequence[str], row: int) -> list[str]:
    ends = [
        OutcomeEstimate(*(float(table[f"{name}{end}"][row]) for end in ("", "_low", "_high")))
        for name in names
    ]
    return [cell for value in ends for cell in _cells(value)]


def _hour_cells(found: BorderResult) -> TextTable:
    hours, border = found.hours, found.border
    rows = [
        [
            border.hour_name(i), f"{hours['lanes'][i]:.0f}", numbers.number(hours["trips_per_h"][i]),
            *_row_cells(hours, tuple(HOUR_HEADS), i), numbers.number(hours["utilization"][i]),
        ]
        for i in range(border.period)
    ]  # fmt: skip
    heads = ("hour", "lanes", "trips/h", *_with_ends(tuple(HOUR_HEADS.values())), "use")
    return TextTable(heads, rows, ("hour",), title=_title(border))


def _outcome_cells(found: BorderResult) -> TextTable:
    rows = [
        [row.name, *_cells(row.value), row.unit, row.layer] for row in found.outcomes if "." not in row.name
    ]
    heads = ("outcome", "mean", "95 % interval", "unit", "layer")
    return TextTable(heads, rows, ("outcome", "unit", "layer"), title="outcomes of all hours")


def _layer_cells(found: BorderResult) -> list[TextTable]:
    """Return what each layer did, one row per layer: first what officers see, then what the model knows."""
    rows = {tuple(row.name.split(".")): row for row in found.outcomes if "." in row.name}
    layers = list(dict.fromkeys(layer for layer, _ in rows))
    tables = []
    for view, words in (("observed", "what officers see of it"), ("latent", "what the model knows of it")):
        shown = [
            name
            for name in LAYER_HEADS
            if any(row.layer == view for (_, own), row in rows.items() if own == name)
        ]
        if shown:
            cells = [
                [layer, *(cell for name in shown for cell in _cells(rows[layer, name].value))]
                for layer in layers
            ]
            heads = ("first alarm", *_with_ends([LAYER_HEADS[name] for name in shown]))
            tables.append(TextTable(heads, cells, ("first alarm",), title=f"first alarm, {words}"))
    return tables


def _frontier_cells(border: SingleCrossing, points: Table) -> TextTable:
    rows = [
        [
            *(f"{points[name][i]:.1%}" for name in ("scanned_share", "reached_share")), f"{added:+d}",
            *_row_cells(points, tuple(FRONTIER_HEADS), i),
        ]
        for i, added in enumerate(points["staffing_added"])
    ]  # fmt: skip
    heads = ("scanned", "reached", "lanes", *_with_ends(tuple(FRONTIER_HEADS.values())))
    return TextTable(heads, rows, title=_title(border))
