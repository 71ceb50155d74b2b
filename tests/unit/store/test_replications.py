"""The store: complete or absent, shared without harm, corruption named, a full disk in one line."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.core.errors import StoreError
from sim.store.columns import REPLICATION_TABLES
from sim.store.replications import Key, Store, scenario_hash
from tests.fixtures.made_up_world import MadeUpScenario, simulate

KEY = Key("a" * 64, scenario_hash("{}"), 7, 0, 1)
TABLES = simulate(MadeUpScenario(), seed=7, replication=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = Store(tmp_path / "results")
    found.prepare()
    return found


def error_of(store: Store, name: str) -> str:
    try:
        store.read([KEY], name)
    except StoreError as error:
        return str(error)
    return ""


def test_what_is_stored_can_be_read_and_only_then(store):
    assert not store.has(KEY)
    store.write(KEY, TABLES)
    assert store.has(KEY)
    np.testing.assert_array_equal(store.read([KEY], "measures")["value"], TABLES["measures"]["value"])


@pytest.mark.parametrize(
    "other",
    [
        Key("b" * 64, KEY.scenario, 7, 0, 1),
        Key(KEY.model, scenario_hash("{1}"), 7, 0, 1),
        Key(KEY.model, KEY.scenario, 0, 0, 1),
        Key(KEY.model, KEY.scenario, 7, 1, 1),
        Key(KEY.model, KEY.scenario, 7, 0, 0),
    ],
)
def test_every_part_of_the_key_counts(store, other):
    store.write(KEY, TABLES)
    assert not store.has(other)


def test_writing_twice_leaves_one_copy_and_no_parts(store):
    store.write(KEY, TABLES)
    store.write(KEY, TABLES)
    assert store.has(KEY)
    assert list(store.file(KEY).parent.iterdir()) == [store.file(KEY)]


def test_a_torn_replication_does_not_count_and_is_replaced(store):
    store.write(KEY, TABLES)
    torn = store.file(KEY)
    torn.write_bytes(torn.read_bytes()[:-100])
    assert not store.has(KEY)
    assert store.damaged(KEY)
    store.write(KEY, TABLES)
    assert store.has(KEY)


def test_a_flipped_bit_is_found_on_reading_and_named(store):
    store.write(KEY, TABLES)
    path = store.file(KEY)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert store.has(KEY)
    told = [words for name in REPLICATION_TABLES if (words := error_of(store, name))]
    assert told == [f"{path}: the file is corrupted; delete it and run again"]


def test_a_replication_that_is_distrusted_counts_as_damaged_until_it_is_written_again(store):
    other = replace(KEY, replication=2)
    for key in (KEY, other):
        store.write(key, TABLES)
    path = store.file(KEY)
    path.write_bytes(path.read_bytes().replace(b"postings", b"hostings"))
    assert store.distrust([KEY, other]) == [KEY]
    assert store.damaged(KEY)
    assert store.has(other)
    store.write(KEY, TABLES)
    assert store.distrust([KEY, other]) == []


def test_a_missing_replication_is_named(store):
    with pytest.raises(StoreError, match=r"p0000_r00001\.zip: this replication is not in the store"):
        store.read([KEY], "measures")


def test_old_parts_of_killed_runs_are_swept_and_young_ones_left(store):
    folder = store.file(KEY).parent
    folder.mkdir(parents=True)
    old, young = folder / ".part-old", folder / ".part-young"
    for part in (old, young):
        part.touch()
    hours_ago = time.time() - 2 * 3600
    os.utime(old, (hours_ago, hours_ago))
    store.prepare()
    assert not old.exists()
    assert young.exists()


def test_sweeping_out_takes_nothing_amiss(store):
    """A part may be a folder of an older version, or be moved by its owner between two looks."""
    folder = store.file(KEY).parent
    (folder / ".part-folder").mkdir(parents=True)
    hours_ago = time.time() - 2 * 3600
    os.utime(folder / ".part-folder", (hours_ago, hours_ago))
    (folder / ".part-moved").symlink_to(folder / "nowhere")
    store.prepare()
    scenario = folder.parent / ".part-scenario"
    scenario.touch()
    os.utime(scenario, (hours_ago, hours_ago))
    store.prepare()
    assert not scenario.exists()


def test_a_replication_under_the_name_of_another_does_not_count(store):
    store.write(KEY, TABLES)
    other = replace(KEY, replication=2)
    shutil.copy(store.file(KEY), store.file(other))
    assert not store.has(other)
    assert store.damaged(other)


def test_good_files_are_left_alone_where_reading_fails_for_another_reason(store, monkeypatch):
    store.write(KEY, TABLES)
    before = store.file(KEY).read_bytes()

    def starved(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(np, "load", starved)
    with pytest.raises(MemoryError):
        store.distrust([KEY])
    assert store.file(KEY).read_bytes() == before


def test_the_scenario_is_kept_beside_its_replications(store):
    store.describe(KEY.model, '{"a":1}')
    found = list(store.root.glob("*/*/scenario.json"))
    assert [json.loads(p.read_text()) for p in found] == [{"a": 1}]


def test_a_results_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "results").write_text("a file in the way")
    with pytest.raises(StoreError, match=r"results: cannot write here .* set run\.results"):
        Store(tmp_path / "results").prepare()


def test_a_full_disk_is_one_line_and_leaves_no_part(store, monkeypatch):
    """A full disk is made up here: the last step of a write meets ENOSPC."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StoreError, match="the disk is full; finished replications are kept"):
        store.write(KEY, TABLES)
    assert list(store.file(KEY).parent.iterdir()) == []


@pytest.mark.skipif(shutil.which("unshare") is None, reason="no unshare: cannot mount a small disk")
def test_a_disk_that_is_really_full(tmp_path):
    """A file system of 64 kB in a private mount namespace, gone with the process."""
    code = (
        "from sim.store.replications import Key, Path, Store\n"
        "from tests.fixtures.made_up_world import MadeUpScenario, simulate\n"
        f"store = Store(Path({str(tmp_path)!r})); store.prepare()\n"
        "try:\n"
        "    for r in range(100):\n"
        "        store.write(Key('a'*64, 'b'*64, 1, 0, r), simulate(MadeUpScenario(), 1, r))\n"
        "except Exception as error: print(type(error).__name__, error, r > 0)\n"
    )
    shell = f'mount -t tmpfs -o size=64k tmpfs {tmp_path} && exec {sys.executable} -c "$CODE"'
    for flags in (["-m"], ["-rm"]):
        done = subprocess.run(
            ["unshare", *flags, "sh", "-c", shell],
            env={**os.environ, "CODE": code}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            break
    else:
        pytest.skip(f"cannot mount a small disk here: {done.stderr.strip()}")
    assert done.stdout.startswith("StoreError")
    assert "the disk is full" in done.stdout
    assert done.stdout.rstrip().endswith("True")
