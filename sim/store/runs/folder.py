"""One run folder as its manifest describes it."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from sim.core.errors import StoreError

MANIFEST, SWEEP = "manifest.json", "points.csv"
_OF_A_RUN = ("config.yaml", "measures.parquet")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NEXT_ENTRY = re.compile(r"^\S", flags=re.MULTILINE)
_NEEDED = ("name", "seed", "replications", "parameter_sets", "model_version", "config_hash", "files")


@dataclass(frozen=True)
class RunFolder:
    """A finished run: where it is, and its manifest."""

    path: Path
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return str(self.manifest["name"])

    @property
    def run(self) -> str:
        """Name of the run below its results folder, ``<scenario>/<date>_<hash>``."""
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def results(self) -> Path:
        """The results folder that holds the run."""
        return self.path.parent.parent

    @cached_property
    def config(self) -> str:
        """Text of the composed configuration.

        Raises
        ------
        StoreError
            It cannot be read.
        """
        path = self.path / "config.yaml"
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(f"{path}: cannot be read; run this scenario again") from error

    def block(self, key: str) -> dict[str, Any]:
        """Return one top-level entry of the configuration, empty when there is none.

        The rest is not parsed: it takes a tenth of a second, and there may be a thousand runs.
        """
        text = f"\n{self.config}"
        begin = text.find(f"\n{key}:") + 1
        if not begin:
            return {}
        end = _NEXT_ENTRY.search(text, begin + 1)
        tree = _parsed(text[begin : end.start() if end else None])[key]
        return tree if isinstance(tree, dict) else {}

    def tree(self) -> dict[str, Any]:
        """Return the composed configuration.

        Raises
        ------
        StoreError
            It is no configuration.
        """
        try:
            tree = yaml.load(self.config, Loader=_LOADER)
        except yaml.YAMLError as error:
            raise StoreError(
                f"{self.path / 'config.yaml'}: not valid YAML; run this scenario again"
            ) from error
        if not isinstance(tree, dict):
            raise StoreError(f"{self.path / 'config.yaml'}: no configuration; run this scenario again")
        return tree

    def table(self, name: str) -> Path:
        """Return the path of a table that is as it was written.

        Raises
        ------
        StoreError
            The file is missing or differs from its hash in the manifest.
        """
        path = self.path / f"{name}.parquet"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise StoreError(f"{path}: cannot be read; run this scenario again") from error
        if hashlib.sha256(content).hexdigest() != self.manifest["files"].get(path.name):
            raise StoreError(f"{path}: the file is corrupted; run this scenario again")
        return path


@lru_cache(maxsize=64)
def _parsed(text: str) -> dict[str, Any]:
    """Return a few lines of YAML; most runs have the same ones."""
    return dict(yaml.load(text, Loader=_LOADER))


def is_run(folder: Path) -> bool:
    """Tell whether a folder is that of a run; sweeps and studies leave a manifest too."""
    if not (folder / MANIFEST).is_file() or (folder / SWEEP).is_file():
        return False
    return any((folder / name).exists() for name in _OF_A_RUN)


def read_run(folder: Path) -> RunFolder:
    """Return the run in a folder.

    Raises
    ------
    StoreError
        There is no manifest, or it is not one of a run.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StoreError(f"{folder}: no run, it has no {MANIFEST}") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: not a readable manifest; run this scenario again") from error
    missing = [key for key in _NEEDED if not isinstance(manifest, dict) or key not in manifest]
    if missing:
        raise StoreError(f"{path}: not the manifest of a run, it lacks {', '.join(missing)}")
    return RunFolder(folder, manifest)


def runs_below(folder: Path) -> list[Path]:
    """Return the run folders directly below a folder, the oldest first."""
    found = [path for path in folder.iterdir() if not path.name.startswith(".") and is_run(path)]
    return sorted(found, key=lambda path: (path.name[:10], (path / MANIFEST).stat().st_mtime_ns, path.name))
