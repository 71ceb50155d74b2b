"""Standard streams that are closed, full or poor in characters change neither the work nor its exit code."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli.outlets import outlets

CODE = """\
import sys
from sim.cli.main import in_one_line
def work():
    {work}
    return {code}
sys.exit(in_one_line(work))
"""


def _ended(
    redirected: str, work: str, code: int = 0, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    program = CODE.format(work=work, code=code)
    return subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -c "$1" {redirected}', sys.executable, program],
        env={"PYTHONPATH": str(Path(__file__).parents[2]), **environment},
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("code", [0, 1, 2])
@pytest.mark.parametrize(
    "redirected", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", ">/dev/full", ">/dev/full 2>&-"]
)
def test_the_exit_code_is_that_of_the_work(redirected: str, code: int) -> None:
    done = _ended(redirected, "print('a \\u2013 b'); print('c', file=sys.stderr)", code)
    assert done.returncode == code
    assert done.stderr.count(b"\n") <= 1 + (redirected == ">/dev/full")
    assert b"Traceback" not in done.stderr


def test_a_full_disk_under_standard_output_is_said() -> None:
    assert _ended(">/dev/full", "print(1)").stderr == b"sim: standard output: no space left on device\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_characters_that_a_stream_lacks_are_replaced(encoding: str) -> None:
    work = "print('\\u96ea 1'); print('\\u96ea 2', file=sys.stderr)"
    done = _ended("", work, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"? 1\n", b"? 2\n")


def test_no_closed_number_is_left_for_a_file_of_results(tmp_path: Path) -> None:
    file = tmp_path / "file"
    done = _ended(">&- 2>&-", f"sys.exit(open({str(file)!r}, 'w').fileno())")
    assert done.returncode > 2


def test_streams_are_as_before_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    with outlets():
        sys.stdout.write("text\n")
    assert sys.stdout is stream
    assert stream.getvalue() == "text\n"
