"""Dials: named values of the world that levers may move over time.

A station declares the dials that it reads, with the rule that combines several moves and the
bounds of the result. A move that is zero at a time leaves the value untouched to the last bit, so
a lever of size zero, or one that starts after the horizon, changes nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from sim.core.draws import Draws, entity_id
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
class Rotation:
    """Moves of one lever that take turns: in each period one of them, drawn, carries the whole size.

    A move whose turn it is counts ``len(moves)`` times, else not at all: in expectation each is what
    it would be without turns.

    Parameters
    ----------
    draws : Draws
    lever : str
        Owner of the draws.
    count : int
        How many moves take turns.
    period_h : float
    """

    draws: Draws
    lever: str
    count: int
    period_h: float

    def factor(self, number: int, time_h: float) -> float:
        """Return by how much the move of a number counts at a time."""
        u = self.draws.uniform("lever.turn", entity_id(0, self.lever, 0), int(time_h // self.period_h))
        return float(self.count) if int(u * self.count) == number else 0.0


@dataclass
class Move:
    """What one lever does to one dial: a ramp to ``amount`` that starts at ``start_h``, ends at ``end_h``.

    With attrition the ramp brings ``amount`` in at an even pace while everyone on board leaves at
    ``attrition_per_h``: the move peaks below ``amount`` when the ramp ends and then decays.

    A move that waits for a trigger starts at infinity; ``begin`` and ``finish`` set its times, the start
    ``lead_h`` after the trigger. ``turns`` and its number among them make it one of several that take turns.
    """

    dial: str
    amount: float
    start_h: float
    ramp_h: float
    end_h: float
    attrition_per_h: float = 0.0
    lead_h: float = 0.0
    announced: bool = False
    turns: Rotation | None = None
    turn: int = 0

    def begin(self, time_h: float) -> None:
        """Start the move at a trigger, without an end."""
        self.start_h, self.end_h = time_h + self.lead_h, math.inf

    def finish(self, time_h: float) -> None:
        """End the move."""
        self.end_h = time_h

    def acts(self, time_h: float) -> bool:
        """Tell whether a time lies between start and end."""
        return self.start_h <= time_h < self.end_h

    def at(self, time_h: float) -> float:
        """Return the size of the move at a time, hours since the start of the run."""
        whole = self.amount * self.share_at(time_h)
        return whole if self.turns is None else whole * self.turns.factor(self.turn, time_h)

    def share_at(self, time_h: float) -> float:
        """Return the share of the lever that is in force at a time."""
        if not self.acts(time_h):
            return 0.0
        if self.attrition_per_h > 0.0:
            return self._on_board(time_h - self.start_h)
        if time_h >= self.start_h + self.ramp_h:
            return 1.0
        return (time_h - self.start_h) / self.ramp_h

    def _on_board(self, since_h: float) -> float:
        """Return the share on board: ``n' = 1 / ramp - attrition n`` in the ramp, ``- attrition n`` after."""
        pace_h = min(since_h, self.ramp_h)
        arrived = 1.0
        if self.ramp_h > 0.0:
            arrived = -math.expm1(-self.attrition_per_h * pace_h) / (self.attrition_per_h * self.ramp_h)
        return arrived * math.exp(-self.attrition_per_h * (since_h - pace_h))


@dataclass
class DialBoard:
    """All dials of a world and the moves of its levers: by dial those that count, by lever all."""

    dials: dict[str, Dial]
    moves: dict[str, list[Move]] = field(default_factory=dict)
    pulled: dict[str, list[Move]] = field(default_factory=dict)

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

    def announced(self, prefixes: str | tuple[str, ...], time_h: float) -> bool:
        """Tell whether an announced move acts on a dial with such a beginning: adversaries know the truth."""
        return any(
            move.announced and move.acts(time_h)
            for name, moves in self.moves.items()
            if name.startswith(prefixes)
            for move in moves
        )

    def most(self, name: str, base: float) -> float:
        """Return the largest value that the moves of a dial can give: all that raise it, whole."""
        dial, value = self.dials[name], base
        for move in self.moves.get(name, ()):
            whole = move.amount * (move.turns.count if move.turns else 1)
            value = max(value, _combine(dial.combine, value, whole))
        return min(max(value, base), max(dial.high, base))


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
