"""How numbers are written: one rule each for a cell, a label beside a mark, a difference, an interval."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.stats.intervals import Interval

_MILLION = 1e6


def compact(value: float, digits: int = 3) -> str:
    """Return a number with about ``digits`` significant digits and thousands separated."""
    if not math.isfinite(value):
        return "n/a"
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    return f"{round(value, digits - 1 - size):,.{max(0, digits - 1 - size)}f}"


def number(value: float) -> str:
    """Return a number for a cell: three digits, millions as M."""
    value = float(value)
    if math.isfinite(value) and abs(value) >= _MILLION:
        return f"{compact(value / _MILLION)} M"
    return compact(value)


def signed(value: float) -> str:
    """Return a difference for a cell, with its sign."""
    return f"{'+' if value > 0 else ''}{number(value)}"


def span(ends: Interval) -> str:
    """Return the interval of a difference for a cell, with signs; empty when there is none."""
    return f"[{signed(ends.low)}, {signed(ends.high)}]" if ends.known else ""


def plain_span(low: float, high: float) -> str:
    """Return the interval of a value that is no difference, for a cell; empty when there is none."""
    return f"[{number(low)}, {number(high)}]" if math.isfinite(low) and math.isfinite(high) else ""


def span_or_reason(ends: Interval) -> str:
    """Return the interval of a difference for a cell, or why there is none."""
    return span(ends) or ends.reason


def short(value: float) -> str:
    """Return a number for a label beside a mark: two digits below ten, no decimals from ten upwards."""
    return f"{value:,.0f}" if 10 <= abs(value) < 100 else compact(value, 2 if abs(value) < 10 else 3)


def short_signed(value: float) -> str:
    """Return a difference for a label beside a mark, with its sign."""
    return f"+{short(value)}" if value > 0 else short(value)


def short_span(low: float, high: float) -> str:
    """Return an interval for a label beside a mark; empty when there is none."""
    return f"[{short(low)} to {short(high)}]" if math.isfinite(low) and math.isfinite(high) else ""


def short_estimate(value: float, low: float, high: float) -> str:
    """Return a difference with its interval, where there is one, for a label beside a mark."""
    return f"{short_signed(value)} {short_span(low, high)}".rstrip()


def minutes(wait_min: float) -> str:
    """Return a wait in minutes: one decimal below ten."""
    return f"{wait_min:.1f}" if wait_min < 10 else f"{wait_min:.0f}"


def bracket(mean: float, low: float, high: float, unit: str = "") -> str:
    """Return ``mean unit [low-high]``, without the bracket where there is no interval."""
    text = short(float(mean)) + (f" {unit}" if unit else "")
    if math.isfinite(low) and math.isfinite(high):
        text += f" [{short(float(low))}\N{EN DASH}{short(float(high))}]"
    return text


def percent(share: float) -> str:
    """Return a share in whole per cent, in words where it is not known."""
    return f"{100 * share:.0f} %" if math.isfinite(share) else "an unknown share"


def full(value: float) -> str:
    """Return a number of the configuration: up to ten digits, thousands separated."""
    return f"{value:,.10g}"


def full_range(low: float, high: float) -> str:
    """Return a range of the configuration, ``0.3 to 0.9``; empty when there is none."""
    return f"{full(low)} to {full(high)}" if math.isfinite(low) else ""


def some_of(names: Sequence[str], most: int) -> str:
    """Return the first names of a list, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def duration(seconds: float) -> str:
    """Return a time for people: ``40 s``, ``12 min``, ``3 h``."""
    if seconds < 90.0:
        return f"{max(seconds, 1.0):.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 5400.0 else f"{seconds / 3600.0:.0f} h"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: ``1 replication``, ``2 replications``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
