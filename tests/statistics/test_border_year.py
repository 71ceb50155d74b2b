"""Traffic and the queue together: lines empty, and as many enter as were counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.border.crossing import BorderTables, load_border
from sim.border.traffic import TrafficSettings
from sim.core.calendar import Calendar
from sim.core.draws import Draws
from sim.core.shipped import conf_folder
from sim.study.demand import miss, simulate_year, traffic_settings

SEASON = Calendar(date(2021, 11, 29), 35, 14)
"""Five weeks to 2 January: December is the busiest month of most crossings."""


@pytest.fixture(scope="module")
def tables() -> BorderTables:
    return load_border(conf_folder() / "border")


@pytest.fixture(scope="module")
def settings() -> TrafficSettings:
    return traffic_settings(conf_folder() / "border" / "traffic.yaml")


def test_every_line_empties_in_every_week_of_the_busy_season(
    tables: BorderTables, settings: TrafficSettings
) -> None:
    year = simulate_year(tables, settings, Draws(5, 0), SEASON)
    assert year.emptied.shape == (7, len(tables.groups))
    assert year.emptied.all(), [tables.groups[g] for g in np.flatnonzero(~year.emptied.all(axis=0))]


def test_entries_of_a_mode_are_the_counted_ones(tables: BorderTables, settings: TrafficSettings) -> None:
    year = simulate_year(tables, settings, Draws(6, 0), SEASON)
    trips = year.totals.month["trips"].sum(axis=1)
    for mode in ("passenger", "commercial", "pedestrian"):
        own = [i for i, g in enumerate(tables.groups) if g.mode == mode]
        assert trips[own].sum() == pytest.approx(year.expected[own].sum(), rel=0.01), mode


def test_without_the_calibrated_demand_entries_fall_short(
    tables: BorderTables, settings: TrafficSettings
) -> None:
    """The broken twin: what the test above must refuse."""
    broken = replace(tables, demand_factor=np.full(len(tables.groups), 0.9))
    year = simulate_year(broken, settings, Draws(6, 0), SEASON)
    own = [i for i, g in enumerate(tables.groups) if g.mode == "pedestrian"]
    trips = year.totals.month["trips"].sum(axis=1)
    assert trips[own].sum() < 0.99 * year.expected[own].sum()


@pytest.mark.slow
def test_the_year_of_every_crossing_is_within_one_percent(
    tables: BorderTables, settings: TrafficSettings
) -> None:
    years = [simulate_year(tables, settings, Draws(7, replication)) for replication in range(4)]
    assert all(year.emptied.all() for year in years)
    trips = np.mean([year.totals.month["trips"].sum(axis=1) for year in years], axis=0)
    # Lanes that open by chance move a small crossing by up to 1 % a year: half of that in the mean of four.
    assert abs(miss(tables, trips)).max() < 0.01 + 2 * 0.005
    assert abs(miss(tables, trips, least=1e6)).max() < 0.012
    assert np.sqrt((miss(tables, trips) ** 2).mean()) < 0.005
