"""Weekly revision: shares move from habit towards what pays better than expected."""

from __future__ import annotations

from abc import ABC, abstractmethod

from sim.adversary.experience import Experience
from sim.adversary.policy import AdversarySettings, Alternatives, ChoicePlan, tilted, unit_sizes
from sim.core.calendar import HOURS_PER_WEEK


class WeeklyChooser(ABC):
    """Shares follow ``baseline * exp(sensitivity * advantage)``, once a week and with habit.

    A policy says by its ``advantage`` how much better than at the start each alternative looks, as a
    share of its value. All that the model does not know of an alternative (access, plaza, kin) stays in
    its calibrated share: the alternative-specific constants of McFadden (1974, in Zarembka, Frontiers
    in Econometrics, 105-142).
    """

    def __init__(self, settings: AdversarySettings, alternatives: Alternatives) -> None:
        self._settings, self._alternatives = settings, alternatives
        self._experience = Experience(settings, alternatives)
        self._plan = ChoicePlan(tuple(alternatives.shares), unit_sizes(alternatives))
        self._week = 0

    @abstractmethod
    def advantage(self, risk: list[float]) -> list[float]:
        """Return the relative gain of every alternative over the opinion at the start."""

    def plan_at(self, time_h: float) -> ChoicePlan:
        """Return the plan of the week."""
        week = int(time_h // HOURS_PER_WEEK)
        if week > self._week:
            self._revise(week - self._week, time_h)
            self._week = week
        return self._plan

    def observe(self, alternative: int, lost: bool, time_h: float) -> None:
        """Add one own choice to the experience with an alternative."""
        self._experience.note(alternative, float(lost), time_h)

    def _revise(self, weeks: int, time_h: float) -> None:
        risk = self._experience.risk(time_h)
        sensitivity, habit = self._settings.choice_sensitivity, self._settings.habit_share**weeks
        pull = tilted(self._alternatives.shares, [sensitivity * x for x in self.advantage(risk)])
        shares = [habit * old + (1.0 - habit) * new for old, new in zip(self._plan.shares, pull, strict=True)]
        self._plan = ChoicePlan(shares, self._experience.sizes(risk))
