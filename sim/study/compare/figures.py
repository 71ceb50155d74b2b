"""The figures of a comparison: which there are, what each says, and how it is drawn when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from sim.core.tables import Table
from sim.report.result import Draw, Figure
from sim.report.scenarios import Look, looks
from sim.report.yearly import window_of
from sim.study.compare import sentences
from sim.study.compare.selection import RunsToCompare
from sim.study.compare.sweep import Grid, Map, grid_of, maps
from sim.study.compare.tables import by_outcome, in_margins
from sim.study.compare.verdict import COST, DELIVERED, Comparison, Difference, named

MANY, ROWS = 6, 40
"""Runs up to which a figure shows every outcome, and rows of a figure."""
Looks = Mapping[str, Look]


@dataclass(frozen=True)
class Figures:
    """Figures by name in the order of the page.

    Parameters
    ----------
    remarks : sequence of str
        What they say, the main sentence first.
    draws : mapping of str to callable
        How each is drawn.
    unseen : sequence of str
        What none of them shows.
    """

    remarks: Sequence[str]
    draws: Mapping[str, Draw]
    unseen: Sequence[str]


def figures_of(choice: RunsToCompare, found: Comparison, over_time: Table, source: str) -> Figures:
    """Return the figures that a comparison supports.

    Parameters
    ----------
    choice, found
        What was compared, and what came out.
    over_time : Table
        What has added up of the fentanyl delivered, by run and month; may be empty.
    source : str
        Where the figures come from, for their footers.
    """
    worn, window = looks(found.panel.labels[1:]), window_of(found.panel.days)
    remarks: dict[str, str] = {}
    draws: dict[str, Draw] = {}
    shown = _shown(choice, found)
    if shown:
        rows = in_margins(shown, (COST,))
        remarks["differences"] = sentences.differences(rows)
        left_out = len(found.differences) - len(shown)
        draws["differences"] = partial(_forest, rows, remarks["differences"], source, left_out, worn)
    if len(over_time["run"]):
        verdicts = {row.label: row.verdict for row in named(found.differences, DELIVERED)}
        followed = len(set(over_time["run"]))
        some = f"Of {len(verdicts)} runs the {followed} that change most are shown. "
        footer = some * (followed < len(verdicts)) + source
        remarks["over_time"] = sentences.over_time(over_time, verdicts)
        draws["difference_over_time"] = partial(
            _cumulated, over_time, verdicts, remarks["over_time"], footer, worn
        )
    steps = _steps(found)
    if len(steps["run"]):
        remarks["ladder"] = sentences.ladder(steps)
        draws["scenario_ladder"] = partial(_ladder, steps, remarks["ladder"], source, window, worn)
    grid = grid_of(choice)
    mapped, unseen = maps(grid, found)
    if grid is None:
        return Figures(tuple(remarks.values()), draws, ())
    swept: dict[str, Draw] = {one.slug: partial(_sweep, one, grid, source, window) for one in mapped}
    first = {one.slug: swept[one.slug] for one in mapped[:1]}
    return Figures((*remarks.values(), *(one.title for one in mapped)), {**first, **draws, **swept}, unseen)


def _shown(choice: RunsToCompare, found: Comparison) -> list[Difference]:
    """Return the differences that the first figure shows: of many runs those of the first outcome."""
    rows = by_outcome(found)
    if len(choice.others) <= MANY:
        return [row for row in rows if row.monte_carlo.known]
    rows = sorted(named(rows, found.panel.outcomes[0]), key=lambda row: row.change)
    return [row for row in rows if row.monte_carlo.known][:ROWS]


def _steps(found: Comparison) -> Table:
    """Return effect against cost, no rows where no programme costs more or less than the reference's."""
    effects, costs = (named(found.differences, name) for name in (DELIVERED, COST))
    both = [
        (effect, cost)
        for effect, cost in zip(effects, costs, strict=False)
        if effect.monte_carlo.known and cost.monte_carlo.known
    ]
    if not any(abs(cost.change) >= cost.margin for _, cost in both):
        both = []
    return {
        "run": np.array([effect.label for effect, _ in both]),
        "cost": np.array([cost.change for _, cost in both]),
        "change": np.array([effect.change for effect, _ in both]),
        "low": np.array([effect.monte_carlo.low for effect, _ in both]),
        "high": np.array([effect.monte_carlo.high for effect, _ in both]),
        "verdict": np.array([effect.verdict for effect, _ in both]),
    }


def _forest(rows: Table, title: str, source: str, left_out: int, worn: Looks) -> Figure:
    from sim.plots.forest import forest

    return forest(rows, title, source, left_out, worn)


def _cumulated(rows: Table, verdicts: Mapping[str, str], title: str, source: str, worn: Looks) -> Figure:
    from sim.plots.difference_months import cumulated

    return cumulated(rows, verdicts, title, source, worn)


def _ladder(rows: Table, title: str, source: str, window: str, worn: Looks) -> Figure:
    from sim.plots.ladder import ladder

    return ladder(rows, title, source, window, worn)


def _sweep(one: Map, grid: Grid, source: str, window: str) -> Figure:
    from sim.plots.grid import Axes, sweep_grid

    axes = Axes(grid.x, grid.y, one.info.label, one.info.unit, window, one.slug)
    return sweep_grid(one.cells, axes, one.title, source)
