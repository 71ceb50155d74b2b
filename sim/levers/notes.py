"""What the reader of a run must know about its levers: how far, when, and who draws on whom."""

from __future__ import annotations

from collections.abc import Mapping
from math import isinf

from sim.border.officers import OFFICERS_DIAL, OUTBOUND_DIAL
from sim.core.calendar import DAYS_PER_YEAR, Calendar
from sim.levers.moves import LeverMode, moves_of
from sim.levers.settings import LeverSettings


def lever_notes(
    levers: Mapping[str, LeverSettings], calendar: Calendar, mode: LeverMode, duty_h_per_year: float
) -> list[str]:
    """Return one line a lever that is pulled, and one on officers whom several levers draw on.

    Parameters
    ----------
    duty_h_per_year : float
        Hours at a post of one officer a year.
    """
    pulled = {name: lever for name, lever in levers.items() if lever.size}
    notes = [_pulled(name, lever, calendar, mode) + _waits(lever, pulled) for name, lever in pulled.items()]
    acting = {name: _acting_share(name, lever, calendar, mode) for name, lever in pulled.items()}
    return notes + _shared_officers(pulled, acting, duty_h_per_year)


def _pulled(name: str, lever: LeverSettings, calendar: Calendar, mode: LeverMode) -> str:
    text = f"lever {name}: {lever.size:,g} {lever.unit}, {mode}"
    if lever.rotation_days is not None:
        text += f", in turns of {lever.rotation_days} days"
    first = moves_of(name, lever, calendar, mode)[0]
    outside = first.start_h >= float(calendar.total_hours) or first.end_h <= calendar.warmup_hours
    if outside and not isinf(first.start_h):
        text += f"; it acts from {calendar.date_of(first.start_h)}, outside the window: it changes nothing"
    return text


def _waits(lever: LeverSettings, pulled: Mapping[str, LeverSettings]) -> str:
    if lever.trigger is None:
        return ""
    condition = f"; it acts while {lever.trigger.describe()}"
    other = lever.trigger.lever
    return (
        condition if other is None or other in pulled else f"{condition}, whose size is 0: it changes nothing"
    )


def _acting_share(name: str, lever: LeverSettings, calendar: Calendar, mode: LeverMode) -> float:
    """Return the share of the window in which a lever acts; one that waits for a trigger may act in all."""
    if lever.trigger is not None:
        return 1.0
    move = moves_of(name, lever, calendar, mode)[0]
    first, last = max(move.start_h, calendar.warmup_hours), min(move.end_h, calendar.total_hours)
    return max(last - first, 0.0) / (calendar.total_hours - calendar.warmup_hours)


def _shared_officers(
    pulled: Mapping[str, LeverSettings], acting: Mapping[str, float], duty_h_per_year: float
) -> list[str]:
    """Report levers that ask for outbound hours of the officers that levers bring, means over the window.

    When levers act at different times, or crossings have no room, hours are unmet although the sums
    suffice; only the finished run can tell.
    """
    wanted = _hours(pulled, acting, OUTBOUND_DIAL)
    brought = _hours(pulled, acting, OFFICERS_DIAL, duty_h_per_year / DAYS_PER_YEAR)
    if not wanted:
        return []
    own = len({*wanted, *brought}) == 1
    wanted_h, brought_h = sum(wanted.values()), sum(brought.values())
    text = (
        f"{wanted_h:,.0f} outbound hours a day are asked for ({', '.join(wanted)}), {brought_h:,.0f} hours "
        f"are brought ({', '.join(brought) or 'by no lever'})"
    )
    if wanted_h > brought_h:
        return [f"officers overdrawn: {text}; all go outbound, the rest is unmet (outbound_hours_unmet)"]
    return (
        [] if own else [f"officers shared: {text}; outbound is served first, out of every pool in proportion"]
    )


def _hours(
    pulled: Mapping[str, LeverSettings], acting: Mapping[str, float], dials: str, per_unit: float = 1.0
) -> dict[str, float]:
    """Return hours a day by lever, of its moves of dials with such a beginning."""
    hours = {
        name: lever.size
        * acting[name]
        * per_unit
        * sum(m.per_unit for m in lever.moves.values() if m.dial.startswith(dials))
        for name, lever in pulled.items()
    }
    return {name: value for name, value in hours.items() if value}
