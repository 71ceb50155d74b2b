"""``sim study sobol``: which numbers cause the variance of an outcome, chance split off."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

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
from sim.core.errors import ConfigError, unknown

LEAST_ROWS = 16
"""Fewer rows have too few resamples for a bootstrap."""

if TYPE_CHECKING:
    from sim.study.sobol import Indices, Share
    from sim.study.space import Space


def add_sobol(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add the study to the parser of ``sim study``."""
    parser = parsers.add_parser(
        "sobol",
        help="shares of the variance that assumptions cause, split from chance",
        description="First and total order indices of a few numbers, chance split off by replications. Costs "
        "rows times (numbers + 2) points, twice that with --effect; name few numbers with --over, or take "
        "the top of a screen. border.model=instant leaves the queues out.",
    )
    parser.add_argument("--rows", type=int, default=64, help="rows of the design, a power of two (64)")
    parser.add_argument("--outcome", default="delivered_pure_kg", help="a name of conf/measures.yaml")
    parser.add_argument("--screen", type=Path, metavar="CSV", help="table of sim study screen")
    parser.add_argument("--top", type=int, default=6, help="numbers taken from the screen (6)")
    text = "the top of the screen as one group against all its other numbers: two groups that add up to one"
    parser.add_argument("--grouped", action="store_true", help=text)
    add_asked(parser, "sobol", 4, "--effect")
    parser.set_defaults(work=_sobol)


def _sobol(given: argparse.Namespace) -> int:
    from sim.cli.screen import Screen
    from sim.plots.variance import variance
    from sim.study.responses import Asking, answers
    from sim.study.sobol import design, indices, verdict
    from sim.study.space import Space, chosen_rows, designed
    from sim.study.tables import columns

    check_least(given, "sobol", replications=1, rows=LEAST_ROWS, top=1)
    if given.rows & (given.rows - 1):
        raise ConfigError(f"study sobol: --rows must be a power of two, such as 64 (got {given.rows})")
    over, top = _over(given)
    question = question_of(given, given.outcome, "sobol")
    space, points, out = designed(
        question.after,
        Space(chosen_rows(question.after, over, given.without)),
        lambda space: design(space, given.rows, given.seed, _groups(space, top)),
    )
    tell_left_out(out)
    names = list(dict.fromkeys(_groups(space, top))) or space.paths
    asking = Asking(replications_of(given), np.repeat(np.arange(given.rows), len(names) + 2))
    with Screen("sobol") as bar:
        values = bar.interruptible(lambda: answers(question, space, points, asking, bar.progress))
    found = indices(names, values[:, :, 0], given.seed)
    answer = question.words(question.outcomes[0])
    words = verdict(found, given.rows, "groups" if top else "numbers")
    one = "run" if question.before is None else "pair"
    rows = _rows(found)
    _show((answer, one, words), found, rows)
    source = source_of(given, question, space, f"{given.rows} rows, {len(points)} points")
    chance = found.chance.interval
    figure = variance(
        columns(rows), (found.chance.value, chance.low, chance.high), answer, words, source, one
    )  # fmt: skip
    first = {"path": "chance", **_ends("first", found.chance), **_ends("total", found.chance), "verdict": "",
             "no_interval": chance.reason}  # fmt: skip
    write(given, {"sobol": [first, *rows]}, [figure], question.scenarios)
    print(source)
    return 0


def _over(given: argparse.Namespace) -> tuple[str, set[str]]:
    """Return the prefixes of the numbers, those named or the largest of a screen, and the first group."""
    if given.grouped and not given.screen:
        raise ConfigError("study sobol: --grouped needs the order of a screen: --screen CSV")
    if given.over and given.screen:
        raise ConfigError("study sobol: give either --over or --screen")
    if given.over:
        return str(given.over), set()
    if not given.screen:
        raise ConfigError(
            "study sobol: name a few numbers with --over, or take the top of a screen with --screen CSV"
        )
    try:
        with given.screen.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise ConfigError(f"{given.screen}: {(error.strerror or str(error)).lower()}") from None
    if not rows or not {"outcome", "path", "mu_star"} <= set(rows[0]):
        raise ConfigError(f"{given.screen}: not a table of sim study screen")
    here = [row for row in rows if row["outcome"] == given.outcome]
    if not here:
        raise unknown("outcome", given.outcome, str(given.screen), {row["outcome"] for row in rows})
    here.sort(key=lambda row: -float(row["mu_star"]))
    paths = [row["path"] for row in here]
    if not given.grouped:
        return ",".join(paths[: given.top]), set()
    if len(paths) <= given.top:
        raise ConfigError(
            f"study sobol: --grouped needs more numbers than --top {given.top}; {given.screen} has "
            f"{len(paths)}"
        )
    return ",".join(paths), set(paths[: given.top])


def _groups(space: Space, first: set[str]) -> list[str]:
    """Return the group of each number: the first of a screen or the rest; nothing without groups."""
    if not first:
        return []
    here = len(first.intersection(space.paths))
    top, rest = f"first {here} of the screen", f"other {len(space.paths) - here} of the screen"
    return [top if path in first else rest for path in space.paths]


def _rows(found: Indices) -> list[dict[str, Any]]:
    return [
        {
            "path": one.path,
            **_ends("first", one.first),
            **_ends("total", one.total),
            "verdict": one.verdict,
            "no_interval": one.total.interval.reason,
        }
        for one in found.numbers
    ]


def _ends(name: str, share: Share) -> dict[str, float]:
    return {name: share.value, f"{name}_low": share.interval.low, f"{name}_high": share.interval.high}


def _show(said: tuple[str, str, str], found: Indices, rows: list[dict[str, Any]]) -> None:
    """Print the share of chance, the table, and why intervals are missing or what the sample can tell."""
    answer, one, words = said

    def cell(row: dict[str, Any], name: str) -> str:
        low, high = row[f"{name}_low"], row[f"{name}_high"]
        return f"{row[name]:.2f} [{low:.2f}, {high:.2f}]" if np.isfinite(low) else f"{row[name]:.2f}"

    chance = _ends("share", found.chance)
    print(f"chance makes {cell(chance, 'share')} of the variance of one {one}; the numbers make the rest")
    show(
        f"{answer}: shares of the variance that the numbers cause",
        (("number", "left"), ("alone", "right"), ("with interactions", "right"), ("", "left")),
        [(row["path"], cell(row, "first"), cell(row, "total"), row["verdict"]) for row in rows],
    )
    print(words)
