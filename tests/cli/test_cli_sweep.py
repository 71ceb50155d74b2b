"""Sweeps: one table, a record, designs whose draws are labelled, quick composition that is Hydra's own."""

from __future__ import annotations

import csv
import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.cli import run
from sim.cli.compose import compose_points
from sim.cli.hydra_setup import hydra_main, parse_flags
from sim.cli.main import in_one_line, main
from sim.cli.run import Job
from sim.store.parquet import read_table
from sim.study.design.draws import draws_of
from sim.study.design.settings import design_of
from tests.fixtures import made_up_world

ROOT = Path(__file__).parents[2]
DESIGN = "+design={kind: latin_hypercube, points: 5, over: [size], seed: 3}"


def sweep(folder: Path, *arguments: str) -> int:
    flags = made_up_world.write_conf(folder / "conf")
    words = [*flags, f"run.results={folder / 'results'}", *arguments]
    return in_one_line(lambda: run.command(words, made_up_world.load_scenario, made_up_world.simulate))


def record_of(folder: Path) -> tuple[Path, list[dict[str, str]], dict[str, Any]]:
    """Return the only record of a sweep: folder, rows of points.csv, manifest."""
    (record,) = (folder / "results" / "sweeps").iterdir()
    with (record / "points.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return record, rows, json.loads((record / "manifest.json").read_text())


def measured(folder: Path, row: dict[str, str]) -> list[float]:
    table = read_table("measures", [folder / "results" / row["folder"] / "measures.parquet"])
    return [float(value) for value in table["value"]]


def test_a_sweep_shows_one_table_and_names_its_record_last(tmp_path, capsys):
    assert sweep(tmp_path, "-m", "size=1,2,3") == 0
    record, rows, manifest = record_of(tmp_path)
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert lines[-1] == f"sweep {record}"
    assert "made_up: 61 days" in lines[0]
    assert [line.split()[0] for line in lines[2:5]] == ["size=1", "size=2", "size=3"]
    assert [row["label"] for row in rows] == ["size=1", "size=2", "size=3"]
    assert [row["number"] for row in rows] == ["0", "1", "2"]
    assert {row["scenario"] for row in rows} == {"made_up"}
    assert set(manifest["files"]) == {"points.csv", "outcomes.csv"}
    assert all((tmp_path / "results" / row["folder"] / "index.html").is_file() for row in rows)


def test_a_sweep_says_how_its_points_are_compared_where_they_share_their_draws(tmp_path, capsys):
    assert sweep(tmp_path, "-m", "size=1,2") == 0
    record, _, _ = record_of(tmp_path)
    assert f"all points share their draws: sim compare {record}\n" in capsys.readouterr().out
    assert sweep(tmp_path, "-m", "seed=1,2") == 0
    assert "sim compare" not in capsys.readouterr().out


def test_points_of_other_dates_are_no_pairs(tmp_path, capsys):
    def load(tree: dict[str, Any]) -> Any:
        found = made_up_world.load_scenario(tree)
        return replace(found, calendar=replace(found.calendar, days=30 + int(found.size)))

    flags = made_up_world.write_conf(tmp_path / "conf")
    words = [*flags, f"run.results={tmp_path / 'results'}", "-m", "size=1,2"]
    assert in_one_line(lambda: run.command(words, load, made_up_world.simulate)) == 0
    assert "sim compare" not in capsys.readouterr().out


def test_a_large_sweep_writes_tables_without_pages_unless_asked(tmp_path, capsys):
    assert sweep(tmp_path, "-m", "size=range(1,4)", "run.pages=2") == 0
    _, rows, _ = record_of(tmp_path)
    folders = [tmp_path / "results" / row["folder"] for row in rows]
    assert len(folders) == 3
    assert not any((folder / "index.html").exists() for folder in folders)
    assert all((folder / "measures.parquet").is_file() for folder in folders)
    expected = capsys.readouterr().out
    assert "open " not in expected
    assert "no pages: more than 2 scenarios; run.pages=3 writes them\n" in expected
    assert sweep(tmp_path, "-m", "size=range(1,4)", "run.pages=3") == 0
    assert all((folder / "index.html").exists() for folder in folders)


def test_outcomes_have_a_row_a_point_with_the_interval(tmp_path):
    sweep(tmp_path, "-m", "size=1,2")
    record, _, _ = record_of(tmp_path)
    with (record / "outcomes.csv").open(newline="") as file:
        first, second = list(csv.DictReader(file))
    assert (first["outcome"], first["unit"]) == ("Fentanyl delivered", "kg pure")
    assert float(second["mean"]) == pytest.approx(2 * float(first["mean"]))
    assert float(first["low"]) < float(first["mean"]) < float(first["high"])


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the design once for all tests; return the folder."""
    folder = tmp_path_factory.mktemp("drawn")
    assert sweep(folder, "-m", DESIGN) == 0
    return folder


@pytest.mark.parametrize("flags", [[], ["-m"]])
def test_the_same_sweep_writes_the_same_record_with_and_without_m(flags, drawn):
    record, _, _ = record_of(drawn)
    before = {path.name: path.read_bytes() for path in record.iterdir()}
    assert sweep(drawn, *flags, DESIGN) == 0
    assert {path.name: path.read_bytes() for path in record_of(drawn)[0].iterdir()} == before


def test_a_design_draws_inside_the_range_and_labels_its_draws(drawn):
    _, rows, manifest = record_of(drawn)
    assert [row["label"] for row in rows] == [f"draw {i}" for i in range(5)]
    sizes = [float(row["size"]) for row in rows]
    # One draw in each fifth of the range, on a log scale because it spans a factor of four.
    assert sorted(int(5 * math.log(size / 0.5, 4)) for size in sizes) == [0, 1, 2, 3, 4]
    assert manifest["designs"] == [{"kind": "latin_hypercube", "points": 5, "over": ["size"], "seed": 3}]


def test_every_draw_meets_the_same_chance(drawn):
    """What a draw yields over its size is the same for all: parameters differ, random numbers do not."""
    _, rows, _ = record_of(drawn)
    scaled = [[value / float(row["size"]) for value in measured(drawn, row)] for row in rows]
    for other in scaled[1:]:
        assert other == pytest.approx(scaled[0])


def test_a_design_times_seeds(tmp_path):
    assert sweep(tmp_path, "-m", "seed=1,2", DESIGN) == 0
    _, rows, manifest = record_of(tmp_path)
    assert [row["label"] for row in rows] == [f"seed={s} draw {i}" for s in (1, 2) for i in range(5)]
    assert manifest["seeds"] == [1, 2]


def test_a_factorial_design_names_its_levels(tmp_path):
    levels = "+design={kind: factorial, levels: {size: [1, 2], seed: [4, 5]}}"
    assert sweep(tmp_path, levels) == 0
    _, rows, _ = record_of(tmp_path)
    assert [row["label"] for row in rows] == [f"size={a} seed={b}" for a in (1, 2) for b in (4, 5)]


def test_levels_that_are_no_numbers_are_told_apart_too(tmp_path):
    levels = "+design={kind: factorial, levels: {name: [a, b], trouble: [small, '']}}"
    assert sweep(tmp_path, levels) == 0
    _, rows, _ = record_of(tmp_path)
    expected = [f"name={a} trouble={b}" for a in "ab" for b in ("small", "")]
    assert [row["label"] for row in rows] == expected
    assert draw_labels({"lever.on": [True, False], "days": [5, 0.5]}) == [
        "lever.on=true days=5",
        "lever.on=true days=0.5",
        "lever.on=false days=5",
        "lever.on=false days=0.5",
    ]


def draw_labels(levels: dict[str, list[Any]]) -> list[str]:
    design = design_of({"kind": "factorial", "levels": levels})
    return [draw.label for draw in draws_of(design, made_up_world.MadeUpScenario().values, ())]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("hydra.sweeper.params={size: '1,2'}",), "hydra.sweeper.params sweeps size; add -m"),
        (("+hydra.sweeper.parms={size: '1,2'}",), "unknown key 'parms' (did you mean 'params'?)"),
        (("-m", "+hydra.sweeper.parms={size: '1,2'}"), "unknown key 'parms' (did you mean 'params'?)"),
        (
            ("+design={kind: factorial, levels: {size: [1, 2]}}", "size=3"),
            "size: the design has levels for it; leave out one of the two",
        ),
        (
            ("-m", "+design={kind: factorial, levels: {size: [1, 2]}}", "size=3,4"),
            "size: the design has levels for it; leave out one of the two",
        ),
    ],
)
def test_values_that_a_sweep_would_drop_are_refused(words, expected, tmp_path, capsys):
    assert sweep(tmp_path, *words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert expected in err
    assert err.count("\n") == 1
    assert not (tmp_path / "results" / ".store").exists()


def test_draws_that_the_settings_refuse_are_left_out_and_listed(tmp_path, monkeypatch, capsys):
    """A world that takes no size above 1: about half of the draws."""

    def load(tree: dict[str, Any]) -> Any:
        if tree["size"] > 1:
            raise made_up_world.ConfigError("size: too large for this world")
        return made_up_world.load_scenario(tree)

    flags = made_up_world.write_conf(tmp_path / "conf")
    words = [*flags, f"run.results={tmp_path / 'results'}", DESIGN]
    assert in_one_line(lambda: run.command(words, load, made_up_world.simulate)) == 0
    _, rows, manifest = record_of(tmp_path)
    kept, left = {row["label"] for row in rows}, set(manifest["left_out"])
    assert kept | left == {f"draw {i}" for i in range(5)}
    assert not kept & left
    assert left
    assert all(float(row["size"]) <= 1 for row in rows)
    err = capsys.readouterr().err
    assert err.count("is left out: size: too large for this world\n") == len(left) == err.count("\n")


def test_a_sweep_over_results_folders_is_refused(tmp_path, capsys):
    words = [
        *made_up_world.write_conf(tmp_path / "conf"),
        "-m",
        f"run.results={tmp_path / 'a'},{tmp_path / 'b'}",
    ]
    code = in_one_line(lambda: run.command(words, made_up_world.load_scenario, made_up_world.simulate))
    assert code == 2
    assert "run.results: a sweep has one results folder, not 2" in capsys.readouterr().err
    assert not (tmp_path / "a").exists()


def test_points_that_report_other_outcomes_share_a_table_whichever_comes_first(tmp_path, capsys):
    words = ["run=smoke", "run.replications=1", "run.parameter_sets=0", "run.pages=0", "run.workers=1"]
    short = ["calendar.days=3", "calendar.warmup_days=0", f"run.results={tmp_path / 'results'}"]
    for models in ("queue,instant", "instant,queue"):
        assert main(["run", "-m", f"border.model={models}", *words, *short]) == 0
        _, head, *rows = capsys.readouterr().out.splitlines()
        assert "Mean wait, min" in head
        told = {row.split()[0]: row for row in rows[:2]}
        assert "–" in told["border.model=instant"]
        assert "–" not in told["border.model=queue"]


def test_a_failed_job_is_listed_in_one_line_and_the_others_finish(tmp_path, capsys):
    assert sweep(tmp_path, "-m", "trouble=large_fails", "run.parameter_sets=0", "size=1,1.5,2") == 1
    _, rows, manifest = record_of(tmp_path)
    assert [row["label"] for row in rows] == ["size=1", "size=1.5"]
    job = "[size=2] made_up, replication 1"
    assert manifest["failed"] == {job: "size: too large for this world"}
    first, second = capsys.readouterr().err.splitlines()
    assert first == f"sim: {job}: size: too large for this world"
    assert second == "sim: 1 replication failed; the others are kept"


@pytest.mark.parametrize(
    ("design", "expected"),
    [
        ("{kind: sobl, points: 4, over: [size]}", "design.kind: input should be 'latin_hypercube', 'sobol'"),
        ("{kind: sobol, points: 5, over: [size]}", "a Sobol sequence needs a power of two, 4 or 8"),
        ("{kind: sobol, pionts: 4, over: [size]}", "unknown key 'pionts' (did you mean 'points'?)"),
        (
            "{kind: sobol, points: 4, over: [siz]}",
            "design.over: 'siz' meets no number (did you mean 'size'?)",
        ),
        ("{kind: sobol, points: 4, over: [other]}", "no number there has a range to draw from"),
        ("{kind: factorial, levels: {sise: [1]}}", "unknown key 'sise' (did you mean 'size'?)"),
        ("{kind: factorial, levels: {size: [1, -1]}}", "[size=-1] size: input should be at least 0 (got -1)"),
    ],
)
def test_a_wrong_design_is_told_in_one_line(design, expected, tmp_path, capsys):
    assert sweep(tmp_path, f"+design={design}") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert expected in err
    assert err.count("\n") == 1
    assert not (tmp_path / "results").exists()


def test_a_misspelt_design_block_is_told_the_right_name(tmp_path, capsys):
    assert sweep(tmp_path, "+desing={kind: sobol}") == 2
    assert capsys.readouterr().err == "sim: desing: unknown key (did you mean 'design'?)\n"


OVERRIDES = [
    ["size=1,2.5", "name=a,'b c'"],
    ["scenario=big,small", "size=1,2"],
    ["+extra={a: 1},{b: 2}", "run.workers=1,2"],
    ["run={workers: 3},{replications: 2}", "size=1,null"],
    ["~trouble", "size=1,2"],
    ["name=${marks},x", "marks=u,v"],
    ["size=1,2", "run={workers: 3}", "run.workers=4,5"],
    ["run.workers=4,5", "run={workers: 3}"],
    ["scenario=glob(*)", "size=range(1,3)", "name=choice(a,b)"],
]


@pytest.mark.parametrize("overrides", OVERRIDES, ids=" ".join)
def test_quick_composition_is_that_of_hydra(overrides, tmp_path):
    flags = made_up_world.write_conf(tmp_path / "conf")
    (tmp_path / "conf" / "scenario").mkdir()
    for name, size in (("big", 9.0), ("small", 0.1)):
        text = f"# @package _global_\nsize: {size}\n"
        (tmp_path / "conf" / "scenario" / f"{name}.yaml").write_text(text)
    words = [*flags, "-m", f"run.results={tmp_path}", *overrides]
    quick, stock = compose_points(parse_flags(words)), Job()
    hydra_main(parse_flags([*words, "hydra/launcher=basic", "hydra/sweeper=basic"]), stock)
    assert quick is not None
    assert len(quick.points) == len(stock.points) > 0
    assert quick.points == stock.points


def test_the_stock_launcher_of_hydra_leaves_the_same_runs(tmp_path):
    for name, launcher in (("ours", "local"), ("stock", "basic")):
        assert sweep(tmp_path / name, "-m", "size=1,2", f"hydra/launcher={launcher}") == 0
    ours, stock = (record_of(tmp_path / name)[1] for name in ("ours", "stock"))
    assert ours == stock


ELSEWHERE = """
from hydra.core.config_store import ConfigStore
from hydra.core.utils import run_job
from hydra.plugins.launcher import Launcher

target = {"_target_": "hydra_plugins.elsewhere.Elsewhere"}
ConfigStore.instance().store(group="hydra/launcher", name="elsewhere", node=target)


class Elsewhere(Launcher):
    def setup(self, *, hydra_context, task_function, config):
        self.context, self.task, self.config = hydra_context, task_function, config

    def launch(self, job_overrides, initial_job_idx):
        load = self.context.config_loader.load_sweep_config
        jobs = [load(self.config, list(words)) for words in job_overrides]
        where = {"job_dir_key": "hydra.sweep.dir", "job_subdir_key": "hydra.sweep.subdir"}
        return [run_job(self.task, job, hydra_context=self.context, **where) for job in jobs]
"""


def test_a_launcher_that_a_user_installs_runs_each_point_as_a_sweep_of_its_own(tmp_path):
    plugin = tmp_path / "hydra_plugins" / "elsewhere.py"
    plugin.parent.mkdir()
    plugin.write_text(ELSEWHERE)
    words = [*made_up_world.write_conf(tmp_path / "conf"), f"run.results={tmp_path / 'results'}"]
    words += ["-m", "size=1,2", "hydra/launcher=elsewhere", "run.parameter_sets=0", "run.workers=1"]
    command = [sys.executable, "-m", "tests.fixtures.run_made_up", *words]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    records = list((tmp_path / "results" / "sweeps").iterdir())
    assert done.stdout.count("sweep ") == len(records) == 2
    assert len(list((tmp_path / "results" / "made_up").iterdir())) == 2


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("size=interval(0,1)",), "an interval has no points; write size=1,2 or size=range(1,3)"),
        (("scenario=glob(z*)",), "scenario=glob(z*): scenario has no files that glob() could name"),
        (("hydra.job.name=a,b",), "hydra.job.name=a,b: settings of Hydra cannot be swept"),
        (("hydra/launcher=dask", "hydra/sweeper=other"), "hydra/sweeper: unknown choice 'other'"),
    ],
)
def test_what_cannot_be_swept_is_one_line(words, expected, tmp_path, capsys):
    assert sweep(tmp_path, "-m", *words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert expected in err
    assert err.count("\n") == 1
