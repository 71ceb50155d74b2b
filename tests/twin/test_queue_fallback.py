"""The compiled queue and its NumPy fallback: the same vehicles, fates and sums, to the last bit."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.border.network import BorderQueue, HourInput, QueueSettings
from sim.border.queue import fallback
from sim.core.draws import Draws, compiled_available
from tests.fixtures.border_cases import Case, random_case, same

pytestmark = pytest.mark.skipif(not compiled_available(), reason="no compiler installed: nothing to compare")


def agrees(case: Case) -> bool:
    kernel, kernel_fates = case.run(compiled=True)
    double, double_fates = case.run(compiled=False)
    one, other = kernel.totals(), double.totals()
    return (
        same(kernel.trace, double.trace)
        and repr(kernel_fates) == repr(double_fates)
        and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in vars(one))
        and np.array_equal(kernel.queue, double.queue)
    )


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    groups=st.integers(1, 6),
    stations=st.integers(1, 3),
    hours=st.integers(1, 30),
    lanes_max=st.integers(0, 20),
    tracked=st.integers(0, 30),
)
def test_any_small_border(
    seed: int, groups: int, stations: int, hours: int, lanes_max: int, tracked: int
) -> None:
    assert agrees(random_case(seed, groups, stations, hours, lanes_max, tracked))


def test_everybody_is_sent_to_secondary() -> None:
    """Whole groups then merge into the line of their station."""
    case = random_case(5, groups=4, stations=1)
    for now in case.hours:
        now.referral_prob[:] = 1.0
        now.rate_per_h[:] += 200.0
    assert agrees(case)


def test_rates_from_nothing_to_the_smallest_number() -> None:
    case = random_case(12, groups=3, hours=6)
    for hour, now in enumerate(case.hours):
        now.rate_per_h[:] = [0.0, 5e-324, 1e-3 * 10.0**hour]
    assert agrees(case)


def test_lines_outgrow_every_buffer() -> None:
    case = random_case(6, groups=2, stations=1, hours=12, lanes_max=2)
    for hour, now in enumerate(case.hours):
        now.rate_per_h[:] = 10.0 * 2**hour
    case = Case(
        QueueSettings(**{**vars(case.settings), "patience_h": np.full(2, np.inf)}), case.hours, {}, case.draws
    )
    assert agrees(case)
    queue, _ = case.run(compiled=True)
    assert queue.queue.sum() > 60_000


def test_comparison_refuses_a_driver_who_turns_away_and_keeps_the_lane(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = fallback.serve

    def keeps_the_lane(line, free, stage_h, close):
        starts, ends = honest(line, list(free), stage_h, close)
        patient, _ = honest(
            line._replace(patience_h=np.full_like(line.patience_h, np.inf)), free, stage_h, close
        )
        return starts[: len(patient)], ends[: len(patient)]

    monkeypatch.setattr(fallback, "serve", keeps_the_lane)
    assert not agrees(random_case(3))


def test_sums_count_the_lawful_vehicles_of_the_trace() -> None:
    case = random_case(7)
    queue, _ = case.run(compiled=True)
    trace, totals = queue.trace, queue.totals()
    since = trace["arrival_h"].astype(int)
    month = case.settings.month_of_hour[since]
    wait_h = trace["start_h"] - trace["arrival_h"]
    loads = np.concatenate([tracked.arrival_h for tracked in case.tracked.values()])
    lawful = ~np.isin(trace["arrival_h"], loads)
    assert lawful.sum() < len(lawful)
    for g in range(len(case.settings.lanes_max)):
        for m in range(case.settings.n_months):
            here = lawful & (trace["group"] == g) & (month == m)
            stayed = here & ~np.isnan(wait_h)
            sums = totals.month[g, m]
            assert sums["trips"] == stayed.sum()
            assert sums["delayed"] == (wait_h[stayed] > 0).sum()
            assert sums["reneged"] == (here & np.isnan(wait_h)).sum()
            assert sums["referred"] == (here & trace["referred"]).sum()
            assert sums["wait_h"] == pytest.approx(wait_h[stayed].sum())
            assert sums["wait_h2"] == pytest.approx((wait_h[stayed] ** 2).sum())
            assert totals.wait_bins[g, m].sum() == stayed.sum()
            minutes = np.floor(wait_h[stayed] * 60).clip(0, 240).astype(int)
            assert totals.wait_bins[g, m].tolist() == np.bincount(minutes, minlength=241).tolist()
    assert totals.week["trips"].sum() == totals.month["trips"].sum()
    assert totals.week["wait_h"].sum() == pytest.approx(totals.month["wait_h"].sum())
    lanes = sum(now.lanes for now, m in zip(case.hours, case.settings.month_of_hour, strict=True) if m >= 0)
    assert totals.month["lane_h"].sum(axis=1).tolist() == lanes.tolist()


def test_environment_picks_the_fallback_without_importing_the_compiler() -> None:
    program = (
        "import sys, numpy as np; from sim.border.network import *; from sim.core.draws import Draws;"
        "from tests.fixtures.border_cases import random_case;"
        "c = random_case(1, hours=3); q = BorderQueue(c.settings, c.draws);"
        "[q.advance(h, now) for h, now in enumerate(c.hours)]; print('numba' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={"CHOKEPOINT_COMPILE": "0", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "False"


def test_kernel_does_not_depend_on_what_else_runs() -> None:
    """Two borders advanced in turns are the two borders advanced alone."""
    cases = [random_case(8), random_case(9)]
    queues = [BorderQueue(case.settings, case.draws, compiled=True, traced=True) for case in cases]
    for hour in range(len(cases[0].hours)):
        for case, queue in zip(cases, queues, strict=True):
            queue.advance(hour, case.hours[hour], case.tracked.get(hour))
    for case, queue in zip(cases, queues, strict=True):
        assert same(queue.trace, case.run(compiled=True)[0].trace)


def test_read_only_and_narrow_inputs_are_welcome() -> None:
    case = random_case(10, hours=4)
    narrow = []
    for now in case.hours:
        arrays = {name: np.asarray(value) for name, value in vars(now).items()}
        arrays["lanes"], arrays["bays"] = arrays["lanes"].astype(np.int32), arrays["bays"].astype(np.uint8)
        for array in arrays.values():
            array.setflags(write=False)
        narrow.append(HourInput(**arrays))
    again = Case(case.settings, narrow, case.tracked, Draws(10, 3))
    assert same(case.run(compiled=True)[0].trace, again.run(compiled=True)[0].trace)
