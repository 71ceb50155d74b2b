"""Levers: an initiative is data. It says which dials move, how far, when, and at what cost.

``settings`` is what a file of ``conf/lever`` holds, ``checks`` refuses what makes no sense, ``moves``
puts levers on the clock of a run, ``notes`` says what the reader of a run must know of them.
"""

from sim.levers.checks import check_evidence, check_lever, check_together, in_order
from sim.levers.moves import LeverMode, moves_of, pull, size_at
from sim.levers.notes import lever_notes
from sim.levers.settings import LeverSettings, MoveSettings

__all__ = [
    "LeverMode",
    "LeverSettings",
    "MoveSettings",
    "check_evidence",
    "check_lever",
    "check_together",
    "in_order",
    "lever_notes",
    "moves_of",
    "pull",
    "size_at",
]
