"""Chokepoint: a laboratory of counter-fentanyl strategy, from precursor source to street.

From Python::

    from sim import compose_tree, load_scenario, run_replication

    scenario = load_scenario(compose_tree(changes={"levers.port_staffing.size": 1000.0}))
    tables = run_replication(scenario, seed=1, replication=0)

Names are loaded at their first use, so that the command answers at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.border.single.crossing import single_crossing
    from sim.border.single.frontier import border_frontier
    from sim.border.single.summary import simulate_border
    from sim.core.shipped import compose_tree
    from sim.measures.replication import run_replication
    from sim.scenario import load_scenario
    from sim.world import simulate

_HOMES = {
    "compose_tree": "sim.core.shipped",
    "load_scenario": "sim.scenario",
    "simulate": "sim.world",
    "run_replication": "sim.measures.replication",
    "border_frontier": "sim.border.single.frontier",
    "single_crossing": "sim.border.single.crossing",
    "simulate_border": "sim.border.single.summary",
}

__all__ = [
    "__version__",
    "border_frontier",
    "compose_tree",
    "load_scenario",
    "run_replication",
    "simulate",
    "simulate_border",
    "single_crossing",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name == "__version__":
        from sim.store.version import release

        return release()
    from sim.core.errors import nearest

    raise AttributeError(f"module 'sim' has no attribute {name!r}{nearest(name, _HOMES)}")


def __dir__() -> list[str]:
    return sorted(__all__)
