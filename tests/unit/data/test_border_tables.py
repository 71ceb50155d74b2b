"""From official files to tables: every count and lane goes where its rule says, or is refused."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from sim.border.crossing import load_border
from sim.core.errors import StoreError, TableError
from sim.data import official
from sim.data.border_tables import rebuild_border
from sim.data.counts import interpolate, read_bts
from sim.data.official import RebuildReport, split_whole
from sim.measures.official import fiscal_months
from tests.fixtures import small_border


def rebuild(tmp_path: Path, rules: tuple[str, ...] = small_border.RULES, texas: bool = True) -> RebuildReport:
    out = small_border.write_registers(tmp_path / "out", rules)
    bts = small_border.write_bts(tmp_path / "bts.csv")
    bridges = small_border.write_texas(tmp_path / "texas.csv") if texas else None
    return rebuild_border(bts, bridges, small_border.write_lanes(tmp_path / "lanes.csv"), None, out)


def volumes(tmp_path: Path) -> dict[tuple[str, str], list[int]]:
    with (tmp_path / "out" / "volumes.csv").open() as file:
        return {
            (row["crossing_id"], row["mode"]): [int(row[month]) for month in fiscal_months()]
            for row in csv.DictReader(file)
        }


def test_a_ports_count_is_split_by_lane_hours(tmp_path: Path) -> None:
    rebuild(tmp_path)
    east, west = (volumes(tmp_path)[crossing, "passenger"] for crossing in ("100101", "100102"))
    assert [a + b for a, b in zip(east, west, strict=True)] == [9000 + 100 * i for i in range(12)]
    assert east[0] == 6000
    assert west[0] == 3000


def test_a_missing_month_is_the_mean_of_its_neighbours(tmp_path: Path) -> None:
    rebuild(tmp_path)
    at = fiscal_months().index(small_border.MISSING)
    total = sum(volumes(tmp_path)[crossing, "passenger"][at] for crossing in ("100101", "100102"))
    assert total == 9200


def test_a_bridge_keeps_its_own_count(tmp_path: Path) -> None:
    report = rebuild(tmp_path)
    assert volumes(tmp_path)["100201", "passenger"] == [20000] * 12
    assert report.totals["passenger.outside"] == 12 * 500
    assert report.totals["passenger"] == 12 * 20000 + sum(9000 + 100 * i for i in range(12))


def test_without_bridges_texas_is_split_like_other_ports(tmp_path: Path) -> None:
    rebuild(tmp_path, texas=False)
    assert volumes(tmp_path)["100201", "passenger"] == [20500] * 12


def test_lane_rules(tmp_path: Path) -> None:
    rebuild(tmp_path)
    tables = load_border(tmp_path / "out")
    names = [(g.crossing.crossing_id, g.mode, g.lane_class) for g in tables.groups]
    assert names == [
        ("100101", "passenger", "standard"),
        ("100101", "pedestrian", "standard"),
        ("100102", "passenger", "standard"),
        ("100201", "passenger", "standard"),
        ("100201", "passenger", "sentri"),
        ("100201", "commercial", "standard"),
    ]
    folded, cargo, assumed = (tables.lanes[i][0] for i in (3, 5, 1))
    assert folded[12] == pytest.approx(1.7)
    assert folded[2] == pytest.approx(1.5)
    assert set(cargo[8:18]) == {1.0}
    assert cargo[7] == 0.0
    assert set(assumed[6:22]) == {1.0}
    assert assumed[22] == 0.0


def test_rules_are_counted(tmp_path: Path) -> None:
    rebuild(tmp_path)
    with (tmp_path / "out" / "rules.csv").open() as file:
        counted = {row["rule"]: row["entries_fy2022"] for row in csv.DictReader(file)}
    assert counted["outside"] == "6000"
    assert counted["assumed_lanes"] == "36000"
    assert counted["interpolated"] == "9200"
    assert counted["merged"] == ""


def test_a_second_rebuild_changes_no_byte(tmp_path: Path) -> None:
    rebuild(tmp_path)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    rebuild_border(
        tmp_path / "bts.csv", tmp_path / "texas.csv", tmp_path / "lanes.csv", None, tmp_path / "out"
    )
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}


def test_without_lanes_the_existing_ones_stay(tmp_path: Path) -> None:
    rebuild(tmp_path)
    lanes = (tmp_path / "out" / "lanes.csv").read_bytes()
    report = rebuild_border(tmp_path / "bts.csv", tmp_path / "texas.csv", None, None, tmp_path / "out")
    assert (tmp_path / "out" / "lanes.csv").read_bytes() == lanes
    assert "stay" in report.lines[0]


@pytest.mark.parametrize(
    ("dropped", "message"),
    [
        ("outside", "Texas bridge 'Ferry' has passenger entries but no open lanes; add a rule 'outside'"),
        ("assumed_lanes", "BTS port 2604 (Port 2604) has pedestrian entries but no open lanes"),
        ("interpolated", "has no passenger entries for 2021-12; add a rule 'interpolated'"),
        ("folded", "100201 passenger ready never reaches a mean of 0.5 open lanes"),
        ("on_demand", "100201 commercial standard never reaches a mean of 0.5 open lanes"),
    ],
)
def test_what_does_not_fit_needs_a_rule(tmp_path: Path, dropped: str, message: str) -> None:
    with pytest.raises(TableError, match=re.escape(message)) as caught:
        rebuild(tmp_path, tuple(rule for rule in small_border.RULES if not rule.startswith(dropped)))
    assert "\n" not in str(caught.value)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("file", "before", "after", "message"),
    [
        ("bts.csv", ",9000", ",9000.5", r"bts\.csv:3, Value: '9000\.5' must be a whole number"),
        ("texas.csv", "Old Bridge", "Old Bridg", "unknown 'Old Bridge'.*did you mean 'Old Bridg'"),
        ("texas.csv", "2021,10,Old Bridge", "2021,10,Old Bride", "'Old Bride' .*did you mean 'Old Bridge'"),
        (
            "lanes.csv",
            "weekday,9,100,100,2",
            "weekday,9,100,100,9",
            r"out/lanes\.csv: 100101 opens 9 .*no table",
        ),
        ("out/rules.csv", "outside,Ferry", "outside,Fery", "'Ferry' has passenger entries but no open lanes"),
        ("out/demand.csv", "1.25", "many", r"out/demand\.csv:2, demand_factor: 'many' is not a number"),
    ],
)
def test_a_refused_rebuild_changes_no_file(
    tmp_path: Path, file: str, before: str, after: str, message: str
) -> None:
    rebuild(tmp_path)
    path = tmp_path / file
    path.write_text(path.read_text().replace(before, after))
    was = contents(tmp_path)
    files = [tmp_path / name for name in ("bts.csv", "texas.csv", "lanes.csv")]
    with pytest.raises(TableError, match=message) as caught:
        rebuild_border(*files, None, tmp_path / "out")
    assert contents(tmp_path) == was
    assert ".part-" not in str(caught.value)


def test_a_refused_rebuild_makes_no_folder(tmp_path: Path) -> None:
    (tmp_path / "bts.csv").write_text("nothing")
    with pytest.raises(TableError, match="missing column"):
        rebuild_border(tmp_path / "bts.csv", None, None, None, tmp_path / "new" / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["bts.csv"]


def test_a_table_that_cannot_be_moved_brings_all_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, replace = tmp_path / "out", Path.replace
    out.mkdir()
    (out / "a.csv").write_text("old")

    def failing(path: Path, target: Path) -> Path:
        if target == out / "c.csv":
            raise OSError(28, "No space left on device")
        return replace(path, target)

    def write_all() -> None:
        with official.drafting(out, ["a.csv"]) as draft:
            assert (draft / "a.csv").read_text() == "old"
            for name in ("a.csv", "b.csv", "c.csv"):
                (draft / name).write_text("new")
            monkeypatch.setattr(Path, "replace", failing)

    with pytest.raises(StoreError, match="the disk is full"):
        write_all()
    assert {path.name: path.read_text() for path in out.iterdir()} == {"a.csv": "old"}


def test_lanes_without_entries_need_a_rule(tmp_path: Path) -> None:
    out = small_border.write_registers(tmp_path / "out")
    bts = small_border.write_bts(tmp_path / "bts.csv")
    bts.write_text("\n".join(line for line in bts.read_text().splitlines() if "Trucks" not in line))
    with pytest.raises(TableError, match="100201 commercial opens lanes but has no entries"):
        rebuild_border(bts, None, small_border.write_lanes(tmp_path / "lanes.csv"), None, out)


def test_a_rule_is_given_once(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"rules.csv:9: outside Ferry passenger is listed twice"):
        rebuild(tmp_path, (*small_border.RULES, small_border.RULES[5]))


def test_the_report_says_what_was_left_aside(tmp_path: Path) -> None:
    lines = rebuild(tmp_path).lines
    assert "bts.csv: 47 of 60 rows read; left aside: 12 Measure 'Buses', 1 Border 'US-Canada Border'" in lines
    assert "texas.csv: 36 of 48 rows read; left aside: 12 Modes 'Buses'" in lines
    with (tmp_path / "lanes.csv").open("a") as file:
        file.write("999999,passenger,standard,weekday,9,5,5,1\n")
    files = [tmp_path / name for name in ("bts.csv", "texas.csv", "lanes.csv")]
    assert (
        "lanes.csv: not in crossings.csv, left aside: 999999"
        in rebuild_border(*files, None, tmp_path / "out").lines
    )


def test_unknown_rule_says_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"rules.csv:2: unknown 'outsde' \(did you mean 'outside'\?\)"):
        rebuild(tmp_path, ("outsde,Ferry,passenger,,,,why", *small_border.RULES))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty; needed columns: Port Name, State"),
        ("Port Name,State,Code\n", "missing column Port Code, Border, Date, Measure, Value"),
        ("{header}\n", "a header and no rows"),
        (
            "{header}\nA,Texas,2304,US-Mexico Border,Okt 2021,Trucks,5\n",
            ":2, Date: unknown month 'Okt'; allowed: Jan",
        ),
        (
            "{header}\nA,Texas,2304,US-Mexico Border,2021,Trucks,5\n",
            ":2, Date: unknown month '2021'; allowed",
        ),
        (
            "{header}\nA,Texas,2304,US-Mexico Border,Oct 2021,Trucks,-5\n",
            "'-5' must be a whole number from 0 to 100,000,000",
        ),
        ("{header}\nA,Texas,2304,US-Mexico Border,Oct 2019,Trucks,5\n", "from 2021-10 to 2022-09"),
        ("{header}\nA,Texas,2304\n", ":2: the row has fewer fields than the header"),
        (
            "{header}\nEl Paso,Texas,2402,US-Mexico Border,Oct 2021,Personal Vehicles,5\n",
            "El Paso (2402) still includes Ysleta (2401)",
        ),
    ],
)
def test_a_wrong_bts_file_is_refused_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bts.csv"
    path.write_text(text.replace("{header}", ",".join(small_border.BTS_COLUMNS)))
    with pytest.raises(TableError, match=re.escape(message)) as caught:
        read_bts(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no such file; needed columns: Port Name"):
        read_bts(tmp_path / "absent.csv")


def test_the_older_date_layout_is_read(tmp_path: Path) -> None:
    path = tmp_path / "bts.csv"
    row = "Laredo,Texas,2304,US-Mexico Border,10/01/2021 12:00:00 AM,Trucks,5"
    path.write_text(f"{','.join(small_border.BTS_COLUMNS)}\n{row}\n")
    assert read_bts(path).counts == {("2304", "commercial"): {"2021-10": 5}}


def test_interpolation_follows_the_straight_line() -> None:
    filled, months = interpolate({"2022-01": 100, "2022-05": 500}, tuple(f"2022-0{m}" for m in range(1, 6)))
    assert [filled[f"2022-0{m}"] for m in range(1, 6)] == [100, 200, 300, 400, 500]
    assert months == ["2022-02", "2022-03", "2022-04"]
    with pytest.raises(TableError, match="no reported neighbour on both sides"):
        interpolate({"2022-01": 100}, ("2022-02",))


def test_a_split_adds_up() -> None:
    assert split_whole(10, [1.0, 1.0, 1.0]) == [4, 3, 3]
    assert split_whole(0, [2.0, 1.0]) == [0, 0]
    assert sum(split_whole(1_000_003, [0.1, 0.7, 0.2])) == 1_000_003
