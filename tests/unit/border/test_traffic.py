"""Traffic: months kept exactly, no arrival without a lane, capacity that can serve the year."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from sim.border.crossing import BorderTables, load_border
from sim.border.traffic import DAYS_OF_WEEK, Traffic, TrafficSettings, fluid_factor
from sim.core.calendar import Calendar
from sim.core.draws import Draws
from sim.core.errors import ConfigError
from sim.core.settings import check_units, split_evidence, validated
from sim.core.shipped import conf_folder, fact_ids, read_yaml

YEAR = Calendar(date(2021, 10, 1), 365)


def tree() -> dict[str, Any]:
    return read_yaml(conf_folder() / "border" / "traffic.yaml")


def settings(values: dict[str, Any] | None = None) -> TrafficSettings:
    plain = split_evidence(tree(), {}, fact_ids())[0] if values is None else values
    return validated(TrafficSettings, plain, "border.traffic")


@pytest.fixture(scope="module")
def tables() -> BorderTables:
    return load_border(conf_folder() / "border")


@pytest.fixture(scope="module")
def traffic(tables: BorderTables) -> Traffic:
    return Traffic(tables, YEAR, Draws(1, 0), settings())


def by_station(tables: BorderTables, values: np.ndarray) -> np.ndarray:
    return np.bincount(tables.secondary_of, weights=values)


def test_the_shipped_settings_state_the_units_of_their_fields() -> None:
    check_units(TrafficSettings, tree(), "border.traffic")
    rows = split_evidence(tree(), {}, fact_ids())[1]
    assert len(rows) == 4 + 3 * 6 + 2 * 7
    assert all(row.low < row.high for row in rows)


def test_every_month_of_every_station_is_kept_exactly(tables: BorderTables, traffic: Traffic) -> None:
    months = np.zeros((len(tables.stations), 12))
    for hour in range(YEAR.total_hours):
        month = YEAR.date_of(hour).month - 1
        months[:, month] += by_station(tables, traffic.entries_in_hour(hour))
    np.testing.assert_allclose(months, tables.volume, rtol=1e-12)


def test_what_lanes_can_serve_of_the_arrivals_is_the_count(tables: BorderTables) -> None:
    certain = replace(tables, demand_factor=np.ones(len(tables.groups)))
    traffic = Traffic(certain, YEAR, Draws(1, 0), settings())
    served = np.zeros((len(tables.groups), 12))
    counted = np.zeros((len(tables.groups), 12))
    for hour in range(YEAR.total_hours):
        month, day_type = YEAR.date_of(hour).month - 1, YEAR.day_type_of_day[hour // 24]
        capacity = tables.lanes[:, day_type, hour % 24] / traffic.service_in_hour_h(hour)
        served[:, month] += np.minimum(traffic.rate_per_h(hour), capacity)
        counted[:, month] += traffic.entries_in_hour(hour)
        assert (traffic.rate_per_h(hour) >= traffic.entries_in_hour(hour) * (1 - 1e-12)).all()
    ratio = served[counted > 0] / counted[counted > 0]
    assert ratio.max() < 1 + 1e-9
    # An hour without a lane may ask a group for more than FULL of those that are open.
    assert (ratio > 1 - 1e-9).mean() > 0.99
    assert ratio.min() > 0.98


def test_the_fluid_factor_by_hand() -> None:
    # Two hours of 100 entries a day; the first can serve 50: 150 must come in the second.
    entries = np.full((1, 3, 24), 0.0)
    capacity = np.zeros((1, 3, 24))
    entries[0, :, :2], capacity[0, :, 0], capacity[0, :, 1] = 100.0, 50.0, 1000.0
    assert fluid_factor(entries, capacity, np.array([1.0, 0.0, 0.0]))[0] == pytest.approx(1.5)
    assert fluid_factor(entries / 10, capacity, np.array([1.0, 1.0, 1.0]))[0] == 1.0
    # More is asked than 99 % of capacity: the factor of 99 % is the answer, 0.99 x 1050 - 50 over 600.
    full = fluid_factor(6.0 * entries, capacity, np.array([1.0, 0.0, 0.0]))[0]
    assert full == pytest.approx((0.99 * 1050 - 50) / 600)


def test_the_demand_factor_multiplies_arrivals(tables: BorderTables, traffic: Traffic) -> None:
    doubled = replace(tables, demand_factor=2.0 * tables.demand_factor)
    twice = Traffic(doubled, YEAR, Draws(1, 0), settings())
    np.testing.assert_allclose(twice.rate_per_h(12), 2.0 * traffic.rate_per_h(12), rtol=1e-12)
    np.testing.assert_array_equal(twice.entries_in_hour(12), traffic.entries_in_hour(12))


def test_nobody_arrives_where_no_lane_can_open(tables: BorderTables, traffic: Traffic) -> None:
    assert not traffic.entries_per_h[tables.lanes == 0].any()
    assert traffic.entries_per_h[tables.lanes > 0].min() > 0
    assert (tables.lanes.max(axis=2)[traffic.entries_per_h.sum(axis=2) > 0] >= 0.5).all()


def test_a_year_of_entries_is_the_count(tables: BorderTables, traffic: Traffic) -> None:
    yearly = by_station(tables, traffic.entries_per_year())
    np.testing.assert_allclose(yearly, tables.volume.sum(axis=1), rtol=1e-12)


def test_classes_share_by_lane_hours_and_rate(tables: BorderTables, traffic: Traffic) -> None:
    station = next(i for i, s in enumerate(tables.stations) if s.crossing.name == "San Ysidro")
    groups = np.flatnonzero(tables.secondary_of == station)
    rate = [settings().modes["passenger"].lanes[tables.groups[g].lane_class].rate_per_lane_h for g in groups]
    work = (tables.lanes[groups].sum(axis=2) @ DAYS_OF_WEEK) * np.array(rate)
    share = traffic.entries_per_year()[groups] / tables.volume[station].sum()
    np.testing.assert_allclose(share, work / work.sum(), rtol=1e-12)


def test_day_types_share_by_lane_hours(tables: BorderTables, traffic: Traffic) -> None:
    daily = traffic.entries_per_h.sum(axis=2)
    lane_h = tables.lanes.sum(axis=2)
    np.testing.assert_allclose(daily * lane_h[:, :1], lane_h * daily[:, :1], rtol=1e-12)


def test_long_delays_mark_busy_hours(tables: BorderTables) -> None:
    values = split_evidence(tree(), {}, fact_ids())[0]
    values["modes"]["passenger"]["delay_tilt"] = 0.0
    flat = Traffic(tables, YEAR, Draws(1, 0), settings(values)).entries_per_h
    tilted = Traffic(tables, YEAR, Draws(1, 0), settings()).entries_per_h
    cars = [i for i, g in enumerate(tables.groups) if g.mode == "passenger"]
    per_lane = flat[cars, 0].sum(axis=0) / tables.lanes[cars, 0].sum(axis=0)
    assert per_lane.std() / per_lane.mean() < 0.1
    group = cars[0]
    opened = tables.lanes[group, 0] > 0
    ratio = np.log(tilted[group, 0][opened] / flat[group, 0][opened])
    assert np.corrcoef(ratio, tables.delay[group, 0][opened])[0, 1] > 0.999


def test_capacity_serves_the_year_and_its_busiest_month(tables: BorderTables, traffic: Traffic) -> None:
    made = settings()
    assert traffic.utilization.max() <= made.max_utilization + 1e-12
    lane_h = tables.lanes.sum(axis=2) @ DAYS_OF_WEEK * 365.25 / 7
    capacity = lane_h / traffic.service_h
    np.testing.assert_allclose(
        traffic.utilization, tables.volume.sum(axis=1) / by_station(tables, capacity), rtol=1e-12
    )
    days = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    relative = tables.volume / days * 365.25 / tables.volume.sum(axis=1, keepdims=True)
    power = np.array([made.modes[s.mode].season for s in tables.stations])[:, None]
    busiest = (relative / np.maximum(relative, 0.1) ** power).max(axis=1)
    month_load = traffic.entries_per_year() / capacity * busiest[tables.secondary_of]
    assert month_load.max() <= made.month_max_utilization + 1e-9
    assert np.quantile(month_load, 0.8) == pytest.approx(made.month_max_utilization, abs=0.06)


def test_capacity_follows_the_months_as_far_as_the_season_says(tables: BorderTables) -> None:
    flat = json.loads(json.dumps(split_evidence(tree(), {}, fact_ids())[0]))
    for mode in flat["modes"].values():
        mode["season"] = 0.0
    # A quarter of the traffic: no month is so full that its lanes must work faster.
    roomy = replace(tables, volume=tables.volume // 4)
    still = Traffic(roomy, YEAR, Draws(1, 0), settings(flat))
    moving = Traffic(roomy, YEAR, Draws(1, 0), settings())
    assert (still.service_in_hour_h(0) == still.service_h).all()
    january, july = (YEAR.hour_of(date(2022, month, 3)) for month in (1, 7))
    ratio = moving.service_in_hour_h(january) / moving.service_in_hour_h(july)
    per_day = roomy.volume[:, [0, 6]] / 31.0
    kept = per_day.min(axis=1) > 0
    expected = (per_day[:, 1] / np.maximum(per_day[:, 0], 1e-9))[tables.secondary_of]
    np.testing.assert_allclose(
        ratio[kept[tables.secondary_of]], expected[kept[tables.secondary_of]], rtol=1e-9
    )


def test_no_month_asks_more_of_lanes_than_it_may(tables: BorderTables, traffic: Traffic) -> None:
    """With the weekends that the month has, not with those of a mean month."""
    asked, there = np.zeros((2, len(tables.groups), 12))
    for hour in range(YEAR.total_hours):
        month, day_type = YEAR.date_of(hour).month - 1, YEAR.day_type_of_day[hour // 24]
        asked[:, month] += traffic.entries_in_hour(hour) * traffic.service_in_hour_h(hour)
        there[:, month] += tables.lanes[:, day_type, hour % 24]
    load = np.divide(asked, there, out=np.zeros_like(asked), where=there > 0)
    assert load.max() == pytest.approx(settings().month_max_utilization, rel=1e-9)


def test_small_places_have_more_room(tables: BorderTables, traffic: Traffic) -> None:
    def load(name: str, lane_class: str) -> float:
        return next(
            float(
                traffic.entries_per_year()[i]
                * traffic.service_h[i]
                / (tables.lanes[i].sum(axis=1) @ DAYS_OF_WEEK)
            )
            for i, g in enumerate(tables.groups)
            if g.crossing.name == name and g.mode == "passenger" and g.lane_class == lane_class
        )

    assert load("San Ysidro", "standard") > load("Andrade", "standard") > load("Fort Hancock", "standard")
    assert load("San Ysidro", "standard") > load("San Ysidro", "sentri")


def test_an_idle_crossing_is_not_a_slow_one(tables: BorderTables, traffic: Traffic) -> None:
    for mode, own in settings().modes.items():
        for lane_class, lane in own.lanes.items():
            floor = lane.rate_per_lane_h * lane.capacity_ratio * settings().min_utilization ** own.spread
            mine = [i for i, g in enumerate(tables.groups) if (g.mode, g.lane_class) == (mode, lane_class)]
            per_lane_h = 1.0 / traffic.service_h[mine] / np.minimum(tables.pace[mine], 1.0)
            assert per_lane_h.min() >= floor * (1 - 1e-12)


def test_lanes_are_the_mean_rounded_up_or_down(tables: BorderTables, traffic: Traffic) -> None:
    seen = np.zeros(len(tables.groups))
    expected = np.zeros(len(tables.groups))
    for hour in range(0, YEAR.total_hours, 5):
        mean = tables.lanes[:, YEAR.day_type_of_day[hour // 24], hour % 24]
        opened = traffic.lanes(hour)
        assert opened.dtype == np.int32
        assert (opened >= np.floor(mean)).all()
        assert (opened <= np.ceil(mean)).all()
        total, whole = by_station(tables, opened), by_station(tables, mean)
        assert (total <= np.ceil(np.round(whole, 9))).all()
        seen, expected = seen + opened, expected + mean
    # One Bernoulli draw an hour: at most half a lane of spread each.
    n = YEAR.total_hours / 5
    assert (np.abs(seen - expected) <= 5 * 0.5 * np.sqrt(n)).all()


def test_added_lanes_stop_at_the_booths(tables: BorderTables, traffic: Traffic) -> None:
    hour = 12
    base = traffic.lanes(hour)
    np.testing.assert_array_equal(traffic.lanes(hour, np.zeros(len(base))), base)
    more = traffic.lanes(hour, np.full(len(base), 1.0))
    booths = np.array([s.lanes_max for s in tables.stations])
    assert (by_station(tables, more) <= booths).all()
    room = np.isin(tables.secondary_of, np.flatnonzero(by_station(tables, base + 2) <= booths))
    np.testing.assert_array_equal(more[room], base[room] + 1)


def test_lanes_belong_to_the_hour_not_to_the_order_of_calls(tables: BorderTables, traffic: Traffic) -> None:
    other = Traffic(tables, YEAR, Draws(1, 0), settings())
    hours = [5000, 30, 29, 5000]
    np.testing.assert_array_equal(
        [traffic.lanes(h) for h in hours], [other.lanes(h) for h in hours[::-1]][::-1]
    )
    changed = Traffic(tables, YEAR, Draws(1, 1), settings())
    assert any((changed.lanes(h) != traffic.lanes(h)).any() for h in range(24))


def test_the_profile_of_a_week_adds_up(traffic: Traffic) -> None:
    profile = traffic.hour_profile(0)
    assert float(DAYS_OF_WEEK @ profile.sum(axis=1)) == pytest.approx(1.0)


def test_settings_must_name_every_mode_and_class(tables: BorderTables) -> None:
    def refused(change: Any) -> str:
        values = split_evidence(tree(), {}, fact_ids())[0]
        change(values)
        with pytest.raises(ConfigError) as caught:
            Traffic(tables, YEAR, Draws(1, 0), settings(values))
        return str(caught.value)

    assert "no settings for 'pedestrian'" in refused(lambda v: v["modes"].pop("pedestrian"))
    assert "commercial.lanes: no settings for fast" in refused(
        lambda v: v["modes"]["commercial"]["lanes"].pop("fast")
    )
    assert "max_utilization" in refused(lambda v: v.update(max_utilization=1.2))
    assert "unknown key 'max_utilisatoin' (did you mean 'max_utilization'?)" in refused(
        lambda v: v.update(max_utilisatoin=0.9)
    )
