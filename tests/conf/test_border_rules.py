"""Rules of the border in whole runs: days when clocks change, bays for scanners, screening counted."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.measures.replication import run_replication
from sim.scenario import load_scenario
from sim.world import World
from tests.fixtures.composed import SHORT, composed

SCANNED = {
    "border.screening.modes.passenger.scan_target_share": 0.4,
    "border.screening.modes.commercial.scan_target_share": 0.7,
}


@pytest.mark.parametrize("start", ["2022-03-12", "2021-11-06"])
def test_a_day_on_which_clocks_change_has_24_hours_with_traffic(start: str) -> None:
    """The rule of the calendar: local standard time all year, no hour is lost and none comes twice."""
    days = {"calendar.start": start, "calendar.days": 2, "calendar.warmup_days": 0}
    hours = run_replication(load_scenario(composed(**days)), 1, 0)["border_hours"]
    sunday = 6 * 24
    for hour in range(sunday, sunday + 24):
        here = hours["hour_of_week"] == hour
        assert hours["lanes"][here].sum() > 50.0
        assert hours["trips_per_h"][here].sum() > 0.0
    weekdays = hours["hour_of_week"] < 5 * 24
    assert hours["trips_per_h"][weekdays].sum() == 0.0


def bays(**changes: Any) -> np.ndarray:
    """Return the bays of all stations by day type and hour at the start of a run."""
    world = World(load_scenario(composed(**SHORT, **changes)), 1, 0)
    return world.ports.manning(0).bays.sum(axis=2)


def test_bays_are_manned_for_the_alarms_of_the_scanners_that_are_configured() -> None:
    before, after = bays(), bays(**SCANNED)
    assert (after >= before).all()
    assert after.sum() > 1.2 * before.sum()


def test_nobody_opens_more_bays_than_there_are() -> None:
    def busiest(**changes: Any) -> np.ndarray:
        return World(load_scenario(composed(**SHORT, **changes)), 1, 0).ports.manning(0).bays.max(axis=(0, 1))

    everybody = {
        f"border.screening.modes.{mode}.scan_target_share": 1.0 for mode in ("passenger", "commercial")
    }
    today = busiest()
    few = busiest(**everybody, **{"border.officers.bays_growth_max": 1.2})
    assert (few <= np.floor(1.2 * today)).all()
    assert (few >= today).all()
    assert (busiest(**everybody, **{"border.officers.bays_growth_max": 100.0}) > few).any()


@cache
def screened() -> dict[tuple[str, str], float]:
    """Return what screening counted over two months, by measure and place."""
    table = run_replication(load_scenario(composed(**SHORT)), 1, 0)["measures"]
    names = set(zip(table["measure"].tolist(), table["place"].tolist(), strict=True))
    return {
        (measure, place): float(
            table["value"][(table["measure"] == measure) & (table["place"] == place)].sum()
        )
        for measure, place in names
    }


def test_every_load_at_a_port_was_alarmed_on_or_not_and_found_or_not() -> None:
    counts = screened()
    for mode in ("all", "passenger", "commercial", "pedestrian"):
        alarmed = counts["loads_alarmed", mode]
        assert counts["loads_screened", mode] == alarmed + counts["loads_without_alarm", mode]
        parts = ("alarms_found", "alarms_cleared", "alarms_overlooked")
        assert alarmed == sum(counts.get((part, mode), 0.0) for part in parts)
    layers = [place for measure, place in counts if measure == "loads_alarmed" and "." in place]
    assert sum(counts["loads_alarmed", place] for place in layers) == counts["loads_alarmed", "all"]
    assert not any(office in place for place in layers for office in ("san_diego", "laredo"))


def test_what_layers_found_is_what_was_seized_at_ports() -> None:
    """A load that leaves its port in the last hours of the window may be seized on either side of it."""
    counts = screened()
    seized = sum(
        value
        for (measure, place), value in counts.items()
        if measure == "loads_seized" and place.endswith(("passenger", "commercial", "pedestrian"))
    )
    assert counts["alarms_found", "all"] == pytest.approx(seized, abs=1)


def test_officer_hours_cost_what_an_officer_year_costs() -> None:
    officers = load_scenario(composed()).settings.border.officers
    counts = screened()
    per_h = counts["officer_cost_usd", "all"] / counts["officer_hours", "all"]
    assert per_h == pytest.approx(officers.cost_usd_per_year / officers.duty_h_per_year)
    assert counts["officer_cost_added_usd", "all"] == 0.0
