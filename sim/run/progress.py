"""How far work is: a bar on a terminal or in a notebook, a plain line now and then elsewhere."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sim.run.pool import OnProgress, Progress, silent

# Work that takes less says nothing in a log, and no line follows another one sooner.
_QUIET_S = 5.0
# Long work that counts in many small parts still leaves a log that can be read.
_SHARE_OF_TIME = 0.02
_TENTHS = 10
Shown = tuple[Callable[[str], None], OnProgress]


@contextmanager
def progress_bar(
    title: str, wanted: bool = True, prefix: str = "", of: str = "replications"
) -> Iterator[OnProgress]:
    """Show progress while the block runs, and give the function that moves it.

    On a terminal that is a bar. Elsewhere it is a plain line with the number of tasks once the work has taken
    a few seconds, and one every 10 %; ``FORCE_COLOR`` and the like make no terminal of a log.

    Parameters
    ----------
    title : str
        What stands before the bar.
    wanted : bool
        Whether to show progress.
    of : str
        What is counted.
    prefix : str
        Begins a line; with a prefix, that about damaged replications comes without progress too.
    """
    if not (wanted or prefix):
        yield silent
        return
    announced: set[Path] = set()
    with _shown(title, wanted, prefix, of) as (say, show):

        def move(now: Progress) -> None:
            new = set(now.damaged) - announced
            if new:
                announced.update(new)
                count, first = len(now.damaged), now.damaged[0]
                which, more = ("replications are", ", ...") if count > 1 else ("replication is", "")
                say(f"{prefix}{count} stored {which} damaged and simulated again: {first}{more}")
            show(now)

        yield move


def _shown(title: str, wanted: bool, prefix: str, of: str) -> AbstractContextManager[Shown]:
    from rich.console import Console

    # Rich takes any file for a terminal where the environment forces colours.
    terminal = sys.stderr.isatty() and os.environ.get("TERM", "") not in ("dumb", "unknown")
    console = Console(stderr=True)
    if wanted and (terminal or console.is_jupyter):
        return _bar(console, title, of)
    return _lines(f"{prefix}{title}", of, wanted)


@contextmanager
def _bar(console: Any, title: str, of: str) -> Iterator[Shown]:
    """Give what prints a line above a bar, and what moves the bar."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar

    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(f"{of},"),
        TimeElapsedColumn(),
        TextColumn("elapsed,"),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
        console=console,
        transient=True,
    )
    task = bar.add_task(title, total=None)

    def say(line: str) -> None:
        console.print(line, highlight=False, markup=False, emoji=False, soft_wrap=True)

    def show(now: Progress) -> None:
        words = f"{title}: writing" if now.done == now.total else title
        bar.update(task, total=now.total, completed=now.done, description=words)

    with bar:
        yield say, show


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


@contextmanager
def _lines(title: str, of: str, wanted: bool) -> Iterator[Shown]:
    """Give what writes a plain line, and what writes one from time to time."""
    log = Lines(title, of, _say, quiet_s=_QUIET_S)
    try:
        yield _say, log.move if wanted else silent
    finally:
        log.stop()


class Lines:
    """Tells in plain lines how far work is: at first after a few seconds, then every 10 %.

    Parameters
    ----------
    title : str
        Begins each line.
    of : str
        What is counted.
    say : callable
        Writes a line.
    clock : callable
        Seconds.
    quiet_s : float
        How long nothing is said, and the least time between two lines.
    """

    def __init__(
        self,
        title: str,
        of: str,
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        quiet_s: float = 5.0,
    ) -> None:
        self._title, self._of, self._say = title, of, say
        self._clock, self._quiet_s = clock, quiet_s
        self._start = self._last = clock()
        self._now, self._told = Progress(0, 0, 0, 0), (-1, -1)
        self._lock = threading.Lock()
        # The first line does not wait until a long task is done.
        self._timer = threading.Timer(quiet_s, self.begin)
        self._timer.daemon = True
        self._timer.start()

    def begin(self) -> None:
        """Write the first line, unless all is done or a line is there already."""
        with self._lock:
            if self._told == (-1, -1) and self._now.done < self._now.total:
                self._write()

    def move(self, now: Progress) -> None:
        """Take note of how far the work is; write a line if it is time for one."""
        with self._lock:
            before, self._now = self._now, now
            waited, elapsed = self._clock() - self._last, self._clock() - self._start
            late = waited >= max(self._quiet_s, _SHARE_OF_TIME * elapsed)
            if late and now.done > before.done and self._tenth() != self._told:
                self._write()

    def stop(self) -> None:
        """Write nothing any more."""
        self._timer.cancel()

    def _tenth(self) -> tuple[int, int]:
        return self._now.total, _TENTHS * self._now.done // max(self._now.total, 1)

    def _write(self) -> None:
        now, elapsed = self._now, self._clock() - self._start
        self._last, self._told = self._clock(), self._tenth()
        share, new = 100 * now.done // max(now.total, 1), now.finished + now.failed
        left = f", about {_duration(elapsed / new * (now.total - now.done))} left" if new else ""
        self._say(
            f"{self._title}: {now.done} of {now.total} {self._of} ({share} %) in {_duration(elapsed)}{left}"
        )


def _duration(seconds: float) -> str:
    """Return a time as people say it: 40 s, 12 min, 3.5 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
