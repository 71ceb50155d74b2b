"""The clock: hours since the start of a run, on a calendar of whole local days.

Rule for daylight saving: the model clock is the wall clock of each crossing, by which lanes and delays
are recorded. Every day has 24 hours; the hour lost in March and the one gained in November are left out.

Traffic of a year outside the tables repeats that of the fiscal year they cover: a run looks up the
calendar *month*, and the weekday of the simulated date itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

HOURS_PER_DAY = 24
HOURS_PER_WEEK = 168
DAYS_PER_YEAR = 365.25
HOURS_PER_YEAR = DAYS_PER_YEAR * HOURS_PER_DAY
HOURS_PER_MONTH = HOURS_PER_YEAR / 12

DAY_TYPES = ("weekday", "saturday", "sunday")


@dataclass(frozen=True)
class Calendar:
    """Dates of one run.

    Parameters
    ----------
    start : date
        First day of the window that is reported.
    days : int
        Length of the window, days.
    warmup_days : int
        Days simulated before ``start`` and left out of every measure.

    Hour 0 is midnight of ``start - warmup_days``. Arrays have one entry a simulated day or hour.
    """

    start: date
    days: int
    warmup_days: int = 0

    @property
    def first_day(self) -> date:
        """Day of hour 0."""
        return self.start - timedelta(days=self.warmup_days)

    @property
    def total_days(self) -> int:
        """Simulated days, warm-up included."""
        return self.warmup_days + self.days

    @property
    def total_hours(self) -> int:
        """Simulated hours, warm-up included."""
        return self.total_days * HOURS_PER_DAY

    @property
    def warmup_hours(self) -> int:
        """Hour at which the reported window begins."""
        return self.warmup_days * HOURS_PER_DAY

    @cached_property
    def _dates(self) -> list[date]:
        return [self.first_day + timedelta(days=d) for d in range(self.total_days)]

    def date_of(self, time_h: float) -> date:
        """Return the date of a time in hours."""
        return self.first_day + timedelta(days=int(time_h // HOURS_PER_DAY))

    def hour_of(self, day: date) -> int:
        """Return the hour index of midnight of ``day`` (may lie outside the run)."""
        return (day - self.first_day).days * HOURS_PER_DAY

    @cached_property
    def month_names(self) -> tuple[str, ...]:
        """Months of the window as ``YYYY-MM``, in order."""
        return tuple(dict.fromkeys(d.strftime("%Y-%m") for d in self._dates[self.warmup_days :]))

    @cached_property
    def month_of_day(self) -> np.ndarray:
        """Index into ``month_names`` a day, int32; -1 in the warm-up."""
        index = {name: i for i, name in enumerate(self.month_names)}
        out = np.full(self.total_days, -1, dtype=np.int32)
        for i in range(self.warmup_days, self.total_days):
            out[i] = index[self._dates[i].strftime("%Y-%m")]
        return out

    @cached_property
    def calendar_month_of_day(self) -> np.ndarray:
        """Calendar month 1..12 a day, int32 (traffic tables are read by it)."""
        return np.array([d.month for d in self._dates], dtype=np.int32)

    @cached_property
    def day_type_of_day(self) -> np.ndarray:
        """Index into ``DAY_TYPES`` a day, int32."""
        return np.array([max(0, d.weekday() - 4) for d in self._dates], dtype=np.int32)

    @cached_property
    def month_of_hour(self) -> np.ndarray:
        """Index into ``month_names`` an hour, int32; -1 in the warm-up."""
        return np.repeat(self.month_of_day, HOURS_PER_DAY)

    @cached_property
    def hour_of_week(self) -> np.ndarray:
        """Hour of the week an hour, int32; 0 is Monday 00:00."""
        weekday = np.array([d.weekday() for d in self._dates], dtype=np.int32)
        return np.repeat(weekday * HOURS_PER_DAY, HOURS_PER_DAY) + np.tile(
            np.arange(HOURS_PER_DAY, dtype=np.int32), self.total_days
        )

    @property
    def week_hours(self) -> np.ndarray:
        """How often each hour of the week occurs in the window, float64 (168,)."""
        inside = self.hour_of_week[self.warmup_hours :]
        return np.bincount(inside, minlength=HOURS_PER_WEEK).astype(np.float64)

    def month_index(self, times_h: np.ndarray) -> np.ndarray:
        """Return the window month of times in hours, int32; -1 before the window."""
        days = np.minimum((np.asarray(times_h) // HOURS_PER_DAY).astype(np.int64), self.total_days - 1)
        return self.month_of_day[days]
