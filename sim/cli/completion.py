"""Tab completion through Hydra's own scripts, which know nothing of subcommands.

Hydra's shell functions call ``sim -sc query=SHELL`` with the typed line in ``COMP_LINE``. The first
word is completed here; after ``run`` the word is taken out and Hydra does the rest.
"""

from __future__ import annotations

import os


def complete(flags: list[str]) -> int:
    """Answer ``-sc install=...``, ``-sc uninstall=...`` and ``-sc query=...``."""
    from sim.cli.main import available
    from sim.cli.run import Job, hydra_main

    if not any(flag.startswith("query=") for flag in flags):
        return hydra_main(flags, Job())
    line = os.environ.get("COMP_LINE", "")
    words = line.split()
    typed = words[1:] + [""] * line.endswith(" ")
    if len(typed) <= 1:
        start = typed[0] if typed else ""
        print(" ".join(name for name in available() if name.startswith(start)))
        return 0
    if typed[0] == "run":
        os.environ["COMP_LINE"] = " ".join([words[0], *words[2:]]) + " " * line.endswith(" ")
        return hydra_main(flags, Job())
    return 0
