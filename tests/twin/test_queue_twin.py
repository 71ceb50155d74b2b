"""The compiled queue and its SimPy twin, vehicle by vehicle, on the same draws: equal to the last bit."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.border import twin as twin_module
from sim.border.network import HourInput
from sim.border.twin import Place, Process, Servers, Twin, Vehicle
from sim.core.draws import compiled_available
from tests.fixtures.border_cases import Case, by_arrival, random_case, same

COMPILED = compiled_available()


def agrees(case: Case, twin: type[Twin] = Twin) -> bool:
    """Return whether kernel and twin give every vehicle the same times and the same way."""
    queue, _ = case.run(compiled=COMPILED)
    return same(
        by_arrival(queue.trace), by_arrival(twin(case.settings, case.draws).run(case.hours, case.tracked))
    )


@pytest.mark.parametrize("seed", range(4))
def test_random_lanes_and_injected_conveyances(seed: int) -> None:
    case = random_case(seed)
    queue, _ = case.run(compiled=COMPILED)
    trace = queue.trace
    # The case must reach what it is about.
    assert np.isnan(trace["start_h"]).sum() > 50
    assert (trace["secondary_start_h"] > trace["end_h"]).sum() > 50
    assert min(now.lanes.min() for now in case.hours) == 0
    assert agrees(case)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    groups=st.integers(1, 4),
    stations=st.integers(1, 3),
    hours=st.integers(1, 8),
    lanes_max=st.integers(0, 20),
    tracked=st.integers(0, 12),
)
def test_any_small_border(
    seed: int, groups: int, stations: int, hours: int, lanes_max: int, tracked: int
) -> None:
    assert agrees(random_case(seed, groups, stations, hours, lanes_max, tracked))


def test_a_large_port_at_full_load() -> None:
    case = random_case(11, groups=2, stations=1, hours=4, lanes_max=34, tracked=5)
    for now in case.hours:
        now.rate_per_h[:], now.service_h[:] = 800.0, 0.04
    assert agrees(case)


def test_conveyances_are_told_what_happened_to_them() -> None:
    case = random_case(2)
    _, fates = case.run(compiled=COMPILED)
    twin = by_arrival(Twin(case.settings, case.draws).run(case.hours, case.tracked))
    arrival_of = {
        token: (group, arrival_h)
        for tracked in case.tracked.values()
        for group, arrival_h, _, _, token in tracked.rows()
    }
    assert len(fates) > 25
    for fate in fates:
        group, arrival_h = arrival_of.pop(fate.token)
        row = twin[(twin["group"] == group) & (twin["arrival_h"] == arrival_h)]
        assert row["start_h"] == fate.start_h
        assert row["end_h"] == fate.primary_end_h
        assert row["exit_h"] == fate.exit_h
        assert row["referred"] == fate.referred
        assert np.array_equal(row["secondary_start_h"], [fate.secondary_start_h], equal_nan=True)
    for group, arrival_h in arrival_of.values():  # the others had not left when the run ended
        row = twin[(twin["group"] == group) & (twin["arrival_h"] == arrival_h)]
        assert np.isnan(row["exit_h"]).all()


class OneTrigger(Servers):
    """However many lanes open, only one of those who wait moves up."""

    def open(self, number: int) -> None:
        self._capacity = int(number)
        self._trigger_put(None)


class Twins:
    """Twins with one wrong rule each."""

    class Patient(Twin):
        """Nobody reneges."""

        def cross(self, vehicle: Vehicle) -> Process:
            vehicle.patience_h = np.inf
            return super().cross(vehicle)

    class LuckOfAnother(Twin):
        """The draw of secondary belongs to the next vehicle."""

        def examine(self, vehicle: Vehicle, place: Place) -> Process:
            vehicle.visit += 1
            return super().examine(vehicle, place)

    class Hasty(Twin):
        """Services last as long as in the hour before."""

        def clock(self, hours, tracked):
            late = [HourInput(**{**vars(now), "service_h": was.service_h}) for was, now in pairwise(hours)]
            return super().clock([hours[0], *late], tracked)

    class Unclosing(Twin):
        """A lane that closes while busy takes one more vehicle."""

        def cross(self, vehicle: Vehicle) -> Process:
            lanes = self.lanes[vehicle.group]
            busy = len(lanes.users)
            lanes._capacity = max(lanes._capacity, min(busy, 1))
            return super().cross(vehicle)


@pytest.mark.parametrize("broken", [Twins.Patient, Twins.LuckOfAnother, Twins.Hasty, Twins.Unclosing])
def test_comparison_refuses_a_wrong_rule(broken: type[Twin]) -> None:
    assert not agrees(random_case(3), broken)


def test_comparison_refuses_one_trigger_for_many_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twin_module, "Servers", OneTrigger)
    assert not agrees(random_case(3))


@pytest.mark.parametrize("change", [1e-15, -1e-15])
def test_comparison_refuses_the_last_bit(change: float) -> None:
    case = random_case(4, hours=6)
    queue, _ = case.run(compiled=COMPILED)
    trace = by_arrival(queue.trace)
    moved = trace.copy()
    late = int(np.nanargmax(trace["start_h"]))
    moved["start_h"][late] = np.nextafter(moved["start_h"][late], np.copysign(np.inf, change))
    assert same(trace, trace)
    assert not same(trace, moved)
