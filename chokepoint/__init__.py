"""Chokepoint from Python: ``import chokepoint as ck``.

::

    import chokepoint as ck

    base = ck.run("baseline_3y", replications=8)
    more = ck.run("baseline_3y", levers={"port_staffing": 1000}, replications=8)
    print(ck.compare(base, more))

``docs/python.md`` has the rest.
"""

from __future__ import annotations

from sim.api.lists import adversaries, levers, outcomes, scenarios
from sim.api.runs import compare, run, runs, sweep
from sim.api.scenarios import scenario
from sim.api.studies import (
    border_fit,
    calibrate,
    crossing,
    discover,
    effect,
    influence,
    portfolio,
    power,
    rank,
    screen,
    sobol,
    synergy,
    warmup,
    why,
)
from sim.core.errors import ChokepointError, ConfigError, StoreError
from sim.report.result import Figure, Result
from sim.report.tables import DataTable
from sim.run.result import RunResult, SweepResult
from sim.scenario import Scenario
from sim.store.version import release

__version__ = release()

__all__ = [
    "ChokepointError",
    "ConfigError",
    "DataTable",
    "Figure",
    "Result",
    "RunResult",
    "Scenario",
    "StoreError",
    "SweepResult",
    "__version__",
    "adversaries",
    "border_fit",
    "calibrate",
    "compare",
    "crossing",
    "discover",
    "effect",
    "influence",
    "levers",
    "outcomes",
    "portfolio",
    "power",
    "rank",
    "run",
    "runs",
    "scenario",
    "scenarios",
    "screen",
    "sobol",
    "sweep",
    "synergy",
    "warmup",
    "why",
]


def __dir__() -> list[str]:
    return sorted(__all__)
