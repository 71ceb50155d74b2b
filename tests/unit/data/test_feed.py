"""Copies of the wait-time feed: both layouts, what counts as closed or missing, and the recorder."""

from __future__ import annotations

import gzip
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfoNotFoundError

import numpy as np
import pytest

from sim.border.crossing import load_border, load_crossings
from sim.core.errors import ChokepointError, StoreError, TableError
from sim.data import feed
from sim.data.border_tables import rebuild_border
from sim.data.feed import FeedHours, copy_time, parse_ports, read_feed
from sim.data.feed_copies import record_feed
from tests.fixtures import small_border
from tests.fixtures.small_border import as_json, as_xml, feed_port

CARS = "passenger_vehicle_lanes"
# 15:10 UTC on Thursday 27 March 2025 is 08:10 in Arizona and California.
STAMP = "20250327T151000Z"


def read(tmp_path: Path, copies: dict[str, str]) -> FeedHours:
    registers = small_border.write_registers(tmp_path / "registers")
    folder = tmp_path / "feed"
    folder.mkdir(parents=True)
    for name, text in copies.items():
        (folder / name).write_text(text)
    return read_feed(folder, load_crossings(registers / "crossings.csv"))


def port(status: str, count: str, delay: str = "", when: str = "At 8:00 am MST") -> dict[str, object]:
    return feed_port("100101", when, {CARS: {"standard_lanes": (status, count, delay)}})


@pytest.mark.parametrize(("suffix", "write"), [("json", as_json), ("xml", as_xml)])
def test_both_layouts_say_the_same(tmp_path: Path, suffix: str, write) -> None:
    ports = [port("delay", "2", "25"), feed_port("100999", "At 8:00 am MST", {})]
    found = read(tmp_path, {f"bwt_{STAMP}.{suffix}": write(ports)})
    key = ("100101", "passenger", "standard")
    assert set(found.lanes) == {key}
    assert found.lanes[key].reports[0, 8] == 1
    assert found.lanes[key].lanes[0, 8] == 2
    assert found.delays[key][0, 8] == 25
    assert np.isnan(found.delays[key]).sum() == 71
    assert found.booths["100101", "passenger"] == 4


def test_pending_is_missing_and_closed_is_zero(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {
            "bwt_20250327T151000Z.json": as_json([port("Update Pending", "")]),
            "bwt_20250327T161000Z.json": as_json([port("Lanes Closed", "0")]),
            "bwt_20250327T171000Z.json": as_json([port("no delay", "3", "0", "At 10:00 am MST")]),
            "bwt_20250328T171000Z.json": as_json([port("Lanes Closed", "")]),
            "bwt_20250328T181000Z.json": as_json([port("N/A", "")]),
        },
    )
    group = found.lanes["100101", "passenger", "standard"]
    assert group.reports[0, 8:12].tolist() == [0, 1, 2, 0]
    assert group.reports_open[0, 8:12].tolist() == [0, 0, 1, 0]
    assert group.lanes[0, 8:12].tolist() == [0, 0, 1.5, 0]


def test_the_last_copy_of_a_local_hour_counts(tmp_path: Path) -> None:
    copies = {
        f"bwt_20250327T15{m}000Z.json": as_json([port("no delay", str(n))]) for m, n in ((1, 1), (4, 3))
    }
    found = read(tmp_path, copies)
    group = found.lanes["100101", "passenger", "standard"]
    assert group.reports[0, 8] == 1
    assert group.lanes[0, 8] == 3


@pytest.mark.parametrize(
    ("when", "day_type", "hour"),
    [("At Noon MST", 1, 12), ("At Midnight MST", 1, 0), ("At 11:00 pm MST", 0, 23), ("", 1, 12)],
)
def test_update_times(tmp_path: Path, when: str, day_type: int, hour: int) -> None:
    # 19:10 UTC on Saturday 29 March 2025 is 12:10 in Arizona; 11 pm is then the evening before.
    found = read(tmp_path, {"20250329191000.xml": as_xml([port("no delay", "1", "0", when)])})
    assert found.lanes["100101", "passenger", "standard"].reports[day_type, hour] == 1


def test_compressed_copies_are_read(tmp_path: Path) -> None:
    registers = small_border.write_registers(tmp_path / "registers")
    (tmp_path / f"bwt_{STAMP}.json.gz").write_bytes(gzip.compress(as_json([port("no delay", "2")]).encode()))
    found = read_feed(tmp_path, load_crossings(registers / "crossings.csv"))
    assert found.copies == 1
    assert found.lanes


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("bwt.json", "[]", "must carry its UTC time"),
        ("bwt_20259999T151000Z.json", "[]", "must carry its UTC time"),
        (f"bwt_{STAMP}.json", "not the feed", "neither JSON nor XML of the wait-time feed"),
        (f"bwt_{STAMP}.xml", "<html><body>", "neither JSON nor XML of the wait-time feed"),
        (f"bwt_{STAMP}.json", "[]", "no port with border 'Mexican Border'"),
    ],
)
def test_a_wrong_copy_is_named(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(TableError, match=message) as caught:
        read(tmp_path, {name: text})
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def as_numbers(port: dict[str, object]) -> dict[str, object]:
    """Return a port whose numbers are numbers, as other programs save them."""

    def turned(value: object) -> object:
        if isinstance(value, dict):
            return {name: turned(inner) for name, inner in value.items()}
        return float(value) if isinstance(value, str) and value.isdigit() else value

    return {name: turned(value) for name, value in port.items()}


def test_numbers_as_numbers_say_the_same(tmp_path: Path) -> None:
    own = port("delay", "2", "25")
    texts, numbers = tmp_path / "texts", tmp_path / "numbers"
    texts.mkdir(), numbers.mkdir()
    found = read(texts, {f"bwt_{STAMP}.json": as_json([own])})
    other = read(numbers, {f"bwt_{STAMP}.json": as_json([as_numbers(own)])})
    assert repr(other) == repr(found)
    assert found.notes() == []


def test_what_cannot_be_used_is_told_once_with_its_count(tmp_path: Path) -> None:
    good = port("delay", "2", "25")
    spanish = feed_port("100102", "", {CARS: {"standard_lanes": ("demora", "2", "9")}})
    many = feed_port("100201", "", {CARS: {"standard_lanes": ("delay", "900", "9")}})
    elsewhere = feed_port("100999", "", {})
    copies = {f"bwt_2025032{d}T151000Z.json": as_json([good, spanish, many, elsewhere]) for d in (7, 8)}
    found = read(tmp_path, copies | {"bwt_20250329T151000Z.json": as_json([good])[:80]})
    assert found.copies == 2
    left_out, *notes = found.notes()
    assert "bwt_20250329T151000Z.json: neither JSON nor XML" in left_out
    assert sorted(notes) == [
        "left aside: 2 reports, lanes_open: '900' must be a whole number from 0 to 100",
        "left aside: 2 reports, operational_status 'demora' is not known (did you mean 'delay'?)",
        "not in crossings.csv, left aside: 100999",
    ]
    assert set(found.lanes) == {("100101", "passenger", "standard")}


@pytest.mark.parametrize(
    "text",
    [
        "5",
        "null",
        '{"port": 5}',
        "[" * 100_000,
        '[{"border": "Mexican Border"}]',
        '[{"border": 1}]',
        '"text"',
        "",
    ],
)
def test_a_copy_of_any_shape_is_left_out_by_name(tmp_path: Path, text: str) -> None:
    found = read(
        tmp_path, {f"bwt_{STAMP}.json": as_json([port("delay", "2")]), "bwt_20250328T151000Z.json": text}
    )
    assert found.copies == 1
    (line,) = found.notes()
    assert "bwt_20250328T151000Z.json" in line
    assert "\n" not in line


@pytest.mark.parametrize("block", [None, "N/A", 5, [], {"standard_lanes": "N/A"}, {"standard_lanes": None}])
def test_a_block_of_any_shape_says_nothing(tmp_path: Path, block: object) -> None:
    odd = {"port_number": 100102, "border": "Mexican Border", CARS: block}
    found = read(tmp_path, {f"bwt_{STAMP}.json": as_json([port("delay", "2"), odd])})
    assert set(found.lanes) == {("100101", "passenger", "standard")}


def test_a_feed_without_a_usable_report_says_why(tmp_path: Path) -> None:
    with pytest.raises(
        TableError, match=r"no report of a lane can be used; left aside: 1 report, oper.*'demora'"
    ):
        read(tmp_path, {f"bwt_{STAMP}.json": as_json([port("demora", "2")])})


def test_a_refusal_says_what_of_the_feed_was_left_aside(tmp_path: Path) -> None:
    folder, out = tmp_path / "feed", small_border.write_registers(tmp_path / "out")
    folder.mkdir()
    ports = [
        port("delay", "2", "25"),
        feed_port("100102", "", {CARS: {"standard_lanes": ("demora", "2", "9")}}),
    ]
    (folder / f"bwt_{STAMP}.json").write_text(as_json(ports))
    with pytest.raises(
        TableError, match=r"never reaches .*; left aside: 1 report, operational_status 'demora'"
    ):
        rebuild_border(small_border.write_bts(tmp_path / "bts.csv"), None, None, folder, out)


def test_a_damaged_archive_is_left_out(tmp_path: Path) -> None:
    registers = small_border.write_registers(tmp_path / "registers")
    good = gzip.compress(as_json([port("no delay", "2")]).encode())
    (tmp_path / f"bwt_{STAMP}.json.gz").write_bytes(good)
    (tmp_path / "bwt_20250328T151000Z.json.gz").write_bytes(good[:-20])
    (tmp_path / "bwt_20250329T151000Z.json.gz").write_bytes(good[:12] + b"xxxx" + good[16:])
    found = read_feed(tmp_path, load_crossings(registers / "crossings.csv"))
    assert (found.copies, len(found.left_out)) == (1, 2)


@pytest.mark.parametrize(
    ("zones", "message"),
    [
        (
            set(),
            "of 100101 is not known; this machine has no time zones: pip install tzdata$",
        ),
        ({"America/Phoenix"}, r"not known \(did you mean 'America/Phoenix'\?\)$"),
    ],
)
def test_a_missing_zone_is_one_line(tmp_path: Path, monkeypatch, zones: set[str], message: str) -> None:
    def absent(name: str) -> None:
        raise ZoneInfoNotFoundError(name)

    monkeypatch.setattr(feed, "ZoneInfo", absent)
    monkeypatch.setattr(feed, "available_timezones", lambda: zones)
    with pytest.raises(TableError, match=message):
        read(tmp_path, {f"bwt_{STAMP}.json": as_json([port("delay", "2")])})


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no copy of the wait-time feed"):
        read(tmp_path, {"notes.txt": ""})
    with pytest.raises(TableError, match="no such folder"):
        read_feed(tmp_path / "absent", ())


def test_copies_become_the_tables_of_a_border(tmp_path: Path) -> None:
    folder = tmp_path / "feed"
    folder.mkdir()
    for day in range(1, 29):
        for hour in range(24):
            lanes = "2" if hour >= 6 else "0"
            status = "delay" if hour >= 6 else "Lanes Closed"
            local = f"At {hour % 12 or 12}:00 {'am' if hour < 12 else 'pm'} MST"
            ports = [
                feed_port("100101", local, {CARS: {"standard_lanes": (status, lanes, str(hour))}}),
                feed_port("100102", local, {CARS: {"standard_lanes": (status, lanes, "5")}}),
                feed_port("100201", local, {CARS: {"standard_lanes": ("no delay", "5", "0")}}),
                feed_port(
                    "100201", local, {"commercial_vehicle_lanes": {"standard_lanes": ("no delay", "1", "0")}}
                ),
            ]
            utc = f"202504{day + (hour + 7) // 24:02d}T{(hour + 7) % 24:02d}1000Z"
            (folder / f"bwt_{utc}.json").write_text(as_json(ports))
    out = small_border.write_registers(tmp_path / "out")
    bts, texas = (
        small_border.write_bts(tmp_path / "bts.csv"),
        small_border.write_texas(tmp_path / "texas.csv"),
    )
    report = rebuild_border(bts, texas, None, folder, out)
    tables = load_border(out)
    assert "672 copies" in report.lines[0]
    assert tables.lanes[0, 0, 12] == 2
    assert tables.lanes[0, 0, 3] == 0
    assert tables.delay[0, 0, 20] > 1 > tables.delay[0, 0, 7]
    bridge = next(c for c in tables.crossings if c.crossing_id == "100201")
    assert bridge.lanes_max[0] == 5


class Source:
    """A feed that gives its answers one after the other, then stops the recording."""

    def __init__(self, stop: Event, *answers: str | TableError) -> None:
        self.stop, self.answers = stop, list(answers)

    def __call__(self) -> str:
        answer = self.answers.pop(0)
        if not self.answers:
            self.stop.set()
        if isinstance(answer, TableError):
            raise answer
        return answer


def test_the_recorder_saves_readable_copies_and_survives_a_failure(tmp_path: Path) -> None:
    stop, told = Event(), []
    text = as_json([port("no delay", "2")])
    saved = record_feed(
        tmp_path / "feed", 1e-3, stop, told.append, Source(stop, text, TableError("no answer"), text)
    )
    assert saved == 2
    assert told[1] == "no answer"
    assert len(told) == 3
    paths = list((tmp_path / "feed").iterdir())
    assert 1 <= len(paths) <= 2
    assert all(copy_time(path) and parse_ports(path.read_text(), "copy") for path in paths)


def test_a_recording_that_cannot_start_says_why(tmp_path: Path) -> None:
    stop = Event()
    with pytest.raises(TableError, match="no answer"):
        record_feed(tmp_path, 60, stop, source=Source(stop, TableError("no answer")))
    with pytest.raises(ChokepointError, match="above 0 seconds"):
        record_feed(tmp_path, 0, stop)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot write here .*choose another folder with --to"):
        record_feed(tmp_path / "file", 60, Event(), source=lambda: as_json([port("no delay", "2")]))


def test_an_address_without_answer_is_one_line() -> None:
    from sim.data.feed_copies import fetch

    with pytest.raises(TableError, match=r"^http://127\.0\.0\.1:9/: no copy of the feed \(.+\)$"):
        fetch("http://127.0.0.1:9/", timeout_s=2.0)
