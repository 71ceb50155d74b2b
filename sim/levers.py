"""Levers: an initiative is data. It says which dials move, how far, when, and at what cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import combinations
from math import inf, isfinite
from typing import Literal

from sim.border.crossing import OFFICES
from sim.border.officers import OFFICERS_DIAL, OUTBOUND_DIAL
from sim.core.calendar import HOURS_PER_DAY, HOURS_PER_YEAR, Calendar
from sim.core.dials import DialBoard, Move
from sim.core.errors import ConfigError, unknown
from sim.core.settings import Settings, quantity

LeverMode = Literal["steady_state", "transition"]


class MoveSettings(Settings):
    """What one unit of a lever does to one dial."""

    dial: str
    per_unit: float = quantity("dial/unit", "change of the dial for one unit of the lever")


class LeverSettings(Settings):
    """One initiative: its size is in natural units, zero means absent.

    ``start`` and ``end`` are dates (``YYYY-MM-DD``); without a start the lever begins with the window.
    A ``time_limited`` lever, such as a surge, needs an end.
    """

    title: str
    strategy: str
    unit: str
    size: float
    max_size: float = quantity("unit", "largest size that makes sense", gt=0)
    start: str | None = None
    end: str | None = None
    time_limited: bool = False
    lead_time_days: float = quantity("d", "time from the decision until the first effect", ge=0)
    ramp_days: float = quantity("d", "time from the first to the full effect", ge=0)
    attrition_per_year: float = quantity(
        "1/year", "rate at which units on board leave without being replaced", ge=0, default=0.0
    )
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
    if lever.time_limited and lever.size and not lever.end:
        raise ConfigError(f"{where}.end: this lever is limited in time; give {where}.end=YYYY-MM-DD")
    for key, move in lever.moves.items():
        office = move.dial.removeprefix(f"{OFFICERS_DIAL}.")
        if office != move.dial and office not in OFFICES:
            raise unknown("office", office, f"{where}.moves.{key}.dial", OFFICES)
        if move.per_unit < 0 and move.dial.startswith((OFFICERS_DIAL, OUTBOUND_DIAL)):
            raise ConfigError(
                f"{where}.moves.{key}.per_unit: {move.per_unit:g} would take officers away; "
                "only officers can be added (0 or more)"
            )


def check_together(levers: Mapping[str, LeverSettings], calendar: Calendar, mode: LeverMode) -> None:
    """Raise ``ConfigError`` when dates of levers contradict each other or their own lead time.

    Time-limited levers may not move the officers of one office at the same time: a second surge would
    hide in the first. Officers who are there to stay add to a surge.
    """
    limited: dict[str, list[tuple[str, Move]]] = {}
    for name, lever in levers.items():
        for move in moves_of(name, lever, calendar, mode):
            if move.amount and move.start_h >= move.end_h:
                raise ConfigError(
                    f"levers.{name}.end: {lever.end} comes before the first effect on "
                    f"{calendar.date_of(move.start_h)} (start and lead_time_days)"
                )
            if move.amount and isfinite(move.end_h) and move.dial.startswith(f"{OFFICERS_DIAL}."):
                limited.setdefault(move.dial, []).append((name, move))
    for dial, moves in limited.items():
        for (first, one), (second, other) in combinations(moves, 2):
            if one.start_h < other.end_h and other.start_h < one.end_h:
                raise ConfigError(
                    f"levers.{second}: {dial} is moved by levers.{first} from "
                    f"{calendar.date_of(one.start_h)} to {calendar.date_of(one.end_h)}; surges of one office "
                    f"may not overlap: change the dates of one, or make levers.{first} larger"
                )


def moves_of(name: str, lever: LeverSettings, calendar: Calendar, mode: LeverMode) -> list[Move]:
    """Return the moves of a lever on the clock of a run.

    In ``steady_state`` the capacity is there from the start, as long after hiring; in
    ``transition`` it appears after the lead time, grows over the ramp and shrinks by attrition.
    """
    where = f"levers.{name}"
    start_h = float(calendar.warmup_hours)
    if lever.start is not None:
        start_h = float(calendar.hour_of(_day(lever.start, f"{where}.start")))
    end_h = inf
    if lever.end is not None:
        end_h = float(calendar.hour_of(_day(lever.end, f"{where}.end")))
    ramp_h = attrition_per_h = 0.0
    if mode == "transition":
        start_h += lever.lead_time_days * HOURS_PER_DAY
        ramp_h = lever.ramp_days * HOURS_PER_DAY
        attrition_per_h = lever.attrition_per_year / HOURS_PER_YEAR
    return [
        Move(m.dial, m.per_unit * lever.size, start_h, ramp_h, end_h, attrition_per_h)
        for m in lever.moves.values()
    ]


def pull(board: DialBoard, levers: Mapping[str, LeverSettings], calendar: Calendar, mode: LeverMode) -> None:
    """Register the moves of all levers; raise ``ConfigError`` when a dial does not exist."""
    for name, lever in levers.items():
        check_lever(name, lever)
        for key, move in zip(lever.moves, moves_of(name, lever, calendar, mode), strict=True):
            board.add(move, f"levers.{name}.moves.{key}.dial")


def size_at(lever: LeverSettings, moves: list[Move], time_h: float) -> float:
    """Return the size in force at a time, which is what is paid for: units that are on board."""
    return replace(moves[0], amount=lever.size).at(time_h)
