"""The rows of the headline table: what a run says, how sure it is, and what CBP recorded."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, isfinite, log10

DIGITS = 3
NOTHING = "\N{EN DASH}"
WITHIN = "within chance"
HEADS = ("Outcome", "Mean", "Monte Carlo 95 %", "Parameters 95 %", "Unit", "CBP, FY2022")


@dataclass(frozen=True)
class HeadlineRow:
    """One outcome of a run.

    Parameters
    ----------
    label, unit : str
        The outcome in words and its unit.
    mean, low, high : float
        Mean over replications and its 95 % Monte Carlo interval; NaN where there is none.
    parameter_low, parameter_high : float or None
        95 % parameter-uncertainty interval, over the sets that fit the record; None where one set was run.
    official : float or None
        The official figure for the same window, where one exists.
    published : bool
        Whether CBP publishes such figures: the record then lacks it where ``official`` is None.
    """

    label: str
    unit: str
    mean: float
    low: float
    high: float
    parameter_low: float | None = None
    parameter_high: float | None = None
    official: float | None = None
    published: bool = False

    def cells(self) -> tuple[str, str, str, str, str, str]:
        """Return the row as text, all its numbers with as many decimals as the mean deserves."""
        absent = "not in the record" if self.published else "none published"
        return (
            self.label,
            self._number(self.mean),
            self._span(self.low, self.high),
            self._parameter(),
            self.unit,
            absent if self.official is None else self._number(self.official),
        )

    def _parameter(self) -> str:
        # Sets that differ by no more than chance leave nothing when chance is taken out.
        if (
            self.parameter_low is not None
            and self.parameter_low == self.parameter_high
            and self.low < self.high
        ):
            return WITHIN
        return self._span(self.parameter_low, self.parameter_high)

    def _number(self, value: float) -> str:
        if not isfinite(value):
            return NOTHING
        size = floor(log10(abs(self.mean))) if isfinite(self.mean) and self.mean else DIGITS
        return f"{value:,.{max(0, DIGITS - 1 - size)}f}"

    def _span(self, low: float | None, high: float | None) -> str:
        if low is None or high is None or not (isfinite(low) and isfinite(high)):
            return NOTHING
        return f"{self._number(low)} to {self._number(high)}"
