"""Two kinds of uncertainty, kept apart: what chance does to a year, and what is unknown of the parameters.

A *Monte Carlo* interval comes from replications of one parameter set, with independent draws. A
*parameter-uncertainty* interval comes from parameter sets that all fit the record. An interval that the data
cannot support is not invented: its ends are NaN and ``reason`` says what is missing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

NO_REASON = ""


@dataclass(frozen=True)
class Interval:
    """An interval, in the unit of the values; NaN ends and a reason when there is none."""

    low: float
    high: float
    reason: str = NO_REASON

    @property
    def known(self) -> bool:
        """Whether the ends are numbers."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    def within(self, least: float, most: float) -> Interval:
        """Return the part of the interval that a bounded quantity can take; NaN ends stay.

        Cutting an interval at values that the mean cannot take leaves its coverage as it is.
        """
        return Interval(
            min(most, max(self.low, least)) if self.known else self.low,
            max(least, min(self.high, most)) if self.known else self.high,
            self.reason,
        )


def _none(reason: str) -> Interval:
    return Interval(math.nan, math.nan, reason)


def _student(degrees: int, level: float) -> float:
    from scipy.special import stdtrit  # scipy.stats takes seconds to import

    return float(stdtrit(degrees, 0.5 + level / 2.0))


def _spread(values: np.ndarray) -> tuple[np.ndarray, str]:
    values = np.asarray(values, dtype=np.float64)
    if values.size < 2:
        return values, f"{values.size} replication: no interval, at least 2 are needed"
    if not np.isfinite(values).all():
        return values, "undefined in at least one replication"
    return values, NO_REASON


def mean(values: np.ndarray) -> float:
    """Return the mean of replications, NaN when there are none or one of them is undefined."""
    values = np.asarray(values, dtype=np.float64)
    return float(values.mean()) if values.size else math.nan


def mean_interval(values: np.ndarray, level: float = 0.95) -> Interval:
    """Return Student's interval for the mean of independent replications.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        One value a replication.
    level : float
        Coverage, 0..1.

    Returns
    -------
    Interval
        ``mean -+ t * s / sqrt(n)`` with n - 1 degrees of freedom.
    """
    values, reason = _spread(values)
    if reason:
        return _none(reason)
    half = _student(values.size - 1, level) * float(values.std(ddof=1)) / math.sqrt(values.size)
    middle = float(values.mean())
    return Interval(middle - half, middle + half)


@dataclass(frozen=True)
class Band:
    """Means with the ends of their intervals, element by element; the ends are NaN where there are none.

    Parameters
    ----------
    mean, low, high : ndarray of float64
        One shape.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def prediction_interval(values: np.ndarray, level: float = 0.95) -> Band:
    """Return the mean and the interval for one more window of the same world, over axis 0.

    Parameters
    ----------
    values : ndarray of float64, shape (n, ...)
        One entry per replication; counts, masses or amounts, which are never below zero.
    level : float
        Coverage, 0..1.

    Returns
    -------
    Band
        ``mean -+ t * s * sqrt(1 + 1/n)`` with n - 1 degrees of freedom, cut at zero: Hahn and Meeker,
        Statistical Intervals (1991), section 4.7. Its shape is that of the values without axis 0.
    """
    n, middle = values.shape[0], values.mean(axis=0)
    if n < 2:
        nothing = np.full(np.shape(middle), math.nan)
        return Band(middle, nothing, nothing)
    half = _student(n - 1, level) * values.std(axis=0, ddof=1) * math.sqrt(1.0 + 1.0 / n)
    return Band(middle, np.maximum(0.0, middle - half), middle + half)


def parameter_interval(
    values: np.ndarray, monte_carlo_variance: float = math.nan, level: float = 0.95
) -> Interval:
    """Return the range of an outcome over parameter sets, freed of chance where possible.

    Each set has one replication, so the values scatter by parameter and by chance: their variance is
    the sum of both. With a known variance of chance the deviations from the mean are shrunk by
    ``sqrt(1 - chance / total)``, the moment estimate of the part that parameters explain.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        One value a parameter set.
    monte_carlo_variance : float
        Variance between replications of one parameter set; NaN when it is not known, which leaves
        the part of chance in the range.
    level : float
        Share of parameter sets that the range should cover, 0..1.

    Returns
    -------
    Interval
        Quantiles with expected coverage ``level`` (Weibull positions, k / (n + 1)). With fewer than
        ``2 / (1 - level) - 1`` sets these are the smallest and the largest value, which cover
        ``(n - 1) / (n + 1)``; ``reason`` then says so, and also says when chance is still inside.
    """
    values, reason = _spread(values)
    if reason:
        return _none(reason.replace("replication", "parameter set"))
    notes = []
    middle, total = float(values.mean()), float(values.var(ddof=1))
    if math.isfinite(monte_carlo_variance):
        share = 1.0 - monte_carlo_variance / total if total > 0.0 else 0.0
        values = middle + (values - middle) * math.sqrt(max(0.0, share))
    else:
        notes.append("chance is still inside")
    if values.size + 1 < 2.0 / (1.0 - level):
        notes.append(f"{values.size} sets cover about {(values.size - 1) / (values.size + 1):.0%}")
    tail = 0.5 - level / 2.0
    low, high = np.quantile(values, [tail, 1.0 - tail], method="weibull")
    return Interval(float(low), float(high), "; ".join(notes))
