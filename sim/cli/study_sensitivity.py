"""``sim study screen``, ``sobol`` and ``discover``: what the numbers that nobody measured decide."""

from __future__ import annotations

import argparse

from sim.cli.errors import OneLineParser
from sim.cli.study_discover import add_discover
from sim.cli.study_screen import add_screen
from sim.cli.study_sobol import add_sobol


def add_sensitivity(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add the studies to the parser of ``sim study``."""
    add_screen(parsers)
    add_discover(parsers)
    add_sobol(parsers)
