"""Every policy for added officers, whole: hours add up, surges keep to their dates, waits get shorter."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.border.officers import POLICIES
from sim.core.calendar import DAYS_PER_YEAR
from sim.measures.replication import run_replication
from sim.scenario import load_scenario
from sim.world import simulate
from tests.fixtures.composed import SHORT, composed

OFFICERS = 1500.0
DUTY_H_PER_YEAR = 1500.0
TWO_WEEKS = {"calendar.days": 14, "calendar.warmup_days": 7}
STAFFED = {"levers.port_staffing.size": OFFICERS}


def measured(**changes: Any) -> dict[str, Any]:
    return run_replication(load_scenario(composed(**changes)), 1, 0)["measures"]


@cache
def queued(policy: str, officers: float, lanes_share: float = 0.5) -> dict[str, Any]:
    changes = {
        "levers.port_staffing.size": officers,
        "border.officers.policy": policy,
        "border.officers.primary_share": lanes_share,
    }
    return run_replication(load_scenario(composed(**TWO_WEEKS, **changes)), 1, 0)


def came(tables: dict[str, Any]) -> np.ndarray:
    """Return everyone who came on Mondays to Wednesdays, by lane group and hour."""
    hours = tables["border_hours"]
    weeks = TWO_WEEKS["calendar.days"] / 7
    everyone = np.round((hours["trips_per_h"] + hours["reneged_per_h"]) * weeks)
    return everyone.reshape(-1, 168)[:, :72]


def monthly(table: dict[str, Any], measure: str, place: str = "all") -> np.ndarray:
    return np.asarray(table["value"][(table["measure"] == measure) & (table["place"] == place)])


def total(table: dict[str, Any], measure: str, place: str = "all") -> float:
    return float(monthly(table, measure, place).sum())


def mean_wait_min(table: dict[str, Any]) -> float:
    return total(table, "minutes_waited") / total(table, "trips")


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_every_policy_runs_and_its_hours_add_up(policy: str) -> None:
    table = measured(**SHORT, **STAFFED, **{"border.officers.policy": policy})
    on_duty = OFFICERS * DUTY_H_PER_YEAR * 61 / DAYS_PER_YEAR
    uses = [total(table, "officer_hours_added", use) for use in ("primary", "secondary", "outbound", "idle")]
    offices = [
        total(table, "officer_hours_added", name) for name in ("san_diego", "tucson", "el_paso", "laredo")
    ]
    assert total(table, "officer_hours_added") == pytest.approx(on_duty, abs=20)
    assert sum(uses) == sum(offices) == total(table, "officer_hours_added")
    assert (uses[2] > 0) == (policy == "outbound_first")
    assert total(table, "officer_hours") > total(table, "officer_hours_added")
    assert total(table, "seizure_events") > 0


def test_the_shipped_policy_is_proportional() -> None:
    named = measured(**SHORT, **STAFFED, **{"border.officers.policy": "proportional"})
    shipped = measured(**SHORT, **STAFFED)
    assert np.array_equal(named["value"], shipped["value"], equal_nan=True)


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_added_officers_shorten_waits_for_the_same_travellers(policy: str) -> None:
    """Common random numbers: the same travellers come, hour by hour; fewer renege, a trip waits less.

    The minutes of all trips together hardly fall, because those who had stayed away come: demand is elastic.
    The last day is left out: who still waits when the run ends is not counted.
    """
    plain, staffed = queued("proportional", 0.0), queued(policy, OFFICERS)
    assert np.array_equal(came(plain), came(staffed))
    before, after = plain["measures"], staffed["measures"]
    assert mean_wait_min(after) < 0.9 * mean_wait_min(before)
    assert total(after, "trips") > total(before, "trips")
    assert total(after, "reneged_trips") < total(before, "reneged_trips")
    assert total(after, "lawful_referrals") > total(before, "lawful_referrals")


def test_examined_travellers_find_bays() -> None:
    """Bays grow with the examinations: half as many referrals again do not choke secondary."""
    days = {"calendar.days": 4, "calendar.warmup_days": 7, "border.officers.policy": "secondary_first"}
    plain, staffed = (
        simulate(load_scenario(composed(**days, **{"levers.port_staffing.size": size})), 1, 0).border
        for size in (0.0, OFFICERS)
    )
    assert plain is not None
    assert staffed is not None
    wait_h = [
        border.station["wait_h"].sum() / border.station["arrivals"].sum() for border in (plain, staffed)
    ]
    assert staffed.station["arrivals"].sum() > 1.2 * plain.station["arrivals"].sum()
    assert staffed.station["bay_h"].sum() > plain.station["bay_h"].sum()
    assert wait_h[1] < 2.0 * wait_h[0]


def test_loads_are_examined_like_everyone() -> None:
    """Common random numbers without queues: what was found is found again, and some more."""
    changes = {"border.officers.policy": "secondary_first", "levers.port_staffing.size": 6000.0}
    plain, staffed = measured(**SHORT), measured(**SHORT, **changes)
    assert total(staffed, "seizure_events", "ports") > total(plain, "seizure_events", "ports")


def test_lanes_at_peaks_let_more_through_than_as_many_lanes_by_work() -> None:
    """The claim of ``peak_wait``, with 300 officers who all open lanes under either policy.

    Not that a trip waits less: those who come at peaks now are those who wait longest.
    """
    by_work, by_need = (
        queued(policy, 300.0, lanes_share=1.0)["measures"] for policy in ("proportional", "peak_wait")
    )
    hours = [total(table, "officer_hours_added", "primary") for table in (by_work, by_need)]
    assert hours[0] == pytest.approx(hours[1], abs=5)
    assert total(by_need, "reneged_trips") < total(by_work, "reneged_trips")
    assert total(by_need, "trips") > total(by_work, "trips")


def test_a_surge_keeps_to_its_office_and_dates() -> None:
    moves = {"laredo": {"dial": "border.officers.added.laredo", "per_unit": 1.0}}
    surge = {"size": 120.0, "start": "2021-11-01", "end": "2021-11-11", "moves": moves}
    changes = {f"levers.surge.{key}": value for key, value in surge.items()}
    table = measured(**SHORT, **changes)
    hours = 120.0 * DUTY_H_PER_YEAR * 10 / DAYS_PER_YEAR
    assert monthly(table, "officer_hours_added", "laredo") == pytest.approx([0.0, hours], abs=3)
    assert total(table, "officer_hours_added") == total(table, "officer_hours_added", "laredo")
    assert total(table, "programme_cost_usd", "surge") == pytest.approx(120 * 310_000 * 10 / 365.25, rel=1e-6)


def test_a_surge_after_the_horizon_changes_nothing() -> None:
    late = {"levers.surge.size": 1500.0, "levers.surge.start": "2030-01-01", "levers.surge.end": "2030-02-01"}
    plain, surged = measured(**SHORT), measured(**SHORT, **late)
    assert np.array_equal(plain["value"], surged["value"], equal_nan=True)


def test_outbound_hours_without_officers_are_reported_as_unmet() -> None:
    record = {
        "value": 1.0,
        "unit": "dial/unit",
        "range": [0.0, 2.0],
        "status": "assumed",
        "reason": "made up",
    }
    move = {"outbound": {"dial": "border.outbound.officer_hours", "per_unit": record}}
    table = measured(**SHORT, **{"levers.port_staffing.size": 100.0, "levers.port_staffing.moves": move})
    assert total(table, "outbound_hours_unmet") == pytest.approx(100.0 * 61, abs=2)
    assert total(table, "officer_hours_added") == 0.0


def test_attrition_shows_in_hours_and_in_cost() -> None:
    quick = {"lead_time_days": 0.0, "ramp_days": 0.0, "attrition_per_year": 3.0}
    changes = {f"levers.port_staffing.{key}": value for key, value in quick.items()}
    table = measured(**SHORT, **STAFFED, **changes, lever_mode="transition")
    for measure in ("officer_hours_added", "programme_cost_usd"):
        october, november = monthly(table, measure)
        assert november / 30 == pytest.approx(october / 31 * np.exp(-3.0 * 30.5 / DAYS_PER_YEAR), rel=1e-3)
