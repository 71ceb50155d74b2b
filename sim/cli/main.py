"""The command ``sim`` and its subcommands.

Nothing heavy is imported before a subcommand is known: help and version come at once.
"""

from __future__ import annotations

import importlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from sim.cli.errors import wants_traceback
from sim.cli.outlets import outlets
from sim.core.errors import ChokepointError

INTERRUPTED, TERMINATED = 130, 143
# Subcommand: its module, and one line of help.
COMMANDS = {
    "run": ("sim.cli.run", "simulate a scenario, or a sweep of them, and show what happened"),
    "compare": ("sim.cli.compare", "tell which differences between runs are real"),
    "query": ("sim.cli.query", "ask all results in SQL"),
    "data": ("sim.cli.data", "rebuild tables of conf/ from official files"),
    "border": ("sim.cli.border", "simulate a crossing of your own"),
    "study": ("sim.cli.study", "effects, best strategies, sensitivity, power, calibration"),
    "list": ("sim.cli.list", "levers, scenarios, outcomes, adversaries, studies, runs"),
    "show": ("sim.cli.show", "one of them: its numbers, their sources, what it changes"),
    "open": ("sim.cli.open", "the page of the newest run, or of one by name"),
    "completion": ("sim.cli.completion", "print the script of tab completion for a shell"),
}


def help_text() -> str:
    """Return what ``sim --help`` shows."""
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  sim {name:<{width}}   {text}" for name, (_, text) in COMMANDS.items())
    return (
        "Chokepoint: the fentanyl supply chain at the Southwest border, simulated from source to street.\n\n"
        f"{commands}\n\n"
        "Each has its own --help. Try:\n"
        "  sim run run=smoke                               two weeks, to see that it works\n"
        "  sim run                                         fiscal year 2022\n"
        "  sim run levers.port_staffing.size=500           with 500 officers more at the ports\n"
        "  sim run -m levers.port_staffing.size=0,500      both, in one sweep\n"
        "  sim show lever port_staffing                    what that lever is, and its sources\n"
        '  eval "$(sim completion bash)"                   tab completion; or zsh, fish\n'
    )


def version_text() -> str:
    """Return what ``sim --version`` shows."""
    from sim.store.version import release

    return f"chokepoint {release()}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    return in_one_line(lambda: dispatch(arguments))


def in_one_line(work: Callable[[], int]) -> int:
    """Do some work and return its exit code; a mistake of the user becomes one line.

    Returns
    -------
    int
        0: done. 1: a replication failed, the others are kept. 2: a mistake of the user.
        130: stopped with Ctrl-C, 143: with SIGTERM; what was finished is kept.
    """
    with outlets(), _sigterm_as_ctrl_c() as terminated:
        try:
            return work()
        except ChokepointError as error:
            if wants_traceback():
                raise
            print(f"sim: {error}", file=sys.stderr)
            return error.exit_code
        except OSError as error:
            if wants_traceback():
                raise
            place = f"{error.filename}: " if error.filename is not None else ""
            print(f"sim: {place}{(error.strerror or str(error)).lower()}", file=sys.stderr)
            return ChokepointError.exit_code
        except KeyboardInterrupt as stop:
            print(f"sim: {str(stop) or 'stopped'}", file=sys.stderr)
            return TERMINATED if terminated else INTERRUPTED


@contextmanager
def _sigterm_as_ctrl_c() -> Iterator[list[int]]:
    """Stop at SIGTERM as at Ctrl-C; give a list that holds the signal when it has come."""
    came: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        came.append(number)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield came
        return
    before = signal.getsignal(signal.SIGTERM)
    if before is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, stop)
    try:
        yield came
    finally:
        if before is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def dispatch(arguments: list[str]) -> int:
    """Hand the arguments to the subcommand that they name."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(help_text(), end="")
        return 0
    name, rest = arguments[0], arguments[1:]
    if name == "--version":
        print(version_text())
        return 0
    if name in ("-sc", "--shell-completion"):
        from sim.cli.completion import complete

        return complete(arguments)
    if name not in COMMANDS:
        from sim.cli.names import no_command

        raise no_command(name)
    module = importlib.import_module(COMMANDS[name][0])
    return int(module.command(rest))
