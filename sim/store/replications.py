"""Finished replications, each stored once under the hash of everything that it depends on.

``<results>/.store/<model>/<scenario>/seed<s>/p<set>_r<replication>.zip`` holds the tables of one. It is
written under another name and moved, so it is complete or absent, whoever is killed when. Two runs may
share a store: what both compute is the same, to the last byte.
"""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.core.tables import Table
from sim.store.archive import CorruptedError, is_whole, pack, unpack
from sim.store.columns import REPLICATION_TABLES
from sim.store.files import PART, write_bytes, writing

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
    def name(self) -> str:
        """Path below the root of a store, without ending; the same on every system."""
        where = f"{self.model[:12]}/{self.scenario[:16]}/seed{self.seed}"
        return f"{where}/p{self.parameter_set:04d}_r{self.replication:05d}"


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
            for level in ("*/*", "*/*/*"):
                for part in self.root.glob(f"{level}/{PART}*"):
                    # Another run may move or sweep it at this moment, or it may belong to another user.
                    with contextlib.suppress(OSError):
                        if part.stat().st_mtime < oldest:
                            part.unlink()

    def describe(self, model: str, canonical: str) -> None:
        """Keep the canonical text of a scenario beside its replications."""
        path = self.root / model[:12] / scenario_hash(canonical)[:16] / "scenario.json"
        if not path.exists():
            write_bytes(path, canonical.encode())

    def file(self, key: Key) -> Path:
        """Return the file of one replication, present or not."""
        return self.root / f"{key.name}.zip"

    def has(self, key: Key) -> bool:
        """Tell whether a replication is stored to its end; what it holds is checked on reading.

        Raises
        ------
        StoreError
            There is something that cannot be read.
        """
        return is_whole(self.file(key), key.name)

    def damaged(self, key: Key) -> bool:
        """Tell whether there is something of a replication that is not whole: it will be simulated again."""
        return not self.has(key) and self.file(key).exists()

    def distrust(self, keys: Sequence[Key]) -> list[Key]:
        """Return which replications are not as they were stored; from now on they count as damaged.

        Raises
        ------
        StoreError
            The store cannot be read or written.
        """
        wrong = [key for key in keys if not self._intact(key)]
        for key in wrong:
            if self.file(key).exists():
                write_bytes(self.file(key), b"")
        return wrong

    def _intact(self, key: Key) -> bool:
        if not self.file(key).exists():
            return False
        try:
            for name in REPLICATION_TABLES:
                unpack(self.file(key), name, key.name)
        except CorruptedError:
            return False
        return True

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
        write_bytes(self.file(key), pack(tables, key.name))

    def read(self, keys: Sequence[Key], name: str) -> Table:
        """Return one table of several replications, one after the other.

        Parameters
        ----------
        keys : sequence of Key
            At least one.
        name : str
            One of ``REPLICATION_TABLES``.

        Raises
        ------
        StoreError
            A file is missing, or differs from what was stored; the message names it.
        """
        tables = [unpack(self.file(key), name, key.name) for key in keys]
        return {column: np.concatenate([table[column] for table in tables]) for column in tables[0]}
