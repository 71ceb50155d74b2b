"""Rules of leniency: what each hands to the queue, and what is refused."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pytest

from sim.border.leniency import behavioural, optimal, threshold
from sim.border.leniency.settings import RULES, LeniencySettings
from sim.border.leniency.table import NO_LENIENCY, LeniencyTable
from sim.border.network import BorderQueue
from sim.core.draws import Draws
from sim.core.errors import ConfigError, TableError
from tests.oracle.test_queue_leniency import stationary
from tests.unit.border.test_queue_rules import everywhere, loads, now, settings

SETTINGS = LeniencySettings(
    kind="none",
    threshold=threshold.ThresholdSettings(waiting_per_lane=2.0, service_factor=0.5, referral_factor=0.25),
    optimal=optimal.OptimalSettings(
        tests=2.0, base_share=0.4, look_prob=0.5, offered_load=0.9, waiting_cost=0.05, longest_per_lane=12.0
    ),
    behavioural=behavioural.BehaviouralSettings(
        service_elasticity=0.1, referral_elasticity=0.3, step_per_lane=1.0, steps=5.0
    ),
)


def rule(kind: str) -> LeniencyTable:
    return SETTINGS.model_copy(update={"kind": kind}).table() or NO_LENIENCY


@pytest.mark.parametrize("kind", RULES)
def test_a_longer_line_never_means_a_deeper_look(kind: str) -> None:
    table = rule(kind)
    assert table.service_factor[0] == table.referral_factor[0] == 1.0
    assert np.all(np.diff(table.service_factor) < 0.0)
    assert np.all(np.diff(table.referral_factor) < 0.0)
    assert len(table.edges) == {"none": 0, "threshold": 1, "behavioural": 5}.get(kind, len(table.edges))


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"leniency\.kind: unknown rule 'tresh.*did you mean 'threshold'"):
        rule("treshold")


def test_where_waiting_costs_nothing_every_look_is_full() -> None:
    free = SETTINGS.optimal.model_copy(update={"waiting_cost": 0.0})
    assert optimal.depths(free).tolist() == [2] * 13


def rate_of(settings: optimal.OptimalSettings, depths: np.ndarray[Any, Any]) -> float:
    """Return the worth an hour of a policy, from the chain of (waiting, looks of the one in service)."""
    time, found = optimal.menu(settings)

    def moves(state: tuple[int, ...]):
        waiting, looks = state
        if looks < 0:
            yield (0, int(depths[0])), settings.offered_load
            return
        if waiting + 1 < len(depths):
            yield (waiting + 1, looks), settings.offered_load
        after = (waiting - 1, int(depths[waiting - 1])) if waiting else (0, -1)
        yield after, 1.0 / time[looks]

    return sum(
        p * (found[looks] / time[looks] - settings.waiting_cost * waiting)
        for (waiting, looks), p in stationary(moves, (0, -1)).items()
        if looks >= 0
    )


def test_no_other_thresholds_are_worth_more() -> None:
    """An oracle of another kind: chains in continuous time of all falling depths, one by one."""
    states = 60
    best = optimal.depths(SETTINGS.optimal.model_copy(update={"longest_per_lane": states - 1.0}))
    own = rate_of(SETTINGS.optimal, best)
    first = [int(np.argmax(best < depth)) for depth in (2, 1)]
    assert 0 < first[0] < first[1]
    near = [range(max(at - 2, 0), at + 3) for at in first]
    for quick, base in combinations_with_replacement(sorted({*near[0], *near[1], 0, states}), 2):
        waiting = np.arange(states)
        other = 2 - (waiting >= quick).astype(int) - (waiting >= base)
        assert rate_of(SETTINGS.optimal, other) <= own + 1e-9
    # One line off is worth less by more than the solver's error.
    late = 2 - (np.arange(states) >= first[0] + 2).astype(int) - (np.arange(states) >= first[1])
    assert rate_of(SETTINGS.optimal, late) < own - 1e-6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"edges": np.array([2.0, 1.0])}, "edges: must rise"),
        ({"edges": np.array([-1.0, 1.0])}, r"edges\[0\]: must be a finite number >= 0"),
        ({"service_factor": np.array([1.0, 0.0, 1.0])}, r"service_factor\[1\]: .* > 0"),
        ({"service_factor": np.ones(2)}, r"service_factor: must have shape \(3,\)"),
        ({"referral_factor": np.array([1.0, 1.1, 0.5])}, r"referral_factor\[1\]: .* from 0 to 1, not 1.1"),
        ({"referral_factor": np.array([1.0, np.nan, 0.5])}, r"referral_factor\[1\]"),
    ],
)
def test_impossible_tables_are_refused(change: dict[str, Any], message: str) -> None:
    good = {"edges": np.array([1.0, 2.0]), "service_factor": np.ones(3), "referral_factor": np.ones(3)}
    LeniencyTable(**good)
    with pytest.raises(TableError, match=message):
        LeniencyTable(**{**good, **change})


def test_rows_must_fit_the_groups() -> None:
    table = LeniencyTable(np.ones((3, 1)), np.ones((3, 2)), np.ones((3, 2)))
    settings(groups=3, leniency=table)
    with pytest.raises(TableError, match="one row or 2 rows, not 3"):
        settings(groups=2, leniency=table)


@everywhere
def test_the_line_at_the_start_of_service_decides(compiled: bool) -> None:
    """One lane, six in line: those who leave more than two behind them are quick."""
    queue = BorderQueue(settings(lanes_max=1, leniency=rule("threshold")), Draws(1, 0), compiled)
    plain = BorderQueue(settings(lanes_max=1), Draws(1, 0), compiled)
    times, hours = [0.1 + 1e-6 * i for i in range(6)], range(40)

    def spent(queue: BorderQueue) -> list[float]:
        fates = [
            fate
            for hour in hours
            for fate in queue.advance(hour, now(1, service_h=3.0), loads(times) if hour == 0 else None)
        ]
        return [fate.primary_end_h - fate.start_h for fate in fates]

    ratio = np.array(spent(queue)) / np.array(spent(plain))
    # The first one found nobody else in line; behind the second there were four.
    assert ratio == pytest.approx([1.0, 0.5, 0.5, 1.0, 1.0, 1.0])


@everywhere
def test_a_full_secondary_holds_the_lane_until_it_admits(compiled: bool) -> None:
    def run(room: float) -> tuple[list[float], list[float], float]:
        queue = BorderQueue(
            settings(lanes_max=1, waiting_room=np.array([room])), Draws(1, 0), compiled, traced=True
        )
        loaded = loads([0.1, 0.2, 0.3], share=1.0)
        for hour in range(60):
            hour_now = now(1, service_h=0.01, bays=int(hour > 4))
            queue.advance(hour, hour_now, loaded if hour == 0 else None)
        trace = queue.trace
        blocked_h = trace["admitted_h"] - trace["end_h"]
        # Conveyances are left out of what is counted by lane and hour.
        return trace["start_h"].tolist(), blocked_h.tolist(), float(queue.totals().month["blocked_h"].sum())

    free, none, counted = run(np.inf)
    assert free == [0.1, 0.2, 0.3]
    assert none == [0.0, 0.0, 0.0]
    assert counted == 0.0
    tight, held, counted = run(0.0)
    # No bay opens before the fifth hour: the first vehicle keeps the lane till then.
    assert tight[0] == 0.1
    assert tight[1] == 5.0
    assert tight[2] > 5.0
    assert held[0] > 4.8
    assert counted == 0.0
    some, less, _ = run(1.0)
    assert some[:2] == [0.1, 0.2]
    assert some[2] == 5.0
    assert 0.0 < sum(less) < sum(held)


@pytest.mark.parametrize("room", [-1.0, 0.5, np.nan])
def test_impossible_rooms_are_refused(room: float) -> None:
    with pytest.raises(TableError, match=r"waiting_room\[0\]: must be a whole number or infinity >= 0"):
        settings(waiting_room=np.array([room]))
