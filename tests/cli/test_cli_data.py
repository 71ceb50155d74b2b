"""``sim data`` and ``sim study``: files in, tables out, mistakes in one line."""

from __future__ import annotations

import pytest

from sim.cli.main import main
from sim.core.shipped import conf_folder


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
