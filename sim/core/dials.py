"""Dials: named values of the world that levers may move over time.

A station declares the dials that it reads, with the rule that combines several moves and the
bounds of the result. A move that is zero at a time leaves the value untouched to the last bit, so
a lever of size zero, or one that starts after the horizon, changes nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from sim.core.errors import ConfigError, unknown

Combine = Literal["add", "multiply", "complement"]


@dataclass(frozen=True)
class Dial:
    """A declared dial.

    Parameters
    ----------
    name : str
        Dotted name, such as ``source.us_domestic.enrolled``.
    combine : {"add", "multiply", "complement"}
        How moves change the base value: ``base + sum``, ``base * prod(1 + move)`` or
        ``1 - (1 - base) * prod(1 - move)``.
    low, high : float
        Bounds of the combined value.
    unit : str
        Unit of the value.
    meaning : str
        One sentence.
    """

    name: str
    combine: Combine
    low: float
    high: float
    unit: str
    meaning: str


@dataclass(frozen=True)
class Move:
    """What one lever does to one dial: a ramp to ``amount`` that starts at ``start_h``, ends at ``end_h``.

    With attrition the ramp brings ``amount`` in at an even pace while everyone on board leaves at
    ``attrition_per_h``: the move peaks below ``amount`` when the ramp ends and then decays.
    """

    dial: str
    amount: float
    start_h: float
    ramp_h: float
    end_h: float
    attrition_per_h: float = 0.0

    def at(self, time_h: float) -> float:
        """Return the size of the move at a time, hours since the start of the run."""
        if time_h < self.start_h or time_h >= self.end_h:
            return 0.0
        if self.attrition_per_h > 0.0:
            return self.amount * self._on_board(time_h - self.start_h)
        if time_h >= self.start_h + self.ramp_h:
            return self.amount
        return self.amount * (time_h - self.start_h) / self.ramp_h

    def _on_board(self, since_h: float) -> float:
        """Return the share on board: ``n' = 1 / ramp - attrition n`` in the ramp, ``- attrition n`` after."""
        pace_h = min(since_h, self.ramp_h)
        arrived = 1.0
        if self.ramp_h > 0.0:
            arrived = -math.expm1(-self.attrition_per_h * pace_h) / (self.attrition_per_h * self.ramp_h)
        return arrived * math.exp(-self.attrition_per_h * (since_h - pace_h))


@dataclass
class DialBoard:
    """All dials of a world and the moves of its levers."""

    dials: dict[str, Dial]
    moves: dict[str, list[Move]] = field(default_factory=dict)

    def add(self, move: Move, where: str) -> None:
        """Register a move; raise ``ConfigError`` when no station declares its dial."""
        if move.dial not in self.dials:
            raise unknown("dial", move.dial, where, self.dials)
        if move.amount != 0.0:
            self.moves.setdefault(move.dial, []).append(move)

    def value(self, name: str, base: float, time_h: float) -> float:
        """Return the value of a dial at a time.

        Parameters
        ----------
        name : str
            A declared dial.
        base : float
            Value without any lever, in the dial's unit.
        time_h : float
            Hours since the start of the run.
        """
        moved = base
        for move in self.moves.get(name, ()):
            amount = move.at(time_h)
            if amount != 0.0:
                moved = _combine(self.dials[name].combine, moved, amount)
        if moved == base:
            return base
        dial = self.dials[name]
        return min(max(moved, dial.low), dial.high)

    def changes_h(self, name: str, horizon_h: float) -> list[float]:
        """Return the times at which a move of this dial starts, ends its ramp or ends, in order."""
        times = {
            t
            for move in self.moves.get(name, ())
            for t in (move.start_h, move.start_h + move.ramp_h, move.end_h)
            if 0.0 <= t < horizon_h
        }
        return sorted(times)


def _combine(rule: Combine, value: float, amount: float) -> float:
    if rule == "add":
        return value + amount
    if rule == "multiply":
        return value * (1.0 + amount)
    return 1.0 - (1.0 - value) * (1.0 - amount)


def board_of(dials: list[Dial]) -> DialBoard:
    """Return a board of declared dials; raise ``ConfigError`` when two share a name."""
    names: dict[str, Dial] = {}
    for dial in dials:
        if dial.name in names:
            raise ConfigError(f"dial {dial.name!r} is declared twice")
        names[dial.name] = dial
    return DialBoard(names)
