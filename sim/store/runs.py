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
_NEXT_ENTRY, _BETWEEN_ENTRIES = re.compile(r"^\S", flags=re.MULTILINE), re.compile(r"\n(?=\S)")
_NEEDED: dict[str, type] = {
    "name": str,
    "seed": int,
    "replications": int,
    "parameter_sets": int,
    "model_version": str,
    "config_hash": str,
    "files": dict,
}
_FURTHER: dict[str, type] = {"assumptions": int, "overrides": list, "version": str}


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
        """Text of the composed configuration, as it was written.

        Raises
        ------
        StoreError
            It is missing or differs from its hash in the manifest.
        """
        try:
            return self._as_written("config.yaml").decode("utf-8")
        except UnicodeDecodeError as error:
            raise self._no_config("not valid YAML") from error

    @property
    def same(self) -> tuple[str, ...]:
        """What two folders have in common that hold the same run, made twice."""
        files = self.manifest["files"]
        kept = (str(files.get(name)) for name in ("config.yaml", "measures.parquet"))
        return self.name, self.manifest["model_version"], *kept

    def block(self, key: str) -> dict[str, Any]:
        """Return one top-level entry of the configuration, empty when there is none.

        The rest is not parsed: it takes a tenth of a second, and there may be a thousand runs.

        Raises
        ------
        StoreError
            The configuration cannot be read, or this entry is not valid YAML.
        """
        text = f"\n{self.config}"
        begin = text.find(f"\n{key}:") + 1
        if not begin:
            return {}
        end = _NEXT_ENTRY.search(text, begin + 1)
        tree = self.entry(text[begin : end.start() if end else None]).get(key)
        return tree if isinstance(tree, dict) else {}

    def sections(self) -> dict[str, str]:
        """Return the text of every top-level entry of the configuration, none of it parsed.

        Raises
        ------
        StoreError
            The configuration cannot be read.
        """
        return {part.partition(":")[0]: part for part in _BETWEEN_ENTRIES.split(self.config)}

    def entry(self, text: str) -> dict[str, Any]:
        """Return a part of the configuration, parsed.

        Raises
        ------
        StoreError
            It is not valid YAML.
        """
        try:
            return _parsed(text)
        except (yaml.YAMLError, ValueError, TypeError) as error:
            raise self._no_config("not valid YAML") from error

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
            raise self._no_config("not valid YAML") from error
        if not isinstance(tree, dict):
            raise self._no_config("no configuration")
        return tree

    def table(self, name: str) -> Path:
        """Return the path of a table that is as it was written.

        Raises
        ------
        StoreError
            The file is missing or differs from its hash in the manifest.
        """
        self._as_written(f"{name}.parquet")
        return self.path / f"{name}.parquet"

    def _as_written(self, name: str) -> bytes:
        path = self.path / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise StoreError(f"{path}: cannot be read; run this scenario again") from error
        if hashlib.sha256(content).hexdigest() != self.manifest["files"].get(name):
            raise StoreError(f"{path}: the file is corrupted; run this scenario again")
        return content

    def _no_config(self, why: str) -> StoreError:
        return StoreError(f"{self.path / 'config.yaml'}: {why}; run this scenario again")


@lru_cache(maxsize=64)
def _parsed(text: str) -> dict[str, Any]:
    """Return a few lines of YAML; most runs have the same ones."""
    return dict(yaml.load(text, Loader=_LOADER))


def is_run(folder: Path) -> bool:
    """Tell whether a folder is that of a run, whole or not; sweeps and studies leave a manifest too."""
    if (folder / SWEEP).is_file():
        return False
    if any((folder / name).exists() for name in _OF_A_RUN) or any(folder.glob("*.parquet")):
        return True
    try:
        read_run(folder)
    except StoreError:
        return False
    return True


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
        raise StoreError(f"{folder}: it has no {MANIFEST}; run this scenario again") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: not a readable manifest; run this scenario again") from error
    if not isinstance(manifest, dict):
        raise StoreError(f"{path}: not the manifest of a run; run this scenario again")
    missing = [key for key in _NEEDED if key not in manifest]
    if missing:
        raise StoreError(f"{path}: not the manifest of a run, it lacks {', '.join(missing)}")
    wrong = [key for key, kind in {**_NEEDED, **_FURTHER}.items() if not _is(kind, manifest.get(key, kind()))]
    if wrong:
        raise StoreError(
            f"{path}: not the manifest of a run, {', '.join(wrong)} cannot be {manifest[wrong[0]]!r:.40}; "
            "run this scenario again"
        )
    return RunFolder(folder, manifest)


def _is(kind: type, value: object) -> bool:
    return isinstance(value, kind) and not (isinstance(value, int) and value < 0)


def runs_below(folder: Path) -> list[Path]:
    """Return the run folders directly below a folder, the oldest first, those that are not whole included."""
    found = [path for path in folder.iterdir() if not path.name.startswith(".") and is_run(path)]
    return sorted(found, key=lambda path: (path.name[:10], _written(path), path.name))


def _written(folder: Path) -> int:
    """Return when a run was finished, or a folder without a manifest last changed."""
    path = folder / MANIFEST
    return (path if path.is_file() else folder).stat().st_mtime_ns
