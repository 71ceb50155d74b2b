"""``sim study screen``: which assumed numbers an outcome, or the effect of a scenario, leans on."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from sim.cli.errors import OneLineParser
from sim.cli.study_options import check_least, replications_of
from sim.cli.study_output import write
from sim.cli.study_request import (
    add_asked,
    question_of,
    show,
    source_of,
    tell_left_out,
)

if TYPE_CHECKING:
    from sim.study.screen import Screened

_SHOWN, _LEAST_P = 15, 0.001


def add_screen(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add the study to the parser of ``sim study``."""
    parser = parsers.add_parser(
        "screen",
        help="assumptions that an outcome, or the effect of a scenario, leans on (Morris)",
        description="Move each assumed number across its range from many places of the space of ranges, on "
        "the same draws. One trajectory costs one run more than there are numbers, twice that with --effect; "
        "border.model=instant leaves the queues out.",
    )
    parser.add_argument("--trajectories", type=int, default=10, help="walks through the space (10)")
    parser.add_argument(
        "--outcomes", default="delivered_pure_kg,seized_pure_kg", help="names of conf/measures.yaml"
    )
    add_asked(parser, "screen", 2, "--effect")
    parser.set_defaults(work=_screen)


def _screen(given: argparse.Namespace) -> int:
    from sim.cli.screen import Screen
    from sim.measures.registry import registry
    from sim.plots.tornado import UNKNOWN, tornado
    from sim.study.responses import Asking, answers
    from sim.study.screen import blocks, screened, trajectories
    from sim.study.space import Space, chosen_rows, designed
    from sim.study.tables import columns

    check_least(given, "screen", replications=1, trajectories=2)
    question = question_of(given, given.outcomes, "screen")
    space, points, out = designed(
        question.after,
        Space(chosen_rows(question.after, given.over, given.without)),
        lambda space: trajectories(space, given.trajectories, given.seed),
    )
    tell_left_out(out)
    asking = Asking(replications_of(given), blocks(space, points))
    with Screen("screen") as bar:
        found = bar.interruptible(lambda: answers(question, space, points, asking, bar.progress))
    source = source_of(given, question, space, f"{given.trajectories} trajectories, {len(points)} points")
    tables, figures = [], []
    for k, outcome in enumerate(question.outcomes):
        margin = question.margin(outcome)
        rows = screened(space, points, found[:, :, k], margin)
        _show(question.words(outcome), rows, margin)
        tables += [{"outcome": outcome, "unit": registry()[outcome].unit, **asdict(row)} for row in rows]
        figures.append(
            tornado(columns(rows), question.words(outcome), margin, source, slug=f"screen_{outcome}")
        )
    if given.replications < 2:
        print(f"{UNKNOWN} Take --replications 2.")
    write(given, {"screen": tables}, figures, question.scenarios)
    print(source)
    return 0


def _show(words: str, rows: Sequence[Screened], margin: float) -> None:
    from sim.report.numbers import compact

    show(
        f"{words}: mean size of the effect over the whole range of each number; margin {compact(margin)}",
        (
            ("number", "left"), ("mu*", "right"), ("95 % half width", "right"), ("mu", "right"),
            ("sigma", "right"), ("chance alone", "right"), ("p of chance", "right"), ("", "left"),
        ),
        [
            (
                row.path,
                *map(compact, (row.mu_star, row.half, row.mu, row.sigma)),
                *(cell(row) for cell in (_noise, _p)),
                row.verdict,
            )
            for row in rows[:_SHOWN]
        ],
    )  # fmt: skip
    if len(rows) > _SHOWN:
        print(f"and {len(rows) - _SHOWN} more in the table")


def _noise(row: Screened) -> str:
    from sim.report.numbers import compact

    return compact(row.noise) if math.isfinite(row.noise) else "not known"


def _p(row: Screened) -> str:
    if not math.isfinite(row.p_chance):
        return "not known"
    return "< .001" if row.p_chance < _LEAST_P else f"{row.p_chance:.3f}".removeprefix("0")
