"""A mistake is told in one line with the nearest name, exit code 2 and no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli import run
from sim.cli.errors import explained
from sim.cli.main import in_one_line, main
from sim.core.shipped import conf_folder
from tests.fixtures import made_up_world

TYPO_IN_FILE = "# @package _global_\nname: typo\nchain: {producer: {precursor_kg_per_pure_kq: 2.0}}\n"


def _one_line(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("sim: ")
    assert err.count("\n") == 1
    return err


def _made_up(tmp_path: Path, *arguments: str) -> int:
    flags = made_up_world.write_conf(tmp_path / "conf")
    results = f"run.results={tmp_path / 'results'}"
    words = [*flags, results, *arguments]
    return in_one_line(lambda: run.command(words, made_up_world.load_scenario, made_up_world.simulate))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["study", "portfolio", "--budget", "5", "--trails", "9"],
            "sim: study portfolio: unrecognized arguments: --trails (did you mean '--trials'?)",
        ),
        (["study", "portfolio", "--budgt", "5"], "study portfolio: "),
        (["study", "rank", "a", "b", "--marjin=3"], "--marjin=3 (did you mean '--margin'?)"),
        (["study", "rank", "a", "b", "--replications", "5"], "is --budget here"),
        (["study", "ranks", "a", "b"], "invalid choice: 'ranks' (did you mean 'rank'?)"),
        (
            ["study", "rank", "a", "b", "--best", "lest"],
            "'lest' (did you mean 'least'?); allowed: least",
        ),
        (["compare", "a", "b", "--marjin", "3"], "compare: unrecognized arguments: --marjin"),
        (["rum"], "unknown command 'rum' (did you mean 'run'?)"),
        (["run", "levers.port_stafing.size=1"], "unknown key 'port_stafing' (did you mean 'port_staffing'?)"),
        (["run", "port_staffing.size=1"], "did you mean 'levers.port_staffing.size'?"),
        (["run", "run.replicas=2"], "run: unknown key 'replicas' (did you mean 'replications'?)"),
        (["run", "scnario=baseline"], "unknown key 'scnario' (did you mean 'scenario'?)"),
        (["run", "scenario=basline"], "scenario: unknown choice 'basline' (did you mean 'baseline'?)"),
        (["run", "adversary/none=1"], "unknown group 'adversary/none'"),
        (["run", "~levers.absent"], "levers: unknown key 'absent'"),
        (["run", "+seed=3"], "seed: this key exists; leave the + away"),
        (["run", "seed=[1"], "seed=[1: not a valid override"),
        (["run", "seed"], "seed: not a valid override; write key=value, without spaces"),
        (["run", "seed=", "5"], "5: not a valid override; write key=value, without spaces"),
        (["run", "seed=1,2"], "seed=1,2: several values need -m"),
        (["run", "--sed"], "unrecognized arguments: --sed"),
        (["run", "--config-dir", "absent"], "Additional config directory"),
        (["run", "--config-name", "absent"], "Cannot find primary config 'absent'"),
        (["run", "levers.port_staffing.size.x=3"], "levers.port_staffing.size is a number and has no keys"),
        (["run", "levers.surge.trigger.measure=leads"], "levers.surge.trigger is not set and has no keys"),
        (["run", "seed=abc"], "seed: input should be a valid integer from 0 to 2**64 - 1 (got 'abc')"),
        (["run", "seed=-1"], "seed: input should be a valid integer from 0 to 2**64 - 1 (got -1)"),
        (["run", "run.workers=0"], "run.workers: give a number of processes of at least 1, or auto (got 0)"),
        (["run", "run.replications=0"], "run.replications: input should be greater than or equal to 1"),
        (["run", "lever=surge"], "lever: no choice, all its files are composed; set a key of theirs"),
        (
            ["run", "levers.scanning=154"],
            "levers.scanning: a lever is more than a number; write levers.scanning.size=154",
        ),
        (["run", "levers.scanning.size=154"], "levers.scanning.size: 154 scanner is outside 0 to 153"),
        (
            ["run", "levers.surge.trigger={lever: scaning}"],
            "unknown lever 'scaning' (did you mean 'scanning'?)",
        ),
        (
            ["run", "experiment=staffing_dose"],
            "experiment=staffing_dose sweeps levers.port_staffing.size; add -m",
        ),
        (
            ["run", "-m", "experiment=staffing_outreach,staffing_dose"],
            "experiment=staffing_dose sweeps levers.port_staffing.size itself; run it in a sweep of its own",
        ),
        (["run", "adversary=logti"], "adversary: unknown choice 'logti' (did you mean 'logit'?)"),
        (["run", "run=smoke", "name=a/b"], "name: 'a/b' cannot name a folder"),
    ],
)
def test_mistakes_on_the_command_line(arguments, expected, capsys):
    assert main(arguments) == 2
    assert expected in _one_line(capsys)


@pytest.mark.parametrize("sign", ["", "+", "++"])
@pytest.mark.parametrize("sweep", [[], ["-m"]])
def test_an_override_ending_in_value_is_refused_with_the_reason(sign, sweep, capsys):
    path = "chain.producer.precursor_kg_per_pure_kg"
    assert main(["run", *sweep, f"{sign}{path}.value=1.5"]) == 2
    assert f"override the whole number, {path}=...; under the old record" in _one_line(capsys)


@pytest.mark.parametrize("group", ["scenario", "experiment"])
def test_an_unknown_key_in_a_file_is_named_with_the_nearest(group, tmp_path, capsys):
    (tmp_path / group).mkdir()
    (tmp_path / group / "typo.yaml").write_text(TYPO_IN_FILE)
    assert main(["run", "--config-dir", str(tmp_path), f"{group}=typo", "run.parameter_sets=0"]) == 2
    expected = _one_line(capsys)
    assert "chain.producer: unknown key 'precursor_kg_per_pure_kq'" in expected
    assert "did you mean 'precursor_kg_per_pure_kg'?" in expected


def test_a_scenario_that_names_a_missing_lever_is_told_the_nearest(tmp_path, capsys):
    (tmp_path / "scenario").mkdir()
    text = "# @package _global_\nname: typo\nlevers: {port_stafing: {size: 5}}\n"
    (tmp_path / "scenario" / "typo.yaml").write_text(text)
    assert main(["run", "--config-dir", str(tmp_path), "scenario=typo", "run.parameter_sets=0"]) == 2
    expected = _one_line(capsys)
    assert "levers: unknown lever 'port_stafing' (did you mean 'port_staffing'?)" in expected


def test_a_lever_file_without_evidence_is_refused(tmp_path, capsys):
    line = "cost_usd_per_unit_year: {value: 5000, unit: USD2022/(unit year), status: assumed}"
    (tmp_path / "lever").mkdir()
    shipped = (conf_folder() / "lever" / "port_staffing.yaml").read_text().splitlines()
    own = [line if text.startswith("cost_usd_per_unit_year") else text for text in shipped]
    (tmp_path / "lever" / "own.yaml").write_text("\n".join(own))
    assert main(["run", "--config-dir", str(tmp_path), "run.parameter_sets=0"]) == 2
    told = _one_line(capsys)
    assert "levers.own.cost_usd_per_unit_year: " in told
    assert "an assumed value needs a range and a reason" in told


def test_an_experiment_that_does_not_exist_is_named_with_those_that_do(tmp_path, capsys):
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "surge.yaml").write_text("# @package _global_\nname: surge\n")
    assert main(["run", "--config-dir", str(tmp_path), "experiment=surg"]) == 2
    assert "experiment: unknown choice 'surg' (did you mean 'surge'?); allowed: " in _one_line(capsys)


def test_a_file_that_is_no_yaml_is_named_with_the_line(tmp_path, capsys):
    (tmp_path / "scenario").mkdir()
    (tmp_path / "scenario" / "torn.yaml").write_text("name: torn\nlevers: {a: [1\n")
    assert main(["run", "--config-dir", str(tmp_path), "scenario=torn"]) == 2
    assert "torn.yaml:3: not valid YAML" in _one_line(capsys)


def test_no_point_of_a_sweep_starts_when_one_is_wrong(tmp_path, capsys):
    marks = tmp_path / "marks"
    marks.mkdir()
    assert _made_up(tmp_path, "-m", "size=1,2,-1", f"marks={marks}") == 2
    expected = _one_line(capsys)
    assert "size=-1" in expected
    assert "size: input should be at least 0 (got -1)" in expected
    assert list(marks.iterdir()) == []


def test_an_unknown_key_in_a_sweep_is_told_once(tmp_path, capsys):
    assert _made_up(tmp_path, "-m", "size=1,2", "foo=1") == 2
    assert "unknown key 'foo'" in _one_line(capsys)


@pytest.mark.parametrize("sweep", [(), ("-m", "size=1,2")])
def test_a_results_folder_that_cannot_be_written(tmp_path, capsys, sweep):
    """Permission bits do not bind a superuser, so a file stands in the way."""
    (tmp_path / "results").write_text("in the way")
    assert _made_up(tmp_path, *sweep) == 2
    expected = _one_line(capsys)
    assert "cannot write here" in expected
    assert "set run.results to a folder that you may write to" in expected


def test_tracebacks_come_back_with_hydras_own_switch(tmp_path, monkeypatch):
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    with pytest.raises(Exception, match="unknown key 'foo'"):
        _made_up(tmp_path, "foo=1")


def test_a_failed_replication_costs_only_its_own_scenario(tmp_path, capsys):
    assert (
        _made_up(
            tmp_path, "-m", "trouble=mistake", "name=a,b", "run.replications=1,2", "run.parameter_sets=0"
        )
        == 1
    )
    out, err = capsys.readouterr()
    assert out.count("open ") == 2
    assert err.splitlines() == [
        "sim: [name=a run.replications=2] a, replication 1: size: too large for this world",
        "sim: [name=b run.replications=2] b, replication 1: size: too large for this world",
        "sim: 2 replications failed; the others are kept",
    ]


def test_a_defect_shows_its_traceback(tmp_path, capsys):
    assert _made_up(tmp_path, "trouble=defect", "run.parameter_sets=0") == 1
    err = capsys.readouterr().err
    assert "sim: made_up, replication 1: ZeroDivisionError: a defect" in err
    assert "Traceback (most recent call last)" in err


def test_a_folder_that_may_not_be_read_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def refused() -> int:
        raise PermissionError(13, "Permission denied", "results/scanning")

    assert in_one_line(refused) == 2
    assert capsys.readouterr().err == "sim: results/scanning: permission denied\n"


def test_a_disk_that_is_full_where_no_file_is_named_is_one_line() -> None:
    line = explained(OSError(28, "No space left on device"), [])
    assert line is not None
    assert line.startswith("run.results: the disk is full; finished replications are kept")
