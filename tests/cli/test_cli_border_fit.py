"""``sim study border``: mistakes in one line, a table on the screen."""

from __future__ import annotations

import pytest

from sim.cli.main import main
from sim.core.shipped import conf_folder


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--points", "3"], "study border: --points must be at least 16"),
        (["--folds", "city"], "invalid choice: 'city'"),
        (["--mode", "train"], "invalid choice: 'train'"),
        (["--tables", "absent"], "absent/lanes.csv: no such file"),
    ],
)
def test_mistakes_are_one_line(arguments, expected, capsys):
    assert main(["study", "border", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("sim: ")
    assert err.count("\n") == 1
    assert expected in err


SMALL = ("230201", "230302", "230901", "240301", "240601", "260201", "260301", "260802")
"""Crossings with little commercial traffic: two a fold, soon simulated."""


def test_a_table_names_every_model(tmp_path, capsys):
    tables = tmp_path / "fit"
    tables.mkdir()
    for name in ("lanes.csv", "delays.csv"):
        lines = (conf_folder() / "border" / "fit" / name).read_text().splitlines(keepends=True)
        wanted = [line for line in lines[1:] if line.startswith(SMALL) and ",commercial,standard," in line]
        (tables / name).write_text("".join([lines[0], *wanted]))
    for name in ("places.csv", "ranges.csv"):
        (tables / name).write_text((conf_folder() / "border" / "fit" / name).read_text())
    words = ["study", "border", "--points", "16", "--generations", "0", "--workers", "1"]
    assert main([*words, "--tables", str(tables), "--results", str(tmp_path / "results")]) == 0
    out = capsys.readouterr().out
    for name in ("class mean of the training crossings", "exact queue with response and size", "regression"):
        assert name in out
    assert "nan" not in out
    assert len(list((tmp_path / "results" / "border_fit").glob("*.json"))) == 4
