"""``sim border``: a table on the terminal, files where they are asked for, one line for a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli.main import main

CROSSING = "name: Ten Mile\narrivals_per_h: 60\nlanes: 2\nservice_s: 60\ndays: 2\nreplications: 3\n"


def _file(tmp_path: Path) -> str:
    path = tmp_path / "crossing.yaml"
    path.write_text(CROSSING)
    return str(path)


def test_table_by_hour_and_outcomes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["border", _file(tmp_path), "lanes=3", "--out", str(tmp_path / "out")]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert lines[0].startswith("Ten Mile: 2 days after 7 of warm-up, 3 replications, seed 1")
    assert [line.split()[1] for line in lines if line[2:5] == ":00"] == ["3"] * 24
    assert any(line.startswith("wait_p90_min ") for line in lines)
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {
        "own_border_hours.parquet",
        "own_border_outcomes.parquet",
        "day.html",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lanes=0"], "border.lanes: no lane is open all day, but 1440 vehicles come"),
        (["lane=1"], "unknown key 'lane' (did you mean 'lanes'?)"),
        (["lanes"], "lanes: not an override; write key=value"),
        (["service_s=.nan"], "border.service_s: input should be a finite number (got nan)"),
        (["--outt", "x"], "unrecognized arguments"),
    ],
)
def test_a_mistake_costs_one_line(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["border", _file(tmp_path), *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("sim: ")
    assert err.count("\n") == 1
    assert said in err


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["border", "absent.yaml"]) == 2
    assert capsys.readouterr().err == "sim: absent.yaml: there is no such file\n"
