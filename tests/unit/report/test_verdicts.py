"""What an interval allows to be said: every small case by hand of an oracle, and rules that are refused."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.measures.registry import MeasureInfo
from sim.report import verdicts
from sim.report.verdicts import Standing, direction, judged, plain, standing
from sim.stats.intervals import Interval

UNKNOWN = Interval(math.nan, math.nan, "1 replication")
Rule = Callable[[Sequence[Interval], float, float], Standing]
GRID = [Interval(low, high) for low in range(-3, 4) for high in range(low, 4)]
CASES = [
    (ends, margin, bound)
    for ends in ([one] for one in GRID)
    for margin in (0.0, 1.0, 2.0)
    for bound in (0.0, 1.0)
] + [(list(pair), margin, 0.0) for pair in itertools.product(GRID, GRID) for margin in (0.0, 2.0)]


def by_points(ends: Sequence[Interval], margin: float, bound: float) -> Standing:
    """Return the standing from points of the intervals, half a unit apart, instead of from their ends."""
    off = [low / 2.0 - bound for end in ends for low in range(round(2 * end.low), round(2 * end.high) + 1)]
    if all(abs(each) < margin for each in off):
        return Standing.WITHIN
    if all(each > 0.0 for each in off):
        return Standing.ABOVE
    return Standing.BELOW if all(each < 0.0 for each in off) else Standing.OPEN


def agrees(rule: Rule) -> bool:
    """Return whether a rule says of every small case what the points of the intervals say."""
    return all(rule(*case) is by_points(*case) for case in CASES)


def test_the_standing_is_that_of_every_point_of_every_interval() -> None:
    assert agrees(standing)


def any_side(ends: Sequence[Interval], margin: float, bound: float) -> Standing:
    found = {standing([end], margin, bound) for end in ends}
    return next(where for where in Standing if where in found)


def by_the_middle(ends: Sequence[Interval], margin: float, bound: float) -> Standing:
    middles = [0.5 * (end.low + end.high) for end in ends]
    return standing([Interval(middle, middle) for middle in middles], margin, bound)


def zero_is_a_side(ends: Sequence[Interval], margin: float, bound: float) -> Standing:
    return standing(ends, margin, bound - 1e-9)


def margin_first(ends: Sequence[Interval], margin: float, bound: float) -> Standing:
    """Ask for a side beyond the margin, as if a small difference that is sure were none."""
    if all(end.low > bound + margin for end in ends):
        return Standing.ABOVE
    return Standing.BELOW if all(end.high < bound - margin for end in ends) else Standing.OPEN


@pytest.mark.parametrize("broken", [any_side, by_the_middle, zero_is_a_side, margin_first])
def test_a_broken_rule_is_refused(broken: Rule) -> None:
    assert not agrees(broken)


def test_what_does_not_exist_says_nothing() -> None:
    assert standing([UNKNOWN]) is Standing.UNKNOWN
    assert standing([Interval(1.0, 2.0), UNKNOWN], 5.0) is Standing.UNKNOWN
    assert [where for where in Standing if not where.settled] == [Standing.OPEN, Standing.UNKNOWN]


numbers = st.floats(-1e6, 1e6)
intervals = st.builds(lambda low, width: Interval(low, low + width), numbers, st.floats(0.0, 1e6))
MIRROR = {Standing.ABOVE: Standing.BELOW, Standing.BELOW: Standing.ABOVE}


@given(st.lists(intervals, min_size=1, max_size=3), st.floats(0.0, 1e6))
def test_the_mirror_image_stands_on_the_other_side(ends: list[Interval], margin: float) -> None:
    mirrored = [Interval(-end.high, -end.low) for end in ends]
    where = standing(ends, margin)
    assert standing(mirrored, margin) is MIRROR.get(where, where)


@given(st.lists(intervals, min_size=1, max_size=3), st.floats(0.0, 1e6), st.floats(0.0, 1.0))
def test_more_replications_never_open_what_was_settled(
    ends: list[Interval], margin: float, by: float
) -> None:
    def nearer(end: Interval) -> Interval:
        middle = 0.5 * (end.low + end.high)
        return Interval(
            min(max(end.low, middle - by * (middle - end.low)), end.high),
            max(min(end.high, middle + by * (end.high - middle)), end.low),
        )

    if standing(ends, margin).settled:
        assert standing([nearer(end) for end in ends], margin).settled


@given(intervals, intervals, st.floats(0.0, 1e6))
def test_a_second_interval_never_settles_what_is_open(one: Interval, other: Interval, margin: float) -> None:
    if not standing([one], margin).settled:
        assert not standing([one, other], margin).settled


@pytest.mark.parametrize(
    ("monte_carlo", "parameter", "verdict"),
    [
        (Interval(-9.0, -6.0), UNKNOWN, "better"),
        (Interval(6.0, 9.0), UNKNOWN, "worse"),
        (Interval(-4.0, 4.0), UNKNOWN, "no difference that matters"),
        (Interval(-9.0, 4.0), UNKNOWN, "cannot tell yet"),
        (Interval(-9.0, -6.0), Interval(-20.0, -1.0), "better"),
        # More replications would not help where the parameters leave it open.
        (Interval(-9.0, -6.0), Interval(-20.0, 1.0), "cannot tell"),
        (Interval(-4.0, 4.0), Interval(-20.0, 1.0), "cannot tell"),
        (Interval(-9.0, 4.0), Interval(-20.0, 1.0), "cannot tell yet"),
        (UNKNOWN, Interval(-20.0, -1.0), "undefined"),
    ],
)
def test_a_difference_is_judged(monte_carlo: Interval, parameter: Interval, verdict: str) -> None:
    assert judged("delivered_pure_kg", monte_carlo, parameter, 5.0) == verdict


@pytest.mark.parametrize(
    ("good", "up", "down"), [("less", "worse", "better"), ("more", "better", "worse"), (None, "more", "less")]
)
def test_which_side_is_good_is_that_of_the_outcome(
    good: str | None, up: str, down: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = MeasureInfo(label="x", unit="kg", layer="latent", over_months="sum", margin=1.0, good=good)
    monkeypatch.setattr(verdicts, "registry", lambda: {"x": info})
    assert judged("x", Interval(2.0, 3.0), UNKNOWN, 1.0) == up
    assert judged("x", Interval(-3.0, -2.0), UNKNOWN, 1.0) == down
    assert {up, down} <= set(verdicts.CLEAR)


def test_a_direction_needs_no_margin() -> None:
    assert direction([Interval(0.0, 0.0), Interval(0.0, 0.0)]) == "no difference"
    assert direction([Interval(0.0, 0.0), Interval(0.0, 1.0)]) == "cannot tell"
    assert direction([Interval(0.1, 1.0), Interval(2.0, 3.0)]) == "more"
    assert direction([Interval(-1.0, -0.1)]) == "less"
    assert direction([Interval(-1.0, -0.1), Interval(0.1, 1.0)]) == "cannot tell"
    assert direction([UNKNOWN]) == "cannot tell"


def test_a_plain_verdict_leaves_out_how_soon() -> None:
    assert plain("cannot tell yet") == plain("cannot tell") == "cannot tell"
    assert plain("better") == "better"
