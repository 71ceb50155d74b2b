"""Every lever file: absent, of size zero, and at full size after the horizon are the same world."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.core.shipped import conf_folder
from sim.scenario import load_scenario
from sim.world import ReplicationOutput, simulate
from tests.fixtures.composed import SHORT, composed

LEVERS = sorted(path.stem for path in (conf_folder() / "lever").glob("*.yaml"))
QUEUES = {"calendar.days": 3, "calendar.warmup_days": 7}
LATE = {"start": "2040-01-01", "end": "2041-01-01"}


def full(name: str, **more: Any) -> dict[str, Any]:
    size = composed()["levers"][name]["max_size"]["value"]
    return {f"levers.{name}.{key}": value for key, value in {"size": float(size), **more}.items()}


def bits(outcome: ReplicationOutput) -> list[Any]:
    """Return every posting of a run, and every wait of its queues."""
    rows: list[Any] = list(zip(*outcome.postings.values(), strict=True))
    return rows if outcome.border is None else [*rows, *outcome.border.month.ravel().tolist()]


@cache
def without_levers(model: str) -> list[Any]:
    calendar = SHORT if model == "instant" else QUEUES
    return bits(simulate(load_scenario(composed(**calendar, levers={})), 1, 0))


def test_lever_files_of_size_zero_change_no_bit() -> None:
    assert bits(simulate(load_scenario(composed(**SHORT)), 1, 0)) == without_levers("instant")


@pytest.mark.parametrize("name", LEVERS)
def test_a_full_lever_after_the_horizon_changes_no_bit(name: str) -> None:
    late = load_scenario(composed(**SHORT, **full(name, **LATE)))
    assert bits(simulate(late, 1, 0)) == without_levers("instant")


def test_all_levers_after_the_horizon_change_no_bit_of_the_queues() -> None:
    late: dict[str, Any] = {}
    for number, name in enumerate(LEVERS):
        dates = {"start": f"{2040 + number}-01-01", "end": f"{2040 + number}-06-01"}
        late |= full(name, **dates)
    assert bits(simulate(load_scenario(composed(**QUEUES, **late)), 1, 0)) == without_levers("queue")


@pytest.mark.parametrize("name", LEVERS)
def test_a_full_lever_within_the_window_is_paid_for_and_changes_something(name: str) -> None:
    """The test above is not blind: the same lever inside the window is another world."""
    inside = full(name, start="2021-10-01", end="2021-12-01")
    changed = simulate(load_scenario(composed(**SHORT, **inside)), 1, 0)
    paid = np.array([account == f"programme.{name}" for account in changed.postings["to_account"]])
    assert paid.any()
    other = [row for row, cost in zip(bits(changed), paid, strict=True) if not cost]
    assert other != without_levers("instant")
