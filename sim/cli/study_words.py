"""What outcomes that add up are counted over, for studies that still print it themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario import Scenario


def window_of(scenario: Scenario) -> str:
    """Return what outcomes that add up are counted over: a year, or the window when that is shorter."""
    from sim.report import yearly

    return yearly.window_of(scenario.settings.calendar.days)
