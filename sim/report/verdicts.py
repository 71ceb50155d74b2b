"""What an interval allows to be said. "Cannot tell" is decided here and nowhere else.

A verdict rests on one interval or on several that must agree: chance is answered by more replications,
parameter uncertainty is not. Two questions are asked of them: do all of them lie on one side of a bound,
and do all of them lie within the smallest difference that matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from sim.measures.registry import registry
from sim.stats.intervals import Interval

SAME = "no difference that matters"
NOTHING = "no difference"
MATTERS, BELOW_MARGIN, LITTLE = "matters", "below the margin", "little"
BETTER, WORSE, MORE, LESS = "better", "worse", "more", "less"
NOT_YET, CANNOT_TELL, UNDEFINED = "cannot tell yet", "cannot tell", "undefined"
CLEAR = (BETTER, WORSE, MORE, LESS)
"""Verdicts that name a side."""
BASE = "base"
"""Stands for the verdict where a run is held against itself."""
CHANCE_UNKNOWN = (
    "With one replication what chance alone would give is not known, and no number gets a verdict."
)


class Standing(Enum):
    """Where intervals stand to a bound."""

    ABOVE = "above"
    BELOW = "below"
    WITHIN = "within"
    OPEN = "open"
    UNKNOWN = "unknown"

    @property
    def settled(self) -> bool:
        """Whether the intervals say anything."""
        return self not in (Standing.OPEN, Standing.UNKNOWN)


def standing(ends: Sequence[Interval], margin: float = 0.0, bound: float = 0.0) -> Standing:
    """Return where intervals stand.

    Parameters
    ----------
    ends : sequence of Interval
        All must agree.
    margin : float
        Smallest distance from the bound that matters; 0 asks for the side alone.
    bound : float
        What the intervals are held against; zero for a difference.

    Returns
    -------
    Standing
        ``WITHIN`` when all lie closer to the bound than the margin, ``ABOVE`` or ``BELOW`` when all leave
        the bound out on that side, ``UNKNOWN`` when one does not exist, ``OPEN`` otherwise: cannot tell.
    """
    if not all(end.known for end in ends):
        return Standing.UNKNOWN
    if all(bound - margin < end.low and end.high < bound + margin for end in ends):
        return Standing.WITHIN
    if all(end.low > bound for end in ends):
        return Standing.ABOVE
    return Standing.BELOW if all(end.high < bound for end in ends) else Standing.OPEN


def judged(outcome: str, monte_carlo: Interval, parameter: Interval, margin: float) -> str:
    """Return the verdict on the difference of one outcome.

    Parameters
    ----------
    outcome : str
        Name of ``conf/measures.yaml``, which says which side is good.
    monte_carlo : Interval
        What chance leaves open; without it nothing is said.
    parameter : Interval
        What the evidence leaves open; it counts where it is known.
    margin : float
        Smallest difference that matters, in the outcome's unit.
    """
    if not monte_carlo.known:
        return UNDEFINED
    ends = [monte_carlo, *([parameter] if parameter.known else [])]
    where, good = standing(ends, margin), registry()[outcome].good
    if where is Standing.WITHIN:
        return SAME
    if where in (Standing.ABOVE, Standing.BELOW):
        side = MORE if where is Standing.ABOVE else LESS
        return side if good is None else BETTER if good == side else WORSE
    return CANNOT_TELL if standing([monte_carlo], margin).settled else NOT_YET


def direction(ends: Sequence[Interval], margin: float = 0.0) -> str:
    """Return the verdict on a difference without a good side.

    Parameters
    ----------
    ends : sequence of Interval
        All must agree.
    margin : float
        Smallest difference that matters; 0 asks for the side alone.

    Returns
    -------
    str
        ``more`` or ``less``, that nothing changed, that no change matters, or that nobody can tell.
    """
    if margin == 0.0 and all(end.low == end.high == 0.0 for end in ends):
        return NOTHING
    by_standing = {Standing.ABOVE: MORE, Standing.BELOW: LESS, Standing.WITHIN: SAME}
    return by_standing.get(standing(ends, margin), CANNOT_TELL)


def side(outcome: str, verdict: str) -> str:
    """Return a verdict on an outcome with ``more`` or ``less`` in place of ``better`` or ``worse``."""
    good = registry()[outcome].good
    if good is None or verdict not in (BETTER, WORSE):
        return verdict
    return good if verdict == BETTER else LESS if good == MORE else MORE


def matters(size: Interval, least: float, small: str, proven: bool = True) -> str:
    """Return ``MATTERS``, the word for too small, or ``CANNOT_TELL``.

    Parameters
    ----------
    size : Interval
        Of the size of an effect.
    least : float
        Smallest size that matters, in the same unit.
    small : str
        What is said of a smaller one: ``BELOW_MARGIN`` or ``LITTLE``.
    proven : bool
        Whether chance alone would hardly give such an effect.
    """
    where = standing([size], bound=least)
    if where is Standing.BELOW:
        return small
    return MATTERS if where is Standing.ABOVE and proven else CANNOT_TELL


def plain(verdict: str) -> str:
    """Return a verdict without how soon it might be told."""
    return CANNOT_TELL if verdict.startswith(CANNOT_TELL) else verdict
