"""Levers: an initiative is data. It says which dials move, how far, when, and at what cost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from sim.core.calendar import HOURS_PER_DAY, Calendar
from sim.core.dials import DialBoard, Move
from sim.core.errors import ConfigError
from sim.core.settings import Settings, quantity

LeverMode = Literal["steady_state", "transition"]


class MoveSettings(Settings):
    """What one unit of a lever does to one dial."""

    dial: str
    per_unit: float = quantity("dial/unit", "change of the dial for one unit of the lever")


class LeverSettings(Settings):
    """One initiative: its size is in natural units, zero means absent.

    ``start`` and ``end`` are dates (``YYYY-MM-DD``); without a start the lever begins with the window.
    """

    title: str
    strategy: str
    unit: str
    size: float
    max_size: float = quantity("unit", "largest size that makes sense", gt=0)
    start: str | None = None
    end: str | None = None
    lead_time_days: float = quantity("d", "time from the decision until the first effect", ge=0)
    ramp_days: float = quantity("d", "time from the first to the full effect", ge=0)
    cost_usd_per_unit_year: float = quantity("USD2022/(unit year)", "running cost of one unit", ge=0)
    moves: dict[str, MoveSettings]


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{where}: {text!r} is not a date; write YYYY-MM-DD") from None


def check_lever(name: str, lever: LeverSettings) -> None:
    """Raise ``ConfigError`` when the size or the dates of a lever make no sense."""
    where = f"levers.{name}"
    if not 0 <= lever.size <= lever.max_size:
        raise ConfigError(
            f"{where}.size: {lever.size:g} {lever.unit} is outside 0 to {lever.max_size:g} ({where}.max_size)"
        )
    if lever.start and lever.end and _day(lever.end, f"{where}.end") <= _day(lever.start, f"{where}.start"):
        raise ConfigError(f"{where}.end: {lever.end} is not after the start {lever.start}")
    if not lever.moves:
        raise ConfigError(f"{where}.moves: a lever must move at least one dial")


def moves_of(name: str, lever: LeverSettings, calendar: Calendar, mode: LeverMode) -> list[Move]:
    """Return the moves of a lever on the clock of a run.

    In ``steady_state`` the capacity is there from the start, as long after hiring; in
    ``transition`` it appears after the lead time and grows over the ramp.
    """
    where = f"levers.{name}"
    start_h = float(calendar.warmup_hours)
    if lever.start is not None:
        start_h = float(calendar.hour_of(_day(lever.start, f"{where}.start")))
    end_h = float("inf")
    if lever.end is not None:
        end_h = float(calendar.hour_of(_day(lever.end, f"{where}.end")))
    ramp_h = 0.0
    if mode == "transition":
        start_h += lever.lead_time_days * HOURS_PER_DAY
        ramp_h = lever.ramp_days * HOURS_PER_DAY
    return [Move(m.dial, m.per_unit * lever.size, start_h, ramp_h, end_h) for m in lever.moves.values()]


def pull(board: DialBoard, levers: Mapping[str, LeverSettings], calendar: Calendar, mode: LeverMode) -> None:
    """Register the moves of all levers; raise ``ConfigError`` when a dial does not exist."""
    for name, lever in levers.items():
        check_lever(name, lever)
        for key, move in zip(lever.moves, moves_of(name, lever, calendar, mode), strict=True):
            board.add(move, f"levers.{name}.moves.{key}.dial")


def size_at(lever: LeverSettings, moves: list[Move], time_h: float) -> float:
    """Return the size in force at a time: what is paid for."""
    first = moves[0]
    return 0.0 if first.amount == 0.0 else lever.size * first.at(time_h) / first.amount
