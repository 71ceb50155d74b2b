"""What a lever may not be: too large, dated against itself, triggered in a circle, without evidence."""

from __future__ import annotations

from collections.abc import Container, Mapping
from itertools import combinations
from math import isfinite
from typing import Any

from pydantic import BaseModel

from sim.border.crossing import OFFICES
from sim.border.officers import OFFICERS_DIAL, OUTBOUND_DIAL
from sim.chain.parts.triggers import check_trigger
from sim.core.calendar import Calendar
from sim.core.dials import Move
from sim.core.errors import ConfigError, unknown
from sim.core.records import is_record
from sim.levers.moves import LeverMode, day_of, moves_of
from sim.levers.settings import LeverSettings, MoveSettings

_NO_MOVE = "a lever must move at least one dial"


def check_evidence(levers: Mapping[str, Any], shipped: Container[str]) -> None:
    """Refuse a lever that nobody defines, and a number of a lever without evidence or without a cost.

    Parameters
    ----------
    levers : mapping
        Composed levers: records, plain values, dictionaries.
    shipped : container of str
        Paths of the records that are shipped; these may be overridden by a plain number.

    Raises
    ------
    ConfigError
        Naming the path and what to write there.
    """
    defined = [name for name, lever in levers.items() if isinstance(lever, Mapping) and "max_size" in lever]
    for name, lever in levers.items():
        if isinstance(lever, int | float | str):
            raise ConfigError(
                f"levers.{name}: a lever is more than a number; write levers.{name}.size={lever}"
            )
        if name not in defined:
            raise unknown("lever", name, "levers", defined)
        if "moves" not in lever:
            raise ConfigError(f"levers.{name}.moves: {_NO_MOVE}")
        _check_numbers(LeverSettings, lever, f"levers.{name}", shipped)
        if isinstance(lever["moves"], Mapping):
            for key, move in lever["moves"].items():
                _check_numbers(MoveSettings, move, f"levers.{name}.moves.{key}", shipped)


def _check_numbers(model: type[BaseModel], node: Any, where: str, shipped: Container[str]) -> None:
    """Hold every quantity of a settings class against what is written: a record, or an override of one."""
    if not isinstance(node, Mapping):
        return
    for name, info in model.model_fields.items():
        extra, path = info.json_schema_extra, f"{where}.{name}"
        if not isinstance(extra, dict) or "unit" not in extra or is_record(node.get(name)):
            continue
        if name in node and path in shipped:
            continue
        if name in node or info.is_required():
            raise ConfigError(
                f"{path}: {info.description} needs a number with its evidence; write {{value: ..., "
                f"unit: {extra['unit']}, range: [..., ...], status: assumed, reason: ...}} or name a fact"
            )


def check_lever(name: str, lever: LeverSettings) -> None:
    """Raise ``ConfigError`` when the size, the dates or the moves of a lever make no sense."""
    where = f"levers.{name}"
    if not 0 <= lever.size <= lever.max_size:
        raise ConfigError(
            f"{where}.size: {lever.size:g} {lever.unit} is outside 0 to {lever.max_size:g} ({where}.max_size)"
        )
    _check_times(where, lever)
    if not lever.moves:
        raise ConfigError(f"{where}.moves: {_NO_MOVE}")
    if lever.rotation_days is not None and sum(move.per_unit != 0 for move in lever.moves.values()) < 2:
        raise ConfigError(f"{where}.rotation_days: only a lever with two moves or more can take turns")
    for key, move in lever.moves.items():
        office = move.dial.removeprefix(f"{OFFICERS_DIAL}.")
        if office != move.dial and office not in OFFICES:
            raise unknown("office", office, f"{where}.moves.{key}.dial", OFFICES)
        if move.per_unit < 0 and move.dial.startswith((OFFICERS_DIAL, OUTBOUND_DIAL)):
            raise ConfigError(
                f"{where}.moves.{key}.per_unit: {move.per_unit:g} would take officers away; "
                "only officers can be added (0 or more)"
            )


def _check_times(where: str, lever: LeverSettings) -> None:
    if lever.trigger is not None:
        if lever.start or lever.end:
            raise ConfigError(
                f"{where}.trigger: a lever has dates or a trigger, not both; set {where}.start and "
                f"{where}.end to null"
            )
        check_trigger(lever.trigger, f"{where}.trigger")
    if (
        lever.start
        and lever.end
        and day_of(lever.end, f"{where}.end") <= day_of(lever.start, f"{where}.start")
    ):
        raise ConfigError(f"{where}.end: {lever.end} is not after the start {lever.start}")
    if lever.time_limited and lever.size and not lever.end and lever.trigger is None:
        raise ConfigError(f"{where}.end: this lever is limited in time; give {where}.end=YYYY-MM-DD")


def in_order(levers: Mapping[str, LeverSettings]) -> list[str]:
    """Return the levers with a trigger, each after the lever that it waits for.

    Raises
    ------
    ConfigError
        A trigger names an unknown lever, or triggers wait for each other.
    """
    chains: dict[str, list[str]] = {}
    for name, lever in levers.items():
        chain = [name]
        while lever.trigger is not None and (other := lever.trigger.lever) is not None:
            if other not in levers:
                raise unknown("lever", other, f"levers.{chain[-1]}.trigger.lever", levers)
            if other in chain:
                circle = " -> ".join([*chain[chain.index(other) :], other])
                raise ConfigError(f"levers.{other}.trigger: {circle} is a circle; no lever of it could start")
            chain.append(other)
            lever = levers[other]
        chains[name] = chain
    return sorted((n for n in levers if levers[n].trigger is not None), key=lambda n: len(chains[n]))


def check_together(levers: Mapping[str, LeverSettings], calendar: Calendar, mode: LeverMode) -> None:
    """Raise ``ConfigError`` when triggers or dates of levers contradict each other or their own lead time.

    Time-limited levers may not move the officers of one office at the same time: a second surge would
    hide in the first. A surge with a trigger may come at any time. Officers who are there to stay add
    to a surge.
    """
    in_order(levers)
    limited: dict[str, list[tuple[str, Move]]] = {}
    for name, lever in levers.items():
        for move in moves_of(name, lever, calendar, mode):
            if lever.trigger is not None:
                move.start_h, move.end_h = 0.0, float(calendar.total_hours)
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
