"""Levers at other sizes: scenarios made from one that is validated, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping

from sim.core.errors import unknown
from sim.core.settings import validated
from sim.levers import check_lever, check_together
from sim.scenario import Scenario, ScenarioSettings, with_values


def pulled(scenario: Scenario) -> dict[str, float]:
    """Return the sizes of the levers that a scenario pulls, by name."""
    return {name: lever.size for name, lever in scenario.settings.levers.items() if lever.size}


def with_sizes(scenario: Scenario, sizes: Mapping[str, float]) -> Scenario:
    """Return a scenario with some levers at these sizes and all others absent.

    Raises
    ------
    ConfigError
        A lever does not exist, or makes no sense at this size.
    """
    levers = scenario.settings.levers
    for name in sizes:
        if name not in levers:
            raise unknown("lever", name, "levers", levers)
    changed = {
        f"levers.{name}.size": float(sizes.get(name, 0.0))
        for name, lever in levers.items()
        if lever.size != sizes.get(name, 0.0)
    }
    values = with_values(scenario.values, changed)
    settings = validated(ScenarioSettings, values, "")
    for name in sizes:
        check_lever(name, settings.levers[name])
    made = Scenario(settings, values, scenario.evidence)
    check_together(settings.levers, made.calendar, settings.lever_mode)
    return made


def cost_usd_a_year(scenario: Scenario, sizes: Mapping[str, float]) -> float:
    """Return what levers at these sizes cost in a year in which all of each is in place, in USD of 2022."""
    levers = scenario.settings.levers
    return sum(size * levers[name].cost_usd_per_unit_year for name, size in sizes.items())
