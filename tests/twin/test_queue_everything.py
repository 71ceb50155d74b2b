"""Kernel, fallback and twin with leniency, full waiting rooms and phases: equal to the last bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.border.leniency.table import LeniencyTable
from sim.border.twin import Process, Twin, Vehicle
from sim.core.draws import compiled_available
from tests.fixtures.border_cases import Case, by_arrival, random_case, same, with_everything

COMPILED = compiled_available()
IDLE = LeniencyTable(np.array([0.5, 2.0]), np.ones(3), np.ones(3))


def agree(case: Case, twin: type[Twin] = Twin) -> bool:
    """Return whether the three give the same times, fates and sums."""
    queue, fates = case.run(compiled=COMPILED)
    double, other_fates = case.run(compiled=False)
    sums, others = queue.totals(), double.totals()
    rows = twin(case.settings, case.draws).run(case.hours, case.tracked)
    return (
        same(queue.trace, double.trace)
        and same(by_arrival(queue.trace), by_arrival(rows))
        and repr(fates) == repr(other_fates)
        and all(np.array_equal(getattr(sums, name), getattr(others, name)) for name in vars(sums))
        and np.array_equal(queue.queue, double.queue)
    )


def crowded(seed: int) -> Case:
    """Return a border on which lanes are held, over the hours too, at every level of leniency."""
    case = with_everything(random_case(seed, groups=4, stations=2, lanes_max=6), seed)
    for now in case.hours:
        now.rate_per_h[:] *= 2.0
        now.bays[:] = np.minimum(now.bays, 2)
    return replace(case, settings=replace(case.settings, waiting_room=np.array([0, 2])))


@pytest.mark.parametrize("seed", range(3))
def test_crowded_border(seed: int) -> None:
    case = crowded(seed)
    trace = case.run(compiled=COMPILED)[0].trace
    held = trace["admitted_h"] > trace["end_h"]
    # The case must reach what it is about.
    assert held.sum() > 50
    assert (np.floor(trace["admitted_h"][held]) > np.floor(trace["end_h"][held])).sum() > 5
    assert len(np.unique(trace["group"][held])) > 2
    assert len(np.unique(np.asarray(case.settings.service_scv) > 1.0)) == 2
    assert agree(case)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    groups=st.integers(1, 5),
    stations=st.integers(1, 3),
    hours=st.integers(1, 12),
    lanes_max=st.integers(0, 12),
    tracked=st.integers(0, 20),
    rooms=st.booleans(),
    lenient=st.booleans(),
    phases=st.booleans(),
)
def test_any_small_border(
    seed: int,
    groups: int,
    stations: int,
    hours: int,
    lanes_max: int,
    tracked: int,
    rooms: bool,
    lenient: bool,
    phases: bool,
) -> None:
    case = random_case(seed, groups, stations, hours, lanes_max, tracked)
    assert agree(with_everything(case, seed, rooms, lenient, phases))


def test_everybody_is_sent_to_a_full_secondary() -> None:
    case = crowded(7)
    for now in case.hours:
        now.referral_prob[:] = 1.0
    assert agree(case)


class Twins:
    """Twins with one wrong rule each."""

    class CountsItself(Twin):
        """The vehicle that starts counts itself among those who wait."""

        def leniency(self, group: int) -> tuple[float, float]:
            self.lined_up[group] += 1
            factors = super().leniency(group)
            self.lined_up[group] -= 1
            return factors

    class Roomy(Twin):
        """The waiting room has one place more."""

        def __init__(self, settings, draws):
            super().__init__(replace(settings, waiting_room=settings.waiting_room + 1), draws)

    class NeverHeld(Twin):
        """A lane is free at the end of primary, whatever secondary looks like."""

        def __init__(self, settings, draws):
            super().__init__(replace(settings, waiting_room=np.inf), draws)

    class Forgetful(Twin):
        """Leniency changes the service but not the referral."""

        def leniency(self, group: int) -> tuple[float, float]:
            return super().leniency(group)[0], 1.0

    class OnePhase(Twin):
        """Secondary is exponential where it should be hyperexponential."""

        def __init__(self, settings, draws):
            super().__init__(replace(settings, secondary_scv=1.0), draws)

    class Eager(Twin):
        """Those who are held count among those who wait."""

        def cross(self, vehicle: Vehicle) -> Process:
            for event in super().cross(vehicle):
                held = vehicle.referred and self.env.now >= vehicle.end_h
                self.lined_up[vehicle.group] += held
                yield event
                self.lined_up[vehicle.group] -= held


@pytest.mark.parametrize(
    "broken",
    [Twins.CountsItself, Twins.Roomy, Twins.NeverHeld, Twins.Forgetful, Twins.OnePhase, Twins.Eager],
)
def test_comparison_refuses_a_wrong_rule(broken: type[Twin]) -> None:
    assert not agree(crowded(1), broken)


def test_room_for_all_and_factors_of_one_change_no_bit() -> None:
    """The general path and the fast one are the same queue."""
    case = random_case(4)
    plain, fates = case.run(compiled=COMPILED)
    stations = len(case.settings.bays_max)
    for change in ({"waiting_room": np.full(stations, 10_000)}, {"leniency": IDLE}):
        queue, other = replace(case, settings=replace(case.settings, **change)).run(compiled=COMPILED)
        rows, others = plain.trace, queue.trace
        # Who is still in primary is not admitted yet where a room could be full.
        rows["admitted_h"][np.isnan(others["admitted_h"])] = np.nan
        assert same(rows, others)
        assert sorted(map(repr, fates)) == sorted(map(repr, other))
        one, two = plain.totals(), queue.totals()
        assert all(np.array_equal(getattr(one, name), getattr(two, name)) for name in vars(one))
