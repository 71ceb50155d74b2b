"""Intelligence: a stock that seizures and closed cases fill, and that time empties.

It decays with a half-life, and its use saturates: twice the stock is less than twice the hits. At the
reference level, the mean of the baseline, the factor on targeting is 1.
"""

from __future__ import annotations

from sim.chain.parts.context import StationContext
from sim.core.calendar import HOURS_PER_DAY
from sim.core.dials import Dial
from sim.core.settings import NotNegative, Settings, quantities, quantity

HALF_LIFE_DIAL = "intelligence.half_life_days"


class IntelligenceSettings(Settings):
    """How fast intelligence ages, what brings it, and what it is worth."""

    half_life_days: float = quantity("d", "time in which half of it is out of date", gt=0)
    reference_level: float = quantity("report", "mean level of the baseline, where the factor is 1", gt=0)
    half_saturation: float = quantity(
        "1/1", "level over reference at which half of the most that it can do is done", gt=0
    )
    floor_share: float = quantity("1/1", "share of targeting that needs no intelligence", ge=0, le=1)
    reports_per_lead: dict[str, NotNegative] = quantities(
        "report/lead", "intelligence from a seizure, by kind of its lead"
    )
    reports_per_case: float = quantity("report/case", "intelligence from a case that succeeds", ge=0)


def dials() -> list[Dial]:
    """Return the dial that intelligence reads."""
    return [Dial(HALF_LIFE_DIAL, "multiply", 0.01, 1e6, "d", "time in which half of it is out of date")]


class Intelligence:
    """The stock of one replication; it begins at the reference level."""

    def __init__(self, context: StationContext, settings: IntelligenceSettings) -> None:
        self._context, self._settings = context, settings
        self._level, self._as_of_h = settings.reference_level, 0.0

    def level(self, now: float) -> float:
        """Return the stock at a time, reports.

        The half-life is that of the moment: while it moves, the time since the last report counts by it.
        """
        half_life = self._context.dials.value(HALF_LIFE_DIAL, self._settings.half_life_days, now)
        return self._level * 0.5 ** ((now - self._as_of_h) / (half_life * HOURS_PER_DAY))

    def add(self, reports: float) -> None:
        """Add to the stock now."""
        now = self._context.env.now
        self._level, self._as_of_h = self.level(now) + reports, now

    def lead(self, kind: str, entity: int) -> None:
        """Add what the seizure behind a lead tells; a taker of ``Leads``."""
        if reports := self._settings.reports_per_lead.get(kind, 0.0):
            self.add(reports)

    def close_case(self) -> None:
        """Add what a case that succeeds tells."""
        self.add(self._settings.reports_per_case)

    def factor(self, now: float) -> float:
        """Return the factor of the hit rate of targeting at a time, exactly 1 at the reference level."""
        s = self._settings
        level = self.level(now) / s.reference_level
        saturating = level * (1.0 + s.half_saturation) / (level + s.half_saturation)
        return 1.0 + (1.0 - s.floor_share) * (saturating - 1.0)
