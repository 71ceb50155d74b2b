"""The model version: it changes with what can change a result, and with nothing else."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from sim.store import version
from sim.store.manifest import manifest_of, write_manifest


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of sources and tables, whose version ``model_version`` then gives."""
    package = Path(version.__file__).resolve().parents[1]
    shutil.copytree(package, tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__", "conf"))
    shutil.copytree(version.conf_folder(), tmp_path / "conf")
    monkeypatch.setattr(version, "_PACKAGE", tmp_path / "sim")
    monkeypatch.setattr(version, "conf_folder", lambda: tmp_path / "conf")
    return tmp_path


def _version() -> str:
    return version.model_version.__wrapped__()


@pytest.mark.parametrize(
    "path",
    [
        "sim/world.py",
        "sim/scenario.py",
        "sim/core/draws.py",
        "sim/border/queue/kernel.py",
        "sim/measures/flows.py",
        "sim/chain/market.py",
        "conf/border/lanes.csv",
    ],
)
def test_what_can_change_a_result_changes_the_version(copy, path):
    before = _version()
    with (copy / path).open("a") as file:
        file.write("\n# changed\n")
    assert _version() != before


@pytest.mark.parametrize(
    "path",
    ["sim/cli/main.py", "sim/run/pool.py", "sim/store/parquet.py", "sim/stats/intervals.py",
     "sim/report/theme.py", "conf/config.yaml", "conf/facts.csv", "conf/official/cbp_fentanyl.csv"],
)  # fmt: skip
def test_what_cannot_does_not(copy, path):
    before = _version()
    with (copy / path).open("a") as file:
        file.write("\n# changed\n")
    assert _version() == before


def test_line_ends_do_not_count_and_names_do(copy):
    before = _version()
    lanes = copy / "conf" / "border" / "lanes.csv"
    lanes.write_bytes(lanes.read_bytes().replace(b"\n", b"\r\n"))
    assert _version() == before
    lanes.rename(lanes.with_name("lanes2.csv"))
    assert _version() != before


def test_a_new_schema_is_a_new_version(copy, monkeypatch):
    before = _version()
    monkeypatch.setattr(version, "SCHEMA_VERSION", version.SCHEMA_VERSION + 1)
    assert _version() != before


def test_the_manifest_lists_the_hashes_of_its_files(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    write_manifest(tmp_path, {"seed": 3}, ["a.txt"])
    text = (tmp_path / "manifest.json").read_text()
    manifest = json.loads(text)
    assert manifest["files"] == {"a.txt": hashlib.sha256(b"a").hexdigest()}
    assert manifest["seed"] == 3
    assert list(manifest) == sorted(manifest)
    assert manifest == json.loads(json.dumps(manifest_of({"seed": 3, "files": manifest["files"]})))


def test_a_folder_without_git_has_no_revision(copy):
    assert version.code_revision.__wrapped__() is None
