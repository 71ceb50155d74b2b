"""How large a number of each unit may be: what no world of this kind could hold is a slip of the pen.

The limits are wide, a factor of a hundred and more beyond any shipped value. They keep the simulation
from numbers that overflow or never end; what is plausible is said by the range of each number's evidence.
"""

from __future__ import annotations

from math import isnan

from sim.core.errors import ConfigError

SMALLEST = 1e-12
"""A number is zero or at least this far from it."""
LARGEST = {
    "1/1": 1e4,
    "dial/unit": 1e6,
    "unit": 1e9,
    "1/year": 1e4,
    # Time: what never ends within a run, or the hours that a day, a year and a fleet of officers have.
    "s": 86_400.0,
    "min": 525_600.0,
    "h": 8_784.0,
    "d": 1e9,
    "week": 5_218.0,
    "h/day": 1e6,
    "h/year": 8_784.0,
    # One a second.
    "entry/(lane h)": 3_600.0,
    "scan/(lane h)": 3_600.0,
    "exam/(inspector d)": 86_400.0,
    "consignment/d": 1e9,
    "load/year": 1e7,
    "lead/year": 1e6,
    "lab/year": 1e6,
    "takedown/year": 1e6,
    "firearm/year": 1e9,
    "kg": 1e6,
    "kg/month": 1e9,
    "kg/year": 1e9,
    "kg/kg": 1e4,
    "km": 40_075.0,
    "USD2022/(unit year)": 1e12,
    "USD2022/(officer year)": 1e9,
    "USD2022/kg": 1e9,
    "USD2022/load": 1e9,
    "MUSD2022": 1e6,
    "vehicle": 1e4,
    "vehicle/lane": 1e4,
    "person/trip": 1e3,
    "officer/lane": 1e3,
    "officer/exam": 1e3,
    "officer/team": 1e3,
    "inspector": 1e6,
    "investigator": 1e6,
    "lab": 1e5,
    "relation": 1e5,
    "broker": 1e5,
    "crew": 1e5,
    "account": 1e5,
    "platform": 1e5,
    "ring": 1e5,
    "firearm/lot": 1e6,
    "report": 1e6,
    "report/case": 1e4,
    "report/lead": 1e4,
    "load": 1e6,
    "load/order": 1e5,
}
"""Largest size of a number by its unit, negative numbers included."""


def check_magnitude(path: str, value: float, unit: str) -> None:
    """Refuse a number that no world could hold.

    A unit that is not listed has no limit: a number of the user's own may have any.

    Raises
    ------
    ConfigError
        The number is larger than its unit allows, or so small that it can only be meant as zero.
    """
    size, largest = abs(value), LARGEST.get(unit)
    if isnan(value) or largest is None:
        return
    named = "" if unit == "1/1" else f" {unit}"
    if size > largest:
        raise ConfigError(f"{path}: {value:g}{named} is beyond what can be; at most {largest:,.15g}{named}")
    if 0 < size < SMALLEST:
        raise ConfigError(f"{path}: {value:g}{named} is too small to tell from zero; write 0")
