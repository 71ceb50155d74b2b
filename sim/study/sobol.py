"""Sobol' indices of a model that is drawn from chance: what the numbers decide, freed of what chance does.

One run is ``Y = f(x) + chance``. By the law of total variance ``Var Y = Var f(x) + E Var(Y | x)``: the
second part is the share of chance, the first is split over the numbers. Rows ``A`` and ``B`` and the hybrids
``AB_j`` of a row (Saltelli and others 2010, doi:10.1016/j.cpc.2009.09.018) share their replications; each row
has its own. Products and squares of means over R replications carry the covariance of these means; it is
estimated from the replications and subtracted, as in the one-and-a-half-level estimator of Sun, Apley and
Staum (2011, Operations Research 59(4)): ``E[u] E[v] = mean(u) mean(v) - cov(u, v) / R``. This holds whatever
the draws have in common.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.core.draws import Draws
from sim.core.errors import ConfigError
from sim.core.tables import Column
from sim.report.numbers import percent
from sim.report.result import Figure, Result
from sim.report.tables import DataTable, Row, TextTable, end_columns
from sim.report.theme import in_sentence
from sim.report.verdicts import CANNOT_TELL, LITTLE, matters
from sim.run.plan import Replications
from sim.run.pool import OnProgress, silent
from sim.scenario import Scenario
from sim.stats.intervals import Interval
from sim.study.extras import library
from sim.study.responses import Asking, provenance_of, question_of, responses
from sim.study.screen import order_of
from sim.study.space import Names, Space, chosen_rows, designed, left_out_notes

LEAST_ROWS = 16
"""Fewer rows have too few resamples for a bootstrap."""
RESAMPLES = 500
TAIL = 0.025
LEAST_SHARE = 0.1
"""Share of the variance below which a number may be fixed at its value."""
NO_VARIANCE = "in some resamples of the rows the numbers cause no more variance than chance could feign"
CHANCE = "chance"

COLUMNS = (
    Column("path", "str", "", "configuration path of the number, name of the group, or chance"),
    Column(
        "first", "float64", "1", "share of the variance that the numbers cause, alone; chance: of one run"
    ),
    *end_columns("1", "of its 95 % bootstrap interval", "first_"),
    Column("total", "float64", "1", "the same with all interactions; chance: of one run"),
    *end_columns("1", "of its 95 % bootstrap interval", "total_"),
    Column("verdict", "str", "", "matters, little, or cannot tell; empty for chance"),
    Column("no_interval", "str", "", "why there is no interval; empty where there is one"),
)


def sobol(
    scenario: Scenario,
    replications: Replications,
    outcome: str = "delivered_pure_kg",
    *,
    baseline: Scenario | None = None,
    over: Names = (),
    without: Names = (),
    screen: Result | str | Path | None = None,
    top: int = 6,
    grouped: bool = False,
    rows: int = 64,
    on_progress: OnProgress = silent,
) -> Result:
    """Return how much of the variance of an outcome chance causes, and which numbers cause the rest.

    Parameters
    ----------
    scenario : Scenario
        Its numbers are varied.
    replications : Replications
        Its replications are those of every point.
    outcome : str
        Name of ``conf/measures.yaml``.
    baseline : Scenario, optional
        Ask what the scenario changes against it, instead of the level of the outcome.
    over, without : str or sequence of str
        Prefixes of the numbers that are varied and of those that are held.
    screen : Result, str or Path, optional
        A finished screen, or the path of its table, in place of ``over``: its largest numbers are taken.
    top : int
        How many numbers are taken from the screen.
    grouped : bool
        Whether the top of the screen is one group, held against all its other numbers.
    rows : int
        Of the design, a power of two; a row costs two points more than there are numbers or groups.

    Raises
    ------
    ConfigError
        An argument is out of range, or names nothing.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    if not rows >= LEAST_ROWS or rows & (rows - 1):
        raise ConfigError(
            f"study sobol: rows must be a power of two, such as 64, and at least {LEAST_ROWS} (got {rows})"
        )
    over, first = _chosen(outcome, over, screen, top, grouped)
    question = question_of("sobol", scenario, baseline, outcome)
    space, points, out = designed(
        scenario,
        Space(chosen_rows(scenario, over, without)),
        lambda space: design(space, rows, replications.seed, _groups(space, first)),
    )
    names = list(dict.fromkeys(_groups(space, first))) or space.paths
    asking = Asking(replications, np.repeat(np.arange(rows), len(names) + 2))
    values = responses(question, space, points, asking, on_progress)
    found = indices(names, values[:, :, 0], replications.seed)
    source = provenance_of(question, space, f"{rows} rows, {len(points)} points", replications)
    label, unit = question.label(outcome), question.unit(outcome)
    one = "run" if baseline is None else "pair"
    sentence = verdict(found, rows, "groups" if first else "numbers")
    title = f"{label}: chance makes {percent(found.chance.value)} of the variance of one {one}"
    table = DataTable.of(COLUMNS, _rows(found))

    def draw() -> Figure:
        from sim.plots.variance import variance

        return variance(table.data, title, (label, unit), sentence, source.sentence, one)

    return Result(
        question=f"What causes the variance of {in_sentence(label)}: chance, or which numbers?",
        verdicts=(f"{title}.", sentence),
        tables={"sobol": table},
        provenance=source,
        text=(
            f"chance makes {_share_text(found.chance)} of the variance of one {one}; the numbers make "
            "the rest",
            _cells(found, f"{label}, {unit}: shares of the variance that the numbers cause"),
            sentence,
        ),
        draws={"sobol": draw},
        notes=left_out_notes(out),
    )


@dataclass(frozen=True)
class VarianceShare:
    """A share of a variance with its 95 % bootstrap interval over rows, not cut off at 0 and 1."""

    value: float
    interval: Interval


@dataclass(frozen=True)
class Index:
    """What one number decides: alone (``first``), and with all its interactions (``total``)."""

    path: str
    first: VarianceShare
    total: VarianceShare

    @property
    def verdict(self) -> str:
        """``matters`` or ``little``: the interval of the total lies above or below a tenth."""
        return matters(self.total.interval, LEAST_SHARE, LITTLE)


@dataclass(frozen=True)
class Indices:
    """The split of a variance.

    Parameters
    ----------
    numbers : tuple of Index
        Largest total first; shares of the variance that the numbers cause.
    chance : VarianceShare
        Share of chance in the variance of a single run.
    deviation : float
        Standard deviation of the outcome over the space, chance taken out; NaN when chance hides it.
    """

    numbers: tuple[Index, ...]
    chance: VarianceShare
    deviation: float

    @property
    def informative(self) -> bool:
        """Whether the numbers cause more variance than chance could feign."""
        return self.chance.interval.known and self.chance.interval.high < 1.0


def design(space: Space, rows: int, seed: int, groups: Sequence[str] = ()) -> np.ndarray:
    """Return the points: for each row A, the hybrids in the order of the axes, B.

    Parameters
    ----------
    groups : sequence of str
        The group of each axis: a hybrid then changes a whole group, in the order in which groups appear,
        and ``axes`` below is their number.

    Returns
    -------
    ndarray of float64, shape (rows * (axes + 2), axes)
    """
    sample = library("SALib.sample.sobol").sample
    problem = {**space.problem, "groups": list(groups)} if groups else space.problem
    return np.asarray(sample(problem, rows, calc_second_order=False, seed=seed), dtype=np.float64)


def indices(paths: Sequence[str], values: np.ndarray, seed: int) -> Indices:
    """Return the indices of one outcome.

    Parameters
    ----------
    paths : sequence of str
        Names of the axes, or of the groups of ``design``. Two groups are all there is: what one does alone
        and what the other does with all its interactions add up to one.
    values : ndarray of float64, shape (rows * (axes + 2), replications)
        Answers of ``design``; replication ``r`` of all points of a row may share its draws.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Indices
        With one replication chance cannot be split off: the share of chance is unknown and all intervals
        say why.
    """
    axes = len(paths)
    values = values.reshape(-1, axes + 2, values.shape[1])
    whole = np.arange(len(values))
    first, total, chance, variance = _estimates(values, whole)
    if values.shape[2] < 2:
        reason = "one replication: chance is still inside"
        numbers = [
            Index(path, _unknown(first[k], reason), _unknown(total[k], reason))
            for k, path in enumerate(paths)
        ]
        return Indices(_sorted(numbers), _unknown(math.nan, reason), math.nan)
    u = Draws(seed, 0).uniforms("sobol.resample", np.arange(RESAMPLES)[:, None], whole[None])
    again = [_estimates(values, rows) for rows in (u * len(values)).astype(np.int64)]
    firsts, totals = (np.array([one[i] for one in again]) for i in (0, 1))
    numbers = [
        Index(path, _share(first[k], firsts[:, k]), _share(total[k], totals[:, k]))
        for k, path in enumerate(paths)
    ]
    spread = math.sqrt(variance) if variance > 0.0 else math.nan
    return Indices(_sorted(numbers), _share(chance, np.array([one[2] for one in again])), spread)


def _estimates(values: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Return first and total indices, share of chance and variance of ``f`` from some rows."""
    a, b, hybrids = values[rows, 0], values[rows, -1], values[rows, 1:-1]
    middle = 0.5 * (a.mean() + b.mean())
    a, b, hybrids = a - middle, b - middle, hybrids - middle
    inside = 0.5 * float((_covariance(a, a) + _covariance(b, b)).mean())
    means = np.concatenate([a.mean(axis=1), b.mean(axis=1)])
    variance = float(means.var(ddof=1)) - inside / values.shape[2]
    step = hybrids - a[:, None]
    first = _product(np.broadcast_to(b[:, None], step.shape), step).mean(axis=0)
    together = 0.5 * _product(step, step).mean(axis=0)
    scale = 1.0 / variance if variance > 0.0 else math.nan
    total = variance + inside
    return first * scale, together * scale, inside / total if total > 0.0 else math.nan, variance


def _product(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return an unbiased product of two expectations from replications along the last axis."""
    return np.asarray(u.mean(axis=-1) * v.mean(axis=-1) - _covariance(u, v) / u.shape[-1])


def _covariance(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return covariances over replications along the last axis; zero with one replication."""
    count = u.shape[-1]
    if count < 2:
        return np.zeros(u.shape[:-1])
    du, dv = (x - x.mean(axis=-1, keepdims=True) for x in (u, v))
    return np.asarray((du * dv).sum(axis=-1) / (count - 1))


def _share(value: float, again: np.ndarray) -> VarianceShare:
    if not np.isfinite(again).all() or not math.isfinite(value):
        return _unknown(value, NO_VARIANCE)
    low, high = np.quantile(again, [TAIL, 1.0 - TAIL])
    return VarianceShare(float(value), Interval(float(low), float(high)))


def _unknown(value: float, reason: str) -> VarianceShare:
    return VarianceShare(float(value), Interval(math.nan, math.nan, reason))


def _sorted(numbers: list[Index]) -> tuple[Index, ...]:
    def key(one: Index) -> tuple[float, str]:
        return (-one.total.value if math.isfinite(one.total.value) else math.inf, one.path)

    return tuple(sorted(numbers, key=key))


def verdict(found: Indices, rows: int, what: str = "numbers") -> str:
    """Return what the sample can tell of ``numbers`` or ``groups``, in a sentence.

    The width of a bootstrap interval shrinks with the square root of the rows.
    """
    if not found.chance.interval.known:
        return f"Cannot tell what chance does: {found.chance.interval.reason}."
    if not found.informative:
        return (
            "Cannot tell: what the numbers do is lost in chance; "
            f"take {4 * rows} rows, which halves the intervals, or more replications."
        )
    bare = [one for one in found.numbers if not one.total.interval.known]
    if bare:
        return (
            f"No interval for {len(bare)} of {len(found.numbers)} {what}: {bare[0].total.interval.reason}; "
            f"take {4 * rows} rows or more replications."
        )
    open_ = sum(one.verdict == CANNOT_TELL for one in found.numbers)
    if open_:
        return (
            f"Too small a sample to tell for {open_} of {len(found.numbers)} {what}; "
            f"{4 * rows} rows would halve the intervals."
        )
    return f"The sample tells for all {what}."


def _chosen(
    outcome: str, over: Names, screen: Result | str | Path | None, top: int, grouped: bool
) -> tuple[Names, set[str]]:
    """Return the numbers to vary, named or the largest of a screen, and those of the first group."""
    if not top >= 1:
        raise ConfigError(f"study sobol: top must be at least 1 (got {top})")
    if over and screen is not None:
        raise ConfigError("study sobol: give either over or screen")
    if screen is None:
        if grouped:
            raise ConfigError("study sobol: grouped needs the order of a screen")
        if not over:
            raise ConfigError("study sobol: name a few numbers with over, or take the top of a screen")
        return over, set()
    paths = order_of(screen, outcome)
    if not grouped:
        return paths[:top], set()
    if len(paths) <= top:
        raise ConfigError(
            f"study sobol: grouped needs more numbers than top {top}; the screen has {len(paths)}"
        )
    return paths, set(paths[:top])


def _groups(space: Space, first: set[str]) -> list[str]:
    """Return the group of each number: the first of a screen or the rest; nothing without groups."""
    if not first:
        return []
    here = len(first.intersection(space.paths))
    top, rest = f"first {here} of the screen", f"other {len(space.paths) - here} of the screen"
    return [top if path in first else rest for path in space.paths]


def _rows(found: Indices) -> list[Row]:
    chance = Index(CHANCE, found.chance, found.chance)
    return [_row(chance, ""), *(_row(one, one.verdict) for one in found.numbers)]


def _row(one: Index, sentence: str) -> Row:
    ends = {"first": one.first, "total": one.total}
    row: Row = {"path": one.path, "verdict": sentence, "no_interval": one.total.interval.reason}
    for name, share in ends.items():
        row |= {name: share.value, f"{name}_low": share.interval.low, f"{name}_high": share.interval.high}
    return row


def _cells(found: Indices, title: str) -> TextTable:
    rows = [[one.path, _share_text(one.first), _share_text(one.total), one.verdict] for one in found.numbers]
    heads = ("number", "alone", "with interactions", "verdict")
    return TextTable(heads, rows, left=("number", "verdict"), title=title)


def _share_text(share: VarianceShare) -> str:
    ends = share.interval
    return f"{share.value:.2f}" + (f" [{ends.low:.2f}, {ends.high:.2f}]" if ends.known else "")
