"""Whatever the tables and dates: months are kept, lanes round their mean and stay below the booths."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.border.crossing import CLASSES, MODES, BorderTables, Crossing, LaneGroup, Station
from sim.border.traffic import LaneTraffic, ModeTraffic, Traffic, TrafficSettings
from sim.core.calendar import Calendar
from sim.core.draws import Draws


@st.composite
def borders(draw: st.DrawFn) -> BorderTables:
    """One to three crossings for cars, with fractional lanes under an integer number of booths."""
    crossings, groups, stations, lanes = [], [], [], []
    for i in range(draw(st.integers(1, 3))):
        classes = CLASSES["passenger"][: draw(st.integers(1, 3))]
        own = [
            np.array(draw(st.lists(st.integers(0, 300), min_size=72, max_size=72))).reshape(3, 24) / 100.0
            for _ in classes
        ]
        own[0][0, 12] = 1.0
        own = [table for table in own if table.any()]
        booths = int(np.ceil(np.sum(own, axis=0).max()))
        crossing = Crossing(
            f"{i}", f"C{i}", "2604", "tucson", "", 30.0, -110.0, "UTC", (booths, 0, 0), "open", ""
        )
        crossings.append(crossing)
        stations.append(Station(crossing, "passenger"))
        groups += [LaneGroup(crossing, "passenger", c, i) for c in classes[: len(own)]]
        lanes += own
    months = st.lists(st.integers(1, 10**6), min_size=12, max_size=12)
    volume = np.array([draw(months) for _ in stations], dtype=np.int64)
    delay = np.array(draw(st.lists(st.integers(0, 300), min_size=72, max_size=72))).reshape(1, 3, 24) / 100.0
    return BorderTables(
        tuple(crossings), tuple(stations), tuple(groups), np.array(lanes), volume,
        np.array([draw(st.floats(1.0, 3.0)) for _ in groups]),
        np.array([draw(st.floats(0.7, 1.6)) for _ in groups]), np.repeat(delay, len(groups), axis=0),
    )  # fmt: skip


@st.composite
def settings(draw: st.DrawFn) -> TrafficSettings:
    def mode(name: str) -> ModeTraffic:
        rates = {
            c: LaneTraffic(rate_per_lane_h=draw(st.floats(10, 200)), capacity_ratio=1.2)
            for c in CLASSES[name]
        }
        tilt, spread, season = draw(st.floats(0, 2)), draw(st.floats(0, 1)), draw(st.floats(0, 1))
        return ModeTraffic(
            lanes=rates, spread=spread, spare=0.1, delay_tilt=tilt, patience_min=30.0, service_shape=2.0,
            season=season,
        )  # fmt: skip

    modes = {name: mode(name) for name in MODES}
    return TrafficSettings(
        modes=modes, max_utilization=0.9, month_max_utilization=0.97, min_utilization=0.7, size_km=20.0
    )


@given(borders(), settings(), st.integers(0, 1200), st.integers(0, 20))
def test_any_calendar_month_is_kept_exactly(
    tables: BorderTables, made: TrafficSettings, start: int, warmup: int
) -> None:
    first = date(2021, 10, 1) + timedelta(days=start)
    calendar = Calendar(first.replace(day=1), 31, warmup)
    traffic = Traffic(tables, calendar, Draws(0, 0), made)
    hours = [h for h in range(calendar.total_hours) if calendar.date_of(h).month == first.month]
    total = np.sum([traffic.entries_in_hour(h) for h in hours], axis=0)
    found = np.bincount(tables.secondary_of, weights=total)
    np.testing.assert_allclose(found, tables.volume[:, first.month - 1], rtol=1e-9)


@given(borders(), settings(), st.integers(0, 167), st.integers(0, 2**64 - 1))
def test_lanes_round_their_mean_and_never_exceed_the_booths(
    tables: BorderTables, made: TrafficSettings, hour: int, seed: int
) -> None:
    traffic = Traffic(tables, Calendar(date(2021, 10, 1), 7), Draws(seed, 0), made)
    mean = tables.lanes[:, traffic.calendar.day_type_of_day[hour // 24], hour % 24]
    opened = traffic.lanes(hour)
    assert (opened >= np.floor(mean)).all()
    assert (opened <= np.ceil(mean)).all()
    total = np.bincount(tables.secondary_of, weights=opened)
    assert (total <= [s.lanes_max for s in tables.stations]).all()
    assert not traffic.rate_per_h(hour)[mean == 0].any()


@given(borders(), settings())
def test_no_station_is_asked_for_more_than_it_can_do(tables: BorderTables, made: TrafficSettings) -> None:
    traffic = Traffic(tables, Calendar(date(2021, 10, 1), 7), Draws(0, 0), made)
    assert (traffic.utilization <= made.max_utilization + 1e-12).all()
    assert (traffic.service_h > 0).all()
