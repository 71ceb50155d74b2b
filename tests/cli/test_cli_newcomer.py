"""Fifty mistakes of a newcomer: each is answered by one line that says what was probably meant."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from sim.cli.main import main
from tests.fixtures.written_runs import outcomes, write_run

MISTAKES = [
    # The first words.
    ("simulate", "unknown command 'simulate'"),
    ("rnu", "did you mean 'run'?"),
    ("runs", "sim list runs"),
    ("baseline", "sim show scenario baseline"),
    ("scanning", "sim show lever scanning"),
    ("levers", "sim list levers"),
    ("study", "required: STUDY"),
    ("effect scanning", "sim study effect"),
    ("--run", "--run"),
    # Running.
    ("run scaning", "did you mean 'scanning'?"),
    ("run scenario baseline", "write key=value"),
    ("run scenario = baseline", "without spaces"),
    ("run scenario=Baseline", "did you mean 'baseline'?"),
    ("run scenario=conf/scenario/baseline.yaml", "did you mean 'baseline'?"),
    ("run scenario=none", "scenario: "),
    ("run --scenario baseline", "write scenario=..."),
    ("run --seed 5", "write seed=..."),
    ("run --replications 5", "write run.replications=..."),
    ("run replications=5", "did you mean 'run.replications'?"),
    ("run workers=4", "did you mean 'run.workers'?"),
    ("run days=30", "did you mean 'calendar.days'?"),
    ("run calendar.day=30", "did you mean 'days'?"),
    ("run start=2022-10-01", "did you mean 'calendar.start'?"),
    ("run calendar.start=10/01/2021", "calendar.start: "),
    ("run calendar.start=2021", "calendar.start: "),
    ("run scanning=50", "did you mean 'levers.scanning"),
    ("run levers.scanning=50", "write levers.scanning.size=50"),
    ("run lever.scanning.size=50", "did you mean 'levers'?"),
    ("run levers.scanners.size=50", "did you mean 'scanning'?"),
    ("run levers.scanning.size=50%", "should be a valid number"),
    ("run levers.scanning.size=500", "outside 0 to 153"),
    ("run levers.scanning.size=-5", "outside 0 to 153"),
    ("run levers.financial_crime_center.size=50", "outside 0 to 1"),
    ("run levers.scanning.size=0,50", "several values need -m"),
    ("run -m levers.scanning.size=0, 50", "without spaces"),
    ("run levers.scanning.size=[0,50]", "levers.scanning.size: "),
    ("run adversary=none,logit", "several values need -m"),
    ("run adversary=adaptive", "allowed: "),
    ("run seed=random", "seed: "),
    ("run run.workers=all", "auto"),
    ("run run.replications=1000000000", "run.replications"),
    ("run border.model=fast", "border.model: "),
    ("run experiment=staffing", "did you mean "),
    ("run experiment=staffing_dose", "add -m"),
    # Looking at what came out.
    ("compare", "compare"),
    ("compare baseline", "compare"),
    ("compare baseline scaning", "did you mean 'results/scanning'?"),
    ("compare baseline scanning --outcomes delivered", "delivered_pure_kg"),
    ("query", "query"),
    ("query select run from runs", "query"),
    ("query 'select * from results'", "results"),
    ("open scaning", "did you mean 'scanning'?"),
    ("open results/nothing", "results/nothing"),
    ("list lever", "levers"),
    ("list everything", "allowed: "),
    ("show port_stafing", "did you mean 'port_staffing'?"),
    ("show lever hsi_strategy", "hsi_strategy"),
    ("show scenario scanning --gainst baseline", "did you mean '--against'?"),
    ("show", "show"),
    # Studies, tables, crossings.
    ("study efect scanning", "did you mean 'effect'?"),
    ("study effect", "study effect"),
    ("study effect baseline", "baseline"),
    ("study effect scaning", "did you mean 'scanning'?"),
    ("study effect scanning --days 30", "write calendar.days=..."),
    ("study rank baseline", "study rank"),
    ("study portfolio", "--budget"),
    ("study portfolio --budget 5M", "--budget"),
    ("data seizures --cbp seizures.csv", "there is no such file"),
    ("data border --cbp seizures.csv", "--bts"),
    ("border", "border"),
    ("border bridge.yaml", "there is no such file"),
    ("border laredo", "laredo"),
    ("completion powershell", "bash"),
]


@pytest.mark.parametrize(("line", "told"), MISTAKES, ids=[line for line, _ in MISTAKES])
def test_a_mistake_is_one_line_with_what_was_meant(
    line: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("baseline", "scanning"):
        write_run(tmp_path / "results" / name / "2026-01-01_00000000", outcomes())
    before = {str(path): path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    code = main(shlex.split(line))
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith("sim: ")
    assert err.count("\n") == 1
    assert told in err
    assert {str(path): path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
