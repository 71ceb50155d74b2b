"""Files: whole or absent whatever happens, one line for every error of the disk, one writer per folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.core.errors import StoreError
from sim.store.files import OTHER_OUT, named_folder, only_writer, replacing, store_error, write_text


def test_a_file_is_written_with_its_folder_and_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    write_text(path, "é\r\nb\n")
    assert path.read_bytes() == "é\r\nb\n".encode()
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_is_stopped_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def write_half() -> None:
        with replacing(path) as part:
            part.write_text("half of it")
            assert path.read_text() == "old"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_refusal_is_one_line_with_the_remedy_of_its_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    path = tmp_path / "file" / "a.txt"
    with pytest.raises(StoreError, match=r"a\.txt: cannot write here \(.*\); set run\.results to a folder"):
        write_text(path, "")
    with (
        pytest.raises(StoreError, match=r"cannot write here \(.*\); choose another folder with --out"),
        named_folder(tmp_path / "file"),
    ):
        pass
    with pytest.raises(StoreError, match=r"choose another folder with --out$"):
        write_text(path, "", OTHER_OUT)


def test_duckdb_words_for_a_full_disk_are_understood():
    error = OSError('IO Error: Async write failed: {"exception_message":"No space left on device"}')
    assert "the disk is full" in str(store_error(Path("x"), error))


def test_a_second_writer_of_a_run_folder_gets_one_line(tmp_path):
    folder = tmp_path / "baseline" / "2022-01-01_abcdef01"
    with (
        only_writer(tmp_path, folder),
        pytest.raises(StoreError, match=r"abcdef01: another run is writing this folder"),
        only_writer(tmp_path, folder),
    ):
        pass
    with only_writer(tmp_path, folder):
        assert not folder.exists()
