"""The calendar counts days, day types and hours of the week as a wall calendar does."""

from __future__ import annotations

from datetime import date

import numpy as np

from sim.core.calendar import Calendar

FY2022 = Calendar(date(2021, 10, 1), 365, 91)


def test_window_is_fiscal_2022() -> None:
    assert FY2022.month_names[0] == "2021-10"
    assert FY2022.month_names[-1] == "2022-09"
    assert len(FY2022.month_names) == 12
    assert FY2022.date_of(FY2022.warmup_hours) == date(2021, 10, 1)
    assert FY2022.date_of(FY2022.total_hours - 1) == date(2022, 9, 30)


def test_warm_up_belongs_to_no_month() -> None:
    assert (FY2022.month_of_day[:91] == -1).all()
    assert FY2022.month_of_day[91] == 0


def test_hour_of_week_starts_on_monday() -> None:
    monday = FY2022.hour_of(date(2021, 10, 4))
    assert FY2022.hour_of_week[monday] == 0
    assert FY2022.hour_of_week[monday - 1] == 167


def test_day_types() -> None:
    saturday = (date(2021, 10, 2) - FY2022.first_day).days
    assert FY2022.day_type_of_day[saturday : saturday + 3].tolist() == [1, 2, 0]


def test_every_hour_of_the_week_is_counted() -> None:
    assert FY2022.week_hours.sum() == 365 * 24
    assert set(np.unique(FY2022.week_hours)) == {52.0, 53.0}


def test_leap_day_is_a_day() -> None:
    assert Calendar(date(2023, 10, 1), 366).month_names[-1] == "2024-09"
