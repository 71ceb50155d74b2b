"""What pairs of runs say: differences with a verdict, cost a kilogram, displacement, half-life, places."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.disclosure import WITHHELD
from sim.measures.registry import registry
from sim.report.verdicts import direction, judged, plain
from sim.report.yearly import DAYS_A_YEAR, margin_of
from sim.stats.intervals import Interval, mean, mean_interval, parameter_interval
from sim.stats.ratio import Estimate, half_life, ratio_of_means, undefined
from sim.study.effect.pairs import DELIVERED, FROZEN, PairedRuns

"""Policy with frozen routes: its effect is the direct one."""
_FLOAT = 1e-12
"""Share of a level that sums of floating-point numbers may differ by, in either order."""
_MG_DIGITS = 6
"""Digits of a kilogram that the ledger keeps: it counts whole milligrams."""
NOTHING_DENIED = "undefined: more is delivered, not less"
FREE = "undefined: no programme is paid for"


@dataclass(frozen=True)
class Effect:
    """The change of one outcome over the window, or a year where that is longer.

    Parameters
    ----------
    before : float
        Mean of the baseline.
    change : float
        Mean of after less before over pairs of runs.
    monte_carlo, parameter : Interval
        95 % interval over replications, and 95 % range over parameter sets.
    days : int
        Length of the window, to which the margin belongs.
    """

    scenario: str
    adversary: str
    measure: str
    place: str
    before: float
    change: float
    monte_carlo: Interval
    parameter: Interval
    days: int = DAYS_A_YEAR

    @property
    def verdict(self) -> str:
        """By the rule of ``sim compare``, on an interval that holds alone; at one place the direction.

        For a place no margin is declared.
        """
        if self.place != "all":
            return self.direction
        margin = margin_of(registry()[self.measure], self.days)
        return plain(judged(self.measure, self.monte_carlo, self.parameter, margin))

    @property
    def direction(self) -> str:
        """``more`` or ``less`` when both intervals that exist lie on that side of zero."""
        return direction([self.monte_carlo, *([self.parameter] if self.parameter.known else [])])

    @property
    def percent(self) -> tuple[float, float, float]:
        """Change and its Monte Carlo interval in percent of the baseline, NaN when that is zero."""
        scale = 100.0 / self.before if self.before else math.nan
        return self.change * scale, self.monte_carlo.low * scale, self.monte_carlo.high * scale


@dataclass(frozen=True)
class Ratios:
    """What a scenario costs and keeps against one adversary.

    Parameters
    ----------
    cost : Estimate
        Dollars of programme for one pure kilogram less delivered.
    displacement : Estimate
        Share of the direct effect that adaptation takes back: 1 - adapted / frozen. Above 1 more is
        delivered than without the lever, below 0 adaptation helps the lever.
    half_life : Estimate
        Months until half of the direct effect is gone.
    """

    scenario: str
    adversary: str
    cost: Estimate
    displacement: Estimate
    half_life: Estimate


@dataclass(frozen=True)
class Displacement:
    """Pure kilograms a year delivered by a route place: the change with frozen routes, and by adapting.

    The row of the place ``all`` is the sum over places, with an interval of its own. ``verdict`` says whether
    adapting brings flow that matters to the place, or takes it away.
    """

    scenario: str
    adversary: str
    place: str
    direct_kg: float
    moved_kg: float
    monte_carlo: Interval
    verdict: str


def effects(pair: PairedRuns) -> list[Effect]:
    """Return the effect on every outcome and place that both runs report, in the order of the registry."""
    both = pair.before.values.keys() & pair.after.values.keys()
    places = {name: sorted(place for measure, place in both if measure == name) for name in registry()}
    return [
        effect_of(pair, name, place)
        for name, found in places.items()
        for place in sorted(found, key=lambda place: place != "all")
    ]


def effect_of(pair: PairedRuns, measure: str, place: str = "all") -> Effect:
    """Return the effect on one outcome."""
    level = pair.before.central(measure, place)
    before = mean(level)
    # Two sums of the same floating-point numbers may differ in their last digit, which is no effect.
    least = _FLOAT * float(np.abs(level).max(initial=0.0))
    change, sets = (
        np.where(np.abs(found) <= least, 0.0, found)
        for found in (pair.change(measure, place), pair.change_of_sets(measure, place))
    )
    variance = float(change.var(ddof=1)) if change.size > 1 else math.nan
    middle = mean(change)
    return Effect(
        pair.scenario, pair.adversary, measure, place, before, 0.0 if abs(middle) <= least else middle,
        mean_interval(change), parameter_interval(sets, variance), pair.days,
    )  # fmt: skip


def ratios(pair: PairedRuns, frozen: PairedRuns | None) -> Ratios:
    """Return cost a kilogram, displacement and half-life against the same scenario with frozen routes."""
    denied = -pair.change(DELIVERED)
    spent = pair.change("programme_cost_usd")
    cost = ratio_of_means(spent, denied) if spent.any() else undefined(FREE)
    if cost.known and denied.mean() < 0:
        cost = undefined(NOTHING_DENIED)
    if frozen is None or pair.adversary == FROZEN:
        reason = "this is the direct effect" if pair.adversary == FROZEN else "no run with frozen routes"
        return Ratios(pair.scenario, pair.adversary, cost, undefined(reason), undefined(reason))
    kept = ratio_of_means(denied, -frozen.change(DELIVERED))
    if not kept.known:
        return Ratios(pair.scenario, pair.adversary, cost, kept, undefined(kept.interval.reason))
    lost = Estimate(1.0 - kept.value, Interval(1.0 - kept.interval.high, 1.0 - kept.interval.low))
    direct, left = (one.delivered[0] - one.delivered[1] for one in (frozen, pair))
    return Ratios(pair.scenario, pair.adversary, cost, lost, half_life(direct, left))


def displacements(pair: PairedRuns, frozen: PairedRuns | None) -> list[Displacement]:
    """Return where adaptation moved what is delivered; nothing for a policy whose routes are not shown."""
    if frozen is None or pair.adversary == FROZEN or pair.adversary in WITHHELD:
        return []
    routes = sorted({*pair.places(DELIVERED), *frozen.places(DELIVERED)})
    places = list(dict.fromkeys(route.partition(".")[0] for route in routes))
    parts = {place: [route for route in routes if route.partition(".")[0] == place] for place in places}
    margin, rows = margin_of(registry()[DELIVERED], pair.days), []
    for place, here in {**parts, "all": routes}.items():
        direct, adapted = (
            np.sum([one.at(True, DELIVERED, r) - one.at(False, DELIVERED, r) for r in here], axis=0).round(
                _MG_DIGITS
            )
            for one in (frozen, pair)
        )
        shift = (adapted - direct).round(_MG_DIGITS)
        ends = mean_interval(shift)
        verdict = direction([ends], margin)
        rows.append(
            Displacement(pair.scenario, pair.adversary, place, mean(direct), mean(shift), ends, verdict)
        )
    return rows if places else []


def spread(found: Sequence[Effect]) -> tuple[float, float]:
    """Return the smallest and the largest change of one outcome over a panel of adversaries."""
    changes = [effect.change for effect in found]
    return min(changes), max(changes)
