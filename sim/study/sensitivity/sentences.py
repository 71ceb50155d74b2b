"""What scenario discovery found, in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.plots.theme import compact
from sim.plots.tornado import number_words
from sim.study.sensitivity.discover import LEAST, Box, Limit, most_that_fails
from sim.study.sensitivity.space import Space

_ORDER = ("first", "second", "third")


def limit_words(limit: Limit, space: Space) -> str:
    """Return where one side of a box lies, with its unit: ``above 0.12 kg``."""
    row = space.rows[space.paths.index(limit.path)]
    value = float(Space((row,)).values(np.array([[limit.at]]))[0, 0])
    unit = "" if row.unit == "1/1" else f" {row.unit}"
    return f"{'above' if limit.above else 'below'} {compact(value)}{unit}"


def verdict(name: str, fails: str, failed: int, count: int, undecided: int | None) -> list[str]:
    """Return how often the strategy fails.

    Parameters
    ----------
    name : str
        The strategy.
    fails : str
        What failing means.
    failed, count, undecided : int
        Draws that fail, all draws, and draws that chance leaves open (None: not known).
    """
    if failed == 0:
        share = 100.0 * most_that_fails(count)
        lines = [
            f"{name} never failed in {count} draws ({fails}): "
            f"at most {share:.2g} % of the space fails, with 95 % confidence."
        ]
    elif failed == count:
        lines = [f"{name} failed in all {count} draws ({fails}): no assumption decides it."]
    else:
        lines = [f"{name} fails in {failed} of {count} draws ({fails})."]
    if undecided is None:
        lines.append("With one replication a draw nothing tells how many draws chance put on their side.")
    elif undecided:
        lines.append(
            f"For {undecided} of the draws chance leaves open on which side they lie; more replications "
            "would tell."
        )
    return lines


def box_lines(found: Sequence[Box], space: Space, failed: int, count: int, density: float) -> list[str]:
    """Return a sentence or two for each box, or the sentence that there is none."""
    if failed in (0, count):
        return []
    if min(failed, count - failed) < LEAST:
        return [
            f"Too few {'failures' if failed < LEAST else 'successes'} to look for a box: fewer than {LEAST}."
        ]
    if not found:
        return [
            f"No box found: no corner of the space holds failures at a density of {density:.0%} with limits "
            "that chance would not draw."
        ]
    lines = []
    for number, box in enumerate(found):
        told = " and ".join(
            f"{number_words(side.path)} lies {limit_words(side, space)}" for side in box.limits
        )
        start = (
            "It fails mostly when" if number == 0 else f"Of the rest, a {_ORDER[number]} box: it fails when"
        )
        hits, out = box.left_out
        held = (
            f"On draws left out of the search {hits} of {out} in such a box fail: "
            + ("it holds." if box.holds else "the box may be chance.")
            if out
            else "Without a fifth of the draws no box is found again: it may be chance."
        )
        worst = max(side.quasi_p for side in box.limits)
        lines.append(
            f"{start} {told}: {box.failed} of {failed} failures (coverage {box.coverage:.0%}), "
            f"{box.failed} of the {box.inside} draws there (density {box.density:.0%}); "
            f"quasi-p of its limits at most {worst:.2g}. {held}"
        )
    return lines
