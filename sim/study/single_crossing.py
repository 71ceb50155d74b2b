"""What an invented crossing leaves in a folder: tables, a picture of one day, layers, a frontier."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sim.border.single.crossing import SingleCrossing
from sim.border.single.summary import BorderResult
from sim.core.errors import StoreError
from sim.core.tables import Table
from sim.plots.day import day
from sim.plots.frontier import frontier
from sim.plots.screening import screening_of_crossing
from sim.report.standalone_page import Figure, write_standalone
from sim.store.files import writing
from sim.store.manifest import record_folder
from sim.store.parquet import write_table
from sim.store.version import release
from sim.study.single_crossing_day import day_of

HOURS_FILE, OUTCOMES_FILE = "single_crossing_hours.parquet", "single_crossing_outcomes.parquet"
FRONTIER_FILE = "single_crossing_frontier.parquet"


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


def write_result(result: BorderResult, folder: Path) -> tuple[list[Path], str | None]:
    """Write the tables, the day and, where loads come, the layers.

    Returns
    -------
    paths : list of Path
        Tables, pages and the manifest; images stand beside the pages.
    missing : str or None
        Why there are no images.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    _make(folder)
    paths = [folder / HOURS_FILE, folder / OUTCOMES_FILE]
    outcomes, border = outcomes_table(result), result.border
    write_table(paths[0], "single_crossing_hours", result.hours)
    write_table(paths[1], "single_crossing_outcomes", outcomes)
    figures = [day(day_of(border), border.name, source_of(border))]
    if border.loads is not None and result["loads_per_day"].mean > 0:
        figures.append(screening_of_crossing(outcomes, source_of(border)))
    return _drawn(border, paths, figures)


def write_frontier(border: SingleCrossing, points: Table, folder: Path) -> tuple[list[Path], str | None]:
    """Write table and figure of a frontier; return their paths, and why there are no images.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    _make(folder)
    path = folder / FRONTIER_FILE
    write_table(path, "single_crossing_frontier", points)
    return _drawn(border, [path], [frontier(points, source_of(border))])


def _drawn(
    border: SingleCrossing, tables: list[Path], figures: list[Figure]
) -> tuple[list[Path], str | None]:
    """Draw the figures beside the tables and write the manifest of both."""
    folder = tables[0].parent
    with writing(folder):
        pages, missing = write_standalone(figures, folder)
    made_by = {"command": "sim border", "seed": border.seed, "crossing": border.model_dump(mode="json")}
    manifest = record_folder(folder, made_by, tables, pages, images=not missing)
    return [*tables, *pages, manifest], missing


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StoreError(f"{folder}: cannot write here ({reason}); choose another folder") from error


def source_of(border: SingleCrossing) -> str:
    """Return the sentence of a figure's footer that says where it comes from."""
    rule = border.leniency.kind if border.leniency else "none"
    return (
        f"Simulated: an invented crossing, {border.name}, {border.replications} replications of "
        f"{border.days} days, leniency {rule}, seed {border.seed}; "
        "its numbers are the user's, none is measured. "
        f"Source: Chokepoint {release()}; nothing here is taken from a real crossing."
    )
