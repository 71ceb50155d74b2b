"""Chokepoint from Python: ``import chokepoint as ck``.

::

    import chokepoint as ck

    base = ck.run("baseline", replications=8)
    more = ck.run("baseline", levers={"port_staffing": 1000}, replications=8)
    print(ck.compare(base, more))

``docs/python.md`` has the rest.
"""

from __future__ import annotations

from sim.api import adversaries, levers, outcomes, run, runs, scenario, scenarios, sweep
from sim.core.errors import ChokepointError, ConfigError, StoreError
from sim.store.version import release

__version__ = release()

__all__ = [
    "ChokepointError",
    "ConfigError",
    "StoreError",
    "__version__",
    "adversaries",
    "levers",
    "outcomes",
    "run",
    "runs",
    "scenario",
    "scenarios",
    "sweep",
]


def __dir__() -> list[str]:
    return sorted(__all__)
