"""From official files to the tables of the fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.border.crossing import load_crossings
from sim.core.errors import TableError
from sim.core.shipped import conf_folder
from sim.data.fit_tables import BTS_MONTHS, TEXAS_MONTHS, daily_entries, mean_delays, sizes
from sim.data.lanes import SHAPE
from sim.data.placement import PlacementRule

HEADER = "port_number,mode,lane,daytype,local_hour,n_open,mean_delay\n"
RULES = [
    PlacementRule("merged", "2", "", "", "1", "", "moved"),
    PlacementRule("folded", "1", "passenger", "ready", "", "", "rare"),
]


def delays(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "delays.csv"
    path.write_text(HEADER + "".join(row + "\n" for row in rows))
    return path


def test_delays_of_merged_and_folded_lanes_are_averaged_over_reports(tmp_path: Path) -> None:
    path = delays(
        tmp_path,
        "1,passenger,standard,weekday,8,10,30",
        "1,passenger,ready,weekday,8,30,10",
        "2,passenger,standard,weekday,9,6,12",
        "1,passenger,standard,weekday,10,4,99",
        "1,passenger,standard,weekday,11,0,",
        "1,passenger,standard,weekday,12,50,20",
    )
    lanes = np.ones(SHAPE)
    lanes[0, 12] = 0.0
    found = mean_delays(path, {("1", "passenger", "standard"): lanes}, RULES)
    own = found["1", "passenger", "standard"]
    assert own[0, 8] == pytest.approx(15.0)
    assert own[0, 9] == pytest.approx(12.0)
    # Too few reports, no report, no lane.
    assert np.isnan(own[0, 10:13]).all()
    assert np.isfinite(own).sum() == 2


def test_a_row_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = delays(tmp_path, "1,passenger,standard,weekday,8,10,long")
    with pytest.raises(TableError, match=r"delays\.csv:2, mean_delay: 'long' is not a number"):
        mean_delays(path, {}, [])
    path = delays(tmp_path, "1,passenger,standard,weekday,24,10,3")
    with pytest.raises(TableError, match="local_hour: '24' must be a whole number from 0 to 23"):
        mean_delays(path, {}, [])


def test_entries_are_those_of_the_time_of_the_reports() -> None:
    crossings = load_crossings(conf_folder() / "border" / "crossings.csv")
    texas = {
        ("Del Rio International Bridge", "passenger"): dict.fromkeys(TEXAS_MONTHS, 2750) | {"2024-05": 9}
    }
    bts = {
        ("2302", "passenger"): dict.fromkeys(BTS_MONTHS, 99999),
        ("2604", "passenger"): dict.fromkeys(BTS_MONTHS[:1], 3000),
    }
    work = {("260401", "passenger"): 2.0, ("260402", "passenger"): 1.0}
    found = daily_entries(bts, texas, crossings, work)
    assert found["230201", "passenger"] == ("texas_bridge", pytest.approx(9 * 2750 / 275))
    assert found["260401", "passenger"] == ("bts_split", pytest.approx(100 * 2 / 3))
    assert found["260402", "passenger"] == ("bts_split", pytest.approx(100 / 3))
    assert len(found) == 3


def test_the_size_of_a_place_is_its_cars_and_those_nearby() -> None:
    crossings = load_crossings(conf_folder() / "border" / "crossings.csv")
    entries = {
        ("240201", "passenger"): ("", 1000.0),
        ("240202", "passenger"): ("", 500.0),
        ("240202", "pedestrian"): ("", 1e6),
        ("250401", "passenger"): ("", 7.0),
    }
    found = sizes(crossings, entries)
    # The two bridges of El Paso are 3.8 km apart, San Ysidro is 990 km away.
    assert found["240201"] == pytest.approx(1000.0 + 500.0 * np.exp(-3.83 / 20.0), rel=0.01)
    assert found["250401"] == pytest.approx(7.0)
    assert found["250407"] == pytest.approx(7.0)
