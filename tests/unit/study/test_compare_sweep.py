"""A sweep of two keys among the runs of a comparison: when it is one, and which maps it gets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.study.compare.pairing import read_panel
from sim.study.compare.result import result_of
from sim.study.compare.selection import RunsToCompare, choose
from sim.study.compare.sweep import grid_of
from sim.study.compare.verdict import differences_of
from tests.fixtures.written_runs import outcomes, write_run

WHOLE = [(size, share) for size in (0, 1000, 2000) for share in (0.0, 0.5)]
LESS_KG = 0.2


def config(size: Any, share: Any, **more: Any) -> dict[str, Any]:
    levers = {"port_staffing": {"size": size, "unit": "officer"}}
    return {"levers": levers, "source": {"share": {"value": share, "unit": "1/d"}}, **more}


def sweep(root: Path, points: Iterable[dict[str, Any]]) -> RunsToCompare:
    """Write a run a configuration: each officer takes away ``LESS_KG``, the share does nothing."""
    words = []
    for number, tree in enumerate(points):
        size = tree["levers"]["port_staffing"]["size"]
        values = outcomes(-LESS_KG * size if isinstance(size, int) else 0.0)
        words.append(str(write_run(root / "dose" / f"2026-01-01_{number:08d}", values, config=tree)))
    return choose(words)


def test_a_whole_grid_is_found_with_the_longer_side_across(tmp_path: Path) -> None:
    grid = grid_of(sweep(tmp_path, [config(*pair) for pair in WHOLE]))
    assert grid is not None
    assert (grid.x, grid.y) == (("Port staffing", "officer"), ("Share", "1/d"))
    assert grid.places.tolist() == [list(pair) for pair in WHOLE]


def test_a_grid_with_a_hole_is_one_and_a_star_is_none(tmp_path: Path) -> None:
    hole = [pair for pair in WHOLE if pair != (1000, 0.5)]
    assert grid_of(sweep(tmp_path / "hole", [config(*pair) for pair in hole])) is not None
    star = [(0, 0.0), (1000, 0.0), (2000, 0.0), (0, 0.5), (0, 1.0)]
    assert grid_of(sweep(tmp_path / "star", [config(*pair) for pair in star])) is None


@pytest.mark.parametrize(
    "points",
    [
        [config(size, 0.0) for size in (0, 1, 2, 3)],
        [config(*pair, third=pair[0] + pair[1]) for pair in WHOLE],
        [config(size, share) for size in ("a", "b") for share in (0.0, 0.5)],
        [config(size, share) for size in (0, None) for share in (0.0, 0.5)],
        [config(size, share) for size in (False, True) for share in (0.0, 0.5)],
        [config(0, 0.0), config(1000, 0.0), config(0, 0.5)],
        [config(size, share) for size in range(13) for share in (0.0, 0.5)],
    ],
    ids=["one key", "three keys", "words", "nothing", "switches", "too few runs", "too long a side"],
)
def test_what_is_no_sweep_of_two_numbers_has_no_grid(tmp_path: Path, points: list[dict[str, Any]]) -> None:
    assert grid_of(sweep(tmp_path, points)) is None


def test_every_outcome_with_a_clear_difference_has_its_map(tmp_path: Path) -> None:
    choice = sweep(tmp_path, [config(*pair) for pair in WHOLE])
    panel = read_panel(choice, ("delivered_pure_kg", "seizure_events"))
    found = result_of(choice, differences_of(panel))
    assert [name for name in found.plot if name.startswith("sweep_")] == ["sweep_delivered_pure_kg"]
    assert next(iter(found.plot)) == "sweep_delivered_pure_kg", "the map comes first"
    figure = found.plot.sweep_delivered_pure_kg()
    assert figure.layout.meta["slug"] == "sweep_delivered_pure_kg"
    assert "kg pure less a year, at port staffing 2,000" in figure.layout.meta["title"]
    assert f"{figure.layout.meta['title']}." in found.verdicts
    z = np.array(figure.data[0].z)
    assert np.isnan(z[:, 0]).all()
    assert z[:, 1:] == pytest.approx(np.array([[-200.0, -400.0]] * 2), abs=4.0 / 12**0.5)
    assert "no map, for want of a clear difference from the base: seizure events" in found.notes


def test_the_first_outcome_has_its_map_even_if_nothing_is_told(tmp_path: Path) -> None:
    choice = sweep(tmp_path, [config(*pair) for pair in WHOLE])
    found = result_of(choice, differences_of(read_panel(choice, ("seizure_events",))))
    assert "no cell has a clear difference" in found.plot.sweep_seizure_events().layout.meta["title"]
    assert not any(note.startswith("no map") for note in found.notes)
