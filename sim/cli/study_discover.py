"""``sim study discover``: under which assumptions a strategy fails, in plain sentences."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.cli.errors import OneLineParser, finite
from sim.cli.study_options import check_least, replications_of
from sim.cli.study_output import write
from sim.cli.study_request import (
    add_asked,
    question_of,
    source_of,
    tell_left_out,
)
from sim.core.errors import ConfigError

if TYPE_CHECKING:
    from sim.study.discover import Box, Judged
    from sim.study.space import Space


def add_discover(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add the study to the parser of ``sim study``."""
    parser = parsers.add_parser(
        "discover",
        help="assumptions under which a strategy fails (PRIM)",
        description="Draw assumptions from their ranges, run the strategy and the baseline on the same draws "
        "of chance, and look for a box of assumptions in which the strategy fails: the outcome does not fall "
        "by the margin. border.model=instant leaves the queues out.",
    )
    parser.add_argument("--draws", type=int, default=200, help="points of the Latin hypercube (200)")
    parser.add_argument("--outcome", default="delivered_pure_kg", help="what should fall (delivered_pure_kg)")
    parser.add_argument("--margin", type=finite, help="by how much (the margin of the outcome)")
    parser.add_argument("--density", type=finite, default=0.7, help="least share of failures in a box (0.7)")
    add_asked(parser, "discover", 2, "--scenario")
    parser.set_defaults(work=_discover)


def _discover(given: argparse.Namespace) -> int:
    from sim.cli.screen import Screen
    from sim.report.numbers import compact
    from sim.report.theme import label
    from sim.study.discover import boxes, draws, judged
    from sim.study.library import library
    from sim.study.responses import Asking, answers
    from sim.study.sentences import box_lines, verdict
    from sim.study.space import Space, chosen_rows, designed

    _check(given)
    library("ema_workbench.analysis.prim")
    question = question_of(given, given.outcome, "discover")
    margin = question.margin(question.outcomes[0]) if given.margin is None else given.margin
    space, points, out = designed(
        question.after,
        Space(chosen_rows(question.after, given.over, given.without)),
        lambda space: draws(space, given.draws, given.seed),
    )
    tell_left_out(out)
    asking = Asking(replications_of(given), np.arange(len(points)))
    with Screen("discover") as bar:
        found = bar.interruptible(lambda: answers(question, space, points, asking, bar.progress))
    draw = judged(found[:, :, 0], margin)
    boxed = boxes(space, points, draw.failed, given.density, given.seed)
    answer = question.words(question.outcomes[0])
    fails = f"failing: {answer}, is not below {compact(-margin) if margin else 'zero'}"
    lines = verdict(label(question.after.name), fails, draw)
    told = box_lines(boxed, space, int(draw.failed.sum()), len(points), given.density)
    for line in [*lines, *told]:
        print(line)
    source = source_of(given, question, space, f"{len(points)} draws")
    figures = [
        _figure(space, points, draw, box, (lines[0].removesuffix("."), line, source, f"box_{i}"))
        for i, (box, line) in enumerate(zip(boxed, told, strict=False), start=1)
    ]
    write(given, _tables(space, points, draw, boxed), figures, question.scenarios)
    print(source)
    return 0


def _check(given: argparse.Namespace) -> None:
    check_least(given, "discover", replications=1, draws=10)
    if not given.effect:
        raise ConfigError("study discover: name the strategy, such as --scenario hsi_strategy")
    if not 0.0 < given.density <= 1.0:
        raise ConfigError("study discover: --density must lie above 0 and at most at 1")
    if given.margin is not None and given.margin < 0.0:
        raise ConfigError("study discover: --margin must be at least 0")


def _tables(
    space: Space, points: np.ndarray, draw: Judged, boxed: Sequence[Box]
) -> dict[str, list[dict[str, Any]]]:
    from sim.study.space import Space

    drawn = [
        {"draw": i, "failed": bool(draw.failed[i]), "change": float(draw.mean[i]),
         "low": float(draw.mean[i] - draw.half), "high": float(draw.mean[i] + draw.half),
         "clear": "open" if draw.undecided[i] else "fails" if draw.fails[i] else "works",
         **dict(zip(space.paths, map(float, row), strict=True))}
        for i, row in enumerate(space.values(points))
    ]  # fmt: skip
    limits = []
    for number, box in enumerate(boxed, start=1):
        for side in box.limits:
            row = space.rows[space.paths.index(side.path)]
            value = float(Space((row,)).values(np.array([[side.at]]))[0, 0])
            limits.append(
                {"box": number, "path": side.path, "side": "above" if side.above else "below", "value": value,
                 "unit": row.unit, "quasi_p": side.quasi_p, "coverage": box.coverage, "density": box.density,
                 "inside": box.inside, "failed": box.failed, "left_out_failed": box.left_out[0],
                 "left_out_inside": box.left_out[1], "holds": box.holds}
            )  # fmt: skip
    return {"draws": drawn, "boxes": limits}


def _figure(
    space: Space, points: np.ndarray, draw: Judged, found: Box, words: tuple[str, str, str, str]
) -> Any:
    from sim.plots.box import box
    from sim.plots.tornado import number_words
    from sim.study.sentences import limit_words, with_unit

    paths = list(dict.fromkeys(side.path for side in found.limits))
    axes = [space.paths.index(path) for path in paths]
    lows = {side.path: side.at for side in found.limits if side.above}
    highs = {side.path: side.at for side in found.limits if not side.above}
    sides = [
        " and ".join(limit_words(side, space) for side in found.limits if side.path == path) for path in paths
    ]
    rows = {
        "name": np.array([number_words(path) for path in paths], dtype=object),
        "low": np.array([lows.get(path, 0.0) for path in paths]),
        "high": np.array([highs.get(path, 1.0) for path in paths]),
        "least": np.array([with_unit(space.rows[k].low, space.rows[k].unit) for k in axes], dtype=object),
        "most": np.array([with_unit(space.rows[k].high, space.rows[k].unit) for k in axes], dtype=object),
        "side": np.array(sides, dtype=object),
    }
    marks = {"failed": draw.failed, "undecided": draw.undecided, "inside": found.contains(space, points),
             "position": points[:, axes]}  # fmt: skip
    return box(rows, marks, words[:2], words[2], slug=words[3])
