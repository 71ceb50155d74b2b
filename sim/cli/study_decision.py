"""Studies that end in a decision: ``rank``, ``synergy``, ``portfolio`` and ``power``."""

from __future__ import annotations

import argparse

from sim.cli.errors import OneLineParser
from sim.cli.study_portfolio import add_portfolio
from sim.cli.study_power import add_power
from sim.cli.study_rank import add_rank
from sim.cli.study_synergy import add_synergy


def add_decisions(parsers: argparse._SubParsersAction[OneLineParser]) -> None:
    """Add these studies to the parser of ``sim study``."""
    add_rank(parsers)
    add_synergy(parsers)
    add_portfolio(parsers)
    add_power(parsers)
