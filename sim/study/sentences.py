"""What scenario discovery found, in plain sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sim.plots.tornado import number_words
from sim.report.numbers import compact
from sim.study.discover import LEAST, Box, Judged, Limit, most_unseen
from sim.study.space import Space

_ORDER = ("first", "second", "third")


def with_unit(value: float, unit: str) -> str:
    """Return a value of a number with its unit; a share has none."""
    return compact(value) if unit == "1/1" else f"{compact(value)} {unit}"


def limit_words(limit: Limit, space: Space) -> str:
    """Return where one side of a box lies, with its unit: ``above 0.12 kg``."""
    row = space.rows[space.paths.index(limit.path)]
    value = float(Space((row,)).values(np.array([[limit.at]]))[0, 0])
    return f"{'above' if limit.above else 'below'} {with_unit(value, row.unit)}"


def verdict(name: str, fails: str, found: Judged) -> list[str]:
    """Return in how many draws the strategy fails, works, and is left open, the headline first.

    Parameters
    ----------
    name : str
        The strategy.
    fails : str
        What failing means.
    found : Judged
    """
    count, by_mean = len(found.mean), int(found.failed.sum())
    bad, good, left = (int(one.sum()) for one in (found.fails, found.works, found.undecided))
    if not math.isfinite(found.half):
        lines = [
            f"{name} fails in {by_mean} of {count} draws, each of one pair of runs, and chance may have "
            f"decided any of them ({fails})."
        ]
    elif count in (bad, good):
        told, other = ("fails", "works") if bad else ("works", "fails")
        share = 100.0 * most_unseen(count)
        lines = [
            f"{name} clearly {told} in all {count} draws ({fails}): "
            f"at most {share:.2g} % of the space {other}, with 95 % confidence."
        ]
    else:
        lines = [
            f"{name} clearly fails in {bad} of {count} draws, clearly works in {good}, and chance leaves "
            f"{left} open ({fails}; 95 % intervals)."
        ]
    if left:
        lines.append("More replications would tell more of them.")
        if min(by_mean, count - by_mean) >= LEAST:
            lines[-1] += (
                f" The search for boxes takes each draw for what its mean says: {by_mean} failures, "
                f"{int((found.failed & found.undecided).sum())} of them open."
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
