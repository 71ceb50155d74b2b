"""Every ``run.sh`` of ``experiments/`` gives commands that exist and can refute what its README claims."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sim.cli.border import _parser as border_parser
from sim.cli.compare import _parser as compare_parser
from sim.cli.main import main
from sim.cli.run import scenario_of
from sim.cli.study import _parser as study_parser
from sim.core.shipped import conf_folder
from sim.core.tables import Table
from sim.store.columns import COLUMNS, REPLICATION_TABLES
from sim.store.replications import Key, Store
from sim.study.space import chosen_rows

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(path.parent.name for path in (ROOT / "experiments").glob("*/run.sh"))
STUB = '#!/usr/bin/env bash\nprintf "%q " "$@" >> "$LOG"\necho >> "$LOG"\n'
NOTHING = "#!/usr/bin/env bash\n"


def commands(folder: str, scratch: Path) -> list[list[str]]:
    """Return what the script hands to ``sim``, which does nothing here."""
    for name, text in (("sim", STUB), ("python", NOTHING), ("cp", NOTHING)):
        (scratch / name).write_text(text)
        (scratch / name).chmod(0o755)
    path = f"{scratch}{os.pathsep}{os.environ['PATH']}"
    script = ROOT / "experiments" / folder / "run.sh"
    given = {**os.environ, "PATH": path, "LOG": str(scratch / "log")}
    subprocess.run(["bash", script], check=True, cwd=scratch, env=given)
    return [shlex.split(line) for line in (scratch / "log").read_text().splitlines()]


def levers_of(scenario: str) -> dict[str, Any]:
    text = (conf_folder() / "scenario" / f"{scenario}.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text)["levers"])


def test_there_are_six() -> None:
    assert len(FOLDERS) == 6


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_command_is_understood(folder: str, tmp_path: Path) -> None:
    for verb, *words in commands(folder, tmp_path):
        if verb == "study":
            study_parser().parse_args(words)
        elif verb in ("compare", "border"):
            (compare_parser if verb == "compare" else border_parser)().parse_args(words)
        else:
            assert verb == "run"
            assert all("=" in word for word in words)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_comparison_names_runs_that_were_made_and_never_a_pattern(folder: str, tmp_path: Path) -> None:
    made = set()
    for verb, *words in commands(folder, tmp_path):
        made |= {f"results/{word.removeprefix('name=')}" for word in words if word.startswith("name=")}
        if verb == "compare":
            given = compare_parser().parse_args(words)
            assert made >= set(given.runs)
            assert given.against in {None, *made}


def test_staffing_is_compared_step_by_step_and_with_nobody_added(tmp_path: Path) -> None:
    pairs = set()
    for verb, *words in commands("01_staffing_dose", tmp_path):
        if verb == "compare":
            given = compare_parser().parse_args(words)
            ends = [run.rpartition("_")[2] for run in (given.against, *given.runs)]
            pairs |= {(given.against.rpartition("_")[0], ends[0], end) for end in ends[1:] if end != ends[0]}
    steps = [("0", "1000"), ("0", "2000"), ("0", "4000"), ("1000", "2000"), ("2000", "4000")]
    runs = ("results/staffing_none", "results/staffing_logit", "results/staffing_waits")
    assert pairs == {(run, *step) for run in runs for step in steps}


def test_the_strategy_is_held_against_every_lever_that_it_pulls(tmp_path: Path) -> None:
    ((_, *words),) = commands("03_strategy_parts", tmp_path)
    scenarios = [word for word in study_parser().parse_args(words).words if "=" not in word]
    assert scenarios[0] == "hsi_strategy"
    pulled, *alone = (levers_of(name) for name in scenarios)
    assert set(scenarios[1:]) == set(pulled)
    assert alone == [{name: pulled[name]} for name in scenarios[1:]]


def test_what_is_unknown_is_screened_with_chance_and_split_on_draws_of_its_own(tmp_path: Path) -> None:
    """The five are chosen by one screen and judged on other draws; both screens walk the same points."""
    given = [study_parser().parse_args(words) for _, *words in commands("06_what_we_do_not_know", tmp_path)]
    level, effect, split = given
    assert all(one.replications >= 2 for one in given)
    assert (level.effect, effect.effect) == (None, "hsi_strategy")
    assert (level.over, level.seed, level.trajectories) == (effect.over, effect.seed, effect.trajectories)
    assert split.screen == level.out / "screen.csv"
    assert split.grouped
    assert split.seed != level.seed
    for scenario in ("baseline", "hsi_strategy"):
        rows = chosen_rows(scenario_of([f"scenario={scenario}"]), level.over, "")
        assert len(rows) == len(level.over.split(",")) > 2 * split.top
        assert not any(row.path.startswith("levers.") for row in rows)


EMPTY = {name: {c.name: np.array([]) for c in COLUMNS[name]} for name in REPLICATION_TABLES}


def delivered_in(replication: int, kg: float) -> Table:
    """Return measures of two months that add up to some kilograms."""
    row = {"replication": replication, "parameter_set": 0, "measure": "delivered_pure_kg", "place": "all"}
    columns: dict[str, list[object]] = {
        name: [value] * 2 for name, value in {**row, "layer": "latent"}.items()
    }
    columns |= {"month": ["2021-10", "2021-11"], "value": [kg - 1, 1]}
    return {name: np.array(values) for name, values in columns.items()}


def test_the_bundle_is_held_against_the_sum_with_half_widths_added_up(tmp_path: Path) -> None:
    table = tmp_path / "effects.csv"
    delivered = {"baseline": (900, 1100), "hsi_strategy": (812, 1008), "scanning": (860, 1060)}
    delivered["cyber"] = (826, 1024)
    for name, years in delivered.items():
        # What another study of the baseline stored does not belong to the pairs.
        for number, kg in enumerate((*years, 500) if name == "baseline" else years):
            key = Key("model", name, 3, 0, number)
            Store(tmp_path / "results").write(key, {**EMPTY, "measures": delivered_in(number, kg)})
    configurations = {name: {"scenario": name} for name in delivered}
    manifest = {"configurations": configurations, "model_version": "model", "seed": 3}
    manifest["options"] = {"replications": 2}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    rows = ["hsi_strategy,-90,-100,-80", "scanning,-40,-44,-36", "cyber,-75,-80,-70"]
    lines = [f"{row},delivered_pure_kg,all" for row in rows] + ["cyber,-9,-9,-9,seized_pure_kg,all"]
    table.write_text("\n".join(["scenario,change,low,high,measure,place", *lines]))
    script = ROOT / "experiments" / "03_strategy_parts" / "sum_of_parts.py"
    done = subprocess.run(
        [sys.executable, script, tmp_path, tmp_path / "results"], check=True, capture_output=True, text=True
    )
    assert "bundle -90.0, sum of its levers alone -115.0" in done.stdout
    assert "+25.0, at the widest [+6.0, +44.0]: the parts overlap" in done.stdout
    # In pairs: -88 - (-40 - 74) = 26 and -92 - (-40 - 76) = 24.
    assert "from 2 replications: +25.0 [+12.3, +37.7]" in done.stdout


def test_commands_parse_their_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    """What an experiment hands over must reach the command, not its list of unrecognized arguments."""
    for words in (
        ["compare", "no/a", "no/b", "--against", "no/a"],
        ["border", "no.yaml", "--frontier", "lanes=2"],
    ):
        assert main(words) == 2
        assert "unrecognized" not in capsys.readouterr().err
