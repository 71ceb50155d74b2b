"""Triggers: a lever that waits for what agencies record, or for another lever, and ends when it is over.

Once a day the record of the last ``window_days`` is held against a threshold. The lever starts when the
condition has held for ``hold_days`` and ends when it has failed for ``release_days``: the hysteresis of
every control with one threshold. Nothing latent can be asked for: nobody could act on it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from sim.chain.parts.context import StationContext
from sim.core.calendar import HOURS_PER_DAY
from sim.core.errors import ConfigError, unknown
from sim.core.settings import Settings
from sim.core.shipped import conf_folder, read_yaml
from sim.core.units import CENTS_PER_USD, MG_PER_KG, MG_PER_LB
from sim.ledger.accounts import RECORDED, SEEN
from sim.ledger.postings import CASH, GROSS, LEAD, PRECURSOR, Ledger


class TriggerSettings(Settings):
    """When a lever starts and ends: ``measure`` with ``above`` or ``below``, or another ``lever``."""

    measure: str | None = None
    above: float | None = Field(default=None, allow_inf_nan=False)
    below: float | None = Field(default=None, allow_inf_nan=False)
    window_days: int | None = Field(default=None, ge=1, description="days whose record is summed")
    hold_days: int = Field(default=0, ge=0, description="days for which the condition must have held")
    release_days: int = Field(default=0, ge=0, description="days for which it must have failed again")
    lever: str | None = None

    def describe(self) -> str:
        """Return the condition in words."""
        if self.lever is not None:
            return f"lever {self.lever} acts"
        side, limit = ("above", self.above) if self.above is not None else ("below", self.below)
        return f"{self.measure} of {self.window_days} days is {side} {limit:,g}"


@dataclass(frozen=True)
class Reading:
    """An observed measure as a sum of records, as ``sim.measures.flows`` has it.

    ``scale`` is the commodity's whole units per unit of the measure; 0 counts postings.
    """

    commodity: int
    scale: float

    def total(self, ledger: Ledger) -> float:
        """Return the measure from the start of the run until now."""
        amount, count = ledger.flow(self.commodity, SEEN, RECORDED)
        return float(count) if self.scale == 0 else amount / self.scale


READABLE = {
    "seizure_events": Reading(GROSS, 0),
    "seized_gross_lb": Reading(GROSS, MG_PER_LB),
    "precursor_stopped_kg": Reading(PRECURSOR, MG_PER_KG),
    "leads": Reading(LEAD, 0),
    "cash_seized_usd": Reading(CASH, CENTS_PER_USD),
}
"""Observed measures that are sums of records by the day. Waits are none: the ledger has no vehicles."""


def check_trigger(trigger: TriggerSettings, where: str) -> None:
    """Raise ``ConfigError`` when a trigger is incomplete, or asks for what no agency can see."""
    if (trigger.measure is None) == (trigger.lever is None):
        raise ConfigError(f"{where}: give either measure (with above or below) or lever")
    if trigger.measure is None:
        return
    if trigger.measure not in READABLE:
        info = read_yaml(conf_folder() / "measures.yaml").get(trigger.measure)
        allowed = ", ".join(READABLE)
        if info is None:
            raise unknown("measure", trigger.measure, f"{where}.measure", READABLE)
        if info["layer"] == "latent":
            raise ConfigError(
                f"{where}.measure: {trigger.measure} is latent, agencies cannot see it; allowed: {allowed}"
            )
        raise ConfigError(f"{where}.measure: {trigger.measure} is no record by the day; allowed: {allowed}")
    if (trigger.above is None) == (trigger.below is None):
        raise ConfigError(f"{where}: give either above or below, the threshold of {trigger.measure}")
    if trigger.window_days is None:
        raise ConfigError(f"{where}.window_days: say over how many days {trigger.measure} is summed")


@dataclass
class _Watch:
    """One trigger while it watches: its totals by day, whether it is on, days that point the other way."""

    name: str
    trigger: TriggerSettings
    totals: deque[float] = field(default_factory=deque)
    on: bool = False
    streak: int = 0


class Triggers:
    """Starts and ends the levers that have a trigger, once a day, from the first day of the window on.

    Parameters
    ----------
    triggers : mapping of str to TriggerSettings
        By lever, each after the lever that it waits for.
    """

    def __init__(self, context: StationContext, triggers: Mapping[str, TriggerSettings]) -> None:
        self._context = context
        self._watches = [_Watch(name, trigger) for name, trigger in triggers.items()]
        if self._watches:
            context.env.process(self._watch_daily())

    def _watch_daily(self) -> Generator[Any, Any, None]:
        calendar = self._context.calendar
        for day in range(calendar.total_days):
            for watch in self._watches:
                met = self._met(watch)
                if day >= calendar.warmup_days:
                    self._switch(watch, met)
            yield self._context.env.timeout(HOURS_PER_DAY)

    def _met(self, watch: _Watch) -> bool:
        """Return whether the condition holds now; without a full window of records it does not."""
        trigger = watch.trigger
        if trigger.lever is not None:
            moves = self._context.dials.pulled[trigger.lever]
            return any(move.amount != 0.0 and move.acts(self._context.env.now) for move in moves)
        watch.totals.append(READABLE[str(trigger.measure)].total(self._context.ledger))
        if len(watch.totals) <= int(trigger.window_days or 0):
            return False
        value = watch.totals[-1] - watch.totals.popleft()
        return value > trigger.above if trigger.above is not None else value < float(trigger.below or 0.0)

    def _switch(self, watch: _Watch, met: bool) -> None:
        watch.streak = 0 if met == watch.on else watch.streak + 1
        patience = watch.trigger.release_days if watch.on else watch.trigger.hold_days
        if watch.streak <= patience:
            return
        watch.on, watch.streak = not watch.on, 0
        for move in self._context.dials.pulled[watch.name]:
            if watch.on:
                move.begin(self._context.env.now)
            else:
                move.finish(self._context.env.now)
