"""Dials combine moves by their rule, keep their bounds, and are untouched by a move of zero."""

from __future__ import annotations

import pytest

from sim.core.dials import Dial, DialBoard, Move, board_of
from sim.core.errors import ConfigError

INF = float("inf")


def board(combine: str, *moves: Move, low: float = 0.0, high: float = 10.0) -> DialBoard:
    made = board_of([Dial("x", combine, low, high, "1/1", "a test")])  # type: ignore[arg-type]
    for move in moves:
        made.add(move, "test")
    return made


@pytest.mark.parametrize(
    ("combine", "expected"),
    [("add", 0.2 + 0.5 + 0.1), ("multiply", 0.2 * 1.5 * 1.1), ("complement", 1 - 0.8 * 0.5 * 0.9)],
)
def test_rules(combine: str, expected: float) -> None:
    made = board(combine, Move("x", 0.5, 0.0, 0.0, INF), Move("x", 0.1, 0.0, 0.0, INF))
    assert made.value("x", 0.2, 1.0) == pytest.approx(expected)


def test_ramp_is_linear_and_ends() -> None:
    made = board("add", Move("x", 4.0, 10.0, 20.0, 100.0))
    assert [made.value("x", 1.0, t) for t in (9.9, 10.0, 15.0, 30.0, 99.0, 100.0)] == [1, 1, 2, 5, 5, 1]


def test_bounds_hold() -> None:
    assert board("add", Move("x", 100.0, 0.0, 0.0, INF)).value("x", 1.0, 0.0) == 10.0


def test_before_the_start_the_value_is_the_same_bits() -> None:
    base = 0.1 + 0.2
    made = board("complement", Move("x", 0.5, 5.0, 0.0, INF), high=1.0)
    assert made.value("x", base, 4.0) == base


def test_unknown_dial_names_the_nearest() -> None:
    made = board_of([Dial("border.officers.added", "add", 0, 1, "officer", "a test")])
    with pytest.raises(ConfigError, match=r"levers\.a.*unknown dial 'border.oficers.added'.*did you mean"):
        made.add(Move("border.oficers.added", 1.0, 0.0, 0.0, INF), "levers.a")


def test_a_dial_is_declared_once() -> None:
    with pytest.raises(ConfigError, match="declared twice"):
        board_of([Dial("x", "add", 0, 1, "1/1", "a")] * 2)
