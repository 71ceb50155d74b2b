"""Every experiment of ``conf/`` composes, all its points are valid, and it runs as a sweep."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from sim.cli.compose import compose_points
from sim.cli.hydra_setup import parse_flags
from sim.cli.main import main
from sim.cli.sweep import Point, expanded
from sim.core.shipped import conf_folder
from sim.scenario import load_scenario

EXPERIMENTS = sorted(path.stem for path in (conf_folder() / "experiment").glob("*.yaml"))
SIZES = {
    "evidence_latin_hypercube": 60,
    "evidence_morris": 8 * 27,
    "evidence_sobol": 64,
    "staffing_dose": 4,
    "staffing_outreach": 12,
}
FEW = {"evidence_latin_hypercube": 2, "evidence_morris": 1, "evidence_sobol": 2}
SHORT = ["calendar.days=2", "calendar.warmup_days=1", "border.model=instant", "run=smoke"]


def points_of(name: str, *overrides: str) -> list[Point]:
    composed = compose_points(parse_flags(["-m", f"experiment={name}", *overrides]))
    assert composed is not None
    return expanded(composed.points, load_scenario)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_point_of_every_experiment_is_valid_and_has_its_own_name(name: str) -> None:
    points = points_of(name)
    assert len(points) == SIZES[name]
    assert len({point.label for point in points}) == len(points)
    assert len({load_scenario(point.tree).canonical_json() for point in points}) == len(points)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_runs_as_a_sweep(name: str, tmp_path: Path) -> None:
    few = [f"design.points={FEW[name]}"] if name in FEW else []
    assert main(["run", "-m", f"experiment={name}", *SHORT, *few, f"run.results={tmp_path}"]) == 0
    (record,) = (tmp_path / "sweeps").iterdir()
    with (record / "points.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 1
    assert all((tmp_path / row["folder"] / "manifest.json").is_file() for row in rows)


def test_an_experiment_chooses_its_preset_and_the_user_another() -> None:
    (first, *_), (own, *_) = points_of("evidence_sobol"), points_of("evidence_sobol", "run=class")
    assert first.tree["run"]["parameter_sets"] == 0
    assert not first.tree["run"]["images"]
    assert own.tree["run"]["images"]


def test_a_design_is_combined_with_an_ordinary_sweep() -> None:
    points = points_of("evidence_sobol", "design.points=2", "levers.port_staffing.size=0,2000")
    labels = [f"levers.port_staffing.size={size} draw {draw}" for size in (0, 2000) for draw in (0, 1)]
    assert [point.label for point in points] == labels
    first, _, second, _ = (dict(point.drawn) for point in points)
    size = "levers.port_staffing.size"
    assert (first.pop(size), second.pop(size)) == (0, 2000)
    assert first == second
