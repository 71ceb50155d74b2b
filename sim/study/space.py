"""The space of evidence ranges: a point of the unit cube becomes a scenario whose shares add up to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.core.errors import ConfigError, nearest
from sim.core.settings import EvidenceRow
from sim.scenario import Scenario
from sim.study.design.values import between, is_whole, varied

Names = str | Sequence[str]
"""Several names, or one text with commas between them."""


@dataclass(frozen=True)
class Space:
    """A cube whose axes are numbers with a range; ``rows`` gives their order."""

    rows: tuple[EvidenceRow, ...]

    @property
    def paths(self) -> list[str]:
        """Configuration paths of the axes."""
        return [row.path for row in self.rows]

    @property
    def problem(self) -> dict[str, Any]:
        """The cube as SALib wants it."""
        return {"num_vars": len(self.rows), "names": self.paths, "bounds": [[0.0, 1.0]] * len(self.rows)}

    def values(self, points: np.ndarray) -> np.ndarray:
        """Return numbers in their own units.

        Parameters
        ----------
        points : ndarray of float64, shape (points, axes)
            Positions in the ranges, 0..1; a range of more than a factor of 3 is crossed on a log scale.

        Returns
        -------
        ndarray of float64, shape (points, axes)
            Counts are rounded to whole numbers.
        """
        found = np.empty_like(points)
        for k, row in enumerate(self.rows):
            column = [between(row, float(u)) for u in points[:, k]]
            found[:, k] = np.round(column) if is_whole(row.path) else column
        return found

    def without(self, path: str) -> Space:
        """Return the space without one axis."""
        return Space(tuple(row for row in self.rows if row.path != path))


def listed(names: Names) -> tuple[str, ...]:
    """Return names, each once."""
    words = names.split(",") if isinstance(names, str) else names
    return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))


def assumptions(scenario: Scenario) -> list[EvidenceRow]:
    """Return the assumed numbers of a scenario that have a range, without those of levers that are absent."""
    absent = idle_levers(scenario)
    return [
        row
        for row in scenario.evidence
        if row.status == "assumed" and np.isfinite(row.low) and not row.path.startswith(absent)
    ]


def idle_levers(scenario: Scenario) -> tuple[str, ...]:
    """Return the beginnings of the paths of levers that a scenario does not pull."""
    return tuple(f"levers.{name}." for name, lever in scenario.settings.levers.items() if not lever.size)


def chosen_rows(scenario: Scenario, over: Names, without: Names) -> tuple[EvidenceRow, ...]:
    """Return the numbers of a space.

    Parameters
    ----------
    scenario : Scenario
    over : str or sequence of str
        Prefixes of configuration paths; without any, all assumed numbers that act. A prefix that is named
        also lets in numbers with a range that are not assumed.
    without : str or sequence of str
        Prefixes of numbers that are held.

    Raises
    ------
    ConfigError
        A prefix is that of no number with a range, or nothing is left.
    """
    rows = assumptions(scenario)
    if over:
        ranged = [row for row in scenario.evidence if np.isfinite(row.low) and row.low < row.high]
        rows = _under(ranged, over, "over")
    if without:
        dropped = {row.path for row in _under(rows, without, "without")}
        rows = [row for row in rows if row.path not in dropped]
    rows = [row for row in rows if row.low < row.high]
    if not rows:
        raise ConfigError("over, without: no number with a range is left")
    return tuple(rows)


def _under(rows: Sequence[EvidenceRow], prefixes: Names, option: str) -> list[EvidenceRow]:
    """Return rows at or below any prefix; every prefix must name at least one."""
    chosen: dict[str, EvidenceRow] = {}
    words = listed(prefixes)
    if not words:
        raise ConfigError(f"{option} names nothing")
    for prefix in words:
        found = [row for row in rows if row.path == prefix or row.path.startswith(f"{prefix}.")]
        if not found:
            names = {".".join(row.path.split(".")[:n]) for row in rows for n in range(1, 7)}
            raise ConfigError(
                f"{option}: no number with a range at {prefix!r}{nearest(prefix, sorted(names))}; "
                "sim study parameters writes the list"
            )
        chosen |= {row.path: row for row in found}
    return list(chosen.values())


def designed(
    scenario: Scenario, space: Space, design: Callable[[Space], np.ndarray]
) -> tuple[Space, np.ndarray, dict[str, str]]:
    """Return a design all of whose points the settings accept.

    An axis that makes a point refused (a shift that does not divide a day) is left out, and the design is
    made again for the others.

    Parameters
    ----------
    design : callable
        Gives the points of a space, float64 of shape (points, axes).

    Returns
    -------
    Space
        What is left.
    ndarray of float64, shape (points, axes)
    dict of str to str
        Paths left out, with the reason.

    Raises
    ------
    ConfigError
        Nothing is left.
    """
    out: dict[str, str] = {}
    while space.rows:
        points = design(space)
        refused = _refused(scenario, space, points)
        if refused is None:
            return space, points, out
        out[refused[0]] = refused[1]
        space = space.without(refused[0])
    raise ConfigError("no number is left whose values inside its range the settings accept")


def _refused(scenario: Scenario, space: Space, points: np.ndarray) -> tuple[str, str] | None:
    """Return the axis to blame for the first point that is refused, with the reason.

    Numbers are changed one after the other, in order; the one with which the settings begin to refuse is
    found by halving.
    """
    for values in space.values(points):
        changed = list(zip(space.paths, map(float, values), strict=True))
        if _error_of(scenario, changed) is None:
            continue
        fine, wrong = 0, len(changed)
        while wrong - fine > 1:
            middle = (fine + wrong) // 2
            fine, wrong = (fine, middle) if _error_of(scenario, changed[:middle]) else (middle, wrong)
        return changed[wrong - 1][0], _error_of(scenario, changed[:wrong]) or ""
    return None


def _error_of(scenario: Scenario, changed: Sequence[tuple[str, float]]) -> str | None:
    try:
        varied(scenario, dict(changed))
    except ConfigError as error:
        return str(error).partition(" (got")[0]
    return None


def left_out_notes(out: Mapping[str, str]) -> tuple[str, ...]:
    """Return a sentence for each number that ``designed`` left out."""
    return tuple(f"Left out: {path}: {reason.removeprefix(f'{path}: ')}." for path, reason in out.items())
