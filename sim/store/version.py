"""Which model produced a result: a hash of its sources and tables.

A stored replication may be reused as long as nothing that could change it has changed. Everything
below the packages that only run, store, show or study counts, and so do the tables that the model reads.
Values in YAML files do not: they are part of the scenario's own hash.
"""

from __future__ import annotations

import functools
import hashlib
import subprocess
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from sim.core.shipped import conf_folder

SCHEMA_VERSION = 1

_PACKAGE = Path(__file__).resolve().parent.parent
# Packages that cannot change what one replication yields.
_ABOVE = ("cli", "api", "study", "data", "run", "plots", "report", "store", "stats", "conf")
# In a checkout that nothing installed there is no metadata to ask.
_NAME = "chokepoint-sim"
_TABLES = ("border", "calibration")
_PINNED = ("numpy", "scipy", "numba", "simpy", "pydantic", "duckdb", "hydra-core", "omegaconf", "plotly")


def _counted_files() -> Iterator[tuple[str, Path]]:
    for path in sorted(_PACKAGE.rglob("*.py")):
        relative = path.relative_to(_PACKAGE)
        if relative.parts[0] not in (*_ABOVE, "__main__.py"):
            yield f"sim/{relative.as_posix()}", path
    conf = conf_folder()
    tables = [path for folder in _TABLES for path in (conf / folder).glob("*.csv")]
    for path in sorted([*tables, conf / "measures.yaml"]):
        yield f"conf/{path.relative_to(conf).as_posix()}", path


@functools.cache
def model_version() -> str:
    """Return the hash (64 hexadecimal digits) of model sources, tables and schema version."""
    digest = hashlib.sha256(f"schema {SCHEMA_VERSION}".encode())
    for name, path in _counted_files():
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"\0{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


@functools.cache
def code_revision() -> str | None:
    """Return the git revision of a checkout, with ``-changed`` after local edits; None when installed."""
    root = _PACKAGE.parent
    if not (root / ".git").exists():
        return None
    revision = _git(root, "rev-parse", "HEAD")
    if revision is None:
        return None
    return revision + ("-changed" if _git(root, "status", "--porcelain", "--", "sim", "conf") else "")


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


@functools.cache
def distribution() -> str:
    """Return the name by which pip knows this package: that of whatever installed the command ``sim``."""
    if _installed(_NAME) is None:
        for command in metadata.entry_points(group="console_scripts", name="sim"):
            if command.value == "sim.cli.main:main" and command.dist is not None:
                return command.dist.name
    return _NAME


def install_hint(extra: str) -> str:
    """Return what installs an extra, ``pip install 'NAME[extra]'``."""
    return f"pip install '{distribution()}[{extra}]'"


def release() -> str:
    """Return the version of the installed distribution, or ``unreleased`` in a bare checkout."""
    return _installed(distribution()) or "unreleased"


def origin(seed: int, model: str = "") -> str:
    """Return the last sentence of a figure's footer: what made it, by default the model of today."""
    return f"Source: Chokepoint {release()}, seed {seed}, model {(model or model_version())[:8]}."


@functools.cache
def package_versions() -> dict[str, str]:
    """Return the versions of the packages that can change a result or its picture."""
    return {name: found for name in _PINNED if (found := _installed(name)) is not None}


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
