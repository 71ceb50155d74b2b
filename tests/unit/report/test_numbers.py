"""Numbers for readers: what is written is what was meant, to about three digits."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report import numbers
from sim.stats.intervals import Interval

UNKNOWN = Interval(math.nan, math.nan, "1 replication: no interval")
finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12).filter(
    lambda value: value == 0.0 or abs(value) > 1e-9
)


def read(text: str) -> float:
    """Return the number that a reader takes from a cell."""
    digits = text.removesuffix(" M").replace(",", "")
    return float(digits) * (1e6 if text.endswith(" M") else 1.0)


def says(write: Callable[[float], str], value: float, share: float) -> bool:
    """Return whether a text gives a number back within a share of it, with its sign."""
    return abs(read(write(value)) - value) <= share * abs(value) * (1.0 + 1e-9)


@given(finite)
def test_a_cell_reads_back_to_three_digits(value: float) -> None:
    for write in (numbers.compact, numbers.number, numbers.signed):
        assert says(write, value, 0.005)
    assert says(numbers.short, value, 0.05)


@pytest.mark.parametrize(
    "broken",
    [
        lambda value: f"{value:.0f}",  # loses what is small
        lambda value: numbers.compact(value, 2),  # a digit too few
        lambda value: numbers.number(abs(value)),  # the sign is gone
        lambda value: numbers.compact(value / 1e6) if abs(value) >= 1e6 else numbers.compact(value),  # no M
    ],
)
def test_a_broken_way_of_writing_is_refused(broken: Callable[[float], str]) -> None:
    values = [
        sign * digits * 10.0**size
        for sign in (1, -1)
        for digits in (1.0, 1.23, 1.25)
        for size in range(-4, 9)
    ]
    assert all(says(numbers.number, value, 0.005) for value in values)
    assert not all(says(broken, value, 0.005) for value in values)


@given(finite)
def test_only_what_rises_has_a_plus(value: float) -> None:
    for write in (numbers.signed, numbers.short_signed):
        assert write(value).startswith("+") == (value > 0)
        assert write(value).startswith("-") == (value < 0)


@pytest.mark.parametrize(
    ("value", "cell", "label"),
    [
        (0.0, "0", "0"),
        (0.01234, "0.0123", "0.012"),
        (1.0, "1.00", "1.0"),
        (-12.34, "-12.3", "-12"),
        (999.4, "999", "999"),
        (12345.0, "12,300", "12,300"),
        (1_234_567.0, "1.23 M", "1,230,000"),
        (math.nan, "n/a", "n/a"),
        (math.inf, "n/a", "n/a"),
    ],
)
def test_examples(value: float, cell: str, label: str) -> None:
    assert numbers.number(value) == cell
    assert numbers.short(value) == label


def test_an_interval_has_signs_in_a_cell_and_words_beside_a_mark() -> None:
    ends = Interval(-3.0, 12.5)
    assert numbers.span(ends) == "[-3.00, +12.5]"
    assert numbers.span_or_reason(ends) == "[-3.00, +12.5]"
    assert numbers.short_span(ends.low, ends.high) == "[-3.0 to 12]"
    assert numbers.short_estimate(4.0, ends.low, ends.high) == "+4.0 [-3.0 to 12]"


def test_an_interval_that_does_not_exist_is_not_invented() -> None:
    assert numbers.span(UNKNOWN) == ""
    assert numbers.span_or_reason(UNKNOWN) == "1 replication: no interval"
    assert numbers.short_span(math.nan, 1.0) == ""
    assert numbers.short_estimate(-4.0, math.nan, math.nan) == "-4.0"
    assert numbers.bracket(4.0, math.nan, math.nan, "kg") == "4.0 kg"


def test_other_texts() -> None:
    assert [numbers.minutes(wait) for wait in (0.0, 9.94, 10.0, 61.4)] == ["0.0", "9.9", "10", "61"]
    assert numbers.bracket(4.0, 3.0, 5.0) == "4.0 [3.0\N{EN DASH}5.0]"
    assert [numbers.counted(count, "replication") for count in (0, 1, 2, 1200)] == [
        "0 replications", "1 replication", "2 replications", "1,200 replications",
    ]  # fmt: skip
