"""Which rule of leniency is in force, and the numbers of each rule."""

from __future__ import annotations

from sim.border.leniency import behavioural, none, optimal, threshold
from sim.border.leniency.behavioural import BehaviouralSettings
from sim.border.leniency.optimal import OptimalSettings
from sim.border.leniency.table import LeniencyTable
from sim.border.leniency.threshold import ThresholdSettings
from sim.core.errors import unknown
from sim.core.settings import Settings

RULES = ("none", "threshold", "optimal", "behavioural")


class LeniencySettings(Settings):
    """The rule in force, and the numbers of each."""

    kind: str
    threshold: ThresholdSettings
    optimal: OptimalSettings
    behavioural: BehaviouralSettings

    def table(self) -> LeniencyTable | None:
        """Return the table of the rule in force; None where the line has no effect.

        Raises
        ------
        ConfigError
            There is no such rule.
        """
        match self.kind:
            case "none":
                return none.table()
            case "threshold":
                return threshold.table(self.threshold)
            case "optimal":
                return optimal.table(self.optimal)
            case "behavioural":
                return behavioural.table(self.behavioural)
        raise unknown("rule", self.kind, "border.leniency.kind", RULES)
