"""Elementary effects: which numbers an outcome leans on, each moved from many places of the space.

A trajectory of Morris walks through the space and moves one number at a time. The mean absolute effect
``mu*`` (Campolongo, Cariboni and Saltelli 2007, doi:10.1016/j.envsoft.2006.10.004) is in the unit of the
outcome for the whole range of the number; ``sigma`` is large where the effect depends on the other
numbers or bends. All steps of a trajectory share their draws; each trajectory has its own.

Whether a number does anything is a test of its own. The variance of an elementary effect over replications
is that of a *paired* difference, and it differs from place to place: each trajectory gives a Student test
of its own, and Fisher's method combines them, which holds whatever the variances are. Holm's correction
over the numbers keeps the chance of any false find in a screen at 5 %.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from sim.core.errors import ConfigError, unknown
from sim.core.tables import Column
from sim.measures.registry import registry
from sim.report import numbers
from sim.report.result import Draw, Figure, Result
from sim.report.tables import DataTable, TextTable
from sim.report.theme import in_sentence
from sim.report.verdicts import BELOW_MARGIN, CANNOT_TELL, CHANCE_UNKNOWN, MATTERS, matters
from sim.run.plan import Replications
from sim.run.pool import OnProgress, silent
from sim.scenario import Scenario
from sim.stats.intervals import Interval, mean_interval
from sim.study.extras import library
from sim.study.responses import Asking, DesignQuestion, provenance_of, question_of, responses
from sim.study.space import Names, Space, chosen_rows, designed, left_out_notes

OUTCOMES = ("delivered_pure_kg", "seized_pure_kg")
LEVELS = 4
"""Levels of the grid; a step crosses two thirds of the range."""
FALSE_FINDS = 0.05
"""Chance that a screen of numbers without effect finds any."""
MEAN_OF_ABSOLUTE_NORMAL = math.sqrt(2.0 / math.pi)
_SHOWN, _LEAST_P = 15, 0.001

COLUMNS = (
    Column("outcome", "str", "", "name in conf/measures.yaml"),
    Column("unit", "str", "", "of the outcome"),
    Column("path", "str", "", "configuration path of the number"),
    Column("mu", "float64", "of the row", "mean effect of the whole range of the number"),
    Column("mu_star", "float64", "of the row", "mean absolute effect of the whole range"),
    Column("half", "float64", "of the row", "half the 95 % interval of mu_star, over trajectories"),
    Column("sigma", "float64", "of the row", "standard deviation of the effects over the space"),
    Column("noise", "float64", "of the row", "mu_star that chance alone gives a number that does nothing"),
    Column("p_chance", "float64", "1", "chance of such effects from a number that does nothing (Holm)"),
    Column("verdict", "str", "", "matters, below the margin, or cannot tell"),
)


def screen(
    scenario: Scenario,
    replications: Replications,
    outcomes: Names = OUTCOMES,
    *,
    baseline: Scenario | None = None,
    over: Names = (),
    without: Names = (),
    trajectories: int = 10,
    on_progress: OnProgress = silent,
) -> Result:
    """Return which assumed numbers outcomes lean on.

    Parameters
    ----------
    scenario : Scenario
        Its numbers are varied.
    replications : Replications
        Its replications are those of every point.
    outcomes : str or sequence of str
        Names of ``conf/measures.yaml``.
    baseline : Scenario, optional
        Ask what the scenario changes against it, instead of the level of an outcome.
    over, without : str or sequence of str
        Prefixes of the numbers that are varied (all assumed ones that act) and of those that are held.
    trajectories : int
        Walks through the space; a walk has one point more than there are numbers.

    Raises
    ------
    ConfigError
        An argument is out of range, or names nothing.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    if not trajectories >= 2:
        raise ConfigError(f"study screen: trajectories must be at least 2 (got {trajectories})")
    question = question_of("screen", scenario, baseline, outcomes)
    space, points, out = designed(
        scenario,
        Space(chosen_rows(scenario, over, without)),
        lambda space: design(space, trajectories, replications.seed),
    )
    values = responses(question, space, points, Asking(replications, blocks(space, points)), on_progress)
    source = provenance_of(
        question, space, f"{trajectories} trajectories, {len(points)} points", replications
    )
    text: list[str | TextTable] = []
    verdicts: list[str] = []
    rows: list[dict[str, str | float]] = []
    draws: dict[str, Draw] = {}
    for k, outcome in enumerate(question.outcomes):
        found = screened(space, points, values[:, :, k], question.margin(outcome))
        rows += _rows(outcome, found)
        title = _title(question.label(outcome), found)
        verdicts.append(f"{title}.")
        draws[f"screen_{outcome}"] = partial(_figure, question, outcome, found, title, source.sentence)
        text.append(_cells(question, outcome, found))
        if len(found) > _SHOWN:
            text.append(f"and {len(found) - _SHOWN} more in the table")
        text.append(verdicts[-1])
    asked = " and ".join(in_sentence(question.label(outcome)) for outcome in question.outcomes)
    alone = (f"{CHANCE_UNKNOWN} Take 2 replications or more.",) if replications.count < 2 else ()
    return Result(
        question=f"Which assumed numbers does {asked} lean on?",
        verdicts=tuple(verdicts),
        tables={"screen": DataTable.of(COLUMNS, rows)},
        provenance=source,
        text=tuple(text),
        draws=draws,
        notes=(*alone, *left_out_notes(out)),
    )


@dataclass(frozen=True)
class ElementaryEffect:
    """What one number does to one outcome.

    Parameters
    ----------
    path : str
    mu, mu_star, sigma : float
        Mean, mean absolute value and standard deviation of the elementary effects, in the unit of the
        outcome for the whole range.
    half : float
        Half width of Student's 95 % interval of ``mu_star`` over trajectories; NaN with one.
    noise : float
        What ``mu_star`` would be on average if the number did nothing and the steps differed by chance
        alone; NaN with one replication.
    p_chance : float
        Chance of such effects from a number that does nothing, after Holm's correction; NaN with one
        replication.
    verdict : str
        Against the margin of the outcome.
    """

    path: str
    mu: float
    mu_star: float
    half: float
    sigma: float
    noise: float
    p_chance: float
    verdict: str


def design(space: Space, count: int, seed: int) -> np.ndarray:
    """Return the points of some trajectories, float64 of shape (count * (axes + 1), axes)."""
    sample = library("SALib.sample.morris").sample
    return np.asarray(sample(space.problem, count, num_levels=LEVELS, seed=seed), dtype=np.float64)


def blocks(space: Space, points: np.ndarray) -> np.ndarray:
    """Return the trajectory of each point, int64 of shape (points,)."""
    return np.repeat(np.arange(len(points) // (len(space.rows) + 1)), len(space.rows) + 1)


def screened(space: Space, points: np.ndarray, values: np.ndarray, margin: float) -> list[ElementaryEffect]:
    """Return the elementary effects of one outcome, largest first.

    Parameters
    ----------
    points : ndarray of float64, shape (trajectories * (axes + 1), axes)
    values : ndarray of float64, shape (trajectories * (axes + 1), replications)
        Replication ``r`` of all points of a trajectory shares its draws.
    margin : float
        Smallest difference of the outcome that matters.
    """
    effects = elementary_effects(points, values)
    means = effects.mean(axis=2)
    noise, p_chance = chance_alone(effects), holm(chance_p(effects))
    rows = []
    for k, path in enumerate(space.paths):
        sizes = np.abs(means[k])
        ends = mean_interval(sizes)
        star, half = float(sizes.mean()), (ends.high - ends.low) / 2.0
        sigma = float(means[k].std(ddof=1)) if ends.known else math.nan
        size = Interval(star - half, star + half)
        if not math.isfinite(p_chance[k]):
            size = Interval(math.nan, math.nan, "one replication: what chance does is not known")
        proven = star - half > noise[k] and p_chance[k] < FALSE_FINDS
        rows.append(
            ElementaryEffect(
                path, float(means[k].mean()), star, half, sigma, float(noise[k]), float(p_chance[k]),
                matters(size, margin, BELOW_MARGIN, proven),
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (-row.mu_star, row.path))


def elementary_effects(points: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return what each number does for its whole range, float64 of shape (axes, trajectories, replications).

    Parameters are those of ``screened``. A step of a trajectory moves one number; the paired change of the
    outcome is divided by its size and sign.
    """
    axes, replications = points.shape[1], values.shape[1]
    steps = np.diff(points.reshape(-1, axes + 1, axes), axis=1)
    moved = np.diff(values.reshape(-1, axes + 1, replications), axis=1)
    which = np.abs(steps).argmax(axis=2)
    effects = moved / np.take_along_axis(steps, which[:, :, None], axis=2)
    order = which.argsort(axis=1)
    return np.take_along_axis(effects, order[:, :, None], axis=1).swapaxes(0, 1)


def chance_alone(effects: np.ndarray) -> np.ndarray:
    """Return the mean absolute effect that chance gives on average to a number that does nothing.

    The variance of an elementary effect is that of its replications over their count; a normal error of
    standard deviation ``s`` has the mean absolute value ``s * sqrt(2 / pi)``. Variances are averaged, not
    standard deviations, whose mean over two replications is a fifth too small.

    Returns
    -------
    ndarray of float64, shape (axes,)
        NaN with one replication.
    """
    replications = effects.shape[2]
    if replications < 2:
        return np.full(len(effects), math.nan)
    variance = effects.var(axis=2, ddof=1).mean(axis=1) / replications
    return np.asarray(MEAN_OF_ABSOLUTE_NORMAL * np.sqrt(variance))


def chance_p(effects: np.ndarray) -> np.ndarray:
    """Return the chance of such effects from a number that does nothing (Student, combined by Fisher).

    Returns
    -------
    ndarray of float64, shape (axes,)
        NaN with one replication.
    """
    from scipy.special import chdtrc, stdtr

    walks, replications = effects.shape[1:]
    if replications < 2:
        return np.full(len(effects), math.nan)
    means, error = effects.mean(axis=2), effects.std(axis=2, ddof=1) / math.sqrt(replications)
    ratio = np.divide(np.abs(means), error, out=np.where(means == 0.0, 0.0, math.inf), where=error > 0.0)
    with np.errstate(divide="ignore"):
        evidence = -2.0 * np.log(2.0 * stdtr(replications - 1, -ratio)).sum(axis=1)
    return np.asarray(chdtrc(2 * walks, evidence))


def holm(p_values: np.ndarray) -> np.ndarray:
    """Return p-values after the step-down correction of Holm (1979), float64 of the same shape."""
    order = p_values.argsort(kind="stable")
    raised = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty_like(p_values)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(raised))
    return corrected


def order_of(screen: Result | str | Path, outcome: str) -> list[str]:
    """Return the numbers of a finished screen, those with the largest mean absolute effect first.

    Parameters
    ----------
    screen : Result, str or Path
        What the study returned, or the path of the CSV table that it wrote.
    outcome : str
        One that was screened.

    Raises
    ------
    ConfigError
        The file cannot be read or is no table of a screen, or it has another outcome.
    """
    where = "the screen" if isinstance(screen, Result) else str(screen)
    try:
        if isinstance(screen, Result):
            cells: list[dict[str, Any]] = list(screen.table("screen"))
        else:
            with Path(screen).open(encoding="utf-8", newline="") as file:
                cells = list(csv.DictReader(file))
        rows = [(row["outcome"], row["path"], float(row["mu_star"])) for row in cells]
    except OSError as error:
        raise ConfigError(f"{where}: {(error.strerror or str(error)).lower()}") from None
    except (KeyError, ValueError, TypeError, csv.Error):
        raise ConfigError(f"{where}: not a table of sim study screen") from None
    if not rows:
        raise ConfigError(f"{where}: not a table of sim study screen")
    here = [(-size, path) for name, path, size in rows if name == outcome]
    if not here:
        raise unknown("outcome", outcome, where, {name for name, _, _ in rows})
    return [path for _, path in sorted(here, key=lambda row: row[0])]


def _title(label: str, found: Sequence[ElementaryEffect]) -> str:
    verdicts = [one.verdict for one in found]
    return (
        f"{label}: {verdicts.count(MATTERS)} of {len(found)} numbers matter, "
        f"{verdicts.count(CANNOT_TELL)} cannot be told"
    )


def _rows(outcome: str, found: Sequence[ElementaryEffect]) -> list[dict[str, str | float]]:
    return [{"outcome": outcome, "unit": registry()[outcome].unit, **asdict(one)} for one in found]


def _cells(question: DesignQuestion, outcome: str, found: Sequence[ElementaryEffect]) -> TextTable:
    heads = ("number", "mu*", "95 % half width", "mu", "sigma", "chance alone", "p of chance", "verdict")
    rows = []
    for one in found[:_SHOWN]:
        noise = numbers.compact(one.noise) if math.isfinite(one.noise) else "not known"
        sizes = map(numbers.compact, (one.mu_star, one.half, one.mu, one.sigma))
        rows.append([one.path, *sizes, noise, _p(one.p_chance), one.verdict])
    title = (
        f"{question.words(outcome)}: mean size of the effect over the whole range of each number; "
        f"margin {numbers.compact(question.margin(outcome))}"
    )
    return TextTable(heads, rows, left=("number", "verdict"), title=title)


def _p(p_chance: float) -> str:
    if not math.isfinite(p_chance):
        return "not known"
    return "< .001" if p_chance < _LEAST_P else f"{p_chance:.3f}".removeprefix("0")


def _figure(
    question: DesignQuestion, outcome: str, found: Sequence[ElementaryEffect], title: str, source: str
) -> Figure:
    from sim.plots.tornado import tornado

    rows = DataTable.of(COLUMNS, _rows(outcome, found)).data
    answer = (question.label(outcome), question.unit(outcome))
    return tornado(rows, title, answer, question.margin(outcome), source, slug=f"screen_{outcome}")
