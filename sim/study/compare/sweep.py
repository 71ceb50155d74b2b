"""Runs that are a sweep of two keys: which keys, and a map of each outcome over them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.core.records import is_record
from sim.core.tables import Table
from sim.measures.registry import MeasureInfo
from sim.report import theme
from sim.report.numbers import number, signed, span
from sim.report.verdicts import BASE, CLEAR
from sim.report.yearly import window_of
from sim.study.compare import sentences
from sim.study.compare.selection import RunsToCompare, changes
from sim.study.compare.verdict import Comparison, Difference, named

# A map needs two values a side and is read cell by cell; a star of runs is none.
_LEAST, _MOST, _SIDE, _FULL = 4, 100, 12, 0.75


@dataclass(frozen=True)
class Grid:
    """Two keys, and where each run stands.

    Parameters
    ----------
    x, y : (str, str)
        Name of a key in words, and its unit or nothing.
    places : ndarray of float64, shape (runs, 2)
        Values of ``x`` and ``y``, the reference first.
    """

    x: tuple[str, str]
    y: tuple[str, str]
    places: np.ndarray


def grid_of(choice: RunsToCompare) -> Grid | None:
    """Return the grid of runs that differ in two numbers and fill at least three quarters of their pairs.

    The key with more values lies across.

    Raises
    ------
    StoreError
        A configuration cannot be read.
    """
    if not _LEAST <= len(choice.all) <= _MOST:
        return None
    first, *others = (chosen.run.tree() for chosen in choice.all)
    found = [changes(first, tree) for tree in others]
    base = {path: before for one in found for path, before, _ in one}
    if len(base) != 2:
        return None
    rows = [base, *({**base, **{path: after for path, _, after in one}} for one in found)]
    if any(type(value) not in (int, float) for row in rows for value in row.values()):
        return None
    paths = sorted(base, key=lambda path: (-len({row[path] for row in rows}), path))
    places = np.array([[row[path] for path in paths] for row in rows], dtype=np.float64)
    sides = [len(np.unique(column)) for column in places.T]
    if max(sides) > _SIDE or len(np.unique(places, axis=0)) < max(_LEAST, _FULL * sides[0] * sides[1]):
        return None
    x, y = (_key(first, path) for path in paths)
    return Grid(x, y, places)


def _key(tree: Mapping[str, Any], path: str) -> tuple[str, str]:
    """Return a key in words and its unit; of a lever its name will do."""
    lever = re.fullmatch(r"levers\.(\w+)\.size", path)
    if lever:
        return theme.label(lever[1]), str(tree["levers"][lever[1]].get("unit", ""))
    node: Any = tree
    for part in path.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    return theme.number_words(path), str(node["unit"]) if is_record(node) else ""


@dataclass(frozen=True)
class Map:
    """The map of one outcome over a grid: cells as ``sim.plots.grid`` draws them, and what they say."""

    slug: str
    cells: Table
    title: str
    info: MeasureInfo


def maps(grid: Grid | None, found: Comparison) -> tuple[list[Map], list[str]]:
    """Return the maps of a sweep of two keys, and a line that names the outcomes without one.

    The first outcome always has its map, others where at least one difference has a clear sign.
    """
    if grid is None:
        return [], []
    drawn: list[Map] = []
    silent = []
    for name in found.panel.outcomes:
        rows = named(found.differences, name)
        info = rows[0].info
        if drawn and not any(row.verdict in CLEAR for row in rows):
            silent.append(info.label.lower())
            continue
        cells = _cells(grid, rows)
        unit = "" if info.unit.startswith(("1 =", "share")) else f" {info.unit}"
        keys, window = (grid.x[0], grid.y[0]), window_of(found.panel.days)
        title = sentences.sweep(cells, info.label, unit, keys, window)
        drawn.append(Map(f"sweep_{name}", cells, title, info))
    remarks = [f"no map, for want of a clear difference from the base: {', '.join(silent)}"] if silent else []
    return drawn, remarks


def _cells(grid: Grid, rows: list[Difference]) -> Table:
    level, certain = rows[0].before, [row.monte_carlo.low == row.monte_carlo.high for row in rows]
    return {
        "x": grid.places[:, 0],
        "y": grid.places[:, 1],
        "change": np.array([0.0, *(row.change for row in rows)]),
        "text": np.array(
            [number(level), *(signed(row.change) if row.monte_carlo.known else "" for row in rows)]
        ),
        "span": np.array(
            ["", *("" if sure else span(row.monte_carlo) for sure, row in zip(certain, rows, strict=True))]
        ),
        "verdict": np.array([BASE, *(row.verdict for row in rows)]),
    }
