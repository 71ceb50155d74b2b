"""The tables of the border: one stable order, and one clear line for each wrong row."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sim.border.crossing import CLASSES, MODES, BorderTables, load_border
from sim.core.csv_table import number
from sim.core.errors import TableError
from sim.core.shipped import conf_folder
from sim.data.border_tables import rebuild_border
from tests.fixtures import small_border


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    out = small_border.write_registers(tmp_path / "out")
    bts, texas = (
        small_border.write_bts(tmp_path / "bts.csv"),
        small_border.write_texas(tmp_path / "texas.csv"),
    )
    rebuild_border(bts, texas, small_border.write_lanes(tmp_path / "lanes.csv"), None, out)
    return out


@pytest.fixture(scope="module")
def shipped() -> BorderTables:
    return load_border(conf_folder() / "border")


def test_all_crossings_and_groups_are_there(shipped: BorderTables) -> None:
    assert len(shipped.crossings) == 45
    assert [c.name for c in shipped.crossings if c.status != "open"] == [
        "El Paso - BOTA Cargo Facility",
        "San Ysidro - PedWest",
    ]
    assert {c.office for c in shipped.crossings} == {"san_diego", "tucson", "el_paso", "laredo"}
    assert 130 <= len(shipped.groups) <= 160
    assert shipped.lanes.shape == (len(shipped.groups), 3, 24) == shipped.delay.shape
    assert shipped.volume.shape == (len(shipped.stations), 12)


def test_the_order_is_crossings_then_modes_then_classes(shipped: BorderTables) -> None:
    rank = {c.crossing_id: i for i, c in enumerate(shipped.crossings)}
    keys = [
        (rank[g.crossing.crossing_id], MODES.index(g.mode), CLASSES[g.mode].index(g.lane_class))
        for g in shipped.groups
    ]
    assert keys == sorted(keys)
    assert np.all(np.diff(shipped.secondary_of) >= 0)
    for group in shipped.groups:
        station = shipped.stations[group.station]
        assert (station.crossing, station.mode) == (group.crossing, group.mode)


def test_lanes_never_exceed_the_booths(shipped: BorderTables) -> None:
    for s, station in enumerate(shipped.stations):
        assert shipped.lanes[shipped.secondary_of == s].sum(axis=0).max() <= station.lanes_max
    assert shipped.lanes.reshape(len(shipped.groups), -1).max(axis=1).min() >= 0.5


def _replace(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def _without(word: str) -> Callable[[str], str]:
    """Return a change that drops the first row of a table with a word in it."""

    def change(text: str) -> str:
        lines = text.splitlines(keepends=True)
        lines.remove(next(line for line in lines if word in line))
        return "".join(lines)

    return change


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("crossings.csv", _replace("tucson", "tuscon"), "unknown 'tuscon' (did you mean 'tucson'?)"),
        ("crossings.csv", _replace("100102,West", "100101,West"), "crossing '100101' is listed twice"),
        ("crossings.csv", _replace(",open,", ",opened,"), "unknown 'opened' (did you mean 'open'?)"),
        ("crossings.csv", _replace(",3,0,1,", ",three,0,1,"), "passenger_lanes_max: 'three' is not a number"),
        (
            "crossings.csv",
            _replace(",3,0,1,", ",1,0,1,"),
            "opens 2 passenger lanes in one hour, more than its phys",
        ),
        ("crossings.csv", _replace("closed,", "open,"), "crossing 100301 (Shut) has no lanes"),
        ("crossings.csv", _replace("merged,100201", "merged,100999"), "unknown '100999'"),
        ("crossings.csv", _replace("time_zone", "zone"), "missing column time_zone"),
        ("lanes.csv", _replace("100101", "100109"), "unknown '100109' (did you mean"),
        ("lanes.csv", _replace("100101", "100301"), "unknown '100301'"),
        ("lanes.csv", _replace(",2,", ",-2,"), "h06: '-2' must be a number of at least 0"),
        ("lanes.csv", _replace("saturday", "satuday"), "unknown 'satuday' (did you mean 'saturday'?)"),
        ("lanes.csv", _replace("saturday", "weekday"), "100101 passenger standard weekday is listed twice"),
        (
            "lanes.csv",
            _replace("passenger,sentri", "passenger,fast"),
            "unknown 'fast'; allowed: standard, ready",
        ),
        (
            "delay_profile.csv",
            lambda text: text + text.splitlines()[-1] + "\n",
            "pedestrian ready sunday is listed twice",
        ),
        (
            "demand.csv",
            lambda text: text + text.splitlines()[-1] + "\n",
            "100201 commercial standard is listed twice",
        ),
        ("lanes.csv", _without("saturday"), "no row for 100101 passenger standard saturday"),
        ("delay_profile.csv", _without("sunday"), "no row for passenger standard sunday"),
        ("lanes.csv", lambda text: text + _never_open(), "100102 passenger sentri never opens a lane"),
        ("volumes.csv", _replace("6000", "-6000"), "2021-10: '-6000' must be a whole number of at least 0"),
        ("volumes.csv", _replace("6000", "6000.5"), "2021-10: '6000.5' must be a whole number"),
        (
            "volumes.csv",
            _replace("2021-10", "2021-11"),
            "needs one column a calendar month (YYYY-MM), it has 11",
        ),
        (
            "volumes.csv",
            _replace("100102,passenger", "100102,commercial"),
            "has traffic but no lanes in lanes.csv",
        ),
        ("volumes.csv", _replace("100102,passenger", "100101,passenger"), "100101 passenger is listed twice"),
        (
            "volumes.csv",
            lambda text: "\n".join(text.splitlines()[:-1]),
            "100201 commercial has lanes but no traffic",
        ),
        ("demand.csv", _replace(",1.25,", ",0,"), "demand_factor: '0' must be a number of at least 0.1"),
        ("demand.csv", _replace("100101", "100109"), "100109 passenger standard is not a group of lanes.csv"),
        (
            "demand.csv",
            lambda text: "\n".join(text.splitlines()[:-1]),
            "no row for 100201 commercial standard",
        ),
        ("delay_profile.csv", _replace("pedestrian,standard", "pedestrian,sentri"), "unknown 'sentri'"),
        (
            "delay_profile.csv",
            lambda text: "\n".join(line for line in text.splitlines() if "sentri" not in line),
            "no rows for passenger sentri",
        ),
    ],
)
def test_a_wrong_row_is_named_in_one_line(
    folder: Path, name: str, change: Callable[[str], str], message: str
) -> None:
    path = folder / name
    path.write_text(change(path.read_text()))
    with pytest.raises(TableError, match=re.escape(message)) as caught:
        load_border(folder)
    assert "\n" not in str(caught.value)
    assert name in str(caught.value) or "lanes.csv" in str(caught.value)


def _never_open() -> str:
    zeros = ",".join(["0"] * 24)
    return "".join(f"100102,passenger,sentri,{day},{zeros}\n" for day in ("weekday", "saturday", "sunday"))


@pytest.mark.parametrize("text", ["inf", "nan", "-1", "", "1e999"])
def test_a_number_is_finite_and_not_below_its_bound(text: str) -> None:
    with pytest.raises(TableError, match="here: "):
        number(text, "here")
