"""Sweeps over a store whose files went bad: what is damaged is simulated again, and nothing else stops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.cli import run
from sim.cli.main import in_one_line
from tests.fixtures import made_up_world

POINTS = "size=1,2,3"


def sweep(folder: Path, simulate: Any = made_up_world.simulate) -> int:
    flags = made_up_world.write_conf(folder / "conf")
    words = [*flags, f"run.results={folder / 'results'}", "run.workers=1", "-m", POINTS]
    return in_one_line(lambda: run.command(words, made_up_world.load_scenario, simulate))


def content(folder: Path) -> dict[Path, bytes]:
    files = (folder / "results").rglob("*.*")
    kept = (path for path in files if path.is_file() and ".sweeps" not in path.parts)
    return {path: path.read_bytes() for path in kept if path.suffix != ".lock"}


def flipped(path: Path, where: float = 0.5) -> None:
    """Change one bit in a file, in the middle or after another share of it; its size stays."""
    whole = bytearray(path.read_bytes())
    whole[int(len(whole) * where)] ^= 1
    path.write_bytes(whole)


def test_stored_files_with_one_bit_changed_do_not_stop_a_sweep(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep(tmp_path) == 0
    before = content(tmp_path)
    capsys.readouterr()
    stored = sorted((tmp_path / "results" / ".store").rglob("p0000_r0000[03].zip"))
    assert len(stored) == 6
    for path, where in zip(stored[:5], (0.1, 0.3, 0.5, 0.7, 0.999), strict=True):
        flipped(path, where)
    assert sweep(tmp_path) == 0
    err = capsys.readouterr().err
    assert "damaged and simulated again" in err
    assert "failed" not in err
    assert content(tmp_path) == before


def test_a_damaged_replication_that_cannot_be_simulated_again_costs_only_its_point(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep(tmp_path) == 0
    flipped(min((tmp_path / "results" / ".store").rglob("*.zip")))
    capsys.readouterr()
    assert sweep(tmp_path, refuse) == 1
    assert "1 replication failed; the others are kept" in capsys.readouterr().err
    (record,) = (tmp_path / "results" / "sweeps").iterdir()
    assert len((record / "points.csv").read_text().splitlines()) == 1 + 2


def refuse(scenario: Any, seed: int, replication: int, parameter_set: int = 0) -> Any:
    raise ZeroDivisionError("a defect")


def test_what_is_gone_when_its_folder_is_written_is_simulated_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another run that shares the store may empty a file, and a network disk may not show one yet."""
    assert sweep(tmp_path) == 0
    before = content(tmp_path)
    for path in (tmp_path / "results" / ".store").rglob("*.zip"):
        path.unlink()
    emptied: list[Path] = []

    def empties(scenario: Any, seed: int, replication: int, parameter_set: int = 0) -> Any:
        stored = sorted((tmp_path / "results" / ".store").rglob("*.zip"))
        if len(stored) > 1 and not emptied:
            stored[0].write_bytes(b"")
            emptied.append(stored[0])
        return made_up_world.simulate(scenario, seed, replication, parameter_set)

    assert sweep(tmp_path, empties) == 0
    assert len(emptied) == 1
    assert content(tmp_path) == before
    assert "failed" not in capsys.readouterr().err
