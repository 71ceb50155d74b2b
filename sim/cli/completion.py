"""Tab completion through Hydra's own scripts, which know nothing of subcommands.

Hydra's shell functions call ``sim -sc query=SHELL`` with the typed line in ``COMP_LINE``. The first
word is completed here; after ``run`` the word is taken out and Hydra does the rest.
"""

from __future__ import annotations

import os


def complete(flags: list[str]) -> int:
    """Answer ``-sc install=...``, ``-sc uninstall=...`` and ``-sc query=...``."""
    from sim.cli.main import COMMANDS

    if not any(flag.startswith("query=") for flag in flags):
        return _hydra(flags)
    line = os.environ.get("COMP_LINE", "")
    words = line.split()
    typed = words[1:] + [""] * line.endswith(" ")
    if len(typed) <= 1:
        start = typed[0] if typed else ""
        print(" ".join(name for name in COMMANDS if name.startswith(start)))
        return 0
    if typed[0] == "run":
        os.environ["COMP_LINE"] = " ".join([words[0], *words[2:]]) + " " * line.endswith(" ")
        return _hydra(flags)
    return 0


def _hydra(flags: list[str]) -> int:
    from sim.cli.hydra_setup import hydra_main, parse_flags
    from sim.cli.run import Job

    return hydra_main(parse_flags(flags), Job())
