"""Boxes of the space of ranges that hold failures, found by peeling, and proved on draws left out.

The patient rule induction method (Friedman and Fisher 1999; Bryant and Lempert 2010,
doi:10.1016/j.techfore.2009.08.002) peels a box around the failures. A box that was fitted to its draws
flatters itself, so each one is also found again on four fifths of the draws and counted on the others.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.core.draws import Draws
from sim.study.extras import library
from sim.study.space import Space

MASS = 0.05
"""Smallest share of the draws in a box."""
SIGNIFICANT = 0.05
"""Largest quasi-p value of a limit that is kept, and of a box that holds on draws left out."""
LEAST = 5
"""Fewer failures, or fewer successes, than this are no base for a box."""
FOLDS = 5
MOST_BOXES = 3


@dataclass(frozen=True)
class Limit:
    """One side of a box: failures lie ``above`` or below a position in the range of a number (0..1)."""

    path: str
    above: bool
    at: float
    quasi_p: float


@dataclass(frozen=True)
class Box:
    """A box and what lies in it.

    Parameters
    ----------
    limits : tuple of Limit
    inside, failed : int
        Draws in the box, and how many of them fail.
    coverage : float
        Share of all failures that lie in the box.
    left_out : tuple of int
        Failures and draws in the boxes found without them; zero draws where no box was found again.
    holds : bool
        Draws left out fail more often in the box than in the whole space (binomial, 5 %).
    """

    limits: tuple[Limit, ...]
    inside: int
    failed: int
    coverage: float
    left_out: tuple[int, int]
    holds: bool

    @property
    def density(self) -> float:
        """Share of the draws in the box that fail."""
        return self.failed / self.inside

    def contains(self, space: Space, points: np.ndarray) -> np.ndarray:
        """Return which points lie in the box, bool of shape (points,)."""
        return _inside(self.limits, space, points)


def boxes(space: Space, points: np.ndarray, failed: np.ndarray, density: float, seed: int) -> list[Box]:
    """Return boxes of failures, one after the other, each on the draws that earlier ones left.

    Parameters
    ----------
    points : ndarray of float64, shape (draws, axes)
    failed : ndarray of bool, shape (draws,)
    density : float
        Smallest share of failures in a box.
    seed : int
        Of the folds.

    Returns
    -------
    list of Box
        Empty when no box has this density and significant limits only, or when there are too few
        failures or successes to look for one.
    """
    found: list[Box] = []
    rest = np.ones(len(points), dtype=bool)
    while len(found) < MOST_BOXES and _enough(failed[rest]):
        limits = _box(space, points[rest], failed[rest], density)
        if not limits:
            break
        inside = rest & _inside(limits, space, points)
        out = _left_out(space, points[rest], failed[rest], density, seed)
        hits = int(failed[inside].sum())
        found.append(
            Box(
                limits, int(inside.sum()), hits, hits / int(failed.sum()), out,
                _holds(out, float(failed[rest].mean())),
            )
        )  # fmt: skip
        rest &= ~inside
    return found


def _enough(failed: np.ndarray) -> bool:
    return min(int(failed.sum()), int((~failed).sum())) >= LEAST


def _box(space: Space, points: np.ndarray, failed: np.ndarray, density: float) -> tuple[Limit, ...]:
    """Return the limits that balance coverage and density best (harmonic mean), among those dense enough.

    The peeling picks up limits by chance on its way; each box of its trajectory sheds them first.
    """
    prim = library("ema_workbench.analysis.prim")
    pandas = library("pandas")
    with warnings.catch_warnings(action="ignore"):
        frame = pandas.DataFrame(points, columns=space.paths)
        peeled = prim.Prim(frame, failed.astype(int), threshold=density, mass_min=MASS).find_box()
    best = 0.0
    limits: tuple[Limit, ...] = ()
    whole = peeled.box_lims[0].to_numpy()
    for lims in peeled.box_lims:
        sides = _significant(_sides(space, lims.to_numpy(), whole), space, points, failed)
        inside = _inside(sides, space, points)
        found, share = float(failed[inside].sum() / failed.sum()), float(failed[inside].mean())
        balance = 2.0 * found * share / (found + share) if found else 0.0
        if sides and share >= density and balance > best:
            best, limits = balance, sides
    return limits


def _sides(space: Space, ends: np.ndarray, whole: np.ndarray) -> tuple[Limit, ...]:
    """Return the sides of a box that lie inside the range of all draws; ends are of shape (2, axes)."""
    return tuple(
        Limit(path, end == 0, float(ends[end, k]), math.nan)
        for k, path in enumerate(space.paths)
        for end in (0, 1)
        if ends[end, k] != whole[end, k]
    )


def _significant(
    sides: tuple[Limit, ...], space: Space, points: np.ndarray, failed: np.ndarray
) -> tuple[Limit, ...]:
    """Return the sides without those, one by one, whose quasi-p value is above 5 %; best first."""
    while sides:
        graded = sorted(
            (replace(side, quasi_p=_quasi_p(side, sides, space, points, failed)) for side in sides),
            key=lambda side: (side.quasi_p, side.path),
        )
        if graded[-1].quasi_p <= SIGNIFICANT:
            return tuple(graded)
        sides = tuple(graded[:-1])
    return ()


def _quasi_p(
    side: Limit, sides: tuple[Limit, ...], space: Space, points: np.ndarray, failed: np.ndarray
) -> float:
    """Return the chance of as many failures in the box if the side did nothing (Bryant and Lempert 2010)."""
    from scipy.stats import binom

    inside = _inside(sides, space, points)
    wider = _inside([other for other in sides if other != side], space, points)
    return float(binom.sf(failed[inside].sum() - 1, inside.sum(), failed[wider].mean()))


def _inside(limits: Sequence[Limit], space: Space, points: np.ndarray) -> np.ndarray:
    inside = np.ones(len(points), dtype=bool)
    for side in limits:
        column = points[:, space.paths.index(side.path)]
        inside &= column >= side.at if side.above else column <= side.at
    return inside


def _left_out(
    space: Space, points: np.ndarray, failed: np.ndarray, density: float, seed: int
) -> tuple[int, int]:
    """Return failures and draws that lie in boxes found without them."""
    u = Draws(seed, 0).uniforms("discover.fold", np.arange(len(points)))
    fold = u.argsort(kind="stable").argsort(kind="stable") % FOLDS
    hits = count = 0
    for number in range(FOLDS):
        train, test = fold != number, fold == number
        if not _enough(failed[train]):
            continue
        limits = _box(space, points[train], failed[train], density)
        if limits:
            inside = test.copy()
            inside[test] = _inside(limits, space, points[test])
            hits, count = hits + int(failed[inside].sum()), count + int(inside.sum())
    return hits, count


def _holds(left_out: tuple[int, int], rate: float) -> bool:
    from scipy.stats import binom

    hits, count = left_out
    return count > 0 and float(binom.sf(hits - 1, count, rate)) < SIGNIFICANT
