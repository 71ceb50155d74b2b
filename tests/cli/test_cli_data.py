"""``sim data`` and ``sim study``: files in, tables out, mistakes in one line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sim.cli.main import main
from sim.core import shipped
from sim.core.shipped import conf_folder
from sim.data.lanes import DELAY_FILE_COLUMNS
from sim.study import demand
from tests.fixtures import small_border


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["data"], "data: the following arguments are required: TABLES"),
        (["data", "bordr"], "invalid choice: 'bordr'"),
        (["data", "border"], "data border: the following arguments are required: --bts"),
        (["data", "border", "--bts", "absent.csv"], "absent.csv: there is no such file"),
        (["data", "record-feed", "--to", "x", "--every", "soon"], "'soon' is no finite number"),
        (["study"], "study: the following arguments are required: STUDY"),
        (["study", "calibrate", "--keep", "0"], "study calibrate: --keep must be at least 1"),
        (["study", "calibrate", "sede=1"], "unknown key 'sede' (did you mean 'seed'?)"),
        (
            ["study", "calibrate", "chain.load.gross_cv.value=1"],
            "override the whole number, chain.load.gross_cv",
        ),
    ],
)
def test_mistakes_are_one_line(arguments, expected, capsys):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("sim: ")
    assert err.count("\n") == 1
    assert expected in err


def test_an_official_file_with_missing_columns_is_named_with_what_it_lacks(tmp_path, capsys):
    file = tmp_path / "bts.csv"
    file.write_text("Port Name,State\nSan Ysidro,California\n")
    assert main(["data", "border", "--bts", str(file), "--out", str(tmp_path / "out")]) == 2
    err = capsys.readouterr().err
    assert f"{file}: missing column" in err
    assert "it has: Port Name, State" in err
    assert err.count("\n") == 1


def test_delays_need_lanes(tmp_path, capsys):
    file = tmp_path / "any.csv"
    file.write_text("a\n1\n")
    assert main(["data", "border", "--bts", str(file), "--delays", str(file)]) == 2
    assert "data border: --delays needs --lanes" in capsys.readouterr().err


@pytest.fixture
def small(tmp_path, monkeypatch) -> list[str]:
    """Return the words of a rebuild of a small border in the current folder, in ``out``."""
    monkeypatch.chdir(tmp_path)
    small_border.write_registers(tmp_path / "out")
    small_border.write_bts(tmp_path / "bts.csv")
    small_border.write_texas(tmp_path / "texas.csv")
    small_border.write_lanes(tmp_path / "lanes.csv")
    return ["data", "border", "--bts", "bts.csv", "--texas", "texas.csv", "--out", "out"]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def write_delays(*rows: str) -> list[str]:
    Path("delays.csv").write_text("\n".join([",".join(DELAY_FILE_COLUMNS), *rows, ""]))
    return ["--lanes", "lanes.csv", "--delays", "delays.csv"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        # The tables of the border are right: the profile, then the fit, is not.
        ("100101,passenger,standard,weekday,9,50,NaN", "delays.csv:2, mean_delay: 'NaN' is not a number"),
        ("100101,passenger,standard,weekday,9,50,10", "has no entries in 2025-02 or later"),
    ],
)
def test_all_tables_of_a_command_are_replaced_or_none(small, row, expected, tmp_path, capsys):
    words = small + write_delays(row)
    before = contents(tmp_path)
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert contents(tmp_path) == before
    assert out == ""
    assert err.count("\n") == 1
    assert expected in err


def test_a_bad_copy_of_the_feed_is_named_and_the_rest_is_used(small, capsys):
    feed = Path("feed")
    feed.mkdir()
    lanes = {"passenger_vehicle_lanes": {"standard_lanes": ("delay", 2, 9)}}
    trucks = {"commercial_vehicle_lanes": {"standard_lanes": ("no delay", 1, 0)}}
    for day in range(3, 29):
        for hour in (15, 16, 17):
            local = f"At {hour - 7}:00 am MST"
            ports = [small_border.feed_port(number, local, lanes) for number in ("100101", "100102")]
            ports.append(small_border.feed_port("100201", local, lanes | trucks))
            text = small_border.as_json(ports)
            (feed / f"bwt_202503{day:02d}T{hour}1000Z.json").write_text(text)
    half = feed / "bwt_20250302T151000Z.json"
    half.write_text(text[:80])
    assert main([*small, "--feed", "feed"]) == 1
    out, err = capsys.readouterr()
    assert f"left out: {half}: neither JSON nor XML of the wait-time feed" in out
    assert "lanes and delays from 78 copies" in out
    assert "wrote out/lanes.csv" in out.replace("\\", "/")
    assert err == ""
    half.unlink()
    assert main([*small, "--feed", "feed"]) == 0


def test_demand_of_a_folder_without_settings_takes_the_shipped_ones(tmp_path, monkeypatch, capsys):
    for path in (conf_folder() / "border").glob("*.csv"):
        shutil.copy(path, tmp_path)

    def calibrated(tables, settings, **_):
        assert settings == demand.traffic_settings(conf_folder() / "border" / "traffic.yaml")
        return tables

    monkeypatch.setattr(demand, "calibrate_demand", calibrated)
    assert main(["data", "demand", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"wrote {tmp_path / 'demand.csv'}\n"


@pytest.mark.parametrize("words", [["border", "--bts"], ["seizures", "--cbp"], ["demand"]])
def test_an_installed_package_is_not_written_to(words, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(shipped, "conf_folder", lambda: Path(shipped.__file__).parents[1] / "conf")
    file = tmp_path / "any.csv"
    file.write_text("a\n1\n")
    assert main(["data", *words, *([str(file)] if len(words) > 1 else [])]) == 2
    err = capsys.readouterr().err
    assert "an installed Chokepoint is not written to; name a folder with --out DIR" in err
    assert err.count("\n") == 1


def test_the_shipped_tables_are_what_the_official_files_give(official_files, tmp_path, capsys):
    border, seizures = official_files / "border", official_files / "seizures"
    words = ["data", "border", "--bts", str(border / "bts_border_crossing_us_mexico.csv.gz")]
    words += ["--texas", str(border / "texas_bridge_monthly.csv.gz")]
    words += ["--lanes", str(border / "lanes_open_by_hour.csv.gz")]
    words += ["--delays", str(border / "delay_by_hour.csv.gz"), "--out", str(tmp_path / "border")]
    assert main(words) == 0
    cbp = seizures / "cbp_drug_seizures_fy2019_fy2022.csv"
    assert main(["data", "seizures", "--cbp", str(cbp), "--out", str(tmp_path / "official")]) == 0
    written = list(tmp_path.rglob("*.csv"))
    assert len(written) >= 6
    for path in written:
        assert path.read_bytes() == (conf_folder() / path.relative_to(tmp_path)).read_bytes(), path.name
    assert f"wrote {tmp_path / 'official' / 'cbp_fentanyl.csv'}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [["data"], ["data", "border"], ["data", "seizures"], ["data", "record-feed"], ["study", "calibrate"]],
)
def test_help_of_every_subcommand(words, capsys):
    with pytest.raises(SystemExit) as stop:
        main([*words, "--help"])
    assert stop.value.code == 0
    assert "usage: sim" in capsys.readouterr().out
