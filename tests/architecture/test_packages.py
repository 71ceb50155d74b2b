"""The locks install anywhere, the distribution is complete, and no bulk of official data is committed."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from sim.store.version import distribution
from tests.architecture import rules

LOCKS = ("requirements.lock", "requirements-dev.lock")
TABLE_BYTES = 400_000
TABLES_BYTES = 1_500_000


def _names(lock: str) -> dict[str, str]:
    lines = (rules.ROOT / lock).read_text().splitlines()
    pins = [line.split()[0].split("==") for line in lines if line and line[0].isalnum()]
    return {name.lower().replace("_", "-"): version for name, version in pins}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_registry(lock: str) -> None:
    rules.check(rules.no_registry, [rules.ROOT / lock])


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_pins_with_hashes(lock: str) -> None:
    rules.check(rules.hashed, [rules.ROOT / lock])


def test_locks_agree_with_each_other_and_with_the_project() -> None:
    run, develop = _names("requirements.lock"), _names("requirements-dev.lock")
    differing = {name for name, version in run.items() if develop.get(name) != version}
    assert not differing, f"the locks differ on {sorted(differing)}: run `make lock`"
    project = tomllib.loads((rules.ROOT / "pyproject.toml").read_text())["project"]
    wanted = {_distribution(need) for need in project["dependencies"]}
    assert wanted <= set(run), f"not locked: {sorted(wanted - set(run))}: run `make lock`"
    extras = project["optional-dependencies"]
    wanted = {_distribution(need) for extra in ("test", "dev") for need in extras[extra]} - {project["name"]}
    assert wanted <= set(develop), f"not locked: {sorted(wanted - set(develop))}: run `make lock`"


def _distribution(need: str) -> str:
    head = need
    for mark in "[<>=!~; ":
        head = head.split(mark)[0]
    return re.sub(r"[-_.]+", "-", head).lower()


def test_the_name_for_pip_is_written_once() -> None:
    """The name ``chokepoint`` on PyPI belongs to another project; hints take the name from the metadata."""
    project = tomllib.loads((rules.ROOT / "pyproject.toml").read_text())["project"]
    assert distribution() == project["name"] == "chokepoint-sim"
    assert set(project["optional-dependencies"]) >= {"study", "cluster", "frames", "images"}
    pages = rules.files("sim/**/*.py", "chokepoint/*.py", "docs/**/*.md", "conf/**/*.md")
    wrong = [path.name for path in pages if re.search(r"chokepoint\[", path.read_text())]
    assert not wrong, f"pip install 'chokepoint[...]' installs something else: {wrong}"
    sources = [path for path in rules.files("sim/**/*.py") if "chokepoint-sim" in path.read_text()]
    assert [path.name for path in sources] == ["version.py"]


def test_one_version_everywhere() -> None:
    version = tomllib.loads((rules.ROOT / "pyproject.toml").read_text())["project"]["version"]
    citation = (rules.ROOT / "CITATION.cff").read_text()
    assert f"\nversion: {version}\n" in citation, (
        f"CITATION.cff does not name version {version} of pyproject.toml"
    )


def test_tables_are_small() -> None:
    sizes = {path: path.stat().st_size for path in rules.files("conf/**/*.csv", "tests/**/*.csv")}
    for path, size in sizes.items():
        assert size <= TABLE_BYTES, rules.lesson(
            str(path.relative_to(rules.ROOT)),
            f"{size} bytes",
            f"at most {TABLE_BYTES}: the compact table that the model reads, and a command that rebuilds it",
            "official files are large, have their own terms, and are fetched by the user",
        )
    assert sum(sizes.values()) <= TABLES_BYTES, f"all tables together exceed {TABLES_BYTES} bytes"


def test_wheel_holds_package_and_configuration(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(command, cwd=rules.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    package = rules.files("sim/**/*.py", "chokepoint/*", "sim/py.typed")
    shipped = [path.relative_to(rules.ROOT).as_posix() for path in package]
    shipped += ["sim/" + path.relative_to(rules.ROOT).as_posix() for path in rules.files("conf/**/*.*")]
    (licenses,) = {Path(name).parent for name in inside if name.endswith("/LICENSE-DATA")}
    shipped += [f"{licenses}/LICENSE", f"{licenses}/LICENSE-DATA"]
    missing = sorted(set(shipped) - inside)
    assert not missing, f"not in the wheel: {missing}; see [tool.hatch.build] in pyproject.toml"
