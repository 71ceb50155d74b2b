"""Standard output and standard error that cannot end the work that writes to them.

A reader of a pipe may go away, a stream may be closed from the start, a disk may be full, and many terminals
lack characters. The work is done and its exit code holds all the same.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO


class Outlet:
    """A stream that goes on silently where nobody reads it any more.

    Parameters
    ----------
    stream : TextIO
        Where to write. Characters that it cannot show are replaced.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.lost: OSError | None = None
        with suppress(AttributeError, ValueError, OSError):
            stream.reconfigure(errors="replace")  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, or drop what can no longer be written."""
        try:
            return self._stream.write(text)
        except OSError as error:
            self._leave(error)
            return len(text)

    def writelines(self, lines: Any) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Write what is held back."""
        try:
            self._stream.flush()
        except OSError as error:
            self._leave(error)

    def _leave(self, error: OSError) -> None:
        """Send everything else, also what Python holds back until it ends, to nowhere."""
        self.lost = self.lost or error
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


@contextmanager
def outlets() -> Iterator[None]:
    """Let the block write without failing; say once why output got lost, if not by its reader."""
    before = sys.stdout, sys.stderr
    if None in before:
        _open_the_closed()
    out, err = (Outlet(stream or open(os.devnull, "w")) for stream in before)  # noqa: SIM115
    sys.stdout, sys.stderr = out, err  # type: ignore[assignment]
    try:
        yield
    finally:
        out.flush()
        if out.lost is not None and not isinstance(out.lost, BrokenPipeError):
            print(f"sim: standard output: {(out.lost.strerror or str(out.lost)).lower()}", file=sys.stderr)
        err.flush()
        sys.stdout, sys.stderr = before


def _open_the_closed() -> None:
    """Keep files of results from getting the numbers of closed standard streams."""
    number = 0
    while number <= 2:
        number = os.open(os.devnull, os.O_RDWR)
    os.close(number)
