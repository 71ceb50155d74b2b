"""The distribution as others get it: built, installed in an empty environment, used in an empty folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Deaf to the checkout, and to whatever environment runs the tests.
_IGNORED = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "NUMBA_CACHE_DIR")
_UNREACHABLE = ("No matching distribution found", "Could not find a version", "Connection", "Max retries")

pytestmark = [pytest.mark.slow]


def _run(*words: str | Path, cwd: Path) -> str:
    environment = {key: value for key, value in os.environ.items() if key not in _IGNORED}
    environment |= {"XDG_CACHE_HOME": str(cwd.parent / "cache")}
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def _pip(python: Path, *words: str, cwd: Path) -> None:
    """Install with pip; skip where the packages cannot be had, or fail where CI promises them."""
    try:
        _run(python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *words, cwd=cwd)
    except AssertionError as error:
        if os.environ.get("CI") == "true" or not any(text in str(error) for text in _UNREACHABLE):
            raise
        pytest.skip(f"pip cannot reach the packages: {str(error).strip().splitlines()[-1]}")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "hatchling", "build", "-d", folder, cwd=ROOT)
    return folder


def test_archives_hold_licences_types_and_configuration(built: Path) -> None:
    (sdist,) = built.glob("chokepoint_sim-*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= {"LICENSE", "LICENSE-DATA", "sim/py.typed", "chokepoint/__init__.py", "conf/config.yaml"}
    assert not [name for name in names if name.startswith((".git/", ".venv/", "results/"))]


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_an_empty_environment_runs_it(built: Path, tmp_path: Path, kind: str) -> None:
    (archive,) = built.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    empty = tmp_path / "empty"
    empty.mkdir()
    environment = tmp_path / "environment"
    _run(os.environ.get("CHOKEPOINT_PYTHON", sys.executable), "-m", "venv", environment, cwd=empty)
    programs = environment / ("Scripts" if os.name == "nt" else "bin")
    python, sim = programs / "python", programs / "sim"
    _pip(python, str(archive), cwd=empty)
    where = json.loads(
        _run(
            python, "-c",
            "import json, sim, chokepoint; from sim.store.version import distribution, install_hint;"
            "from sim.core.shipped import conf_folder;"
            "print(json.dumps([sim.__file__, chokepoint.__version__, str(conf_folder()),"
            "install_hint('study')]))",
            cwd=empty,
        )
    )  # fmt: skip
    assert all(str(environment) in path for path in (where[0], where[2]))
    assert where[1] != "unreleased"
    assert where[3] == "pip install 'chokepoint-sim[study]'"
    assert "153" in _run(sim, "list", "levers", cwd=empty)
    assert "chokepoint " in _run(programs / "chokepoint", "--version", cwd=empty)
    assert not list(empty.iterdir())
    if kind == "wheel":
        said = _run(sim, "run", "run=smoke", "border.model=instant", "calendar.warmup_days=14", cwd=empty)
        assert "index.html" in said
        assert [path.name for path in empty.iterdir()] == ["results"]
        assert _run(sim, "open", "--print", cwd=empty).strip().endswith("index.html")
        (run,) = json.loads(_run(sim, "list", "runs", "--json", cwd=empty))
        assert run["scenario"].startswith("baseline")
