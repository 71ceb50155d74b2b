"""From a design to the values of each of its points."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import isfinite
from typing import Any

import numpy as np

from sim.core.errors import ConfigError, nearest
from sim.core.settings import EvidenceRow
from sim.store.version import install_hint
from sim.study.design.settings import MAX_POINTS, Design
from sim.study.design.values import balanced, between, is_whole

_MORRIS_LEVELS = 4


@dataclass(frozen=True)
class Draw:
    """The values of one point of a design.

    Parameters
    ----------
    number : int
        From 0, in the order of the design.
    label : str
        ``draw 12``, or the levels of a factorial point.
    drawn : dict
        Path to value, for the numbers that the design varies.
    changed : dict
        The same with the other shares of their groups.
    block : int
        Points that stand or fall together: a trajectory of Morris, otherwise the point itself.
    """

    number: int
    label: str
    drawn: dict[str, Any]
    changed: dict[str, Any]
    block: int


def draws_of(design: Design, values: Mapping[str, Any], evidence: Sequence[EvidenceRow]) -> list[Draw]:
    """Return the points of a design around one scenario.

    Parameters
    ----------
    design : Design
    values : mapping
        Tree of plain values of the scenario.
    evidence : sequence of EvidenceRow
        Its numbers; those that the user overrode keep the user's value.

    Raises
    ------
    ConfigError
        A pattern meets no number with a range, or a package is missing.
    """
    if isinstance(design.levels, dict):
        combinations = _product(list(design.levels), list(design.levels.values()))
    else:
        rows = chosen_rows(design, evidence)
        whole = {row.path: is_whole(row.path) for row in rows}
        combinations = [
            {
                row.path: float(round(value)) if whole[row.path] else value
                for row, u in zip(rows, point, strict=True)
                for value in [between(row, float(u))]
            }
            for point in unit_points(design, len(rows))
        ]
    block = len(combinations[0]) + 1 if design.kind == "morris" else 1
    draws = []
    for number, drawn in enumerate(combinations):
        numbers = {path: value for path, value in drawn.items() if _is_number(value)}
        changed = {**drawn, **balanced(values, numbers)}
        label = " ".join(f"{path}={_level(value)}" for path, value in drawn.items())
        draws.append(
            Draw(
                number,
                label if design.kind == "factorial" else f"draw {number}",
                {path: changed[path] for path in drawn},
                changed,
                number // block,
            )
        )
    return draws


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _level(value: Any) -> str:
    """Return a level as an override has it."""
    if _is_number(value):
        return f"{value:g}"
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)


def chosen_rows(design: Design, evidence: Sequence[EvidenceRow]) -> list[EvidenceRow]:
    """Return the numbers that a design draws: those with a range that its patterns meet.

    Raises
    ------
    ConfigError
        A pattern meets none.
    """
    drawable = [
        row
        for row in evidence
        if isfinite(row.low) and row.low < row.high and row.status != "override"
        if not design.statuses or row.status in design.statuses
    ]
    for pattern in design.over:
        if not any(_meets(row.path, pattern) for row in drawable):
            known = any(_meets(row.path, pattern) for row in evidence)
            why = "no number there has a range to draw from" if known else "meets no number"
            parts = [row.path.split(".") for row in evidence]
            names = sorted({".".join(p[: i + 1]) for p in parts for i in range(len(p))})
            hint = "" if known else nearest(pattern, names)
            raise ConfigError(f"design.over: {pattern!r} {why}{hint}")
    return [row for row in drawable if any(_meets(row.path, pattern) for pattern in design.over)]


def _meets(path: str, pattern: str) -> bool:
    return path == pattern or path.startswith(f"{pattern}.") or fnmatchcase(path, pattern)


def _product(paths: Sequence[str], levels: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    count = int(np.prod([len(values) for values in levels], dtype=float))
    if count > MAX_POINTS:
        raise ConfigError(f"design.levels: {count:,} combinations are more than {MAX_POINTS:,}")
    return [dict(zip(paths, point, strict=True)) for point in itertools.product(*levels)]


def unit_points(design: Design, numbers: int) -> np.ndarray:
    """Return the points of a design in the unit cube, float64 of shape (points, numbers).

    Raises
    ------
    ConfigError
        SALib is missing, or there would be too many points.
    """
    if design.kind == "morris":
        return _trajectories(design, numbers)
    if design.kind == "factorial":
        grid = [list(np.linspace(0.0, 1.0, design.levels))] * numbers
        names = [str(i) for i in range(numbers)]
        return np.array([list(point.values()) for point in _product(names, grid)])
    from scipy.stats import qmc

    assert design.points is not None
    if design.kind == "sobol":
        sequence = qmc.Sobol(numbers, scramble=True, seed=design.seed)
        return np.asarray(sequence.random_base2(design.points.bit_length() - 1))
    return np.asarray(qmc.LatinHypercube(numbers, seed=design.seed).random(design.points))


def _trajectories(design: Design, numbers: int) -> np.ndarray:
    """Return Morris trajectories (Morris 1991, Technometrics 33, 161-174), one after the other."""
    assert design.points is not None
    count = design.points * (numbers + 1)
    if count > MAX_POINTS:
        raise ConfigError(f"design.points: {count:,} points are more than {MAX_POINTS:,}; vary fewer numbers")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from SALib.sample import morris
    except ImportError:
        raise ConfigError(
            f"design.kind: morris needs SALib; install it with: {install_hint('study')}"
        ) from None
    problem = {
        "num_vars": numbers,
        "names": [str(i) for i in range(numbers)],
        "bounds": [[0.0, 1.0]] * numbers,
    }
    levels = design.levels or _MORRIS_LEVELS
    return np.asarray(morris.sample(problem, design.points, num_levels=levels, seed=design.seed))
