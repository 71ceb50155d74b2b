"""A progress bar with the time left, on a terminal or in a notebook; nothing is shown elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.run.pool import OnProgress, Progress, silent


@contextmanager
def progress_bar(
    title: str, wanted: bool = True, prefix: str = "", of: str = "replications"
) -> Iterator[OnProgress]:
    """Show a bar while the block runs, and give the function that moves it.

    Parameters
    ----------
    title : str
        What stands before the bar.
    wanted : bool
        Whether to show the bar.
    of : str
        What is counted.
    prefix : str
        Begins the line about damaged replications; with a prefix, that line comes without a bar too.
    """
    if not (wanted or prefix):
        yield silent
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
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
        disable=not (wanted and (console.is_terminal or console.is_jupyter)),
    )
    announced: set[Path] = set()
    task = bar.add_task(title, total=None)

    def move(now: Progress) -> None:
        new = set(now.damaged) - announced
        if new:
            announced.update(new)
            count, first = len(now.damaged), now.damaged[0]
            which, more = ("replications are", ", ...") if count > 1 else ("replication is", "")
            line = f"{prefix}{count} stored {which} damaged and simulated again: {first}{more}"
            bar.console.print(line, highlight=False, markup=False, emoji=False, soft_wrap=True)
        words = f"{title}: writing" if now.done == now.total else title
        bar.update(task, total=now.total, completed=now.done, description=words)

    with bar:
        yield move
