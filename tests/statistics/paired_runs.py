"""Pairs of whole runs on the same draws, and the check that a pattern passes and its absence must fail.

The intervals that ``docs/patterns.md`` quotes come from the tests themselves: with
``-o junit_family=xunit1 --junitxml=FILE`` every one stands in the file as a property of its test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sim.measures.replication import run_replication
from sim.run.outcomes import add_up
from sim.scenario import Scenario, load_scenario
from sim.stats.intervals import mean_interval
from tests.conf.composed import composed

SEED = 1
FOUR_MONTHS = {
    "calendar.days": 122, "calendar.warmup_days": 14, "border.model": "instant",
    "chain.load.gross_cv": 0.1, "chain.load.weight_drift_sd": 0.0,
    "chain.load.powder_share": 1.0, "chain.load.powder_purity": 0.107,
}  # fmt: skip
"""Four months without queues. Loads of a place weigh about the same, at the shipped mean of weight and
purity, so that a few heavy loads do not drown in a handful of replications what there is to see."""

Values = dict[tuple[str, str], np.ndarray]
Note = Callable[[str, object], None]
_runs: dict[tuple[str, int], dict[tuple[str, str], float]] = {}


def values(replications: int, changes: Mapping[str, Any]) -> Values:
    """Return every measure of the window by name and place, one value a replication."""
    scenario = load_scenario(composed(**changes))
    runs = [_run(scenario, number) for number in range(replications)]
    return {
        key: np.array([run.get(key, 0.0) for run in runs]) for key in {key for run in runs for key in run}
    }


def _run(scenario: Scenario, replication: int) -> dict[tuple[str, str], float]:
    """Simulate once what several tests of a file ask for."""
    key = (scenario.canonical_json(), replication)
    if key not in _runs:
        table = run_replication(scenario, SEED, replication)["measures"]
        found = add_up(table, scenario.calendar.days).values
        _runs[key] = {name: float(value[0]) for name, value in found.items()}
    return _runs[key]


def above_zero(paired: np.ndarray, name: str, note: Note) -> bool:
    """Tell whether the 95 % interval of a mean over pairs lies above zero, and note it."""
    interval = mean_interval(paired)
    note(name, f"{paired.mean():.4g} [{interval.low:.4g}, {interval.high:.4g}], {paired.size} pairs")
    return interval.low > 0.0


def lever(moves: Mapping[str, float], announced: bool = False, **more: Any) -> dict[str, Any]:
    """Return an invented lever that costs nothing and moves dials by so much, from the window on."""
    none = {"value": 0.0, "unit": "d", "status": "derived", "source": "a test"}
    return {
        "title": "Invented", "strategy": "a test", "unit": "unit", "size": 1.0,
        "max_size": {**none, "value": 1.0, "unit": "unit"}, "start": None, "end": None,
        "announced": announced, "lead_time_days": none, "ramp_days": none,
        "cost_usd_per_unit_year": {**none, "unit": "USD2022/(unit year)"},
        "moves": {
            dial.replace(".", "_"): {"dial": dial, "per_unit": {**none, "value": amount, "unit": "dial/unit"}}
            for dial, amount in moves.items()
        },
        **more,
    }  # fmt: skip
