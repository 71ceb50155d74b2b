"""What a difference means: better, worse, no difference that matters, or cannot tell yet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.measures.registry import MeasureInfo, registry
from sim.report.verdicts import CANNOT_TELL, NOT_YET, UNDEFINED, judged
from sim.report.yearly import margin_of
from sim.stats.intervals import Interval, parameter_interval
from sim.stats.ratio import Estimate, ratio_of_means, ratios_of_means, undefined
from sim.stats.sequential import expected, expected_ends
from sim.stats.simultaneous import LEAST, Simultaneous, simultaneous, variance_saved
from sim.study.compare.pairing import Panel

DELIVERED, COST = "delivered_pure_kg", "programme_cost_usd"
_DIGITS = 2
# The spread of fewer pairs may be off by a factor of six and more: nothing is said of what is missing.
_FEWEST = 4
_PRACTICAL = 10_000
_TOO_MANY = f"far more replications than is practical (over {_PRACTICAL:,})"
_DECIDED = Interval(math.nan, math.nan, "there is a verdict")
_NO_SETS = Interval(math.nan, math.nan, "fewer than 2 parameter sets in common")


@dataclass(frozen=True)
class Difference:
    """One outcome of one run less that of the reference, a year or over the window when it is shorter.

    Parameters
    ----------
    label, outcome : str
        The run and the outcome.
    before, change : float
        Mean of the reference, and mean of the paired differences.
    monte_carlo : Interval
        Simultaneous 95 % interval over replications.
    parameter : Interval
        95 % range over paired parameter sets.
    percent : Estimate
        Change in percent of the reference, with Fieller's own 95 % interval.
    margin : float
        Smallest difference that matters over this window.
    saved : float
        Variance of an unpaired over that of the paired difference.
        NaN below ``LEAST`` pairs, where the ratio of two variances is noise.
    missing : Interval
        Replications that are still missing for a verdict, from the 95 % interval of the spread; unknown
        with a verdict, and where there are too few pairs to say.
    about : float
        The same by the spread as it was seen; NaN below ``LEAST`` pairs and with a verdict.
    verdict : str
        One of the words of this module.
    """

    label: str
    outcome: str
    before: float
    change: float
    monte_carlo: Interval
    parameter: Interval
    percent: Estimate
    margin: float
    saved: float
    missing: Interval
    about: float
    verdict: str

    @property
    def info(self) -> MeasureInfo:
        """Label, unit and layer of the outcome."""
        return registry()[self.outcome]

    @property
    def words(self) -> str:
        """The verdict as a sentence."""
        if self.verdict == NOT_YET:
            return f"{NOT_YET}: {self._missing}"
        if self.verdict == CANNOT_TELL:
            return f"{CANNOT_TELL}: depends on parameter uncertainty"
        return f"{UNDEFINED}: {self.monte_carlo.reason}" if self.verdict == UNDEFINED else self.verdict

    @property
    def _missing(self) -> str:
        """How many replications are missing, as far as so many pairs can say."""
        if math.isfinite(self.about):
            if self.about > _PRACTICAL:
                return _TOO_MANY
            return f"about {_rounded(self.about):,} more replication{'s' * (self.about != 1)}"
        if not self.missing.known:
            return self.missing.reason
        low, high = (_rounded(end) for end in (self.missing.low, self.missing.high))
        if low > _PRACTICAL:
            return _TOO_MANY
        if high > _PRACTICAL:
            return f"{low:,} more replications, or far more than is practical"
        return f"{low:,} to {high:,} more replications"


@dataclass(frozen=True)
class Comparison:
    """All differences of a panel, run by run, with the method of their intervals.

    ``costs`` holds dollars of programme for one pure kilogram less delivered, by run.
    """

    panel: Panel
    differences: tuple[Difference, ...]
    costs: tuple[Estimate, ...]
    method: str


def differences_of(panel: Panel) -> Comparison:
    """Return the differences of every run from the first one."""
    runs, pairs, outcomes = panel.central.shape
    change = panel.central[1:] - panel.central[:1]
    found = simultaneous(change.transpose(1, 0, 2).reshape(pairs, -1))
    saved = np.stack([variance_saved(panel.central[0], after) for after in panel.central[1:]])
    margins = np.tile([margin_of(registry()[name], panel.days) for name in panel.outcomes], runs - 1)
    goal = deciding(np.abs(found.mean), margins)
    if pairs < LEAST:
        saved = np.full_like(saved, math.nan)
    percent = [_percents(panel.central[0], after) for after in panel.central[1:]]
    rows = []
    for at in range((runs - 1) * outcomes):
        run, k = divmod(at, outcomes)
        monte_carlo, parameter = _monte_carlo(panel, found, at), _parameter(panel, found, at)
        verdict = judged(panel.outcomes[k], monte_carlo, parameter, float(margins[at]))
        rows.append(
            Difference(
                panel.labels[run + 1],
                panel.outcomes[k],
                float(panel.central[0, :, k].mean()),
                float(found.mean[at]),
                monte_carlo,
                parameter,
                percent[run][k],
                float(margins[at]),
                float(saved[run, k]),
                *(_missing_pairs(found, goal, pairs, at) if verdict == NOT_YET else (_DECIDED, math.nan)),
                verdict,
            )
        )
    return Comparison(panel, tuple(rows), _costs(panel, change), found.method)


def _missing_pairs(found: Simultaneous, goal: np.ndarray, pairs: int, at: int) -> tuple[Interval, float]:
    """Return how many replications are missing: their range, and a number where pairs are enough for one."""
    if pairs < _FEWEST:
        return Interval(math.nan, math.nan, f"{pairs} pairs are too few to say how many more"), math.nan
    low, high = (max(1.0, float(end[at]) - pairs) for end in expected_ends(found, goal, pairs))
    about = max(1.0, float(expected(found, goal, pairs)[at]) - pairs) if pairs >= LEAST else math.nan
    return Interval(low, high), about


def _monte_carlo(panel: Panel, found: Simultaneous, at: int) -> Interval:
    change, half = float(found.mean[at]), float(found.half_width[at])
    if math.isfinite(change):
        return Interval(change - half, change + half)
    run, k = divmod(at, len(panel.outcomes))
    return Interval(math.nan, math.nan, _why(panel.central[0, :, k], panel.central[run + 1, :, k]))


def _parameter(panel: Panel, found: Simultaneous, at: int) -> Interval:
    run, k = divmod(at, len(panel.outcomes))
    sets = panel.sets[run + 1, :, k] - panel.sets[0, :, k]
    if sets.size < 2:
        return _NO_SETS
    return parameter_interval(sets[np.isfinite(sets)], float(found.deviation[at]) ** 2)


def _why(before: np.ndarray, after: np.ndarray) -> str:
    silent = [not np.isfinite(side).any() for side in (before, after)]
    if any(silent):
        return (
            f"not reported by {'either run' if all(silent) else 'the reference' if silent[0] else 'this run'}"
        )
    return "undefined in at least one replication"


def deciding(change: np.ndarray, margin: np.ndarray) -> np.ndarray:
    """Return the half widths at which differences of these sizes get a verdict, at most the margin.

    Either the interval must leave out zero, or it must fit inside the margin, whichever comes first.
    """
    return np.minimum(margin, np.maximum(change, margin - change))


def _percents(before: np.ndarray, after: np.ndarray) -> list[Estimate]:
    """Return the changes of one run in percent of the reference, with Fieller's intervals."""
    found = []
    for k, ratio in enumerate(ratios_of_means(after, before)):
        some = bool(before[:, k].any())
        ends = ratio.interval if some else Interval(math.nan, math.nan, "the reference is zero")
        low, high = (100.0 * (end - 1.0) for end in (ends.low, ends.high))
        value = 100.0 * (ratio.value - 1.0) if some else math.nan
        found.append(Estimate(value, Interval(low, high, ends.reason)))
    return found


def _costs(panel: Panel, change: np.ndarray) -> tuple[Estimate, ...]:
    """Return dollars for one pure kilogram less delivered, with Fieller's interval."""
    if not {DELIVERED, COST} <= set(panel.outcomes):
        return tuple(undefined("needs programme cost and fentanyl delivered") for _ in change)
    at = {name: panel.outcomes.index(name) for name in (DELIVERED, COST)}
    found = []
    for one in change:
        spent, denied = one[:, at[COST]], -one[:, at[DELIVERED]]
        if not spent.any():
            found.append(undefined("no difference in programme cost"))
        elif denied.mean() <= 0.0:
            found.append(undefined("more is delivered, not less"))
        else:
            found.append(ratio_of_means(spent, denied))
    return tuple(found)


def named(rows: Sequence[Difference], outcome: str) -> list[Difference]:
    """Return the differences of one outcome, in the order of the runs."""
    return [row for row in rows if row.outcome == outcome]


def _rounded(number: float) -> int:
    """Return a number of replications rounded up to two digits: more would be a false promise."""
    unit = 10 ** max(0, math.floor(math.log10(number)) + 1 - _DIGITS)
    return math.ceil(number / unit) * unit
