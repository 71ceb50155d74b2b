"""Scenario discovery: under which assumptions a strategy fails, as boxes of the space of ranges.

Assumptions are drawn from their ranges, and each draw is a pair of runs, strategy and baseline, on the same
draws of chance. The strategy fails in a draw when the outcome does not fall by a margin.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from sim.core.errors import ConfigError
from sim.core.tables import Column, Table
from sim.report.numbers import compact
from sim.report.result import Draw, Figure, Result
from sim.report.tables import DataTable, Row, end_columns, fields
from sim.report.theme import in_sentence, label, number_words
from sim.report.verdicts import Standing, standing
from sim.run.plan import Replications
from sim.run.pool import OnProgress, silent
from sim.scenario import Scenario
from sim.stats.intervals import Interval
from sim.study.boxes import LEAST, Box, Limit, boxes
from sim.study.extras import library
from sim.study.responses import Asking, provenance_of, question_of, responses
from sim.study.space import Names, Space, chosen_rows, designed, left_out_notes

TAIL = 0.025
FAILS, WORKS, OPEN = "fails", "works", "open"
_ORDER = ("first", "second", "third")

DRAW_COLUMNS = (
    Column("draw", "int64", "1", "number of the draw"),
    Column("failed", "bool", "", "whether it fails by its mean"),
    Column("change", "float64", "of the outcome", "mean change against the baseline"),
    *end_columns("of the outcome", "of its 95 % interval, chance pooled over all draws"),
    Column("clear", "str", "", "fails, works, or open where chance may have decided"),
)
"""One more column for each number, by its path, with the value drawn."""
BOX_COLUMNS = (
    Column("box", "int64", "1", "number of the box"),
    Column("path", "str", "", "number that the box limits"),
    Column("side", "str", "", "above or below"),
    Column("value", "float64", "of the row", "where the limit lies"),
    Column("unit", "str", "", "of the number"),
    Column("quasi_p", "float64", "1", "chance of as many failures if the limit did nothing"),
    Column("coverage", "float64", "1", "share of all failures in the box"),
    Column("density", "float64", "1", "share of the draws in the box that fail"),
    Column("inside", "int64", "1", "draws in the box"),
    Column("failed", "int64", "1", "of them that fail"),
    Column("left_out_failed", "int64", "1", "failures in the boxes found without them"),
    Column("left_out_inside", "int64", "1", "draws in the boxes found without them"),
    Column("holds", "bool", "", "whether draws left out fail more often in the box than elsewhere"),
)


@dataclass(frozen=True)
class JudgedDraws:
    """Which draws fail: the outcome does not fall by the margin.

    Parameters
    ----------
    mean : ndarray of float64, shape (draws,)
        Paired change against the baseline, over replications.
    half : float
        Half width of the 95 % interval of each draw; NaN with one replication, which knows nothing of
        chance.
    margin : float
        At least 0, in the unit of the outcome.
    """

    mean: np.ndarray
    half: float
    margin: float

    @property
    def failed(self) -> np.ndarray:
        """Draws that fail by their means, bool of shape (draws,): the labels of the search for boxes."""
        return np.asarray(self.mean >= -self.margin)

    @cached_property
    def clear(self) -> np.ndarray:
        """What the interval of each draw tells: ``fails``, ``works`` or ``open``, text of shape (draws,)."""
        by_standing = {Standing.ABOVE: FAILS, Standing.BELOW: WORKS}
        ends = [Interval(mean - self.half, mean + self.half) for mean in self.mean]
        return np.array(
            [by_standing.get(standing([end], bound=-self.margin), OPEN) for end in ends], dtype=object
        )


def design(space: Space, count: int, seed: int) -> np.ndarray:
    """Return a Latin hypercube, float64 of shape (count, axes) in 0..1."""
    from scipy.stats import qmc

    return np.asarray(qmc.LatinHypercube(len(space.rows), seed=seed).random(count))


def judged(change: np.ndarray, margin: float) -> JudgedDraws:
    """Return what the replications tell of each draw.

    The variance of chance is pooled over the draws: with two replications one draw alone has one degree of
    freedom, and its interval would be 12.7 standard errors wide to either side.

    Parameters
    ----------
    change : ndarray of float64, shape (draws, replications)
        Paired change against the baseline.
    margin : float
        At least 0, in the unit of the outcome.
    """
    from scipy.special import stdtrit

    count, replications = change.shape
    half = math.nan
    if replications > 1:
        error = math.sqrt(float(change.var(axis=1, ddof=1).mean()) / replications)
        half = float(stdtrit(count * (replications - 1), 1.0 - TAIL)) * error
    return JudgedDraws(change.mean(axis=1), half, margin)


def discover(
    scenario: Scenario,
    baseline: Scenario,
    replications: Replications,
    outcome: str = "delivered_pure_kg",
    *,
    margin: float | None = None,
    density: float = 0.7,
    draws: int = 200,
    over: Names = (),
    without: Names = (),
    on_progress: OnProgress = silent,
) -> Result:
    """Return under which assumptions a strategy fails.

    Parameters
    ----------
    scenario, baseline : Scenario
        The strategy, and what it is held against, over the same dates.
    replications : Replications
        Its replications are those of every draw.
    outcome : str
        Name of ``conf/measures.yaml``: what should fall.
    margin : float, optional
        By how much it should fall, in the outcome's unit; by default the declared margin.
    density : float
        Least share of failures in a box, above 0 and at most 1.
    draws : int
        Points of the space of ranges.
    over, without : str or sequence of str
        Prefixes of the numbers that are drawn (all assumed ones that act) and of those that are held.

    Raises
    ------
    ConfigError
        An argument is out of range, or names nothing.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    if not draws >= 10:
        raise ConfigError(f"study discover: draws must be at least 10 (got {draws})")
    if not 0.0 < density <= 1.0:
        raise ConfigError(f"study discover: density {density:g} must lie above 0 and at most at 1")
    if margin is not None and not 0.0 <= margin < math.inf:
        raise ConfigError(f"study discover: margin {margin:g} must be at least 0")
    library("ema_workbench.analysis.prim")
    question = question_of("discover", scenario, baseline, outcome)
    space, points, out = designed(
        scenario,
        Space(chosen_rows(scenario, over, without)),
        lambda space: design(space, draws, replications.seed),
    )
    values = responses(question, space, points, Asking(replications, np.arange(draws)), on_progress)
    found = judged(values[:, :, 0], question.margin(outcome) if margin is None else margin)
    boxed = boxes(space, points, found.failed, density, replications.seed)
    words = question.words(outcome)
    bound = compact(-found.margin) if found.margin else "zero"
    fails = f"failing: {in_sentence(words)}, is not below {bound}"
    lines = verdict(label(scenario.name), fails, found)
    sentences = box_lines(boxed, space, int(found.failed.sum()), draws, density)
    source = provenance_of(question, space, f"{draws} draws", replications)
    figures: dict[str, Draw] = {
        f"box_{i}": partial(_figure, space, points, found, box, (lines[0], line, source.sentence, f"box_{i}"))
        for i, (box, line) in enumerate(zip(boxed, sentences, strict=False), start=1)
    }
    return Result(
        question=f"Under which assumptions does {scenario.name} fail?",
        verdicts=(*lines, *sentences),
        tables={"draws": _draws_table(space, points, found), "boxes": _boxes_table(space, boxed)},
        provenance=source,
        text=(*lines, *sentences),
        draws=figures,
        notes=left_out_notes(out),
    )


def verdict(name: str, fails: str, found: JudgedDraws) -> list[str]:
    """Return in how many draws the strategy fails, works, and is left open, the headline first.

    Parameters
    ----------
    name : str
        The strategy.
    fails : str
        What failing means.
    found : JudgedDraws
    """
    count, by_mean = len(found.mean), int(found.failed.sum())
    bad, good, left = (int((found.clear == what).sum()) for what in (FAILS, WORKS, OPEN))
    if not math.isfinite(found.half):
        lines = [
            f"{name} fails in {by_mean} of {count} draws, each of one pair of runs, and chance may have "
            f"decided any of them ({fails})."
        ]
    elif count in (bad, good):
        verb, other = ("fails", "works") if bad else ("works", "fails")
        share = 100.0 * most_unseen(count)
        lines = [
            f"{name} clearly {verb} in all {count} draws ({fails}): "
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
                f"{int((found.failed & (found.clear == OPEN)).sum())} of them open."
            )
    return lines


def most_unseen(count: int) -> float:
    """Return the largest share of the space that may differ when all ``count`` draws were alike (95 %)."""
    return 1.0 - math.pow(2.0 * TAIL, 1.0 / count)


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
        limits = " and ".join(
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
            f"{start} {limits}: {box.failed} of {failed} failures (coverage {box.coverage:.0%}), "
            f"{box.failed} of the {box.inside} draws there (density {box.density:.0%}); "
            f"quasi-p of its limits at most {worst:.2g}. {held}"
        )
    return lines


def limit_words(limit: Limit, space: Space) -> str:
    """Return where one side of a box lies, with its unit: ``above 0.12 kg``."""
    unit = space.rows[space.paths.index(limit.path)].unit
    return f"{_side(limit)} {_with_unit(_value(limit, space), unit)}"


def _side(limit: Limit) -> str:
    return "above" if limit.above else "below"


def _value(limit: Limit, space: Space) -> float:
    """Return where a limit lies, in the unit of its number."""
    row = space.rows[space.paths.index(limit.path)]
    return float(Space((row,)).values(np.array([[limit.at]]))[0, 0])


def _with_unit(value: float, unit: str) -> str:
    """Return a value of a number with its unit; a share has none."""
    return compact(value) if unit == "1/1" else f"{compact(value)} {unit}"


def _draws_table(space: Space, points: np.ndarray, found: JudgedDraws) -> DataTable:
    values = space.values(points)
    drawn = [Column(row.path, "float64", row.unit, "value drawn") for row in space.rows]
    table: Table = {
        "draw": np.arange(len(points)),
        "failed": found.failed,
        "change": found.mean,
        "low": found.mean - found.half,
        "high": found.mean + found.half,
        "clear": found.clear,
        **{row.path: values[:, k] for k, row in enumerate(space.rows)},
    }
    return DataTable((*DRAW_COLUMNS, *drawn), table)


def _boxes_table(space: Space, found: Sequence[Box]) -> DataTable:
    rows: list[Row] = []
    for number, box in enumerate(found, start=1):
        for side in box.limits:
            rows.append({
                "box": number, **fields(side, "path", "quasi_p"), "side": _side(side),
                "value": _value(side, space), "unit": space.rows[space.paths.index(side.path)].unit,
                **fields(box, "coverage", "density", "inside", "failed", "holds"),
                "left_out_failed": box.left_out[0], "left_out_inside": box.left_out[1],
            })  # fmt: skip
    return DataTable.of(BOX_COLUMNS, rows)


def _figure(
    space: Space, points: np.ndarray, found: JudgedDraws, held: Box, words: tuple[str, str, str, str]
) -> Figure:
    """Draw a box; ``words`` are headline, sentence of the box, source and slug."""
    from sim.plots.box import box

    paths = list(dict.fromkeys(side.path for side in held.limits))
    axes = [space.paths.index(path) for path in paths]
    lows = {side.path: side.at for side in held.limits if side.above}
    highs = {side.path: side.at for side in held.limits if not side.above}
    sides = [
        " and ".join(limit_words(side, space) for side in held.limits if side.path == path) for path in paths
    ]
    rows = {
        "name": np.array([number_words(path) for path in paths], dtype=object),
        "low": np.array([lows.get(path, 0.0) for path in paths]),
        "high": np.array([highs.get(path, 1.0) for path in paths]),
        "least": np.array([_with_unit(space.rows[k].low, space.rows[k].unit) for k in axes], dtype=object),
        "most": np.array([_with_unit(space.rows[k].high, space.rows[k].unit) for k in axes], dtype=object),
        "side": np.array(sides, dtype=object),
    }
    marks = {
        "failed": found.failed,
        "undecided": found.clear == OPEN,
        "inside": held.contains(space, points),
        "position": points[:, axes],
    }
    return box(rows, marks, (words[0].removesuffix("."), words[1]), words[2], slug=words[3])
