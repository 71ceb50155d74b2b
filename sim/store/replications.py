"""Finished replications, each stored once under the hash of everything that it depends on.

``<results>/.store/<model>/<scenario>/seed<s>/p<set>_r<replication>/`` holds one parquet file a table
and ``done.json`` with their sizes and hashes. The folder is built under another name and moved, so
it is complete or absent, whoever is killed when. Two runs may share a store: what both compute is
the same, and the second to finish drops its copy.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.core.errors import StoreError
from sim.store.columns import REPLICATION_TABLES, Table
from sim.store.failures import writing
from sim.store.parquet import read_table, write_table

_DONE = "done.json"
_PART = ".part-"
# Writing takes milliseconds; a part this old was left by a killed process.
_STALE_S = 3600.0


@dataclass(frozen=True, order=True)
class Key:
    """Everything that the tables of one replication depend on."""

    model: str
    scenario: str
    seed: int
    parameter_set: int
    replication: int

    @property
    def folder(self) -> Path:
        """Path below the root of a store."""
        where = Path(self.model[:12]) / self.scenario[:16] / f"seed{self.seed}"
        return where / f"p{self.parameter_set:04d}_r{self.replication:05d}"


def scenario_hash(canonical: str) -> str:
    """Return the hash of a scenario's canonical text, 64 hexadecimal digits."""
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True)
class Store:
    """Finished replications below one results folder; small, and may be sent to a worker."""

    results: Path

    @property
    def root(self) -> Path:
        """Folder that holds the store."""
        return self.results / ".store"

    def prepare(self) -> None:
        """Make sure that the store can be written, and sweep out what killed runs left.

        Raises
        ------
        StoreError
            The results folder cannot be written.
        """
        with writing(self.results):
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root):
                pass
            oldest = time.time() - _STALE_S
            for part in self.root.glob(f"*/*/*/{_PART}*"):
                if part.stat().st_mtime < oldest:
                    shutil.rmtree(part, ignore_errors=True)

    def describe(self, model: str, canonical: str) -> None:
        """Keep the canonical text of a scenario beside its replications."""
        folder = self.root / model[:12] / scenario_hash(canonical)[:16]
        path = folder / "scenario.json"
        if path.exists():
            return
        with writing(path):
            folder.mkdir(parents=True, exist_ok=True)
            part = folder / f".scenario.{os.getpid()}.part"
            part.write_text(canonical, encoding="utf-8")
            part.replace(path)

    def folder(self, key: Key) -> Path:
        """Return the folder of one replication, present or not."""
        return self.root / key.folder

    def has(self, key: Key) -> bool:
        """Tell whether a replication is stored whole; sizes are compared, contents are not."""
        folder = self.folder(key)
        done = _read_done(folder)
        if done is None:
            return False
        with contextlib.suppress(OSError):
            return all((folder / _file(t)).stat().st_size == done[t]["bytes"] for t in REPLICATION_TABLES)
        return False

    def damaged(self, key: Key) -> bool:
        """Tell whether there is something of a replication that is not whole: it will be simulated again."""
        return self.folder(key).exists() and not self.has(key)

    def distrust(self, keys: Sequence[Key]) -> list[Key]:
        """Return which replications are not as they were stored; from now on they count as damaged.

        Raises
        ------
        StoreError
            The store cannot be written.
        """
        wrong = [key for key in keys if not self._intact(key)]
        for key in wrong:
            with writing(self.folder(key)):
                (self.folder(key) / _DONE).unlink(missing_ok=True)
        return wrong

    def _intact(self, key: Key) -> bool:
        folder = self.folder(key)
        done = _read_done(folder)
        with contextlib.suppress(OSError):
            return done is not None and all(_fingerprint(folder / _file(t)) == done[t] for t in done)
        return False

    def write(self, key: Key, tables: dict[str, Table]) -> None:
        """Store the tables of one finished replication.

        Parameters
        ----------
        key : Key
        tables : dict of str to Table
            One table for each of ``REPLICATION_TABLES``.

        Raises
        ------
        StoreError
            A table is not as declared, or the disk refuses.
        """
        final = self.folder(key)
        with writing(final):
            final.parent.mkdir(parents=True, exist_ok=True)
            part = Path(tempfile.mkdtemp(prefix=_PART, dir=final.parent))
        try:
            for name in REPLICATION_TABLES:
                write_table(part / _file(name), name, tables[name])
            with writing(final):
                done = {name: _fingerprint(part / _file(name)) for name in REPLICATION_TABLES}
                (part / _DONE).write_text(json.dumps(done, indent=1, sort_keys=True), encoding="utf-8")
                self._install(part, final, key)
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def _install(self, part: Path, final: Path, key: Key) -> None:
        if final.exists() and not self.has(key):
            shutil.rmtree(final)
        try:
            part.rename(final)
        except OSError:
            if not self.has(key):
                raise

    def read(self, keys: Sequence[Key], name: str) -> Table:
        """Return one table of several replications, one after the other.

        Raises
        ------
        StoreError
            A file is missing, or differs from what was stored; the message names it.
        """
        paths = [self.folder(key) / _file(name) for key in keys]
        for path in paths:
            done = _read_done(path.parent)
            if done is None or not path.exists():
                raise StoreError(f"{path}: this replication is not in the store; run again")
            if _fingerprint(path) != done[name]:
                raise StoreError(f"{path}: the file is corrupted; delete {path.parent} and run again")
        return read_table(name, paths)


def _file(name: str) -> str:
    return f"{name}.parquet"


def _fingerprint(path: Path) -> dict[str, int | str]:
    content = path.read_bytes()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _read_done(folder: Path) -> dict[str, dict[str, int | str]] | None:
    try:
        done = json.loads((folder / _DONE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return done if set(done) == set(REPLICATION_TABLES) else None
