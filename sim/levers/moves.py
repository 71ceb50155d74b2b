"""Levers on the clock of a run: the moves of their dials, their size in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import inf
from typing import Literal

from sim.core.calendar import HOURS_PER_DAY, HOURS_PER_YEAR, Calendar
from sim.core.dials import DialBoard, Move, Rotation
from sim.core.draws import Draws
from sim.core.errors import ConfigError
from sim.levers.settings import LeverSettings

LeverMode = Literal["steady_state", "transition"]


def day_of(text: str, where: str) -> date:
    """Return a date; raise ``ConfigError`` when the text is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{where}: {text!r} is not a date; write YYYY-MM-DD") from None


def moves_of(name: str, lever: LeverSettings, calendar: Calendar, mode: LeverMode) -> list[Move]:
    """Return the moves of a lever on the clock of a run; those that wait for a trigger start at infinity.

    In ``steady_state`` the capacity is there from the start, as long after hiring; in
    ``transition`` it appears after the lead time, grows over the ramp and shrinks by attrition.
    """
    where = f"levers.{name}"
    lead_h = ramp_h = attrition_per_h = 0.0
    if mode == "transition":
        lead_h = lever.lead_time_days * HOURS_PER_DAY
        ramp_h = lever.ramp_days * HOURS_PER_DAY
        attrition_per_h = lever.attrition_per_year / HOURS_PER_YEAR
    start_h, end_h = float(calendar.warmup_hours), inf
    if lever.start is not None:
        start_h = float(calendar.hour_of(day_of(lever.start, f"{where}.start")))
    if lever.end is not None:
        end_h = float(calendar.hour_of(day_of(lever.end, f"{where}.end")))
    if lever.trigger is not None:
        start_h = inf
    return [
        Move(
            m.dial, m.per_unit * lever.size, start_h + lead_h, ramp_h, end_h, attrition_per_h, lead_h,
            lever.announced,
        )
        for m in lever.moves.values()
    ]  # fmt: skip


def pull(
    board: DialBoard, levers: Mapping[str, LeverSettings], calendar: Calendar, mode: LeverMode,
    draws: Draws | None = None,
) -> None:  # fmt: skip
    """Register the moves of all levers.

    Parameters
    ----------
    draws : Draws, optional
        Draws of the replication, for moves that take turns; without them all carry their share.

    Raises
    ------
    ConfigError
        A dial does not exist, or a dial that does not add is to take turns.
    """
    for name, lever in levers.items():
        moves = board.pulled[name] = moves_of(name, lever, calendar, mode)
        for key, move in zip(lever.moves, moves, strict=True):
            board.add(move, f"levers.{name}.moves.{key}.dial")
            if lever.rotation_days is not None and board.dials[move.dial].combine != "add":
                raise ConfigError(
                    f"levers.{name}.rotation_days: {move.dial} does not add; only dials that do take turns"
                )
        if lever.rotation_days is not None and draws is not None:
            _take_turns(moves, draws, f"lever.{name}", lever.rotation_days * HOURS_PER_DAY)


def _take_turns(moves: list[Move], draws: Draws, lever: str, period_h: float) -> None:
    moving = [move for move in moves if move.amount != 0.0]
    turns = Rotation(draws, lever, len(moving), period_h)
    for number, move in enumerate(moving):
        move.turns, move.turn = turns, number


def size_at(lever: LeverSettings, moves: list[Move], time_h: float) -> float:
    """Return the size in force at a time, which is what is paid for: units that are on board."""
    return lever.size * moves[0].share_at(time_h)
