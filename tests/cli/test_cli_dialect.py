"""One dialect: every setting of a run is obeyed by every study, or refused in one line."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from sim.cli.main import main
from sim.cli.study import _parser
from sim.cli.study_options import obey
from sim.core.errors import ConfigError
from sim.core.shipped import compose_tree
from sim.run.settings import RunSettings

WORDS = {
    "rank": ["baseline"], "synergy": ["scanning"], "portfolio": ["--budget", "1e8"], "power": ["scanning"],
    "why": ["baseline", "surge"], "effect": ["scanning"],
}  # fmt: skip
"""What the command line of a study cannot do without."""
STUDIES = (
    "calibrate", "border", "effect", "why", "parameters", "influence", "screen", "discover", "sobol",
    "warmup", "rank", "synergy", "portfolio", "power",
)  # fmt: skip
OF_A_STUDY = {
    "seed": ("seed", "7", 7), "run.replications": ("replications", "9", 9),
    "run.parameter_sets": ("parameter_sets", "3", 3), "run.workers": ("workers", "2", 2),
    "run.results": ("results", "elsewhere", Path("elsewhere")), "run.progress": ("progress", "false", False),
}  # fmt: skip
MODEL = ("name", "calendar", "border", "chain", "adversary", "levers", "lever_mode", "scenario", "run")


def parsed(study: str, *words: str) -> argparse.Namespace:
    return _parser().parse_args([study, *WORDS.get(study, []), *words])


def test_every_study_is_here() -> None:
    with pytest.raises(ConfigError) as refused:
        parsed("no_such_study")
    allowed = str(refused.value).partition("allowed: ")[2].partition(";")[0]
    assert set(allowed.split(", ")) == set(STUDIES)


def test_every_key_is_here() -> None:
    run_keys = {f"run.{name}" for name in RunSettings.model_fields}
    assert set(OF_A_STUDY) - {"seed"} <= run_keys
    assert set(compose_tree()) <= {*MODEL, "seed"}


@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("key", [*OF_A_STUDY, "run.pages", "run.images", "experiment", "hydra.mode"])
def test_a_setting_of_a_run_is_obeyed_or_refused(study: str, key: str) -> None:
    option, text, value = OF_A_STUDY.get(key, ("", "1", 1))
    given = parsed(study)
    if (study, key) == ("rank", "run.replications") or option not in given:
        with pytest.raises(ConfigError, match=f"^study {study}: {key}="):
            obey(given, [f"{key}={text}"])
        return
    assert obey(given, [f"{key}={text}"]) == []
    assert getattr(given, option) == value


@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("key", MODEL)
def test_what_is_of_the_model_is_left_to_the_configuration(study: str, key: str) -> None:
    assert obey(parsed(study), [f"{key}=x"]) == [f"{key}=x"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["effect", "scanning", "seed=2", "--seed", "3"], "seed=2 contradicts --seed 3"),
        (["effect", "scanning", "seed=two"], "seed: must be a whole number (got 'two')"),
        (["effect", "scanning", "run.replicatons=2"], "did you mean 'replications'"),
        (["effect", "scanning", "run.progress=maybe"], "write true or false"),
        (["effect", "baseline", "levers.scanning.size=50"], "write it as baseline+scanning50"),
        (["why", "baseline", "surge", "levers.cyber.size=0.5"], "write it as surge+cyber0.5"),
        (["screen", "--effect", "surge", "levers.cyber.size=0.5"], "write it as surge+cyber0.5"),
        (["effect", "baseline+scaning50"], "did you mean 'scanning'"),
        (["effect", "baseline+scanning999"], "outside 0 to 153"),
    ],
)
def test_a_mistake_is_one_line(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["study", *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
    assert not list(tmp_path.iterdir())


QUICK = ["run=smoke", "border.model=instant", "calendar.warmup_days=14", "run.replications=3"]


def test_a_seed_is_that_of_the_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def why_of(seed: str) -> str:
        return "".join(path.read_text() for path in sorted((tmp_path / seed).glob("*.csv")))

    for seed in ("1", "2"):
        assert (
            main(["study", "why", "baseline", "baseline+scanning153", *QUICK, f"seed={seed}", "--out", seed])
            == 0
        )
    assert why_of("1") != why_of("2")
    assert '"seed": 2' in (tmp_path / "2" / "manifest.json").read_text()


@pytest.mark.parametrize("first", ["# @package _global_\n", ""])
def test_a_scenario_of_ones_own_is_one_everywhere(
    first: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "my" / "scenario"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(
        first + "name: mine\nlevers:\n  scanning: {size: 50}\n", encoding="utf-8"
    )
    own = ["--config-dir", "my"]
    assert main(["run", "mine", *QUICK[:3], "run.pages=0", *own]) == 0
    assert list((tmp_path / "results" / "mine").iterdir())
    assert main(["study", "why", "baseline", "mine", *QUICK, *own]) == 0
    assert main(["study", "effect", "mine", *QUICK, "--adversaries", "none", *own]) == 0
    assert "Mine" in capsys.readouterr().out


def test_a_run_with_a_lever_is_no_baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    quick = [*QUICK[:3], "run.pages=0", "run.replications=2"]
    assert main(["run", "baseline+scanning50", *quick]) == 0
    assert main(["run", *quick, "levers.scanning.size=50"]) == 0
    assert not (tmp_path / "results" / "baseline").exists()
    (only,) = (tmp_path / "results" / "baseline+scanning50").iterdir()
    assert main(["run", *quick]) == 0
    assert main(["compare", "baseline", "baseline+scanning50"]) == 0
    assert only.is_dir()


def test_a_dry_run_says_what_there_is_to_do_and_does_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    sweep = ["run", "-m", "levers.scanning.size=0,50", *QUICK[:3], "run.pages=0", "run.replications=2"]
    assert main([*sweep, "--dry-run"]) == 0
    first, *folders = capsys.readouterr().out.splitlines()
    assert first.startswith("2 scenarios, 4 replications: 0 stored, 4 to simulate, about ")
    assert len(folders) == 2
    assert not list(tmp_path.iterdir())
    assert main(sweep) == 0
    capsys.readouterr()
    assert main([*sweep, "--dry-run"]) == 0
    assert "4 stored, 0 to simulate" in capsys.readouterr().out
    assert main(["run", "levers.scaning.size=1", "--dry-run"]) == 2
