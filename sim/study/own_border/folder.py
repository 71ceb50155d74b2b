"""What an invented crossing leaves in a folder: two tables and a picture of one day."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sim.core.errors import StoreError
from sim.plots.alone import write_figure
from sim.plots.day import day
from sim.store.columns import Table
from sim.store.failures import writing
from sim.store.parquet import write_table
from sim.store.version import release
from sim.study.own_border.crossing import OwnBorder
from sim.study.own_border.day import day_of
from sim.study.own_border.summary import BorderResult

HOURS_FILE, OUTCOMES_FILE = "own_border_hours.parquet", "own_border_outcomes.parquet"


def outcomes_table(result: BorderResult) -> Table:
    """Return the outcomes as columns."""
    rows = result.outcomes
    return {
        "outcome": np.array([row.name for row in rows], dtype=object),
        "unit": np.array([row.unit for row in rows], dtype=object),
        "layer": np.array([row.layer for row in rows], dtype=object),
        "mean": np.array([row.value.mean for row in rows]),
        "low": np.array([row.value.low for row in rows]),
        "high": np.array([row.value.high for row in rows]),
    }


def write_result(result: BorderResult, folder: Path) -> list[Path]:
    """Write the tables and the day, and return their paths.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StoreError(f"{folder}: cannot write here ({reason}); choose another folder") from error
    paths = [folder / HOURS_FILE, folder / OUTCOMES_FILE]
    write_table(paths[0], "own_border_hours", result.hours)
    write_table(paths[1], "own_border_outcomes", outcomes_table(result))
    with writing(folder):
        page = write_figure(day(day_of(result.border), result.border.name, source_of(result.border)), folder)
    return [*paths, page]


def source_of(border: OwnBorder) -> str:
    """Return the sentence of a figure's footer that says where it comes from."""
    return (
        f"Simulated: an invented crossing, {border.name}, seed {border.seed}. "
        f"Source: Chokepoint {release()}; nothing here is taken from a real crossing."
    )
